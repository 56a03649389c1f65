//! What the level of a client demands at `/authorize` (FAPI 1.0 Advanced, FAPI 2.0 Security Profile). What does not comply
//! is refused when it is asked for; it may be configured.

use jose::Algorithm;
use serde_json::{Map, Value};

use super::{Asked, request::ResponseType};
use crate::{
    Code, Result,
    snapshot::RegisteredClient,
    token::fapi::{self, Profile},
    wildcard,
};

/// Refuses what the level of the client does not allow of what it asks for, and of its settings.
pub fn check(client: &RegisteredClient, asked: &Asked, wanted: ResponseType) -> Result<()> {
    let Some(profile) = fapi::profile(client) else { return Ok(()) };
    if client.view.oidc_conformant != Some(true) {
        return Code::UnauthorizedClient
            .refuse("The compliance level of the client demands that it is OIDC conformant.");
    }
    let (is_allowed, allowed) = match profile {
        Profile::First => (wanted.code && wanted.id_token && !wanted.token, "code id_token"),
        Profile::Second => (wanted.code && !wanted.is_front_channel(), "code"),
    };
    if !is_allowed {
        let words = format!("The compliance level of the client allows the response_type {allowed} only.");
        return Code::UnsupportedResponseType.refuse(words);
    }
    let has_challenge = asked.code_challenge.as_deref().is_some_and(|challenge| !challenge.is_empty());
    if !has_challenge || asked.code_challenge_method.as_deref() != Some("S256") {
        return Code::InvalidRequest
            .refuse("The compliance level of the client demands a code_challenge by S256.");
    }
    if asked.redirect_uri.as_deref().is_none_or(str::is_empty) {
        return Code::InvalidRequest.refuse("The compliance level of the client demands a redirect_uri.");
    }
    let callbacks = client.view.callbacks.as_deref().unwrap_or_default();
    if profile == Profile::First && callbacks.iter().any(|callback| wildcard::is_pattern(callback)) {
        return Code::UnauthorizedClient
            .refuse("The compliance level of the client allows no wildcards in its callbacks.");
    }
    Ok(())
}

/// Whether the level of the client demands that requests are signed.
pub fn demands_signature(client: &RegisteredClient) -> bool {
    fapi::profile(client) == Some(Profile::First)
}

/// Refuses a signed request that is not as the level of the client demands: by PS256, and good for an hour at most.
pub fn check_signed(
    client: &RegisteredClient,
    algorithm: Option<Algorithm>,
    claims: &Map<String, Value>,
    now: i64,
) -> Result<()> {
    if !demands_signature(client) {
        return Ok(());
    }
    if algorithm != Some(Algorithm::PS256) {
        return Code::InvalidRequestObject
            .refuse("The compliance level of the client demands a request object signed with PS256.");
    }
    let time = |name: &str| claims.get(name).and_then(jose::numeric_date);
    match (time("nbf"), time("exp")) {
        (Some(nbf), Some(exp)) if nbf >= now - HOUR && exp <= nbf.saturating_add(HOUR) => Ok(()),
        _ => Code::InvalidRequestObject.refuse(
            "The compliance level of the client demands a request object with nbf and exp, at most an hour long.",
        ),
    }
}

const HOUR: i64 = 3600;
