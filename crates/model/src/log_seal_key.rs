//! What a tenant's log is sealed with.

use schema::Resource;
use serde::Deserialize;

use crate::Secret;

/// A key that log events are sealed with.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("keys/log-seals"), id("id"), scope("signing_keys"))]
pub struct LogSealKey {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// The key, in base64url.
    #[field(write(Never), secret("update:signing_keys"), hidden)]
    pub key: Secret,
}
