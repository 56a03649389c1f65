//! What ACME directories (RFC 8555) gave this server, and how far it is with them. It is the built-in tenant's, and no
//! interface shows it.

use schema::Resource;
use serde::Deserialize;

use crate::Secret;

/// This server's account at a directory.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("acme/accounts"), id("id"), scope("encryption_keys"))]
pub struct AcmeAccount {
    /// Its identifier here, made of the directory.
    #[field(write(Never))]
    pub id: String,
    /// Where the directory is.
    #[field(write(Never))]
    pub directory: String,
    /// Whom the directory writes to.
    #[field(write(Never))]
    pub contacts: Vec<String>,
    /// What it proves itself with.
    #[field(write(Never), secret("update:encryption_keys"), hidden)]
    pub account_key: Secret,
}

/// A name of this server, with the certificate that a directory gave for it.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("acme/certificates"), id("name"), scope("encryption_keys"))]
pub struct AcmeCertificate {
    /// The host.
    #[field(write(Never))]
    pub name: String,
    /// Which directory gave the certificate.
    #[field(write(Never))]
    pub directory: Option<String>,
    /// The certificate and those above it, as PEM.
    #[field(write(Never))]
    pub chain: Option<String>,
    /// The certificate's key, as PEM.
    #[field(write(Never), secret("update:encryption_keys"), hidden)]
    pub private_key: Option<Secret>,
    /// What the directory calls the validation that is under way.
    #[field(write(Never))]
    pub token: Option<String>,
    /// What is to be answered to it.
    #[field(write(Never), secret("update:encryption_keys"), hidden)]
    pub key_authorization: Option<Secret>,
    /// Until when a node has the order in hand; all times are seconds since 1970.
    #[field(write(Never))]
    pub leased: Option<i64>,
    /// When a node began the last order.
    #[field(write(Never))]
    pub tried: Option<i64>,
    /// Before when nothing is ordered again.
    #[field(write(Never))]
    pub next: Option<i64>,
    /// How many orders came to nothing since the last that did not.
    #[field(write(Never))]
    pub failures: Option<u32>,
    /// Why the last one did.
    #[field(write(Never))]
    pub problem: Option<String>,
}
