//! The password of one identity: what it is known again by, and its forerunners.

pub mod custom_hash;

pub use custom_hash::CustomPasswordHash;

use schema::Resource;
use serde::Deserialize;

use crate::Secret;

/// The password of an identity.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("passwords"), id("identity"), scope("users"))]
pub struct Password {
    /// Whose it is: the provider, a bar, and the identifier there.
    #[field(write(Never), max(255))]
    pub identity: String,
    /// What it is known again by.
    #[field(write(Never), secret("read:users"), hidden)]
    pub hash: Option<Secret>,
    /// What it is known by once, if it came from elsewhere, as JSON; the first login puts a hash of ours in its place.
    #[field(write(Never), secret("read:users"), hidden)]
    pub imported: Option<Secret>,
    /// What its forerunners are known by, the latest first.
    #[field(write(Never), secret("read:users"), hidden)]
    pub history: Option<Vec<Secret>>,
    /// When it was chosen.
    #[field(write(Never))]
    pub changed_at: Option<String>,
}
