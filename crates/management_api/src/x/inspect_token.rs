//! What an access token says, and whether an API of this tenant should believe it: one line for each thing that a
//! validator has to look at. What is wrong with one of them fails that line only.

use http::Method;
use idp::{
    Tenant,
    access_token::{is_for, is_issuer},
    keys::KeyState,
};
use jose::{Algorithm, Token};
use model::SigningKey;
use schema::{Object, Resource};
use serde_json::{Value, json};

use super::body;
use crate::{Answer, Call, Error, Operation, call::cut, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let scopes = &["read:resource_servers", "read:clients"];
    let path = "/inspect-token";
    vec![Operation::ours(Method::POST, path, "Inspect a token", scopes, run!(inspect)).changing_nothing()]
}

async fn inspect(call: Call) -> Result<Answer> {
    body::only(&call.body, &["token", "audience", "scope"])?;
    let compact = body::required(&call.body, "token")?;
    let (audience, scope) = (body::optional(&call.body, "audience")?, body::optional(&call.body, "scope")?);
    let malformed = |error: jose::Error| Error::body(format!("The token is malformed: {error}."));
    let token = Token::parse(compact.trim()).map_err(malformed)?;
    let claims = token.claims().map_err(malformed)?;
    let tenant = &call.tenant;
    let checks = [
        ("signature", signature(tenant, &token, &claims).await?),
        ("issuer", issuer(tenant, &claims)),
        ("audience", for_audience(tenant, &claims, audience.as_deref())),
        ("time", time(&claims, tenant.clock().now())),
        ("scopes", scopes(&claims, scope.as_deref())),
        ("revocation", revocation(tenant, &token, &claims)),
    ];
    let valid = checks.iter().all(|(_, check)| check.is_ok());
    let shown = checks.iter().map(|(name, check)| {
        let (Ok(message) | Err(message)) = check;
        json!({ "name": name, "ok": check.is_ok(), "message": message })
    });
    let shown: Vec<Value> = shown.collect();
    Ok(Answer::ok(json!({ "header": token.header(), "claims": claims, "checks": shown, "valid": valid })))
}

/// What is to be said about one thing, good or bad.
type Check = std::result::Result<String, String>;

async fn signature(tenant: &Tenant, token: &Token<'_>, claims: &Object) -> Result<Check> {
    let Some(algorithm) = token.alg() else {
        let alg = token.header().get("alg").and_then(Value::as_str).unwrap_or_default();
        return Ok(Err(format!("The algorithm \"{}\" is not accepted.", cut(alg))));
    };
    if algorithm == Algorithm::HS256 {
        return Ok(by_secret(tenant, token, claims));
    }
    let Some(kid) = token.kid() else { return Ok(Err("The token names no key.".into())) };
    let (key, state) = {
        let keys = &tenant.snapshot().keys;
        (keys.verifying_key(kid, algorithm), keys.state(kid))
    };
    let (Some(key), Some(state)) = (key, state) else {
        // No key is called so, and neither database looks for NUL.
        let known = if kid.contains('\0') { None } else { tenant.read(&SigningKey::NOUN, kid).await? };
        let is_revoked = known.is_some_and(|key| key.body.get("revoked") == Some(&json!(true)));
        return Ok(Err(match (is_revoked, state) {
            (true, _) => format!("The key \"{}\" was revoked.", cut(kid)),
            (false, Some(_)) => format!("The key \"{}\" is not one for {algorithm}.", cut(kid)),
            (false, None) => format!("The key \"{}\" is not one of this tenant's.", cut(kid)),
        }));
    };
    let which = match state {
        KeyState::Current => "the current key",
        KeyState::Next => "the next key",
        KeyState::Previous => "the previous key, which is still believed",
    };
    Ok(match token.verify(&key) {
        Ok(_) => Ok(format!("Signed by {which} of this tenant, \"{}\", with {algorithm}.", cut(kid))),
        Err(_) => Err("The signature does not fit: the token was altered, or signed by another key.".into()),
    })
}

