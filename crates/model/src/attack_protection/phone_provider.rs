//! How often a message to a telephone is tried again.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

/// What keeps messages to telephones from becoming dear.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("attack-protection/phone-provider-protection"), id("id"), scope("attack_protection"))]
pub struct PhoneProviderProtection {
    /// Identifier of the one document.
    #[field(write(Never), hidden)]
    pub id: Option<Declared<String>>,
    /// How the time between two messages grows.
    #[serde(rename = "type")]
    #[field(default(|| json!("default")))]
    pub backoff: Option<Declared<Backoff>>,
}

/// How a time grows.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum Backoff {
    Default,
    Exponential,
}
