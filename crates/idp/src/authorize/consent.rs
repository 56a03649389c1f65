//! Whether somebody has to be asked for consent, and to what.

use model::User;

use super::{Login, Way, callback, request::Prompt};
use crate::{
    Result, Tenant, consent,
    login::Purpose,
    snapshot::{Api, RegisteredClient},
    token::audience::Permit,
};

/// What somebody is asked to let an application have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requested {
    pub client_name: String,
    /// Where the answer goes.
    pub callback: String,
    /// The name of the API, if it is one of the tenant's.
    pub api: Option<String>,
    /// The scopes, and what the API says they mean.
    pub scopes: Vec<(String, Option<String>)>,
}

/// Whether somebody has to be asked before an application gets what it may have.
pub async fn is_needed(
    tenant: &Tenant,
    client: &RegisteredClient,
    login: &Login,
    way: &Way,
    user: &User,
    permit: &Permit,
) -> Result<bool> {
    if login.is_consented || crate::administrators::is_dashboard(tenant, &client.view.client_id) {
        return Ok(false);
    }
    if Prompt::of(&login.asked)?.consent {
        return Ok(true);
    }
    let is_verifiable = match login.purpose {
        Purpose::Authorize => callback::is_verifiable(way.callback()),
        // Whoever typed the device's code knows what it is.
        Purpose::Device { .. } => true,
    };
    if client.view.is_first_party && is_verifiable && may_be_skipped(permit) {
        return Ok(false);
    }
    let given = consent::given(tenant, &user.user_id, &client.view.client_id, audience(permit)).await?;
    Ok(given.is_none_or(|given| scopes(permit).any(|scope| !given.iter().any(|one| one == scope))))
}

/// Remembers that somebody let an application have what it may have.
pub async fn remember(
    tenant: &Tenant,
    client: &RegisteredClient,
    user: &User,
    permit: &Permit,
) -> Result<()> {
    let scope: Vec<String> = scopes(permit).map(str::to_owned).collect();
    consent::give(tenant, &user.user_id, &client.view.client_id, audience(permit), &scope).await
}

/// What the page says.
pub fn requested(tenant: &Tenant, client: &RegisteredClient, way: &Way, permit: &Permit) -> Requested {
    let flags = tenant.snapshot().settings.as_deref().and_then(|settings| settings.flags.clone());
    let describes = flags.and_then(|flags| flags.use_scope_descriptions_for_consent) == Some(true);
    let described = |scope: &str| description(permit.api.as_deref()?, scope).filter(|_| describes);
    Requested {
        client_name: client.view.name.clone(),
        callback: way.callback().to_owned(),
        api: permit.api.as_deref().map(|api| api.view.name.clone().unwrap_or_default()),
        scopes: scopes(permit).map(|scope| (scope.to_owned(), described(scope))).collect(),
    }
}

fn description(api: &Api, scope: &str) -> Option<String> {
    let known = api.view.scopes.iter().flatten().find(|known| known.value == scope)?;
    known.description.as_deref().filter(|words| !words.is_empty()).map(str::to_owned)
}

/// Whether the API trusts the tenant's own applications; profiles do.
fn may_be_skipped(permit: &Permit) -> bool {
    let api = permit.api.as_deref();
    api.is_none_or(|api| api.view.skip_consent_for_verifiable_first_party_clients == Some(true))
}

fn audience(permit: &Permit) -> &str {
    permit.audiences.first().map_or("", String::as_str)
}

fn scopes(permit: &Permit) -> impl Iterator<Item = &str> {
    permit.scope.split(' ').filter(|scope| !scope.is_empty())
}
