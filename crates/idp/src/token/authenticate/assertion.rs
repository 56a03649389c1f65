//! Proof by an assertion that the client signed with its private key (RFC 7523 §2.2 and §3): which key, for whom, for
//! how long, and only once.

use jose::Token;
use model::client::{AssociatedCredential, ComplianceLevel};
use serde_json::{Map, Value};

use super::{Flaw, Method, Proved, federated};
use crate::{
    Result,
    federation::Presented,
    snapshot::{Credential, RegisteredClient},
    token::Issuance,
};

/// Whose assertion it is, and what it says.
struct Assertion<'a> {
    token: Token<'a>,
    claims: Map<String, Value>,
}

/// Proves a client by the assertion it sent.
pub async fn prove(issuance: &Issuance<'_>, compact: &str) -> Result<Proved> {
    let assertion = match Assertion::read(issuance, compact) {
        Ok(assertion) => assertion,
        Err(flaw) => return federated::named(issuance, flaw).refuse(issuance),
    };
    let (iss, sub) = (assertion.text("iss"), assertion.text("sub"));
    let named = issuance.request.client_id.as_deref().filter(|id| !id.is_empty());
    match (iss, named.or(sub)) {
        (Some(iss), Some(id)) if iss == id => own(issuance, compact, &assertion, id).await,
        _ => {
            let (token, claims) = (&assertion.token, &assertion.claims);
            federated::prove(issuance, named, &Presented { compact, token, claims }).await
        }
    }
}

/// Proves a client by an assertion of its own making.
async fn own(issuance: &Issuance<'_>, compact: &str, assertion: &Assertion<'_>, id: &str) -> Result<Proved> {
    if issuance.snapshot.client(id).is_some() {
        issuance.note(|notes| notes.client_id = Some(id.to_owned()));
    }
    let (client, credential) = match assertion.signer(issuance, compact, id) {
        Ok(signer) => signer,
        Err(flaw) => return flaw.refuse(issuance),
    };
    let (jti, exp) = match assertion.is_good(issuance, client) {
        Ok(once) => once,
        Err(flaw) => return flaw.refuse(issuance),
    };
    // All else is right: only now is it used up.
    if !issuance.tenant.use_once("client_assertion", &format!("{id}\n{jti}"), exp + KEPT).await? {
        let cause = "'jti' was used before: an assertion is good for one request".into();
        return Flaw { cause, reason: "replayed_assertion" }.refuse(issuance);
    }
    let credential = credential.view.id.clone().into();
    Ok(Proved { client: client.clone(), method: Method::PrivateKeyJwt, credential: Some(credential) })
}

type Signer<'s> = (&'s std::sync::Arc<RegisteredClient>, &'s Credential);

