//! A machine with a key of its own: it signs assertions with it (RFC 7523) and shows a certificate of it (RFC 8705).

use std::sync::Arc;

use jose::{Algorithm, Certificate, Jwk, PrivateKey, Signer};
use serde_json::{Value, json};
use web::PeerCertificate;

use crate::{STARTED, TestClient, TestTenant};

/// A machine, its key and its certificate, which it made itself.
pub struct Machine {
    algorithm: Algorithm,
    key: Arc<PrivateKey>,
    certificate: Certificate,
}

impl Machine {
    /// One with a key for ES256.
    pub fn new(name: &str) -> Self {
        Self::with(name, Algorithm::ES256)
    }

    /// One with a key for this algorithm.
    pub fn with(name: &str, algorithm: Algorithm) -> Self {
        let kind = algorithm.key_kind().expect("assertions are not made with shared secrets");
        let key = PrivateKey::generate(kind).expect("a key can be made");
        let certificate = Certificate::self_signed(&key, name, STARTED / 1000 - 86_400, 1);
        let certificate = certificate.expect("a certificate can be made");
        Self { algorithm, key: Arc::new(key), certificate }
    }

    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The public key, as an issuer publishes it.
    pub fn jwk(&self) -> Value {
        json!(Jwk { alg: Some(self.algorithm.as_str().into()), ..self.key.public().jwk() })
    }

    /// The certificate as it is shown, with the word of an authority or without.
    pub fn shows(&self, is_verified: bool) -> PeerCertificate {
        PeerCertificate { der: self.certificate.der().to_vec(), is_verified }
    }

    /// An assertion for the tenant's issuer, now, with other claims laid over the usual ones.
    pub fn assertion(&self, tenant: &TestTenant, client_id: &str, more: Value) -> String {
        let now = tenant.clock().now();
        let mut claims = json!({
            "iss": client_id, "sub": client_id, "aud": tenant.issuer(tenant.domain()), "iat": now, "exp": now + 60,
            "jti": jose::random_text(20, b"abcdefghijklmnop"),
        });
        if let (Value::Object(claims), Value::Object(more)) = (&mut claims, more) {
            claims.extend(more);
        }
        let header = json!({ "typ": "JWT", "alg": self.algorithm });
        let signer = Signer::with_header(self.algorithm, self.key.clone(), &header);
        let signer = signer.expect("the key goes with its algorithm");
        signer.sign(claims.to_string().as_bytes()).expect("a key in memory signs")
    }

    /// The same, as what is asked with.
    pub fn asserts(&self, tenant: &TestTenant, client_id: &str) -> Value {
        json!({
            "client_id": client_id, "client_secret": null,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": self.assertion(tenant, client_id, json!({})),
        })
    }

    /// A client that proves itself in this way, with this machine's key or certificate, unless the body says otherwise.
    pub async fn client(&self, tenant: &TestTenant, method: &str, body: Value) -> TestClient {
        let credential = match method {
            "private_key_jwt" => json!({
                "credential_type": "public_key", "alg": self.algorithm, "pem": self.key.public().to_spki_pem(),
            }),
            "tls_client_auth" => json!({
                "credential_type": "cert_subject_dn", "subject_dn": self.certificate.subject_dn(),
            }),
            _ => json!({ "credential_type": "x509_cert", "pem": self.certificate.pem() }),
        };
        let mut all = json!({ "client_authentication_methods": { method: { "credentials": [credential] } } });
        if let (Value::Object(all), Value::Object(body)) = (&mut all, body) {
            all.extend(body);
        }
        tenant.client(all).await
    }
}
