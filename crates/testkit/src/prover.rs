//! A client's own key, and the proofs that it makes with it (RFC 9449).

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use jose::{Algorithm, PrivateKey, Signer};
use serde_json::{Value, json};

use web::PeerCertificate;

use crate::{Answer, TestTenant};

/// Whoever holds a key and proves it.
pub struct Prover {
    algorithm: Algorithm,
    key: Arc<PrivateKey>,
}

impl Prover {
    /// Somebody with a new key for ES256.
    pub fn new() -> Self {
        Self::with(Algorithm::ES256)
    }

    /// Somebody with a new key for this algorithm.
    pub fn with(algorithm: Algorithm) -> Self {
        let kind = algorithm.key_kind().expect("proofs are not made with shared secrets");
        Self { algorithm, key: Arc::new(PrivateKey::generate(kind).expect("a key can be made")) }
    }

    /// The thumbprint of the key.
    pub fn jkt(&self) -> String {
        self.key.public().jwk().thumbprint()
    }

    /// A proof for a request at this time, with other claims laid over the usual ones.
    pub fn proof(&self, method: &str, uri: &str, now: i64, more: Value) -> String {
        let header = json!({ "typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.key.public().jwk() });
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let mut claims = json!({ "jti": format!("proof-{number}"), "htm": method, "htu": uri, "iat": now });
        if let (Value::Object(claims), Value::Object(more)) = (&mut claims, more) {
            claims.extend(more);
        }
        let signer = Signer::with_header(self.algorithm, self.key.clone(), &header);
        let signer = signer.expect("the key goes with its algorithm");
        signer.sign(claims.to_string().as_bytes()).expect("a key in memory signs")
    }

    /// A proof for the tenant's token endpoint, now.
    pub fn at_token_endpoint(&self, tenant: &TestTenant) -> String {
        let uri = format!("{}oauth/token", tenant.issuer(tenant.domain()));
        self.proof("POST", &uri, tenant.clock().now(), json!({}))
    }

    /// A proof for a request with an access token, now.
    pub fn with_token(&self, tenant: &TestTenant, method: &str, path: &str, token: &str) -> String {
        let uri = format!("{}{}", tenant.issuer(tenant.domain()), path.trim_start_matches('/'));
        let ath = jose::b64url_encode(jose::sha256(token.as_bytes()));
        self.proof(method, &uri, tenant.clock().now(), json!({ "ath": ath }))
    }
}

impl Default for Prover {
    fn default() -> Self {
        Self::new()
    }
}

impl TestTenant {
    /// The answer of the token endpoint to a request with these headers.
    pub async fn asked_with(&self, body: Value, headers: &[(&str, &str)]) -> Answer {
        self.asked_showing(body, headers, None).await
    }

    /// The same, of somebody who shows a certificate.
    pub async fn asked_showing(
        &self,
        body: Value,
        headers: &[(&str, &str)],
        certificate: Option<PeerCertificate>,
    ) -> Answer {
        let headers = [&[("content-type", "application/json")], headers].concat();
        let caller = self.without_token().showing(certificate);
        caller.send(http::Method::POST, "/oauth/token", &headers, body.to_string()).await
    }
}

/// Each proof has an identifier of its own.
static MADE: AtomicU32 = AtomicU32::new(0);
