//! The refresh token grant (RFC 6749 §6): a token of a family for new ones. One that comes again after it was replaced ends
//! its family and what the person agreed to (RFC 9700 §4.14).

use std::sync::Mutex;

use model::{GrantType, LogType};
use serde_json::{Map, Value, json};
use store::{Family, RefreshToken, Which};

use super::{admit_public, public_client};
use crate::{
    Code, Error, Result, Tenant, bearer,
    consent::{self, Withdrawn},
    introspection,
    log::Event,
    pipeline::Protocol,
    session,
    snapshot::{RegisteredClient, Snapshot},
    token::{
        Authorization, Issuance, Issued, Request, audience, authenticate,
        person::{self, Granted, Way},
        protection,
        refresh::{self, Rules, Standing},
    },
};

/// Issues new tokens for a refresh token.
pub async fn issue(issuance: &Issuance<'_>) -> Result<Issued> {
    let Issuance { tenant, request, .. } = *issuance;
    let proved = public_client(issuance, GrantType::RefreshToken).await?;
    let client = proved.client.clone();
    let Some(given) = request.refresh_token.as_ref().filter(|token| !token.expose().is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: refresh_token");
    };
    let hash = bearer::hash(given.expose());
    let Some((token, family)) = read(tenant, &client, &hash).await? else {
        return Code::InvalidGrant.refuse(INVALID);
    };
    let authorization: Authorization = serde_json::from_str(&family.body)?;
    let rules = rules(&client, &authorization);
    standing(tenant, request, &rules, &token, &family).await?;
    admit_public(issuance, &proved)?;

    let authorization = asked_for(tenant, &client, authorization, request)?;
    let granted = Granted::of(issuance, &client, authorization, Some(Protocol::RefreshToken)).await?;
    let mut issued = person::sign(issuance, &granted, Way::default()).await?;
    if let Some(session) = granted.session() {
        session::touch(tenant, session, None).await?;
    }
    let refreshed = exchange(issuance, &client, &rules, &hash, &granted).await?;
    (issued.refresh_token, issued.refresh_token_expires_in) = refreshed;
    Ok(issued)
}

/// Puts the next token in the place of this one. Where somebody else was first, it counts anew what this one is worth.
async fn exchange(
    issuance: &Issuance<'_>,
    client: &RegisteredClient,
    rules: &Rules,
    hash: &str,
    granted: &Granted,
) -> Result<(Option<model::Secret>, Option<i64>)> {
    let Issuance { tenant, request, .. } = *issuance;
    let now = tenant.clock().now();
    for _ in 0..MOST_TRIES {
        let Some((token, family)) = read(tenant, client, hash).await? else {
            return Code::InvalidGrant.refuse(INVALID);
        };
        let standing = standing(tenant, request, rules, &token, &family).await?;
        let (to, next) = rules.exchange(standing, &family, now, refresh::device(request));
        let (row, secret) = next.unzip();
        let ends = to.idle_expires - now;
        match tenant.store().refresh_tokens().advance(tenant.name(), &family, to, row).await {
            Ok(()) => {
                let tells_end = secret.is_some() && granted.tells_end();
                return Ok((secret, tells_end.then_some(ends)));
            }
            Err(store::Error::Conflict) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Error::Conflict)
}

/// The token with this hash and its family, if they are this client's.
async fn read(
    tenant: &Tenant,
    client: &RegisteredClient,
    hash: &str,
) -> Result<Option<(RefreshToken, Family)>> {
    let found = tenant.store().refresh_tokens().read(tenant.name(), hash).await?;
    Ok(found.filter(|(_, family)| family.client_id == client.view.client_id))
}

/// What a token is worth, if it is worth anything; one that is replayed ends its family.
async fn standing(
    tenant: &Tenant,
    request: &Request,
    rules: &Rules,
    token: &RefreshToken,
    family: &Family,
) -> Result<Standing> {
    match rules.standing(token, family, tenant.clock().now()) {
        standing @ (Standing::Newest | Standing::JustReplaced) => Ok(standing),
        Standing::Ended => Code::InvalidGrant.refuse(INVALID),
        Standing::Replayed => {
            tenant.store().refresh_tokens().end(tenant.name(), &family.id).await?;
            withdraw(tenant, family).await?;
            tenant.log(Event {
                client_id: Some(family.client_id.clone()),
                user_id: Some(family.user_id.clone()),
                ip: request.ip.map(|ip| ip.to_string()),
                hostname: Some(request.host.clone()),
                ..Event::new(LogType::Ferrt, LogType::Ferrt.description())
            });
            Code::InvalidGrant.refuse(INVALID)
        }
    }
}

/// Forgets what the person agreed to that a family came of.
async fn withdraw(tenant: &Tenant, Family { user_id, client_id, audience, .. }: &Family) -> Result<()> {
    let Some(audience) = audience else { return Ok(()) };
    consent::withdraw(tenant, Withdrawn::For { user_id, client_id, audience }).await
}

fn rules(client: &RegisteredClient, authorization: &Authorization) -> Rules {
    match audience::contains(&authorization.scope, audience::ONLINE_ACCESS) {
        true => Rules::of_session(),
        false => Rules::of(client),
    }
}

/// Revokes an access token of this client, or a refresh token with its whole family (RFC 7009); one that is not known is
/// as good as revoked.
pub async fn revoke(tenant: &Tenant, request: &Request) -> Result<Option<String>> {
    let snapshot = tenant.snapshot();
    let issuance = issuance(tenant, &snapshot, request);
    let client = protection::guarded(&issuance, authenticate::client_or_public(&issuance)).await?.client;
    let Some(given) = request.token.as_ref().filter(|token| !token.expose().is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: token");
    };
    if given.expose().contains('.') {
        // No refresh token has a dot, and each access token has.
        introspection::revoke(tenant, &snapshot, &client.view, given.expose(), request.ip).await?;
        return Ok(None);
    }
    let Some((_, family)) = read(tenant, &client, &bearer::hash(given.expose())).await? else {
        return Ok(None);
    };
    tenant.store().refresh_tokens().end(tenant.name(), &family.id).await?;
    let authorization: Authorization = serde_json::from_str(&family.body)?;
    if audience::contains(&authorization.scope, audience::ONLINE_ACCESS) {
        tenant.store().sessions().end(tenant.name(), &family.session_id).await?;
    }
    let flags = snapshot.settings.as_deref().and_then(|settings| settings.flags.as_ref());
    if flags.and_then(|flags| flags.revoke_refresh_token_grant) == Some(true) {
        let which = Which {
            user_id: Some(&family.user_id),
            client_id: Some(&family.client_id),
            audience: family.audience.as_deref(),
            ..Which::default()
        };
        tenant.store().refresh_tokens().end_some(tenant.name(), &which).await?;
        withdraw(tenant, &family).await?;
    }
    Ok(Some(family.user_id))
}

/// What a client is told of a token (RFC 7662): nothing, unless it is good and the client's business.
pub async fn introspect(tenant: &Tenant, request: &Request) -> Result<Option<Map<String, Value>>> {
    let snapshot = tenant.snapshot();
    let issuance = issuance(tenant, &snapshot, request);
    let client = protection::guarded(&issuance, authenticate::client(&issuance)).await?.client;
    let Some(given) = request.token.as_ref().filter(|token| !token.expose().is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: token");
    };
    if given.expose().contains('.') {
        return Ok(introspection::introspect(tenant, &snapshot, &client.view, given.expose()));
    }
    let found = tenant.store().refresh_tokens().read(tenant.name(), &bearer::hash(given.expose())).await?;
    Ok(found.and_then(|(token, family)| {
        let expires = family.idle_expires.min(family.expires);
        let is_active = token.generation >= family.generation && expires > tenant.clock().now();
        let told = json!({
            "active": true, "client_id": family.client_id, "token_type": "refresh_token",
            "sub": family.user_id, "iat": token.created, "exp": expires,
        });
        let is_theirs = family.client_id == client.view.client_id;
        told.as_object().filter(|_| is_active && is_theirs).cloned()
    }))
}

fn issuance<'a>(tenant: &'a Tenant, snapshot: &'a Snapshot, request: &'a Request) -> Issuance<'a> {
    Issuance { is_test: false, is_dry: false, tenant, snapshot, request, notes: Mutex::default() }
}

