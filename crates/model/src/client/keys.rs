//! The keys of a client, and how its ID tokens are made.

use std::collections::BTreeMap;

use schema::{Declared, Shaped};
use serde::Deserialize;
use serde_json::Value;

use crate::Secret;

/// How a client's ID tokens are made.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct JwtConfiguration {
    /// Seconds that an ID token lives.
    #[field(min(1), max(2_147_483_647))]
    pub lifetime_in_seconds: Option<u32>,
    /// Whether the client secret is base64.
    #[field(default(|| json!(false)))]
    #[serde(default)]
    pub secret_encoded: bool,
    /// The algorithm that signs.
    pub alg: Option<IdTokenAlgorithm>,
    /// Scopes and the claims they bring.
    pub scopes: Option<Declared<BTreeMap<String, Value>>>,
}

/// An algorithm that may sign an ID token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
pub enum IdTokenAlgorithm {
    HS256,
    RS256,
    RS512,
    PS256,
}

/// A key and certificate that sign for a client.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ClientSigningKey {
    /// The certificate.
    pub cert: Option<String>,
    /// The private key.
    #[field(secret("read:client_keys"), hidden)]
    pub key: Option<Secret>,
    /// The certificate as PKCS #7.
    pub pkcs7: Option<String>,
    /// Whom the certificate names.
    pub subject: Option<String>,
}

/// A client's own key, to which tokens are encrypted.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ClientEncryptionKey {
    /// The public key.
    #[serde(rename = "pub")]
    pub public: Option<String>,
    /// The certificate.
    pub cert: Option<String>,
    /// Whom the certificate names.
    pub subject: Option<String>,
}
