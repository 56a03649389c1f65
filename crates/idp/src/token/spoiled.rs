//! Tokens as a test wants them to be wrong: expired, or naming a key that nobody published. All else about them is as it
//! was, and genuinely signed. Only a test double asks for them.

use jose::{Algorithm, Signer, Token, b64url_decode};
use schema::Object;
use serde_json::{Value, json};

use crate::{Code, Result, Tenant, id};

/// What is to be wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It expired an hour ago.
    Expired,
    /// It names a key that nobody published.
    WrongKid,
}

/// The token with the flaw. Refused where the server cannot sign it anew, as where it is encrypted.
pub fn spoil(tenant: &Tenant, token: &str, flaw: Flaw) -> Result<String> {
    let refused = |why| Code::InvalidRequest.refuse(format!("A token that {why} cannot be given this flaw."));
    let Ok(parsed) = Token::parse(token) else { return refused("is encrypted or opaque") };
    let parts: Vec<&str> = token.split('.').collect();
    let mut header: Object = serde_json::from_slice(&b64url_decode(parts[0])?)?;
    let mut claims: Object = serde_json::from_slice(&b64url_decode(parts[1])?)?;
    let snapshot = tenant.snapshot();
    match flaw {
        Flaw::Expired => expire(&mut claims, tenant.clock().now()),
        Flaw::WrongKid if parsed.kid().is_none() => return refused("names no key"),
        Flaw::WrongKid => drop(header.insert("kid".into(), json!(id::signing_key()))),
    }
    let payload = serde_json::to_vec(&claims)?;
    if parsed.alg() == Some(Algorithm::HS256) {
        let audience = claims.get("aud").and_then(Value::as_str).unwrap_or_default();
        let client = snapshot.client(audience).and_then(|client| client.hmac.as_deref());
        let signer = snapshot.api(audience).and_then(|api| api.hmac.as_ref()).or(client);
        return signer.map_or_else(|| refused("nobody here signed"), |signer| Ok(signer.sign(&payload)?));
    }
    let signed_by = |kid, algorithm| Some((algorithm, snapshot.keys.private(kid, algorithm)?.clone()));
    let signer = parsed.kid().zip(parsed.alg()).and_then(|(kid, algorithm)| signed_by(kid, algorithm));
    let Some((algorithm, key)) = signer else { return refused("nobody here signed") };
    Ok(Signer::with_header(algorithm, key, &Value::Object(header))?.sign(&payload)?)
}

/// Moves all times back, so that the last of them is an hour ago: no verifier's leeway is as long.
fn expire(claims: &mut Object, now: i64) {
    let back = claims.get("exp").and_then(Value::as_i64).map_or(0, |exp| exp - (now - AGO));
    for name in ["iat", "nbf", "exp", "auth_time"] {
        if let Some(time) = claims.get(name).and_then(Value::as_i64) {
            claims.insert(name.into(), json!(time - back));
        }
    }
}

/// In seconds.
const AGO: i64 = 3_600;
