//! A public key or certificate that a client proves itself with.

use schema::{Declared, Resource};
use serde::Deserialize;

use crate::client::{CredentialAlgorithm, CredentialType};

/// A key or certificate of a client.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("clients/credentials"), id("id"), scope("client_credentials"))]
pub struct ClientCredential {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// The client it belongs to.
    #[field(write(Never), max(255), hidden, lookup)]
    pub client_id: String,
    /// What kind of credential it is.
    #[field(write(OnCreate))]
    pub credential_type: CredentialType,
    /// The key's own identifier.
    #[field(write(OnCreate), format(KeyId))]
    pub kid: Option<String>,
    /// The algorithm that its signatures use.
    #[field(write(OnCreate))]
    pub alg: Option<CredentialAlgorithm>,
    /// The subject that a certificate must name.
    #[field(write(OnCreate), min(1), max(256))]
    pub subject_dn: Option<String>,
    /// SHA-256 of the certificate.
    #[field(write(Never))]
    pub thumbprint_sha256: Option<String>,
    /// What people call it.
    #[field(write(OnCreate), max(128), default(|| json!("")))]
    pub name: Option<Declared<String>>,
    /// The public key or certificate.
    #[field(write(OnCreate), min(1), max(4096), hidden)]
    pub pem: Option<String>,
    /// Whether it expires when its certificate does.
    #[field(write(OnCreate), hidden)]
    pub parse_expiry_from_cert: Option<Declared<bool>>,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Option<Declared<String>>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Option<Declared<String>>,
    /// When it expires.
    #[field(nullable, format(DateTime))]
    pub expires_at: Option<String>,
}
