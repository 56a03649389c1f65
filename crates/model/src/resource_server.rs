//! An API that tokens are issued for. Says what an API is made of; how its tokens are made is decided elsewhere.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

use crate::Secret;

/// An API that tokens are issued for.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("resource-servers"), id("id"), scope("resource_servers"))]
pub struct ResourceServer {
    /// Its identifier in this API.
    #[field(write(Never))]
    pub id: String,
    /// What people call it; angle brackets are not allowed.
    #[field(max(200), format(NoAngleBrackets))]
    pub name: Option<String>,
    /// Its identifier in tokens, the audience.
    #[field(write(OnCreate), min(1), max(600), unique)]
    pub identifier: String,
    /// Whether the tenant came with it.
    #[field(write(Never), lookup)]
    #[serde(default)]
    pub is_system: bool,
    /// Whether refresh tokens are issued for it.
    #[field(default(|| json!(false)))]
    pub allow_offline_access: Option<bool>,
    /// Whether refresh tokens that end with the session are issued for it.
    pub allow_online_access: Option<bool>,
    /// Whether the same holds for sessions that end with the browser.
    pub allow_online_access_with_ephemeral_sessions: Option<Declared<bool>>,
    /// Whether the tenant's own applications need no consent.
    #[field(default(|| json!(false)))]
    pub skip_consent_for_verifiable_first_party_clients: Option<bool>,
    /// Who may have a token for it.
    #[field(
        default(|| json!({ "client": { "policy": "require_client_grant" }, "user": { "policy": "allow_all" } })),
        merge_keys
    )]
    pub subject_type_authorization: SubjectTypeAuthorization,
    /// Seconds that its tokens live.
    #[field(min(0), max(2_592_000), default(|| json!(86400)))]
    pub token_lifetime: u32,
    /// Seconds that its tokens live when a browser asked for them.
    #[field(min(0), max(2_592_000), default(|| json!(7200)))]
    pub token_lifetime_for_web: Option<u32>,
    /// Seconds that its tokens live when nobody has logged in.
    #[field(min(0), max(2_592_000))]
    pub token_lifetime_for_anonymous_access_tokens: Option<Declared<i64>>,
    /// The algorithm that signs its tokens.
    #[field(default(|| json!("RS256")))]
    pub signing_alg: SigningAlgorithm,
    /// The secret that signs its tokens where the algorithm needs one.
    #[field(min(16), secret("read:resource_servers"))]
    pub signing_secret: Option<Secret>,
    /// The permissions it knows.
    #[field(max(1000))]
    pub scopes: Option<Vec<ResourceServerScope>>,
    /// Whether permissions of people are looked up when a token is made.
    pub enforce_policies: Option<bool>,
    /// Which claims its tokens have.
    pub token_dialect: Option<TokenDialect>,
    /// To which key its tokens are encrypted.
    #[field(nullable_on_create)]
    pub token_encryption: Option<Box<TokenEncryption>>,
    /// Whether its tokens are bound to a key of the client.
    #[field(nullable_on_create)]
    pub proof_of_possession: Option<ProofOfPossession>,
    /// Whether a proof must hold a nonce of ours.
    #[field(write(Never), hidden)]
    pub dpop_nonce: Option<bool>,
    /// The share of its life, in percent, that must be left of a token for it to be handed out again; absent: never.
    #[field(write(Never), hidden)]
    pub token_reuse: Option<i64>,
    /// How people consent.
    #[field(nullable_on_create)]
    pub consent_policy: Option<Declared<ConsentPolicy>>,
    /// Whether consent is kept so that it cannot be denied.
    pub require_consent_non_repudiation: Option<Declared<bool>>,
    /// The kinds of authorization detail it understands (RFC 9396).
    #[field(nullable_on_create)]
    pub authorization_details: Option<Vec<AuthorizationDetail>>,
    /// The policy that decides about its tokens.
    #[field(nullable)]
    pub authorization_policy: Option<Declared<AuthorizationPolicy>>,
    /// What else its tokens say.
    pub access_token: Option<Declared<AccessTokenSettings>>,
    /// How its tokens name an agent.
    pub agent_subject_claims: Option<Declared<AgentSubjectClaims>>,
    /// The client that it is.
    #[field(write(Never))]
    pub client_id: Option<Declared<String>>,
}

/// Who may have a token for an API.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct SubjectTypeAuthorization {
    /// Clients on their own.
    #[field(default(|| json!({ "policy": "require_client_grant" })))]
    pub client: ClientAccess,
    /// Clients in a person's name.
    #[field(default(|| json!({ "policy": "allow_all" })))]
    pub user: UserAccess,
    /// Clients in the name of somebody without an account.
    pub anonymous_user: Option<Declared<ClientAccess>>,
}

/// Which clients may have a token of their own.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ClientAccess {
    /// None, or those with a grant.
    pub policy: ClientPolicy,
}

/// Which clients may have a token in a person's name.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct UserAccess {
    /// All, none, or those with a grant.
    pub policy: UserPolicy,
}

