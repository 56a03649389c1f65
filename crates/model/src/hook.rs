//! What customers' code was called before there were actions: a function at a trigger, of which one is enabled.

use std::collections::BTreeMap;

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

use crate::Secret;

/// Code at a trigger, in the manner before actions.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("hooks"), id("id"), scope("hooks"))]
pub struct Hook {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// What people call it.
    #[field(min(1), max(128), format(HookName), unique)]
    pub name: String,
    /// The code.
    #[field(min(1), max(102_400))]
    pub script: String,
    /// The packages that the code asks for, with their versions.
    #[field(max(100), key_max(214), each_max(128), default(|| json!({})))]
    pub dependencies: Declared<BTreeMap<String, String>>,
    /// The trigger that it is for.
    #[field(write(OnCreate), lookup)]
    #[serde(rename = "triggerId")]
    pub trigger_id: HookTrigger,
    /// Whether it runs.
    #[field(default(|| json!(false)), lookup)]
    pub enabled: bool,
    /// The secrets that the code is given.
    #[field(write(Never), secret("update:hooks"), hidden, max(20), key_max(128), each_max(4096))]
    pub hook_secrets: Option<BTreeMap<String, Secret>>,
}

/// The triggers that hooks know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum HookTrigger {
    CredentialsExchange,
    PreUserRegistration,
    PostUserRegistration,
    PostChangePassword,
    SendPhoneMessage,
}
