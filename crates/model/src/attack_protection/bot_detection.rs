//! Whether whoever logs in is made to show that they are a person.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

/// When a login asks for a sign of life.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("attack-protection/bot-detection"), id("id"), scope("attack_protection"))]
pub struct BotDetection {
    /// Identifier of the one document.
    #[field(write(Never), hidden)]
    pub id: Option<Declared<String>>,
    /// When logins with a password ask.
    #[field(default(|| json!("never")))]
    pub challenge_password_policy: Option<Declared<ChallengePolicy>>,
    /// When logins without a password ask.
    #[field(default(|| json!("never")))]
    pub challenge_passwordless_policy: Option<Declared<ChallengePolicy>>,
    /// When the page for a new password asks.
    #[field(default(|| json!("never")))]
    pub challenge_password_reset_policy: Option<Declared<ChallengePolicy>>,
    /// Addresses and networks that are never asked.
    #[field(max(100), each_max(64), format(IpOrCidr), default(|| json!([])))]
    pub allowlist: Option<Declared<Vec<String>>>,
    /// How soon a visitor seems a machine.
    #[field(default(|| json!("medium")))]
    pub bot_detection_level: Option<Declared<BotDetectionLevel>>,
    /// Whether nobody is asked and only the log tells.
    #[field(default(|| json!(false)))]
    pub monitoring_mode_enabled: Option<Declared<bool>>,
}

/// When a sign of life is asked for.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum ChallengePolicy {
    Never,
    WhenRisky,
    Always,
}

/// How soon a visitor seems a machine.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum BotDetectionLevel {
    Low,
    Medium,
    High,
}
