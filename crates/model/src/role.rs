//! A role: what people who have it may do with APIs. Who has it, and what it permits, are ties beside it.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

/// What people who have it may do with APIs.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("roles"), id("id"), scope("roles"))]
pub struct Role {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// What it is called.
    #[field(min(1), max(255), unique)]
    pub name: String,
    /// What it is for.
    #[field(max(255))]
    pub description: Option<String>,
    /// Whose it is: the tenant's, or an organization's.
    #[serde(rename = "type")]
    #[field(write(OnCreate), default(|| json!("tenant")))]
    pub kind: Declared<RoleType>,
    /// The organization that it belongs to.
    #[field(write(OnCreate), min(1), max(64))]
    pub owner_id: Option<String>,
}

/// Whose a role is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum RoleType {
    Tenant,
    Organization,
}
