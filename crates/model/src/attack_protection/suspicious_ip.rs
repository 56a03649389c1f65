//! Guessing from one address at many accounts.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

/// What stops an address that tries many accounts.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("attack-protection/suspicious-ip-throttling"), id("id"), scope("attack_protection"))]
pub struct SuspiciousIpThrottling {
    /// Identifier of the one document.
    #[field(write(Never), hidden)]
    pub id: Option<Declared<String>>,
    /// Whether attempts are looked at.
    #[field(default(|| json!(true)))]
    pub enabled: bool,
    /// What is done when there were too many.
    #[field(max(2), unique_items, default(|| json!(["admin_notification", "block"])))]
    pub shields: Vec<SuspiciousIpShield>,
    /// Addresses and networks whose attempts are not counted.
    #[field(max(100), each_max(64), format(IpOrCidr), default(|| json!([])))]
    pub allowlist: Vec<String>,
    /// The limits of each kind of attempt.
    #[field(default(|| json!({
        "pre-login": { "max_attempts": 100, "rate": 864_000 },
        "pre-user-registration": { "max_attempts": 50, "rate": 1_200 },
        "pre-custom-token-exchange": { "max_attempts": 10, "rate": 600_000 },
    })))]
    pub stage: SuspiciousIpStages,
}

/// What is done with an address that tried too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum SuspiciousIpShield {
    AdminNotification,
    Block,
}

/// The limits of each kind of attempt.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct SuspiciousIpStages {
    /// Failed logins.
    #[serde(rename = "pre-login")]
    pub pre_login: Option<PreLogin>,
    /// Signups.
    #[serde(rename = "pre-user-registration")]
    pub pre_user_registration: Option<PreUserRegistration>,
    /// Exchanges of tokens of strangers.
    #[serde(rename = "pre-custom-token-exchange")]
    pub pre_custom_token_exchange: Option<Declared<PreCustomTokenExchange>>,
}

/// How often a login may fail.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
pub struct PreLogin {
    /// How many failures there may be at once.
    #[field(min(1), max(2_500))]
    pub max_attempts: Option<u32>,
    /// Milliseconds until one more is allowed.
    #[field(min(34_560), max(86_400_000))]
    pub rate: Option<u32>,
}

/// How often people may sign up.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
pub struct PreUserRegistration {
    /// How many signups there may be at once.
    #[field(min(1), max(72_000))]
    pub max_attempts: Option<u32>,
    /// Milliseconds until one more is allowed.
    #[field(min(1_200), max(86_400_000))]
    pub rate: Option<u32>,
}

/// How often strangers' tokens may be refused.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
pub struct PreCustomTokenExchange {
    /// How many refusals there may be at once.
    #[field(min(1), max(72_000))]
    pub max_attempts: Option<u32>,
    /// Milliseconds until one more is allowed.
    #[field(min(1), max(86_400_000))]
    pub rate: Option<u32>,
}
