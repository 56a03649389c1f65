//! A secret that a client has beside its own, so that one can take another's place without a gap.

use schema::{Declared, Resource};
use serde::Deserialize;

use crate::Secret;

/// A further secret of a client.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("clients/secrets"), id("id"), scope("client_keys"))]
pub struct ClientSecret {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// The client it belongs to.
    #[field(write(Never), max(255), hidden, lookup)]
    pub client_id: String,
    /// What people call it.
    #[field(min(1), max(128))]
    pub name: String,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Option<Declared<String>>,
    /// From when on it is good.
    #[field(nullable_on_create, format(DateTime))]
    pub starts_at: Option<String>,
    /// Until when it is good.
    #[field(nullable_on_create, format(DateTime))]
    pub expires_at: Option<String>,
    /// The secret itself.
    #[field(write(Never), secret("read:client_keys"), hidden)]
    pub secret: Secret,
}
