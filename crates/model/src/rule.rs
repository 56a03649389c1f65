//! What customers' code at a login was called before there were actions: functions that run one after the other, and the
//! settings that all of them share.

use schema::Resource;
use serde::Deserialize;

use crate::Secret;

/// Code that runs after somebody has logged in, before anything is issued.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("rules"), id("id"), scope("rules"))]
pub struct Rule {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// Whether it runs.
    #[field(default(|| json!(true)), lookup)]
    pub enabled: bool,
    /// The function.
    #[field(min(1), max(102_400))]
    pub script: String,
    /// What people call it: letters, digits, blanks and hyphens, the ends letters or digits.
    #[field(min(1), max(255), format(HookName), unique)]
    pub name: String,
    /// Its place among the others, which no two share; behind them where nothing is said.
    #[field(min(0), max(2_147_483_647), unique)]
    pub order: Option<i64>,
    /// The moment at which it runs.
    #[field(write(Never), default(|| json!("login_success")))]
    pub stage: String,
}

/// A setting that every rule finds by its key; its value is not shown again.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("rules-configs"), id("key"), scope("rules_configs"))]
pub struct RulesConfig {
    /// What rules find it by.
    #[field(write(Never))]
    pub key: String,
    /// What it says.
    #[field(max(4_096), secret("update:rules_configs"), hidden)]
    pub value: Secret,
}
