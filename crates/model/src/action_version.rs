//! What an action was each time it was deployed. A version never changes, except for whether it is the one that runs.

use schema::{Declared, Resource};
use serde::Deserialize;

use crate::{
    ActionSecret, SupportedTrigger,
    action::{Dependency, ModuleReference},
};

/// An action as it was deployed once.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("actions/versions"), id("id"), scope("actions"))]
pub struct ActionVersion {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// The action.
    #[field(write(Never), hidden, max(64), lookup)]
    pub action_id: String,
    /// The code.
    #[field(write(Never))]
    pub code: String,
    /// The packages that the code asks for.
    #[field(write(Never))]
    pub dependencies: Option<Declared<Vec<Dependency>>>,
    /// Whether it is the one that runs.
    #[field(write(Never))]
    pub deployed: bool,
    /// Which one it is, counted from one.
    #[field(write(Never))]
    pub number: u32,
    /// When it was built.
    #[field(write(Never))]
    pub built_at: Option<Declared<String>>,
    /// The secrets that its code is given.
    #[field(write(Never))]
    pub secrets: Vec<ActionSecret>,
    /// The modules that it uses.
    #[field(write(Never))]
    pub modules: Option<Vec<ModuleReference>>,
    /// How far its build is.
    #[field(write(Never))]
    pub status: Option<Declared<String>>,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Declared<String>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Declared<String>,
    /// The runtime that it asks for.
    #[field(write(Never))]
    pub runtime: Option<Declared<String>>,
    /// The trigger that it is for.
    #[field(write(Never))]
    pub supported_triggers: Vec<SupportedTrigger>,
}
