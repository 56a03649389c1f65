//! One generation of the tenant's signing keys: the certificate the world sees, and the private keys it does not.

use schema::{Declared, Resource};
use serde::Deserialize;

use crate::Secret;

/// A generation of signing keys.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("keys/signing"), id("kid"), scope("signing_keys"))]
pub struct SigningKey {
    /// Its identifier, which tokens name.
    #[field(write(Never))]
    pub kid: String,
    /// The RSA key's certificate.
    #[field(write(Never))]
    pub cert: String,
    /// The certificate as PKCS #7.
    #[field(write(Never))]
    pub pkcs7: Option<Declared<String>>,
    /// Whether it signs now.
    #[field(write(Never))]
    #[serde(default)]
    pub current: bool,
    /// Whether it signs after the next rotation.
    #[field(write(Never))]
    #[serde(default)]
    pub next: bool,
    /// Whether it signed before the last rotation.
    #[field(write(Never))]
    #[serde(default)]
    pub previous: bool,
    /// When it began to sign.
    #[field(write(Never))]
    pub current_since: Option<String>,
    /// When it ceased to sign.
    #[field(write(Never))]
    pub current_until: Option<String>,
    /// SHA-1 of the certificate, in pairs of digits.
    #[field(write(Never))]
    pub fingerprint: Option<Declared<String>>,
    /// SHA-1 of the certificate.
    #[field(write(Never))]
    pub thumbprint: Option<Declared<String>>,
    /// Whether its tokens are no longer believed.
    #[field(write(Never))]
    #[serde(default)]
    pub revoked: bool,
    /// When it was revoked.
    #[field(write(Never))]
    pub revoked_at: Option<String>,
    /// The RSA key as base64 of PKCS #8, which the identifier and the certificate belong to.
    #[field(write(Never), secret("read:signing_keys"), hidden)]
    pub rsa: Option<Secret>,
    /// The P-256 key as base64 of PKCS #8.
    #[field(write(Never), secret("read:signing_keys"), hidden)]
    pub p256: Option<Secret>,
    /// The Ed25519 key as base64 of PKCS #8.
    #[field(write(Never), secret("read:signing_keys"), hidden)]
    pub ed25519: Option<Secret>,
}
