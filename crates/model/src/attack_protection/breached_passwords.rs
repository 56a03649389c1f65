//! Passwords that are known to the world.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

/// What is done about passwords that were stolen elsewhere.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("attack-protection/breached-password-detection"), id("id"), scope("attack_protection"))]
pub struct BreachedPasswordDetection {
    /// Identifier of the one document.
    #[field(write(Never), hidden)]
    pub id: Option<Declared<String>>,
    /// Whether passwords are looked up.
    #[field(default(|| json!(false)))]
    pub enabled: bool,
    /// What is done when one is known.
    #[field(max(3), unique_items, default(|| json!([])))]
    pub shields: Vec<BreachShield>,
    /// When administrators hear of it.
    #[field(max(4), unique_items, default(|| json!([])))]
    pub admin_notification_frequency: Vec<Frequency>,
    /// Which collection they are looked up in.
    #[field(default(|| json!("standard")))]
    pub method: Option<Declared<BreachMethod>>,
    /// What is done at other moments than a login.
    #[field(default(|| json!({
        "pre-user-registration": { "shields": [] }, "pre-change-password": { "shields": [] },
    })))]
    pub stage: BreachStages,
}

/// What is done about a known password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum BreachShield {
    Block,
    UserNotification,
    AdminNotification,
}

/// When administrators hear of known passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    Immediately,
    Daily,
    Weekly,
    Monthly,
}

/// Which collection passwords are looked up in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum BreachMethod {
    Standard,
    Enhanced,
}

/// What is done at other moments than a login.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct BreachStages {
    /// When somebody signs up.
    #[serde(rename = "pre-user-registration")]
    pub pre_user_registration: Option<BreachStage>,
    /// When somebody chooses another password.
    #[serde(rename = "pre-change-password")]
    pub pre_change_password: Option<BreachStage>,
}

/// What is done at one such moment.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct BreachStage {
    /// What is done when the password is known.
    #[field(max(2), unique_items)]
    pub shields: Option<Vec<StageShield>>,
}

/// What is done about a known password at such a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum StageShield {
    Block,
    AdminNotification,
}