/// Tokens of an API that has a secret of its own are signed with that, and with nothing that is public.
fn by_secret(tenant: &Tenant, token: &Token<'_>, claims: &Object) -> Check {
    let snapshot = tenant.snapshot();
    let mut apis = audiences(claims).into_iter().filter_map(|audience| snapshot.api(audience)).peekable();
    if apis.peek().is_none() {
        return Err(
            "HS256 is for APIs with a secret of their own, and the token names no API of this tenant.".into(),
        );
    }
    let signer = apis.find_map(|api| api.hmac.as_ref().map(|signer| (api, signer)));
    let Some((api, signer)) = signer else {
        return Err("The API's tokens are not signed with a secret, so HS256 is not accepted for it.".into());
    };
    let identifier = &api.view.identifier;
    match signer.verifying_key().map(|key| token.verify(&key).is_ok()) {
        Ok(true) => Ok(format!("Signed with the secret of the API {identifier}, with HS256.")),
        _ => Err(format!("The signature does not fit the secret of the API {identifier}.")),
    }
}

fn issuer(tenant: &Tenant, claims: &Object) -> Check {
    match claims.get("iss").and_then(Value::as_str) {
        Some(iss) if is_issuer(tenant, iss) => Ok(format!("Issued by {iss}, this tenant.")),
        Some(iss) => Err(format!("Issued by {}, which is not this tenant.", cut(iss))),
        None => Err("The token does not say who issued it.".into()),
    }
}

fn for_audience(tenant: &Tenant, claims: &Object, wanted: Option<&str>) -> Check {
    let audiences = audiences(claims);
    let named = cut(&audiences.join(", "));
    let snapshot = tenant.snapshot();
    match wanted {
        _ if audiences.is_empty() => Err("The token does not say which API it is for.".into()),
        Some(wanted) if is_for(claims, wanted) => Ok(format!("It is for {}.", cut(wanted))),
        Some(wanted) => Err(format!("It is for {named}, not for {}.", cut(wanted))),
        None => match audiences.iter().find_map(|audience| snapshot.api(audience)) {
            Some(api) => {
                let name = api.view.name.as_deref().unwrap_or("an API");
                Ok(format!("It is for {}, which is {name} of this tenant.", api.view.identifier))
            }
            None => Err(format!("It is for {named}, which is no API of this tenant.")),
        },
    }
}

fn audiences(claims: &Object) -> Vec<&str> {
    match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn time(claims: &Object, now: i64) -> Check {
    // Claims are whatever the token says; no difference of them may overflow.
    let number = |name: &str| claims.get(name).and_then(Value::as_f64).map(|n| n.clamp(-MOST, MOST) as i64);
    let Some(expires) = number("exp") else { return Err("The token does not say when it expires.".into()) };
    if expires <= now {
        return Err(format!("Expired {} ago.", lasting(now - expires)));
    }
    for name in ["nbf", "iat"] {
        if let Some(from) = number(name).filter(|from| *from > now + LEEWAY) {
            return Err(format!("Its time begins only in {} ({name}).", lasting(from - now)));
        }
    }
    let issued = number("iat").map(|iat| format!("Issued {} ago, ", lasting((now - iat).max(0))));
    Ok(format!("{}expires in {}.", issued.as_deref().unwrap_or("It "), lasting(expires - now)))
}

fn revocation(tenant: &Tenant, token: &Token, claims: &Object) -> Check {
    match tenant.snapshot().revocations.refuse(token, claims) {
        true => Err("It was revoked.".into()),
        false => Ok("It was not revoked.".into()),
    }
}

fn scopes(claims: &Object, wanted: Option<&str>) -> Check {
    let held: Vec<&str> =
        claims.get("scope").and_then(Value::as_str).unwrap_or_default().split(' ').collect();
    let permissions = claims.get("permissions").and_then(Value::as_array);
    let permitted = permissions.into_iter().flatten().filter_map(Value::as_str);
    let mut held: Vec<&str> = held.into_iter().filter(|scope| !scope.is_empty()).collect();
    for permission in permitted {
        if !held.contains(&permission) {
            held.push(permission);
        }
    }
    let wanted = wanted.unwrap_or_default().split(' ').filter(|scope| !scope.is_empty());
    let missing: Vec<&str> = wanted.filter(|scope| !held.contains(scope)).collect();
    match (missing.is_empty(), held.is_empty()) {
        (false, _) => Err(format!("It lacks {}.", cut(&missing.join(" ")))),
        (true, true) => Ok("It has no permissions, and none was asked for.".into()),
        (true, false) => Ok(format!("It has {}.", cut(&held.join(" ")))),
    }
}

/// A stretch of seconds, in its two greatest units.
fn lasting(seconds: i64) -> String {
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, minutes) => format!("{minutes} min {rest} s"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// How far, in seconds, clocks may differ.
const LEEWAY: i64 = 60;
/// A time beyond every calendar.
const MOST: f64 = 1e15;
