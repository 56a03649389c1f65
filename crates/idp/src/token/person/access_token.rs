//! The access token of a person, in the dialect of its API.

use jose::Signer;
use model::{SigningAlgorithm, TokenDialect};
use serde_json::{Map, Value, json};

use super::{Granted, custom};
use crate::{
    Error, Result, opaque, revocation,
    snapshot::Api,
    token::{self, Issuance, signing},
};

/// Signs it for so many seconds; one that is for `/userinfo` alone is sealed, and read by nobody else.
pub fn sign(
    issuance: &Issuance,
    granted: &Granted,
    lifetime: i64,
    mut now: i64,
) -> Result<(String, Option<String>)> {
    let Granted { permit, issuer, .. } = granted;
    let mut claims = claims(issuance, granted);
    stamp(&mut claims, now, lifetime);
    if permit.is_for_userinfo() {
        let jti = crate::id::token();
        claims.insert("jti".into(), json!(jti));
        let told = &granted.authorization.id_claims;
        if !told.is_empty() {
            claims.insert(opaque::CUSTOM.into(), json!(told));
        }
        return Ok((opaque::seal(issuance.tenant, issuer, &claims)?, Some(jti)));
    }
    let api = permit.api.as_deref();
    let dialect = granted.dialect();
    let signer = match api.and_then(|api| api.hmac.as_ref()) {
        Some(signer) => signer,
        None => {
            let algorithm = api.map_or(SigningAlgorithm::RS256, |api| api.view.signing_alg);
            signer(issuance, algorithm, dialect.typ())?
        }
    };
    let jti = claims.get("jti").and_then(Value::as_str).map(str::to_owned);
    let revocations = &issuance.snapshot.revocations;
    let mut token = signer.sign(&serde_json::to_vec(&claims)?)?;
    while jti.is_none() && revocations.is_refused_already(now, &token) {
        now += 1;
        stamp(&mut claims, now, lifetime);
        token = signer.sign(&serde_json::to_vec(&claims)?)?;
    }
    let token = match api {
        Some(api) => signing::encrypted(api, token)?,
        None => token,
    };
    Ok((token, jti))
}

/// All that it says but its time.
fn claims(issuance: &Issuance, granted: &Granted) -> Map<String, Value> {
    let Granted { client, user, authorization, permit, issuer, .. } = granted;
    let dialect = granted.dialect();
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.into(), value);
    claim("iss", json!(issuer));
    claim("sub", json!(user.user_id));
    claim(
        "aud",
        match permit.audiences.as_slice() {
            [one] => json!(one),
            several => json!(several),
        },
    );
    claim("iat", Value::Null);
    claim("exp", Value::Null);
    if !permit.scope.is_empty() {
        claim("scope", json!(permit.scope));
    }
    if permit.bound_to_session {
        claim("sid", json!(authorization.session_id));
        claim("auth_time", json!(authorization.auth_time));
    }
    if dialect.is_rfc9068() {
        // RFC 9068 §2.2
        claim("jti", json!(crate::id::token()));
        claim("client_id", json!(client.view.client_id));
    } else {
        claim("azp", json!(client.view.client_id));
        match authorization.gty.as_deref().map(|gty| gty.split(' ').collect::<Vec<_>>()).as_deref() {
            None | Some([]) => {}
            Some([one]) => drop(claim("gty", json!(one))),
            Some(several) => drop(claim("gty", json!(several))),
        }
    }
    // All of them, whichever were asked for.
    if let Some(permissions) = permit.permissions.as_ref().filter(|_| dialect.has_permissions()) {
        claim("permissions", json!(permissions));
    }
    if !authorization.details.is_empty() {
        claim("authorization_details", json!(authorization.details));
    }
    if let Some(confirmation) = granted.binding.confirmation() {
        claim("cnf", json!(confirmation));
    }
    let is_ours =
        |api: &Api| api.view.is_system || api.view.identifier == issuance.tenant.management_audience();
    let is_for_ourselves = permit.bound_to_session || permit.api.as_deref().is_some_and(is_ours);
    custom::add(&mut claims, &authorization.access_claims, is_for_ourselves);
    claims
}

fn stamp(claims: &mut Map<String, Value>, now: i64, lifetime: i64) {
    claims.insert("iat".into(), json!(now));
    claims.insert("exp".into(), json!(now + lifetime));
}

/// The second to stamp on it.
pub async fn settle(issuance: &Issuance<'_>, granted: &Granted) -> Result<i64> {
    let Granted { client, user, permit, .. } = granted;
    let audiences: Vec<&str> = permit.audiences.iter().map(String::as_str).collect();
    let client_id = &client.view.client_id;
    let api = permit.api.as_deref();
    let algorithm = api.map_or(SigningAlgorithm::RS256, |api| api.view.signing_alg);
    let kid = issuance.snapshot.keys.signer(algorithm, TokenDialect::AccessToken.typ()).and_then(Signer::kid);
    token::settle(issuance, client_id, || revocation::of_issue(client_id, &user.user_id, &audiences, kid))
        .await
}

/// The tenant's key for this algorithm.
pub fn signer<'a>(issuance: &'a Issuance, algorithm: SigningAlgorithm, typ: &str) -> Result<&'a Signer> {
    issuance.snapshot.keys.signer(algorithm, typ).ok_or_else(|| {
        let tenant = issuance.tenant.name();
        Error::Internal(anyhow::anyhow!("{tenant} has no key to sign {algorithm:?} with"))
    })
}
