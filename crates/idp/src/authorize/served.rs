//! What is refused of what an application asks for; nothing less is given in its place.

use model::{GrantType, OrganizationUsage, client::SecurityMode};

use super::{
    Asked, fapi, is_public,
    reply::Mode,
    request::{self, ResponseType},
};
use crate::{Code, Result, Tenant, snapshot::RegisteredClient, token::audience};

/// Refuses what is not served, or not to this client.
pub fn check(tenant: &Tenant, client: &RegisteredClient, asked: &Asked) -> Result<ResponseType> {
    if asked.request.is_some() {
        return Code::RequestNotSupported.refuse("Request objects are not supported here.");
    }
    if asked.request_uri.is_some() {
        return Code::RequestUriNotSupported.refuse("Only pushed authorization requests are known by a URI.");
    }
    let wanted = ResponseType::of(asked)?;
    mode(asked, wanted)?;
    grants(client, wanted)?;
    if is_strict(client) {
        strict(client, asked, wanted)?;
    }
    if wanted.id_token && asked.nonce.as_deref().unwrap_or_default().is_empty() {
        return Code::InvalidRequest.refuse("Missing required parameter: nonce");
    }
    let scope = asked.scope.as_deref().unwrap_or_default();
    if audience::contains(scope, "online_access") && audience::contains(scope, "offline_access") {
        return Code::InvalidRequest.refuse("Cannot request both online_access and offline_access scopes");
    }
    fapi::check(client, asked, wanted)?;
    if wanted.code {
        request::challenge(asked, is_public(client) || is_strict(client))?;
    }
    thumbprint(asked)?;
    connection(tenant, client, asked)?;
    organization(client, asked)?;
    Ok(wanted)
}

fn mode(asked: &Asked, wanted: ResponseType) -> Result<()> {
    let named = asked.response_mode.as_deref().filter(|mode| !mode.is_empty());
    match named.map(Mode::named) {
        Some(None) => {
            Code::InvalidRequest.refuse("response_mode is query, fragment, form_post or web_message")
        }
        // A query is kept in logs and histories.
        Some(Some(Mode::Query)) if wanted.is_front_channel() => {
            Code::InvalidRequest.refuse("response_mode query is not allowed where tokens are returned")
        }
        Some(Some(_)) | None => Ok(()),
    }
}

fn grants(client: &RegisteredClient, wanted: ResponseType) -> Result<()> {
    let its = client.view.grant_types.as_deref().unwrap_or_default();
    for (is_wanted, grant, name) in [
        (wanted.code, GrantType::AuthorizationCode, "authorization_code"),
        (wanted.is_front_channel(), GrantType::Implicit, "implicit"),
    ] {
        if is_wanted && !its.contains(&grant) {
            return Code::UnauthorizedClient
                .refuse(format!("Grant type '{name}' not allowed for the client."));
        }
    }
    Ok(())
}

/// Whether a stranger's application is treated as one.
pub fn is_strict(client: &RegisteredClient) -> bool {
    !client.view.is_first_party && client.view.third_party_security_mode == Some(SecurityMode::Strict)
}

/// A stranger's application asks for codes, and says nothing that is not needed for that.
fn strict(client: &RegisteredClient, asked: &Asked, wanted: ResponseType) -> Result<()> {
    if !wanted.code || wanted.is_front_channel() {
        return Code::UnsupportedResponseType.refuse("A third-party client may only ask for a code");
    }
    let query = asked.as_query();
    let is_known = |name: &&String| ALLOWED.contains(&name.as_str()) || name.starts_with("ext-");
    match query.keys().find(|name| !is_known(name)) {
        Some(name) => Code::InvalidRequest
            .refuse(format!("Client \"{}\" may not send the parameter {name}", client.view.client_id)),
        None => Ok(()),
    }
}

/// RFC 9449 §10: a SHA-256 in base64url.
fn thumbprint(asked: &Asked) -> Result<()> {
    let is_one = |jkt: &str| {
        jkt.len() == 43 && jkt.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    match asked.dpop_jkt.as_deref() {
        Some(jkt) if !is_one(jkt) => Code::InvalidRequest.refuse("dpop_jkt is no JWK thumbprint"),
        Some(_) | None => Ok(()),
    }
}

fn connection(tenant: &Tenant, client: &RegisteredClient, asked: &Asked) -> Result<()> {
    let Some(name) = asked.connection.as_deref().filter(|name| !name.is_empty()) else { return Ok(()) };
    let snapshot = tenant.snapshot();
    let known = snapshot.connection(name);
    match known.filter(|known| known.is_enabled_for(&client.view.client_id) && known.is_active()) {
        Some(known) if known.is_database() => Ok(()),
        Some(_) => Code::InvalidRequest.refuse("people do not log in by a connection of this kind here yet"),
        None => Code::InvalidRequest.refuse("the connection is not enabled"),
    }
}

/// People do not log in to organizations yet, so none is right.
fn organization(client: &RegisteredClient, asked: &Asked) -> Result<()> {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    match (client.view.organization_usage, given(&asked.organization), given(&asked.invitation)) {
        (Some(OrganizationUsage::Require), None, _) => {
            Code::InvalidRequest.refuse("parameter organization is required for this client")
        }
        (Some(OrganizationUsage::Allow | OrganizationUsage::Require), Some(organization), _) => {
            let words = format!("parameter organization is invalid: {}", crate::log::cut(&organization));
            Code::InvalidRequest.refuse(words)
        }
        (Some(OrganizationUsage::Deny) | None, Some(_), _) => {
            Code::InvalidRequest.refuse("parameter organization is not allowed for this client")
        }
        (_, None, Some(_)) => Code::InvalidRequest.refuse("parameter invitation needs an organization"),
        (_, None, None) => Ok(()),
    }
}

/// What a stranger's application may say.
const ALLOWED: [&str; 20] = [
    "acr_values",
    "audience",
    "authorization_details",
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "connection",
    "correlation_id",
    "display",
    "dpop_jkt",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "resource",
    "response_type",
    "scope",
    "state",
    "ui_locales",
];
