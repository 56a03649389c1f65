//! A key of the hierarchy that seals the tenant's data at rest.

use schema::{Resource, Shaped};
use serde::Deserialize;

use crate::Secret;

/// A key that seals data at rest, or another key.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("keys/encryption"), id("kid"), scope("encryption_keys"))]
pub struct EncryptionKey {
    /// Its identifier.
    #[field(write(Never))]
    pub kid: String,
    /// Its place in the hierarchy.
    #[field(write(OnCreate))]
    pub r#type: EncryptionKeyType,
    /// Where it stands in its life.
    #[field(write(Never))]
    pub state: EncryptionKeyState,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: String,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: String,
    /// The key that it is wrapped with.
    #[field(write(Never), nullable)]
    pub parent_kid: Option<String>,
    /// The public key to wrap an imported key with.
    #[field(write(Never), nullable)]
    pub public_key: Option<String>,
    /// The key itself, wrapped with its parent.
    #[field(write(Never), hidden)]
    pub wrapped: Option<String>,
    /// The private key that unwraps an imported key.
    #[field(write(Never), secret("read:encryption_keys"), hidden)]
    pub wrapping_key: Option<Secret>,
}

/// A key's place in the hierarchy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum EncryptionKeyType {
    CustomerProvidedRootKey,
    EnvironmentRootKey,
    TenantMasterKey,
    TenantEncryptionKey,
}

/// Where a key stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum EncryptionKeyState {
    PreActivation,
    Active,
    Deactivated,
    Destroyed,
}
