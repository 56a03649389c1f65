//! Whether an application may have a token in a person's name for an API, with which scopes and for how long. The
//! one place that decides it: `/authorize` asks before anybody logs in, and the token endpoint asks again.

use std::sync::Arc;

use model::{ClientGrant, User, UserPolicy, client::SecurityMode};

use crate::{
    Code, Result, Tenant, administrators, permissions,
    snapshot::{Api, RegisteredClient, Snapshot},
};

/// What an application asks for.
#[derive(Clone)]
pub struct Wanted<'a> {
    pub client: &'a Arc<RegisteredClient>,
    /// In whose name, once that is known.
    pub user: Option<&'a User>,
    /// The API; without one the token is for `/userinfo` alone.
    pub audience: Option<String>,
    /// Space-separated.
    pub scope: &'a str,
    pub issuer: &'a str,
}

/// What it may have.
pub struct Permit {
    /// The `aud` of its tokens.
    pub audiences: Vec<String>,
    /// Space-separated, in the order in which it was asked for.
    pub scope: String,
    /// Seconds that its access tokens live.
    pub lifetime: i64,
    /// The same, of those that go through the browser.
    pub lifetime_for_web: i64,
    /// The API whose dialect and key its tokens have, if it is one of this tenant's.
    pub api: Option<Arc<Api>>,
    /// Whether its access tokens say in which session, and when, the person logged in, and no new ones are issued once
    /// that session has ended.
    pub bound_to_session: bool,
    /// All that the person may do with an API that has it looked up.
    pub permissions: Option<Vec<String>>,
}

impl Permit {
    /// Whether its tokens are for `/userinfo` and nothing else.
    pub fn is_for_userinfo(&self) -> bool {
        self.api.is_none() && !self.bound_to_session
    }

    /// Seconds that an access token lives, by which way it reaches the application.
    pub fn lifetime_by(&self, is_front: bool) -> i64 {
        if is_front { self.lifetime_for_web } else { self.lifetime }
    }
}

/// The API that a request is for: the one it names, else the tenant's default.
pub fn named(tenant: &Tenant, audience: Option<&str>) -> Option<String> {
    let named = audience.filter(|audience| !audience.is_empty()).map(str::to_owned);
    named.or_else(|| {
        let snapshot = tenant.snapshot();
        let default = snapshot.settings.as_deref()?.default_audience.as_ref()?;
        Some(default.clone()).filter(|default| !default.is_empty())
    })
}

/// What the application may have of what it asks for, or why it may have nothing.
pub async fn permit(tenant: &Tenant, wanted: &Wanted<'_>) -> Result<Permit> {
    if contains(wanted.scope, ONLINE_ACCESS) && contains(wanted.scope, "offline_access") {
        return Code::InvalidRequest.refuse("Cannot request both online_access and offline_access scopes");
    }
    let userinfo = format!("{}userinfo", wanted.issuer);
    match wanted.audience.as_deref().filter(|audience| *audience != userinfo) {
        None if is_strict(wanted.client) => Code::AccessDenied
            .refuse("No audience parameter was provided, and no default audience has been configured"),
        None => Ok(Permit {
            audiences: vec![userinfo],
            scope: granted(wanted, |_| false, (true, false)),
            lifetime: USERINFO_LIFETIME,
            lifetime_for_web: USERINFO_LIFETIME_FOR_WEB,
            api: None,
            bound_to_session: false,
            permissions: None,
        }),
        Some(audience) if is_administration(tenant, wanted, audience) => {
            administration(tenant, wanted, audience, userinfo).await
        }
        Some(audience) => own_api(tenant, wanted, audience, userinfo).await,
    }
}

/// Whether the dashboard asks for the Management API of some tenant.
fn is_administration(tenant: &Tenant, wanted: &Wanted, audience: &str) -> bool {
    administrators::is_dashboard(tenant, &wanted.client.view.client_id)
        && audience.starts_with("https://")
        && audience.ends_with("/api/v2/")
        && audience != tenant.management_audience()
}

/// The Management API of a tenant, in the name of a person who administers. The token says who that is; whether they
/// administer this very tenant, and what they may do there, is looked up when they do it.
async fn administration(
    tenant: &Tenant,
    wanted: &Wanted<'_>,
    audience: &str,
    userinfo: String,
) -> Result<Permit> {
    if let Some(user) = wanted.user
        && administrators::of_user(tenant, &user.user_id).await?.is_none()
    {
        return Code::AccessDenied.refuse("Only administrators may do this.");
    }
    Ok(Permit {
        audiences: vec![audience.to_owned(), userinfo],
        scope: granted(wanted, |_| false, (true, false)),
        lifetime: ADMINISTRATION_LIFETIME,
        lifetime_for_web: ADMINISTRATION_LIFETIME,
        api: None,
        bound_to_session: true,
        permissions: None,
    })
}

