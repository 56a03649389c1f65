//! The authorization code grant (RFC 6749 §4.1.3) with PKCE (RFC 7636): the code of a login, once, by the client that
//! it was given to.

use model::GrantType;
use store::{AuthorizationCode, Redeemed};

use super::{admit_public, public_client};
use crate::{
    Code, Error, Result, Tenant,
    authorize::{Challenge, Grant},
    bearer, log,
    token::{
        Issuance, Issued, Request,
        person::{self, Granted, Way},
    },
};

/// Issues what the code stands for.
pub async fn issue(issuance: &Issuance<'_>) -> Result<Issued> {
    let Issuance { tenant, request, .. } = *issuance;
    let proved = public_client(issuance, GrantType::AuthorizationCode).await?;
    let client = proved.client.clone();
    let Some(given) = request.code.as_ref().filter(|code| !code.expose().is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: code");
    };
    let code = tenant.store().refresh_tokens().code(tenant.name(), &bearer::hash(given.expose())).await?;
    let Some(code) = code.filter(|code| code.client_id == client.view.client_id) else {
        return Code::InvalidGrant.refuse(INVALID);
    };
    if code.used.is_some() {
        return used_again(tenant, &code).await;
    }
    if code.expires <= tenant.clock().now() {
        return Code::InvalidGrant.refuse(INVALID);
    }
    let grant: Grant = serde_json::from_str(&code.body)?;
    is_callback(&grant, request.redirect_uri.as_deref())?;
    is_proved(&grant, request)?;
    admit_public(issuance, &proved)?;

    let way = Way { nonce: grant.nonce.as_deref(), is_login: true, ..Way::default() };
    let granted = Granted::of(issuance, &client, grant.authorization, None).await?;
    match person::issue(issuance, &granted, way, Redeemed::Code(&code.id), code.family.clone()).await {
        // Somebody else redeemed it in between.
        Err(Error::Conflict) => used_again(tenant, &code).await,
        issued => issued,
    }
}

/// RFC 6749 §10.5: a code that comes twice was stolen, and so may be what it gave.
async fn used_again(tenant: &Tenant, code: &AuthorizationCode) -> Result<Issued> {
    tenant.store().refresh_tokens().end(tenant.name(), &code.family).await?;
    Code::InvalidGrant.refuse(INVALID)
}

/// RFC 6749 §4.1.3: the callback is named again, if it was named.
fn is_callback(grant: &Grant, given: Option<&str>) -> Result<()> {
    match given.filter(|given| !given.is_empty()) {
        None if !grant.named_callback => Ok(()),
        Some(given) if given == grant.callback => Ok(()),
        None => Code::InvalidRequest.refuse("Missing required parameter: redirect_uri"),
        Some(given) => Code::InvalidGrant.refuse(format!(
            "The redirect URI is wrong. You sent {}, and we expected {}",
            log::cut(given),
            grant.callback
        )),
    }
}

fn is_proved(grant: &Grant, request: &Request) -> Result<()> {
    let verifier = request.code_verifier.as_ref().map_or("", model::Secret::expose);
    let is_proved = match &grant.challenge {
        None => verifier.is_empty(),
        Some(challenge) => {
            let (given, expected) = match challenge {
                Challenge::S256(challenge) => (bearer::hash(verifier), challenge),
                Challenge::Plain(challenge) => (verifier.to_owned(), challenge),
            };
            // What is compared are hashes, so that time tells nothing.
            !verifier.is_empty() && jose::sha256(given.as_bytes()) == jose::sha256(expected.as_bytes())
        }
    };
    if is_proved { Ok(()) } else { Code::InvalidGrant.refuse("Failed to verify code verifier") }
}

const INVALID: &str = "Invalid authorization code";
