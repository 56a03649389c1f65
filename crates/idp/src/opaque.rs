//! Access tokens that nobody but this server can read: those that are for `/userinfo` alone. Nothing is kept of one; it is
//! encrypted under a key of the tenant, so that it says itself what it is worth. Turning the tenant's sealing key ends those
//! that are out, as it ends the key.

use schema::Object;
use serde_json::{Map, Value, json};

use crate::{
    Result, Tenant,
    access_token::{AccessToken, is_for, is_issuer},
    revocation::client_of,
};

/// The token that says this.
pub fn seal(tenant: &Tenant, issuer: &str, claims: &Map<String, Value>) -> Result<String> {
    let (kid, key) = tenant.0.vault.named(tenant.name(), PURPOSE);
    let header = json!({ "iss": issuer, "kid": kid });
    Ok(jose::jwe::encrypt_direct(&key, &header, &serde_json::to_vec(claims)?)?)
}

/// What a token says that this tenant sealed, whether or not it is still good.
pub fn open(tenant: &Tenant, compact: &str) -> Option<Map<String, Value>> {
    let key = |header: &Map<String, Value>| {
        let kid = header.get("kid").and_then(Value::as_str)?;
        tenant.0.vault.derived_of(kid, tenant.name(), PURPOSE)
    };
    let opened = jose::jwe::decrypt_direct(compact, key).ok()?;
    serde_json::from_slice(&opened.content).ok()
}

/// Believes a token that this tenant sealed for this audience and that has neither expired nor been revoked.
pub fn verify(tenant: &Tenant, compact: &str, audience: &str) -> Option<AccessToken> {
    let claims = open(tenant, compact)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let is_current = claims.get("exp").and_then(Value::as_i64)? > tenant.clock().now();
    let is_ours = is_issuer(tenant, text("iss")?) && is_for(&claims, audience);
    if !is_current || !is_ours || tenant.snapshot().revocations.refuse_opaque(&claims) {
        return None;
    }
    let client_id = client_of(&claims)?.to_owned();
    let scopes = text("scope").unwrap_or_default().split(' ').filter(|scope| !scope.is_empty());
    let scopes = scopes.map(str::to_owned).collect();
    let jti = text("jti").map(str::to_owned);
    Some(AccessToken { client_id, scopes, jti, claims, administrator: None, email: None })
}

/// What customers' code has `/userinfo` say to whoever has the token.
pub fn custom(claims: &Map<String, Value>) -> Object {
    let told = claims.get(CUSTOM).and_then(Value::as_object);
    told.cloned().unwrap_or_default()
}

/// Under which name a token says that.
pub const CUSTOM: &str = "id_claims";
const PURPOSE: &str = "userinfo tokens";
