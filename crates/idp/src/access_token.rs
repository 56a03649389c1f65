//! Reading back what we issued: is this access token ours, unexpired and meant for this API?

use jose::Token;
use model::Administrator;
use serde_json::{Map, Value};

use crate::Tenant;

/// Why an access token is not accepted, in the words of the Management API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Invalid {
    /// Not a token of ours, or not for this API.
    Token,
    Expired,
}

/// An access token that was believed.
#[derive(Debug, Clone)]
pub struct AccessToken {
    pub client_id: String,
    pub scopes: Vec<String>,
    pub jti: Option<String>,
    pub claims: Map<String, Value>,
    /// The person who administers, where it is one's.
    pub administrator: Option<Administrator>,
    /// The address that this person logs in with.
    pub email: Option<String>,
}

impl AccessToken {
    /// Whether it is good for the tenant of this name; a person's may be for some tenants only.
    pub fn administers(&self, tenant: &str) -> bool {
        self.administrator.as_ref().is_none_or(|person| person.administers(tenant))
    }
}

/// Believes a token that this tenant signed for this audience and that has not expired.
pub fn verify(tenant: &Tenant, compact: &str, audience: &str) -> Result<AccessToken, Invalid> {
    let token = Token::parse(compact).map_err(|_| Invalid::Token)?;
    let (Some(kid), Some(algorithm)) = (token.kid(), token.alg()) else { return Err(Invalid::Token) };
    let snapshot = tenant.snapshot();
    let key = snapshot.keys.verifying_key(kid, algorithm).ok_or(Invalid::Token)?;
    let claims = token.verify(&key).map_err(|_| Invalid::Token)?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if !text("iss").is_some_and(|iss| is_issuer(tenant, iss)) || !is_for(&claims, audience) {
        return Err(Invalid::Token);
    }
    let expires = claims.get("exp").and_then(Value::as_i64).ok_or(Invalid::Token)?;
    if expires <= tenant.clock().now() {
        return Err(Invalid::Expired);
    }
    if snapshot.revocations.refuse(&token, &claims) {
        return Err(Invalid::Token);
    }
    let client_id = text("azp").or(text("client_id")).ok_or(Invalid::Token)?.to_owned();
    let scopes = text("scope")
        .unwrap_or_default()
        .split(' ')
        .filter(|scope| !scope.is_empty())
        .map(str::to_owned)
        .collect();
    let jti = text("jti").map(str::to_owned);
    Ok(AccessToken { client_id, scopes, jti, claims, administrator: None, email: None })
}

/// Whether the tenant issues tokens under this name.
pub fn is_issuer(tenant: &Tenant, iss: &str) -> bool {
    iss == tenant.issuer(host_of(iss))
}

/// Whether the claims name this audience, alone or among others.
pub fn is_for(claims: &Map<String, Value>, audience: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(many)) => many.iter().any(|one| one == audience),
        _ => false,
    }
}

fn host_of(issuer: &str) -> &str {
    issuer.trim_start_matches("https://").trim_end_matches('/')
}