/// An API of the tenant: what is asked for and what it defines, and what the person may do if the API has that looked up.
async fn own_api(tenant: &Tenant, wanted: &Wanted<'_>, audience: &str, userinfo: String) -> Result<Permit> {
    let snapshot = tenant.snapshot().clone();
    let Some(api) = snapshot.api(audience).cloned() else {
        return Code::AccessDenied.refuse(format!("Service not found: {audience}"));
    };
    let grant = allowed(&snapshot, &api, wanted.client)?;
    let is_within = |scope: &str| {
        grant.as_deref().is_none_or(|grant| {
            let scopes = grant.scope.as_deref().unwrap_or_default();
            grant.allow_all_scopes == Some(true) || scopes.iter().any(|granted| granted == scope)
        })
    };
    // Of the Management API people may have what concerns themselves.
    let is_management_api = audience == tenant.management_audience();
    let permissions = match wanted.user {
        Some(user) if api.view.enforce_policies == Some(true) => {
            Some(permissions::of(tenant, &user.user_id, audience).await?)
        }
        _ => None,
    };
    let defines = |scope: &str| {
        api.scopes.contains(scope)
            && is_within(scope)
            && permissions.as_ref().is_none_or(|held| held.iter().any(|held| held == scope))
            && (!is_management_api || scope.contains(":current_user"))
    };
    let refreshes = (api.view.allow_offline_access == Some(true), api.view.allow_online_access == Some(true));
    let scope = granted(wanted, defines, refreshes);
    let mut audiences = vec![audience.to_owned()];
    // An API that signs with a shared secret could otherwise read profiles with tokens of its own making.
    if contains(&scope, "openid") && api.hmac.is_none() {
        audiences.push(userinfo);
    }
    let lifetime = i64::from(api.view.token_lifetime);
    let lifetime_for_web = api.view.token_lifetime_for_web.map_or(lifetime, i64::from);
    let api = Some(api);
    Ok(Permit { audiences, scope, lifetime, lifetime_for_web, api, bound_to_session: false, permissions })
}

/// The grant that limits what a client may have of an API in a person's name, if one does. A stranger's application always
/// needs one, and has nothing of the server's own APIs.
fn allowed(snapshot: &Snapshot, api: &Api, client: &RegisteredClient) -> Result<Option<Arc<ClientGrant>>> {
    let audience = &api.view.identifier;
    let grant = snapshot.user_grant(&client.view, audience).cloned();
    let is_allowed = match api.view.subject_type_authorization.user.policy {
        UserPolicy::DenyAll => false,
        UserPolicy::AllowAll if !is_strict(client) => return Ok(None),
        UserPolicy::AllowAll | UserPolicy::RequireClientGrant => grant.is_some(),
    };
    match is_allowed && !(is_strict(client) && api.view.is_system) {
        true => Ok(grant),
        false => Code::AccessDenied.refuse(format!(
            "Client \"{}\" is not authorized to access resource server \"{audience}\".",
            client.view.client_id
        )),
    }
}

/// Whether a client is a stranger's, and held to what strangers may.
pub fn is_strict(client: &RegisteredClient) -> bool {
    !client.view.is_first_party && client.view.third_party_security_mode == Some(SecurityMode::Strict)
}

/// What is asked for and either belongs to OpenID Connect or is the API's.
fn granted(wanted: &Wanted, defines: impl Fn(&str) -> bool, (offline, online): (bool, bool)) -> String {
    let mut granted: Vec<&str> = Vec::new();
    for scope in wanted.scope.split(' ').filter(|scope| !scope.is_empty()) {
        let is_granted = match scope {
            "offline_access" => offline && may_refresh(wanted.client),
            ONLINE_ACCESS => online && may_refresh(wanted.client),
            // A stranger's application is told nothing of the person.
            scope => OPENID_CONNECT.contains(&scope) && !is_strict(wanted.client) || defines(scope),
        };
        if is_granted && !granted.contains(&scope) {
            granted.push(scope);
        }
    }
    granted.join(" ")
}

fn may_refresh(client: &RegisteredClient) -> bool {
    client.view.grant_types.as_deref().unwrap_or_default().contains(&model::GrantType::RefreshToken)
}

/// Whether a space-separated scope holds this one.
pub fn contains(scope: &str, one: &str) -> bool {
    scope.split(' ').any(|scope| scope == one)
}

/// Whether a scope is OpenID Connect's and no API's.
pub fn is_openid_connect(scope: &str) -> bool {
    OPENID_CONNECT.contains(&scope) || ["offline_access", ONLINE_ACCESS].contains(&scope)
}

/// The scope of a refresh token that ends with the session.
pub const ONLINE_ACCESS: &str = "online_access";
/// The scopes that bring claims about the person, and the single claims that are scopes too.
const OPENID_CONNECT: [&str; 14] = [
    "openid",
    "profile",
    "email",
    "phone",
    "address",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "picture",
    "email_verified",
    "created_at",
    "identities",
    "updated_at",
];
/// Seconds that an administrator's token lives.
const ADMINISTRATION_LIFETIME: i64 = 600;
/// Seconds that a token for `/userinfo` alone lives.
const USERINFO_LIFETIME: i64 = 86_400;
/// The same, of one that went through the browser.
const USERINFO_LIFETIME_FOR_WEB: i64 = 7_200;
