//! Which actions run at a trigger, in their order.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

use crate::ActionSecret;

/// The actions that are bound to one trigger.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("actions/triggers"), id("id"), scope("actions"))]
pub struct TriggerBindings {
    /// The trigger.
    #[field(write(Never))]
    pub id: String,
    /// What runs there, in this order.
    #[field(write(Never), max(20))]
    pub bindings: Vec<Binding>,
}

/// An action at its place in a trigger.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Binding {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// The action.
    #[field(write(Never))]
    pub action_id: String,
    /// What people call it at this place.
    #[field(write(Never))]
    pub display_name: String,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Declared<String>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Declared<String>,
    /// Secrets that stand before those of the action.
    #[field(write(Never), max(30))]
    pub secrets: Option<Vec<ActionSecret>>,
}
