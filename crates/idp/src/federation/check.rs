//! What a token of an outside issuer must be, step by step (RFC 7523 §3, RFC 8725): first what it says of itself, then
//! whether its issuer said so, and only then whom it is about.

use std::sync::Arc;

use jose::{Algorithm, KeySet, Token};
use model::Operator;
use schema::Object;
use serde_json::Value;

use super::{Trust, rule};
use crate::{Result as Journey, Tenant};

/// What is wrong with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    Malformed,
    Issuer,
    Algorithm,
    Time,
    Audience,
    Unreachable,
    UnknownKey,
    Signature,
    Rule,
    Replay,
}

impl Fault {
    /// The word that refusals are counted by.
    pub fn reason(self) -> &'static str {
        match self {
            Fault::Malformed => "federation_malformed",
            Fault::Issuer => "federation_issuer",
            Fault::Algorithm => "federation_algorithm",
            Fault::Time => "federation_time",
            Fault::Audience => "federation_audience",
            Fault::Unreachable => "federation_unreachable",
            Fault::UnknownKey => "federation_unknown_key",
            Fault::Signature => "federation_signature",
            Fault::Rule => "federation_rule",
            Fault::Replay => "federation_replay",
        }
    }
}

/// Why a token proves nothing, in words for the log and for whoever configured the trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub fault: Fault,
    pub words: String,
}

impl Refusal {
    pub fn new(fault: Fault, words: impl Into<String>) -> Self {
        Refusal { fault, words: words.into() }
    }
}

type Checked<T = ()> = Result<T, Refusal>;

/// A token that was presented, taken apart and not yet believed.
pub struct Presented<'a> {
    pub compact: &'a str,
    pub token: &'a Token<'a>,
    pub claims: &'a Object,
}

impl Presented<'_> {
    /// Who it says has issued it.
    pub fn issuer(&self) -> Option<&str> {
        self.text("iss")
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim).and_then(Value::as_str)
    }

    /// RFC 8725 §3.11: what was signed for another purpose is not taken for a proof.
    fn kind(&self) -> Checked {
        let typ = self.token.typ().map(|typ| typ.to_ascii_lowercase());
        let typ = typ.as_deref().map(|typ| typ.strip_prefix("application/").unwrap_or(typ));
        if typ.is_none_or(|typ| TYPES.contains(&typ)) {
            return Ok(());
        }
        Err(Refusal::new(Fault::Malformed, "'typ' is that of another kind of token"))
    }

    /// Byte for byte: what only looks alike is another issuer.
    fn comes_from(&self, trust: &Trust) -> Checked {
        match self.issuer() {
            Some(issuer) if issuer == trust.view.issuer => Ok(()),
            Some(_) => Err(Refusal::new(Fault::Issuer, format!("'iss' is not {}", trust.view.issuer))),
            None => Err(Refusal::new(Fault::Issuer, "'iss' is missing, or no text")),
        }
    }

    fn algorithm(&self) -> Checked<Algorithm> {
        // A secret is shared with nobody, so that HS256 can only be an attempt.
        let algorithm = self.token.alg().filter(|algorithm| algorithm.key_kind().is_some());
        algorithm
            .ok_or_else(|| Refusal::new(Fault::Algorithm, "'alg' is none of a public key that is accepted"))
    }

    /// Whether it is good now; answers when it ends.
    fn time(&self, now: i64) -> Checked<i64> {
        let fail = |words: &str| Err(Refusal::new(Fault::Time, words));
        let Some(exp) = self.number("exp")? else { return fail("'exp' is missing") };
        let (iat, nbf) = (self.number("iat")?, self.number("nbf")?);
        if exp <= now {
            return fail("'exp' is past");
        }
        if [iat, nbf].into_iter().flatten().any(|time| time > now + SKEW) {
            return fail("'iat' or 'nbf' is in the future");
        }
        if exp > iat.unwrap_or(now).saturating_add(LIFETIME) {
            return fail("'exp' is more than 24 hours after 'iat'");
        }
        Ok(exp)
    }

    /// A point in time, in seconds since 1970 (RFC 7519 §2).
    fn number(&self, claim: &str) -> Checked<Option<i64>> {
        match self.claims.get(claim) {
            None => Ok(None),
            Some(time) => match jose::numeric_date(time) {
                None => Err(Refusal::new(Fault::Malformed, format!("'{claim}' is not a number"))),
                whole => Ok(whole),
            },
        }
    }

    fn is_for(&self, tenant: &Tenant, trust: &Trust) -> Checked {
        let ours = tenant.issuer(tenant.domain());
        let wanted = trust.view.audience.as_deref().unwrap_or(&ours);
        let is_it = match self.claims.get("aud") {
            Some(Value::String(aud)) => aud == wanted,
            Some(Value::Array(auds)) => auds.iter().any(|aud| aud == wanted),
            _ => false,
        };
        if is_it { Ok(()) } else { Err(Refusal::new(Fault::Audience, format!("'aud' is not {wanted}"))) }
    }

    /// Whether the issuer signed it.
    async fn signature(&self, tenant: &Tenant, trust: &Trust, algorithm: Algorithm) -> Checked {
        let kid = self.token.kid();
        let keys = match &trust.keys {
            Some(keys) => keys.clone(),
            None => self.fetched(tenant, trust, algorithm).await?,
        };
        let keys = keys.verifying(kid, algorithm);
        if keys.is_empty() {
            let words = match kid {
                Some(kid) => format!("the issuer has no key {kid:?} for {algorithm}"),
                None => format!("'kid' is missing, and the issuer has not just one key for {algorithm}"),
            };
            return Err(Refusal::new(Fault::UnknownKey, words));
        }
        if keys.iter().any(|key| self.token.verify(key).is_ok()) {
            return Ok(());
        }
        Err(Refusal::new(Fault::Signature, "the signature is not that of the issuer's key"))
    }

    async fn fetched(&self, tenant: &Tenant, trust: &Trust, algorithm: Algorithm) -> Checked<Arc<KeySet>> {
        let has_wanted = |keys: &KeySet| !keys.verifying(self.token.kid(), algorithm).is_empty();
        let keys = tenant.0.issuers.keys(&trust.source(), tenant.clock().now_ms(), has_wanted).await;
        keys.map_err(|reason| {
            Refusal::new(
                Fault::Unreachable,
                format!("the keys of {} cannot be had: {reason}", trust.view.issuer),
            )
        })
    }

    fn rules(&self, trust: &Trust) -> Checked {
        match trust.view.rules.iter().find(|rule| !rule::holds(rule, self.claims)) {
            None => Ok(()),
            Some(rule) => {
                let wants = match rule.operator {
                    Operator::Equals => "equals",
                    Operator::OneOf => "is one of",
                    Operator::Matches => "matches",
                };
                let words = format!("the rule is not met that '{}' {wants} {}", rule.claim, rule.value);
                Err(Refusal::new(Fault::Rule, words))
            }
        }
    }

    /// What it is known by, so that it is used only once: never its signature, which anybody can write in another way
    /// if it is one of an elliptic curve.
    fn identifier(&self, trust: &Trust) -> String {
        match self.text("jti").filter(|jti| !jti.is_empty()) {
            Some(jti) => format!("{}\n{jti}", trust.view.issuer),
            None => jose::b64url_encode(jose::sha256(self.token.signed().as_bytes())),
        }
    }
}

