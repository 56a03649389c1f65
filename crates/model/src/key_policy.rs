//! When a tenant's signing keys are rotated by themselves, and how long each is published before it signs.

use schema::Resource;
use serde::Deserialize;

/// The care of a tenant's signing keys.
#[derive(Debug, Clone, Default, Deserialize, Resource)]
#[resource(path("keys/policy"), id("id"), scope("signing_keys"))]
pub struct KeyPolicy {
    /// Its identifier, of which there is one.
    #[field(write(Never), hidden)]
    #[serde(default)]
    pub id: String,
    /// After how many days a key stops signing; without, keys are rotated by hand.
    #[field(min(1), max(365), nullable)]
    pub rotate_every_days: Option<i64>,
    /// For how many days a key is published before it signs.
    #[field(min(0), max(90))]
    #[serde(default)]
    pub announce_days: i64,
}
