//! The ID token (OpenID Connect Core §2): who has logged in, said to one application.

use jose::Signer;
use model::{SigningAlgorithm, TokenDialect, client::IdTokenAlgorithm};
use serde_json::{Map, Value, json};

use super::{Granted, Way, access_token, custom};
use crate::{
    Code, Result,
    token::{
        Issuance,
        fapi::{self, Profile},
    },
    userinfo,
};

/// Signs it; beside an access token that goes through the browser it vouches for that.
pub fn sign(issuance: &Issuance, granted: &Granted, way: Way<'_>, beside: Option<&str>) -> Result<String> {
    let Granted { client, user, authorization, permit, issuer, .. } = granted;
    let rules = client.view.jwt_configuration.as_deref();
    let lifetime = rules.and_then(|rules| rules.lifetime_in_seconds).map_or(LIFETIME, i64::from);
    let signer = signer(issuance, granted)?;
    let now = issuance.tenant.clock().now();
    let mut claims = Map::new();
    userinfo::tell(&mut claims, user, &permit.scope, fapi::is_held(client));
    let mut claim = |name: &str, value: Value| claims.insert(name.into(), value);
    claim("iss", json!(issuer));
    claim("aud", json!(client.view.client_id));
    claim("sub", json!(user.user_id));
    claim("iat", json!(now));
    claim("exp", json!(now + lifetime));
    if authorization.tells_auth_time {
        claim("auth_time", json!(authorization.auth_time));
    }
    if let (true, Some(session_id)) = (way.is_login, &authorization.session_id) {
        claim("sid", json!(session_id));
    }
    if let Some(nonce) = way.nonce {
        claim("nonce", json!(nonce));
    }
    if let (true, Some(token)) = (way.is_front, beside) {
        claim("at_hash", json!(signer.algorithm().half_hash(token)));
    }
    if let Some(code) = way.code {
        claim("c_hash", json!(signer.algorithm().half_hash(code)));
    }
    // FAPI 1.0 Advanced §5.2.2.1: so the token vouches for all of the answer.
    if let (Some(state), Some(Profile::First)) = (way.state, fapi::profile(client)) {
        claim("s_hash", json!(signer.algorithm().half_hash(state)));
    }
    custom::tell(&mut claims, &authorization.id_claims, &permit.scope);
    Ok(signer.sign(&serde_json::to_vec(&claims)?)?)
}

/// The client's own secret, if it is to sign, else the tenant's key.
fn signer<'a>(issuance: &'a Issuance, granted: &'a Granted) -> Result<&'a Signer> {
    let rules = granted.client.view.jwt_configuration.as_deref();
    let algorithm = match rules.and_then(|rules| rules.alg).unwrap_or(IdTokenAlgorithm::RS256) {
        IdTokenAlgorithm::RS256 => SigningAlgorithm::RS256,
        IdTokenAlgorithm::RS512 => SigningAlgorithm::RS512,
        IdTokenAlgorithm::PS256 => SigningAlgorithm::PS256,
        IdTokenAlgorithm::HS256 => match &granted.client.hmac {
            Some(signer) => return Ok(signer),
            None => return Code::AccessDenied.refuse("The client has no secret that signs its ID tokens."),
        },
    };
    access_token::signer(issuance, algorithm, TokenDialect::AccessToken.typ())
}

/// Ten hours, in seconds.
const LIFETIME: i64 = 36_000;