/// Which clients may have a token of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum ClientPolicy {
    DenyAll,
    RequireClientGrant,
}

/// Which clients may have a token in a person's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum UserPolicy {
    AllowAll,
    DenyAll,
    RequireClientGrant,
}

/// An algorithm that may sign access tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Shaped)]
pub enum SigningAlgorithm {
    HS256,
    RS256,
    RS512,
    PS256,
    ES256,
    EdDSA,
}

impl SigningAlgorithm {
    /// Those whose public half is published.
    pub const ASYMMETRIC: [SigningAlgorithm; 5] = [
        SigningAlgorithm::RS256,
        SigningAlgorithm::RS512,
        SigningAlgorithm::PS256,
        SigningAlgorithm::ES256,
        SigningAlgorithm::EdDSA,
    ];
}

/// A permission that an API knows.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ResourceServerScope {
    /// The permission itself.
    #[field(min(1), max(280), format(Scope))]
    pub value: String,
    /// What it permits.
    #[field(max(500))]
    pub description: Option<Box<str>>,
}

/// Which claims an access token has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
pub enum TokenDialect {
    #[serde(rename = "access_token")]
    AccessToken,
    #[serde(rename = "access_token_authz")]
    AccessTokenAuthz,
    #[serde(rename = "rfc9068_profile")]
    Rfc9068Profile,
    #[serde(rename = "rfc9068_profile_authz")]
    Rfc9068ProfileAuthz,
}

impl TokenDialect {
    /// The `typ` of a token's header (RFC 9068 §2.1).
    pub fn typ(self) -> &'static str {
        if self.is_rfc9068() { "at+jwt" } else { "JWT" }
    }

    /// Whether tokens follow RFC 9068.
    pub fn is_rfc9068(self) -> bool {
        match self {
            TokenDialect::AccessToken | TokenDialect::AccessTokenAuthz => false,
            TokenDialect::Rfc9068Profile | TokenDialect::Rfc9068ProfileAuthz => true,
        }
    }

    /// Whether tokens list permissions where the API enforces them.
    pub fn has_permissions(self) -> bool {
        match self {
            TokenDialect::AccessToken | TokenDialect::Rfc9068Profile => false,
            TokenDialect::AccessTokenAuthz | TokenDialect::Rfc9068ProfileAuthz => true,
        }
    }
}

/// To which key an API's tokens are encrypted.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct TokenEncryption {
    /// How the encrypted token is written.
    pub format: TokenFormat,
    /// The key.
    pub encryption_key: TokenEncryptionKey,
}

/// How an encrypted token is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum TokenFormat {
    CompactNestedJwe,
}

/// A key to which tokens are encrypted.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct TokenEncryptionKey {
    /// What people call it.
    #[field(min(1), max(128))]
    pub name: Option<String>,
    /// How the content key is encrypted.
    pub alg: KeyEncryption,
    /// Its identifier in the token's header.
    #[field(min(1), max(128))]
    pub kid: Option<String>,
    /// The public key or certificate.
    #[field(min(1), max(4096), hidden)]
    pub pem: String,
    /// The key's thumbprint (RFC 7638).
    #[field(write(Never))]
    pub thumbprint_sha256: Option<String>,
}

/// How a content key is encrypted (RFC 7518).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
pub enum KeyEncryption {
    #[serde(rename = "RSA-OAEP-256")]
    RsaOaep256,
    #[serde(rename = "RSA-OAEP-384")]
    RsaOaep384,
    #[serde(rename = "RSA-OAEP-512")]
    RsaOaep512,
}

/// Whether an API's tokens are bound to a key of the client.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ProofOfPossession {
    /// How the client proves that it has the key.
    pub mechanism: ProofMechanism,
    /// Whether there is no token without proof.
    pub required: bool,
    /// For which clients it is required.
    pub required_for: Option<ProofRequiredFor>,
}

/// How a client proves that it has a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum ProofMechanism {
    Mtls,
    Dpop,
}

/// For which clients proof is required.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum ProofRequiredFor {
    PublicClients,
    AllClients,
}

/// How people consent to what an API may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum ConsentPolicy {
    TransactionalAuthorizationWithMfa,
}

/// A kind of authorization detail (RFC 9396).
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct AuthorizationDetail {
    /// Its name.
    #[field(min(1))]
    pub r#type: String,
}

/// The policy that decides about an API's tokens.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct AuthorizationPolicy {
    /// Its identifier.
    #[field(format(Uuid))]
    pub policy_id: String,
}

/// What else access tokens say.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct AccessTokenSettings {
    /// Claims that are computed.
    pub claims_mapping: Option<ClaimsMapping>,
}

/// Claims that are computed.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ClaimsMapping {
    /// Each claim with its rule.
    pub custom_claims: Option<Vec<CustomClaim>>,
}

/// A claim that is computed.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct CustomClaim {
    /// The claim's name.
    pub name: String,
    /// How its value is computed.
    pub expression: String,
}

/// How tokens name an agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum AgentSubjectClaims {
    #[serde(rename = "auth0-v1")]
    Auth0V1,
}