/// What is asked for of what was authorized: less may be (RFC 6749 §6), and what the client's policies add for its own
/// application, or another API that they name.
fn asked_for(
    tenant: &Tenant,
    client: &RegisteredClient,
    authorization: Authorization,
    request: &Request,
) -> Result<Authorization> {
    let named = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    let audience = named(&request.audience).or_else(|| authorization.audience.clone());
    let is_other = audience != authorization.audience;
    let policy = audience.as_deref().and_then(|audience| policy(tenant, client, audience));
    if is_other && policy.is_none() {
        return Code::InvalidRequest.refuse("The refresh token is for another audience.");
    }
    // What an API calls by a name is not what another one does.
    let held = authorization.scope.split(' ').filter(|one| !is_other || audience::is_openid_connect(one));
    let added = policy.iter().flatten().map(String::as_str);
    let asked = named(&request.scope);
    let is_asked = |one: &&str| asked.as_deref().is_none_or(|asked| audience::contains(asked, one));
    let mut scope: Vec<&str> = Vec::new();
    for one in held.chain(added).filter(is_asked) {
        if !scope.contains(&one) {
            scope.push(one);
        }
    }
    let gty = match authorization.gty.as_deref() {
        Some(first) => format!("refresh_token {first}"),
        None => "refresh_token".to_owned(),
    };
    Ok(Authorization { audience, scope: scope.join(" "), gty: Some(gty), ..authorization })
}

/// The scopes that the client's policies give it for an API, if they name it. They do so for the tenant's own applications
/// and APIs that these need no consent for, and never for the Management API.
fn policy(tenant: &Tenant, client: &RegisteredClient, audience: &str) -> Option<Vec<String>> {
    let policies = client.view.refresh_token.as_deref()?.policies.as_deref()?;
    let policy = policies.iter().find(|policy| policy.audience == audience)?;
    let snapshot = tenant.snapshot();
    let api = &snapshot.api(audience)?.view;
    let is_free = api.skip_consent_for_verifiable_first_party_clients == Some(true);
    let is_ours = audience == tenant.management_audience();
    (client.view.is_first_party && is_free && !is_ours).then(|| policy.scope.clone())
}

/// What SDKs look for.
const INVALID: &str = "Unknown or invalid refresh token.";
/// How often somebody else may be first.
const MOST_TRIES: usize = 8;
