//! An outside issuer whose tokens prove a client, and which of them do.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;
use serde_json::Value;

/// An issuer that a client trusts, such as a CI system or a cluster: what its tokens say stands for a secret.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("federated-credentials"), id("id"), scope("client_credentials"))]
pub struct FederatedCredential {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// The client it belongs to.
    #[field(write(Never), max(255), hidden, lookup)]
    pub client_id: String,
    /// What people call it.
    #[field(max(128), default(|| json!("")))]
    pub name: Option<Declared<String>>,
    /// The issuer, exactly as its tokens name it.
    #[field(min(9), max(512))]
    pub issuer: String,
    /// What the tokens must be for; the tenant's issuer unless it is given.
    #[field(min(1), max(512))]
    pub audience: Option<String>,
    /// What the tokens must say, all of it.
    #[field(min(1), max(20))]
    pub rules: Vec<FederationRule>,
    /// Where the issuer's keys are, if its discovery document is not to be asked.
    #[field(nullable, min(9), max(512))]
    pub jwks_uri: Option<String>,
    /// The issuer's keys themselves, if it cannot be reached.
    #[field(nullable)]
    pub jwks: Option<Value>,
    /// Whether a token is good for one request only.
    #[field(default(|| json!(true)))]
    pub single_use: Option<bool>,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Option<Declared<String>>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Option<Declared<String>>,
}

/// What one claim of a token must be.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct FederationRule {
    /// The claim's name, or a JSON Pointer into the claims.
    #[field(min(1), max(255))]
    pub claim: String,
    /// How it is compared.
    pub operator: Operator,
    /// A text, or of `one_of` a list of texts.
    pub value: Value,
}

/// How a claim is compared with a rule's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Byte for byte.
    Equals,
    /// Byte for byte, with one of several.
    OneOf,
    /// A pattern in which `*` stands for some of a path's part.
    Matches,
}
