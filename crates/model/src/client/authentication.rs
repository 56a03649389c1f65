//! How a client proves itself, the keys and certificates it does so with, and what else they open for it.

use schema::{Declared, Shaped};
use serde::Deserialize;

/// How a client proves itself at the token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum TokenEndpointAuthMethod {
    None,
    ClientSecretPost,
    ClientSecretBasic,
}

/// A security profile that a client is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
pub enum ComplianceLevel {
    #[serde(rename = "none")]
    None,
    #[serde(rename = "fapi1_adv_pkj_par")]
    Fapi1AdvPkjPar,
    #[serde(rename = "fapi1_adv_mtls_par")]
    Fapi1AdvMtlsPar,
    #[serde(rename = "fapi2_sp_pkj_mtls")]
    Fapi2SpPkjMtls,
    #[serde(rename = "fapi2_sp_mtls_mtls")]
    Fapi2SpMtlsMtls,
}

/// Proofs by key or certificate; a client has one of them.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ClientAuthenticationMethods {
    /// An assertion signed with its private key (RFC 7523).
    pub private_key_jwt: Option<AssociatedCredentials>,
    /// A certificate with a known subject (RFC 8705, section 2.1).
    pub tls_client_auth: Option<AssociatedCredentials>,
    /// A certificate of its own making (RFC 8705, section 2.2).
    pub self_signed_tls_client_auth: Option<AssociatedCredentials>,
}

impl ClientAuthenticationMethods {
    /// How many of the methods are given.
    pub fn given(&self) -> usize {
        let given = [&self.private_key_jwt, &self.tls_client_auth, &self.self_signed_tls_client_auth];
        given.into_iter().flatten().count()
    }
}

/// The credentials of one method.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct AssociatedCredentials {
    /// The credentials that count.
    pub credentials: Vec<AssociatedCredential>,
}

/// A credential of the client: its content when the client is made, its identifier ever after.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct AssociatedCredential {
    /// Identifier of the credential.
    #[field(optional, write(OnUpdate), min(1))]
    #[serde(default)]
    pub id: String,
    /// What kind of credential it is.
    #[field(write(OnCreate))]
    pub credential_type: Option<Declared<CredentialType>>,
    /// What people call it.
    #[field(write(OnCreate), max(128))]
    pub name: Option<Declared<String>>,
    /// The public key or certificate.
    #[field(write(OnCreate), min(1), max(4096), hidden)]
    pub pem: Option<Declared<String>>,
    /// The algorithm that its signatures use.
    #[field(write(OnCreate))]
    pub alg: Option<Declared<CredentialAlgorithm>>,
    /// The key's own identifier.
    #[field(write(OnCreate), format(KeyId))]
    pub kid: Option<Declared<String>>,
    /// Whether it expires when its certificate does.
    #[field(write(OnCreate))]
    pub parse_expiry_from_cert: Option<Declared<bool>>,
    /// When it expires.
    #[field(write(OnCreate), format(DateTime))]
    pub expires_at: Option<Declared<String>>,
    /// The subject that a certificate must name.
    #[field(write(OnCreate), min(1), max(256))]
    pub subject_dn: Option<Declared<String>>,
    /// SHA-256 of the certificate.
    #[field(write(Never))]
    pub thumbprint_sha256: Option<Declared<String>>,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Option<Declared<String>>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Option<Declared<String>>,
}

/// What kind of credential it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
pub enum CredentialType {
    #[serde(rename = "public_key")]
    PublicKey,
    #[serde(rename = "cert_subject_dn")]
    CertSubjectDn,
    #[serde(rename = "x509_cert")]
    X509Cert,
}

/// An algorithm that a client may sign its assertions with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
pub enum CredentialAlgorithm {
    RS256,
    RS384,
    PS256,
    ES256,
    EdDSA,
}

/// Whether and with which keys a client's authorization requests are signed (RFC 9101).
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct SignedRequestObject {
    /// Whether an unsigned request is refused.
    pub required: Option<bool>,
    /// The keys that count.
    pub credentials: Option<Vec<AssociatedCredential>>,
}

/// A client's rights in the token vault beyond those of a user's session.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct PrivilegedAccess {
    /// The keys it proves itself with.
    pub credentials: Vec<AssociatedCredential>,
    /// Addresses and networks it may call from.
    #[field(format(IpOrCidr))]
    pub ip_allowlist: Option<Vec<String>>,
    /// What it may fetch.
    pub grants: Option<Vec<PrivilegedAccessGrant>>,
}

/// One connection whose tokens a client may fetch.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct PrivilegedAccessGrant {
    /// Name of the connection.
    pub connection: String,
    /// Scopes of the fetched token.
    pub scopes: Vec<String>,
}
