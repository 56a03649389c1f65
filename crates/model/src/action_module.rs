//! Code that several actions share: the draft, and the versions that actions name.

use schema::{Declared, Resource};
use serde::Deserialize;

use crate::{ActionSecret, action::Dependency};

/// Code that several actions share.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("actions/modules"), id("id"), scope("actions"))]
pub struct ActionModule {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// What people call it, and actions too.
    #[field(write(OnCreate), min(1), max(255), unique)]
    pub name: String,
    /// The code of the draft.
    #[field(max(102_400))]
    pub code: String,
    /// The packages that the draft asks for.
    #[field(max(10), default(|| json!([])))]
    pub dependencies: Declared<Vec<Dependency>>,
    /// The secrets of the draft.
    #[field(max(30), default(|| json!([])))]
    pub secrets: Vec<ActionSecret>,
    /// The version of the interface it is written for.
    #[field(write(OnCreate), max(16), hidden)]
    pub api_version: Option<Declared<String>>,
    /// Whether it is published as it is made.
    #[field(write(OnCreate), hidden)]
    pub publish: Option<Declared<bool>>,
    /// Whether the draft is what was published last.
    #[field(write(Never))]
    pub all_changes_published: Option<Declared<bool>>,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: String,
    /// When the draft was last changed.
    #[field(write(Never))]
    pub updated_at: String,
    /// The version that was published last.
    #[field(write(Never))]
    pub latest_version: Option<ActionModuleVersion>,
}

/// A module as it was published once.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("actions/module-versions"), id("id"), scope("actions"))]
pub struct ActionModuleVersion {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// The module.
    #[field(write(Never), max(64), lookup)]
    pub module_id: String,
    /// Which one it is, counted from one.
    #[field(write(Never))]
    pub version_number: u32,
    /// The code.
    #[field(write(Never))]
    pub code: String,
    /// The secrets that the code is given.
    #[field(write(Never))]
    pub secrets: Vec<ActionSecret>,
    /// The packages that the code asks for.
    #[field(write(Never))]
    pub dependencies: Option<Declared<Vec<Dependency>>>,
    /// When it was published.
    #[field(write(Never))]
    pub created_at: Declared<String>,
}