impl<'a> Assertion<'a> {
    fn read(issuance: &Issuance, compact: &'a str) -> std::result::Result<Self, Flaw> {
        let request = issuance.request;
        if request.client_assertion_type.as_deref() != Some(JWT_BEARER) {
            return Err(Flaw::new(format!("client_assertion_type is not {JWT_BEARER}")));
        }
        let malformed = |error: jose::Error| Flaw::new(format!("client_assertion is no JWT: {error}"));
        let token = Token::parse(compact).map_err(malformed)?;
        let claims = token.claims().map_err(malformed)?;
        Ok(Assertion { token, claims })
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    /// A point in time, in seconds since 1970 (RFC 7519 §2, `NumericDate`).
    fn time(&self, claim: &str) -> std::result::Result<Option<i64>, Flaw> {
        match self.claims.get(claim) {
            None => Ok(None),
            Some(time) => match jose::numeric_date(time) {
                None => Err(Flaw::new(format!("'{claim}' is not a number"))),
                whole => Ok(whole),
            },
        }
    }

    /// The client, and the key of its own that signed.
    fn signer<'s>(
        &self,
        issuance: &Issuance<'s>,
        compact: &str,
        id: &str,
    ) -> std::result::Result<Signer<'s>, Flaw> {
        if compact.len() > LONGEST {
            return Err(Flaw::new(format!("the assertion is longer than {LONGEST} bytes")));
        }
        for claim in ["iss", "sub", "jti"] {
            if self.text(claim).is_some_and(|text| text.chars().count() > LONGEST_NAME) {
                return Err(Flaw::new(format!("'{claim}' is longer than {LONGEST_NAME} characters")));
            }
        }
        if self.text("sub") != Some(id) {
            return Err(Flaw::new("'sub' is not the client"));
        }
        // RFC 8725 §3.11: what was signed for another purpose is not taken for an assertion.
        if self.token.typ().is_some_and(|typ| !TYPES.iter().any(|known| known.eq_ignore_ascii_case(typ))) {
            return Err(Flaw::new("'typ' is that of another kind of token"));
        }
        let alg = self.token.header().get("alg").and_then(Value::as_str).unwrap_or_default();
        if alg.chars().count() > LONGEST_ALG {
            return Err(Flaw::new(format!("'alg' is longer than {LONGEST_ALG} characters")));
        }
        let Some(client) = issuance.snapshot.client(id) else {
            return Err(Flaw { cause: "there is no such client".into(), reason: "unknown_client" });
        };
        let named = named(client);
        if named.is_empty() {
            let cause = "the client is not registered for private_key_jwt".into();
            return Err(Flaw { cause, reason: "wrong_method" });
        }
        let keys = named.iter().filter_map(|one| issuance.snapshot.credential(id, &one.id));
        let keys = keys.filter(|key| key.key.is_some());
        let meant: Vec<&Credential> = keys
            .map(|key| &**key)
            .filter(|key| self.token.kid().is_none_or(|kid| key.view.kid.as_deref() == Some(kid)))
            .collect();
        if meant.is_empty() {
            return Err(Flaw::new("'kid' names no credential of the client"));
        }
        let fits =
            |key: &Credential| key.key.as_ref().is_some_and(|key| Some(key.algorithm()) == self.token.alg());
        if !meant.iter().any(|key| fits(key)) {
            return Err(Flaw::new("'alg' is not that of the credential"));
        }
        let signed = |key: &&Credential| {
            fits(key) && key.key.as_ref().is_some_and(|key| self.token.verify(key).is_ok())
        };
        let Some(credential) = meant.into_iter().find(signed) else {
            return Err(Flaw::new("the signature is not that of the credential"));
        };
        if !credential.is_good_at(issuance.tenant.clock().now_ms()) {
            return Err(Flaw { cause: "the credential has expired".into(), reason: "expired_credential" });
        }
        Ok((client, credential))
    }

    /// Whether it is for this server, and good now; answers what it is known by, and when it ends.
    fn is_good(
        &self,
        issuance: &Issuance,
        client: &RegisteredClient,
    ) -> std::result::Result<(&str, i64), Flaw> {
        let issuer = issuance.tenant.issuer(&issuance.request.host);
        let is_strict = client.view.compliance_level == Some(ComplianceLevel::Fapi2SpPkjMtls);
        let is_ours = |aud: &str| {
            aud == issuer || (!is_strict && aud.strip_prefix(issuer.as_str()) == Some("oauth/token"))
        };
        let is_for_us = match self.claims.get("aud") {
            Some(Value::String(aud)) => is_ours(aud),
            // FAPI 2.0 §5.3.3.1: one text, that of the issuer.
            Some(Value::Array(auds)) if !is_strict => auds.iter().filter_map(Value::as_str).any(is_ours),
            _ => false,
        };
        if !is_for_us {
            return Err(Flaw::new(format!("'aud' is not {issuer}")));
        }
        let now = issuance.tenant.clock().now();
        let (iat, nbf) = (self.time("iat")?, self.time("nbf")?);
        let Some(exp) = self.time("exp")? else { return Err(Flaw::new("'exp' is missing")) };
        for (claim, time) in [("iat", iat), ("nbf", nbf)] {
            if time.is_some_and(|time| time > now + SKEW) {
                return Err(Flaw::new(format!("'{claim}' is in the future")));
            }
        }
        if exp <= now {
            return Err(Flaw::new("'exp' is past"));
        }
        if exp > iat.unwrap_or(now + SKEW).saturating_add(LIFETIME) {
            return Err(Flaw::new("'exp' is more than 5 minutes after 'iat'"));
        }
        match self.text("jti").filter(|jti| !jti.is_empty()) {
            Some(jti) => Ok((jti, exp)),
            None => Err(Flaw::new("'jti' is missing")),
        }
    }
}

/// The credentials that the client names for its assertions.
fn named(client: &RegisteredClient) -> &[AssociatedCredential] {
    let methods = client.view.client_authentication_methods.as_ref();
    methods.and_then(|methods| methods.private_key_jwt.as_ref()).map_or(&[], |method| &method.credentials)
}

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
const TYPES: [&str; 3] = ["JWT", "client-authentication+jwt", "application/client-authentication+jwt"];
/// In bytes.
const LONGEST: usize = 2048;
/// In characters.
const LONGEST_NAME: usize = 64;
const LONGEST_ALG: usize = 16;
/// How long an assertion may be good, in seconds.
const LIFETIME: i64 = 300;
/// How far the client's clock may be ahead, in seconds.
const SKEW: i64 = 10;
/// How long an assertion that has expired is remembered, for nodes whose clocks differ.
const KEPT: i64 = 60;