/// Whether a token proves the client that has this trust; one that is good for one request is then used up.
pub async fn prove(tenant: &Tenant, trust: &Trust, presented: &Presented<'_>) -> Journey<Checked> {
    let exp = match genuine(tenant, trust, presented).await {
        Ok(exp) => exp,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if trust.view.single_use == Some(false)
        || tenant.use_once("federated", &presented.identifier(trust), exp + SKEW).await?
    {
        return Ok(Ok(()));
    }
    Ok(Err(Refusal::new(Fault::Replay, "it was used before, and is good for one request")))
}

async fn genuine(tenant: &Tenant, trust: &Trust, presented: &Presented<'_>) -> Checked<i64> {
    presented.kind()?;
    presented.comes_from(trust)?;
    let algorithm = presented.algorithm()?;
    let exp = presented.time(tenant.clock().now())?;
    presented.is_for(tenant, trust)?;
    presented.signature(tenant, trust, algorithm).await?;
    presented.rules(trust)?;
    Ok(exp)
}

/// Every step by itself, for whoever wants to know which of them fails: its name, and what is wrong. Nothing is used up.
pub async fn explain(tenant: &Tenant, trust: &Trust, compact: &str) -> Vec<(&'static str, Checked)> {
    let malformed = |error: jose::Error| Refusal::new(Fault::Malformed, error.to_string());
    let parsed = Token::parse(compact).and_then(|token| token.claims().map(|claims| (token, claims)));
    let (token, claims) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return vec![("form", Err(malformed(error)))],
    };
    let presented = Presented { compact, token: &token, claims: &claims };
    let algorithm = presented.algorithm();
    let signature = match algorithm {
        Ok(algorithm) => presented.signature(tenant, trust, algorithm).await,
        Err(_) => Err(Refusal::new(Fault::Signature, "it was not looked at: the algorithm is not accepted")),
    };
    vec![
        ("form", presented.kind()),
        ("issuer", presented.comes_from(trust)),
        ("algorithm", algorithm.map(drop)),
        ("time", presented.time(tenant.clock().now()).map(drop)),
        ("audience", presented.is_for(tenant, trust)),
        ("signature", signature),
        ("rules", presented.rules(trust)),
    ]
}

/// The types of tokens that workloads are given (RFC 7519 §5.1, JWT-SVID §2.3), and that of a proof.
const TYPES: [&str; 3] = ["jwt", "jose", "client-authentication+jwt"];
/// How far clocks may differ, in seconds.
const SKEW: i64 = 30;
/// How long a token may be good, in seconds.
const LIFETIME: i64 = 24 * 3600;
