//! Signed authorization requests (RFC 9101): what an application asks for, in a token that it signed with a key that was
//! registered for it. What stands in the token wins over what stands beside it.

use jose::{Algorithm, Token};
use serde_json::{Map, Value};

use super::{Asked, fapi};
use crate::{Code, Result, Tenant, snapshot::RegisteredClient};

/// Puts the values of the signed request, if there is one, over what is asked for.
pub async fn unpack(tenant: &Tenant, client: &RegisteredClient, asked: &mut Asked, host: &str) -> Result<()> {
    let rules = client.view.signed_request_object.as_deref();
    let Some(compact) = asked.request.clone().filter(|request| !request.is_empty()) else {
        asked.request = None;
        return match rules.and_then(|rules| rules.required) {
            _ if fapi::demands_signature(client) => Code::InvalidRequest
                .refuse("The compliance level of the client demands signed authorization requests."),
            Some(true) => Code::InvalidRequest.refuse("The client requires signed authorization requests."),
            Some(false) | None => Ok(()),
        };
    };
    if rules.is_none() {
        return Code::RequestNotSupported.refuse("The client has no keys for signed authorization requests.");
    }
    let (claims, algorithm) = verified(tenant, client, &compact)?;
    fapi::check_signed(client, algorithm, &claims, tenant.clock().now())?;
    is_meant(tenant, client, &claims, host)?;
    // RFC 9101 §6.3: what is not signed does not count.
    let (client_id, login_ticket) = (asked.client_id.clone(), asked.login_ticket.clone());
    let mut unpacked = Asked { client_id, login_ticket, ..Asked::default() };
    for (name, value) in &claims {
        if !REGISTERED.contains(&name.as_str()) {
            put(&mut unpacked, name, value)?;
        }
    }
    once(tenant, client, &claims).await?;
    *asked = unpacked;
    Ok(())
}

fn put(asked: &mut Asked, name: &str, value: &Value) -> Result<()> {
    if ["request", "request_uri"].contains(&name) {
        return Code::InvalidRequestObject.refuse(format!("{name} may not stand in a request object"));
    }
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null => return Ok(()),
        other => other.to_string(),
    };
    if text.len() > LONGEST || text.contains('\0') {
        return Code::InvalidRequestObject.refuse(format!("{name} of the request object is not usable"));
    }
    match asked.slot(name) {
        Some(slot) => *slot = Some(text),
        None => drop(asked.rest.insert(name.to_owned(), text)),
    }
    Ok(())
}

/// What a request says that one of the client's keys for it signed, and by which algorithm.
fn verified(
    tenant: &Tenant,
    client: &RegisteredClient,
    compact: &str,
) -> Result<(Map<String, Value>, Option<Algorithm>)> {
    let refusal = |why: &'static str| Code::InvalidRequestObject.refuse(why);
    let Ok(token) = Token::parse(compact) else { return refusal("The request object is no signed JWT") };
    // RFC 8725 §3.11: what was signed for another purpose is not taken for a request.
    if token.typ().is_some_and(|typ| !TYPES.iter().any(|known| known.eq_ignore_ascii_case(typ))) {
        return refusal("'typ' of the request object is that of another kind of token");
    }
    let alg = token.alg();
    if !alg.is_some_and(|alg| [Algorithm::RS256, Algorithm::RS384, Algorithm::PS256].contains(&alg)) {
        return refusal("'alg' of the request object is not RS256, RS384 or PS256");
    }
    let rules = client.view.signed_request_object.as_deref();
    let named = rules.and_then(|rules| rules.credentials.as_deref()).unwrap_or_default();
    let (snapshot, now) = (tenant.snapshot(), tenant.clock().now_ms());
    let keys = named.iter().filter_map(|named| snapshot.credential(&client.view.client_id, &named.id));
    let meant = keys.filter(|key| key.is_good_at(now)).filter_map(|credential| {
        let is_named = token.kid().is_none_or(|kid| credential.view.kid.as_deref() == Some(kid));
        credential.key.as_ref().filter(|key| is_named && Some(key.algorithm()) == alg)
    });
    match meant.into_iter().find_map(|key| token.verify(key).ok()) {
        Some(claims) => Ok((claims, alg)),
        None => refusal("The signature of the request object is not that of a key of the client"),
    }
}

/// Whether it is this client's, for this server, and good now.
fn is_meant(
    tenant: &Tenant,
    client: &RegisteredClient,
    claims: &Map<String, Value>,
    host: &str,
) -> Result<()> {
    let refusal = |why: String| Code::InvalidRequestObject.refuse(why);
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let id = client.view.client_id.as_str();
    for name in ["iss", "client_id"] {
        if text(name) != Some(id) {
            return refusal(format!("'{name}' of the request object is not the client"));
        }
    }
    let issuer = tenant.issuer(host);
    let is_for_us = match claims.get("aud") {
        Some(Value::String(aud)) => *aud == issuer,
        Some(Value::Array(auds)) => auds.iter().any(|aud| aud.as_str() == Some(&issuer)),
        _ => false,
    };
    if !is_for_us {
        return refusal(format!("'aud' of the request object is not {issuer}"));
    }
    if text("response_type").is_none() {
        return refusal("'response_type' is missing in the request object".into());
    }
    let now = tenant.clock().now();
    for (name, is_bad) in [
        ("exp", &(|time| time <= now) as &dyn Fn(i64) -> bool),
        ("nbf", &|time| time > now + SKEW),
        ("iat", &|time| time > now + SKEW),
    ] {
        match claims.get(name).map(jose::numeric_date) {
            None => {}
            Some(Some(time)) if !is_bad(time) => {}
            Some(_) => return refusal(format!("'{name}' of the request object does not hold")),
        }
    }
    Ok(())
}

/// Uses up what says by what it is known.
async fn once(tenant: &Tenant, client: &RegisteredClient, claims: &Map<String, Value>) -> Result<()> {
    let jti = match claims.get("jti") {
        None => return Ok(()),
        Some(Value::String(jti)) if (1..=LONGEST_JTI).contains(&jti.len()) => jti,
        Some(_) => return Code::InvalidRequestObject.refuse("'jti' of the request object does not hold"),
    };
    let exp = claims.get("exp").and_then(jose::numeric_date);
    let exp = exp.unwrap_or_else(|| tenant.clock().now() + REMEMBERED);
    let name = format!("{}\n{jti}", client.view.client_id);
    match tenant.use_once("request_object", &name, exp.saturating_add(SKEW)).await? {
        true => Ok(()),
        false => Code::InvalidRequestObject.refuse("The request object was used before"),
    }
}

const TYPES: [&str; 3] = ["jwt", "oauth-authz-req+jwt", "application/oauth-authz-req+jwt"];
const REGISTERED: [&str; 6] = ["iss", "aud", "exp", "nbf", "iat", "jti"];
/// In bytes.
const LONGEST: usize = 4096;
const LONGEST_JTI: usize = 64;
/// How far the client's clock may be ahead, and how long a request is remembered that has no end, in seconds.
const SKEW: i64 = 10;
const REMEMBERED: i64 = 24 * 3600;
