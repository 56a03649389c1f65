//! Guessing at one account.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

/// What stops whoever guesses at the password of one account.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("attack-protection/brute-force-protection"), id("id"), scope("attack_protection"))]
pub struct BruteForceProtection {
    /// Identifier of the one document.
    #[field(write(Never), hidden)]
    pub id: Option<Declared<String>>,
    /// Whether failures are looked at.
    #[field(default(|| json!(true)))]
    pub enabled: bool,
    /// What is done when there were too many.
    #[field(max(2), unique_items, default(|| json!(["block", "user_notification"])))]
    pub shields: Vec<BruteForceShield>,
    /// Whether failures from all addresses are counted as one.
    #[field(default(|| json!("count_per_identifier_and_ip")))]
    pub mode: BruteForceMode,
    /// Addresses and networks whose failures are not counted.
    #[field(max(100), each_max(64), format(IpOrCidr), default(|| json!([])))]
    pub allowlist: Vec<String>,
    /// How many failures there may be.
    #[field(min(1), max(100), default(|| json!(10)))]
    pub max_attempts: u32,
    /// Whether the page of a link that unblocks submits itself.
    pub form_submission_mode: Option<Declared<FormSubmissionMode>>,
}

/// What is done when there were too many failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum BruteForceShield {
    Block,
    UserNotification,
}

/// Whose failures are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum BruteForceMode {
    CountPerIdentifierAndIp,
    CountPerIdentifier,
}

/// Whether a page submits itself.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum FormSubmissionMode {
    Auto,
    Manual,
}
