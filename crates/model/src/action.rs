//! Code of the customer's own that runs at a trigger: the draft that is edited, and beside it the version that is
//! deployed.

use std::collections::BTreeSet;

use schema::{Declared, Key, Resource, Shaped};
use serde::Deserialize;

use crate::{ActionVersion, Secret};

/// What a customer's code may weigh, in bytes.
pub const MOST_CODE: usize = 100 * 1024;
/// How many secrets an action has at most.
pub const MOST_SECRETS: usize = 30;

/// Code that runs at a trigger.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("actions/actions"), id("id"), scope("actions"))]
pub struct Action {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// What people call it, and bindings too.
    #[field(min(1), max(255), unique)]
    pub name: String,
    /// The trigger that it is for.
    #[field(min(1), max(1))]
    pub supported_triggers: Vec<SupportedTrigger>,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: String,
    /// When the draft was last changed.
    #[field(write(Never))]
    pub updated_at: String,
    /// The code of the draft.
    #[field(max(102_400), default(|| json!("")))]
    pub code: String,
    /// The packages that the draft asks for.
    #[field(max(10), default(|| json!([])))]
    pub dependencies: Declared<Vec<Dependency>>,
    /// The runtime that the draft asks for.
    #[field(min(1), max(32))]
    pub runtime: Option<Declared<String>>,
    /// How far the draft's build is.
    #[field(write(Never))]
    pub status: Option<Declared<String>>,
    /// The secrets of the draft.
    #[field(max(MOST_SECRETS as i64), default(|| json!([])))]
    pub secrets: Vec<ActionSecret>,
    /// The modules that the draft uses.
    #[field(max(3))]
    pub modules: Option<Vec<ModuleReference>>,
    /// The version that runs where the action is bound.
    #[field(write(Never))]
    pub deployed_version: Option<ActionVersion>,
    /// Whether the draft is what is deployed.
    #[field(write(Never))]
    pub all_changes_deployed: Option<Declared<bool>>,
    /// Whether it is deployed as it is made.
    #[field(write(OnCreate), hidden)]
    pub deploy: Option<Declared<bool>>,
    /// How many versions it has had.
    #[field(write(Never), hidden)]
    pub last_number: Option<u32>,
    /// When name or triggers were last changed, which bindings and versions tell of it.
    #[field(write(Never), hidden)]
    pub touched_at: Option<Declared<String>>,
}

impl Action {
    /// The trigger that the draft is for.
    pub fn trigger(&self) -> &str {
        self.supported_triggers.first().map_or("", |trigger| trigger.id.as_str())
    }

    /// What lists are filtered by and no single field holds.
    pub fn listed_by(&self) -> Vec<Key> {
        let deployed = self.deployed_version.as_ref();
        let named = self.modules.iter().chain(deployed.and_then(|version| version.modules.as_ref()));
        let modules: BTreeSet<&str> = named.flatten().map(|module| module.module_id.as_str()).collect();
        let own = [
            Key::shared("trigger_id", self.trigger()),
            Key::shared("deployed", deployed.is_some().to_string()),
        ];
        own.into_iter().chain(modules.into_iter().map(|id| Key::shared("module_id", id))).collect()
    }
}

/// A trigger in one of its versions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Shaped)]
pub struct SupportedTrigger {
    /// The trigger.
    #[field(min(1), max(64))]
    pub id: String,
    /// The version of the trigger.
    #[field(min(1), max(16))]
    pub version: Option<String>,
}

/// A secret that the code is given.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ActionSecret {
    /// What the code calls it.
    #[field(min(1), max(128))]
    pub name: String,
    /// What it is, which no answer tells.
    #[field(max(4096), secret("update:actions"), hidden)]
    pub value: Option<Secret>,
    /// When it was last set.
    #[field(max(64))]
    pub updated_at: Option<Declared<String>>,
}

/// A package that the code asks for.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Dependency {
    /// The package.
    #[field(min(1), max(214))]
    pub name: Declared<String>,
    /// The version of the package.
    #[field(max(128))]
    pub version: Option<Declared<String>>,
    /// Where the package comes from.
    #[field(max(2048))]
    pub registry_url: Option<Declared<String>>,
}

/// A version of a module that an action uses.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ModuleReference {
    /// The module.
    #[field(min(1), max(64))]
    pub module_id: String,
    /// What the module was called when it was named here.
    #[field(max(255))]
    pub module_name: Option<String>,
    /// The version of the module.
    #[field(min(1), max(64))]
    pub module_version_id: String,
    /// The number of the version.
    pub module_version_number: Option<Declared<u32>>,
}
