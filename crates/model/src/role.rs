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
    #[field(write(OnCreate), min(1), max(64), lookup)]
    pub owner_id: Option<String>,
}

/// Whose a role is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum RoleType {
    Tenant,
    Organization,
}

/// Who is to have a role.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct RoleUsers {
    /// Identifiers of users.
    #[field(min(1), max(500), each_min(1), each_max(255))]
    pub users: Vec<String>,
}

/// Which roles somebody is to have, or to have no longer.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct UserRoles {
    /// Identifiers of roles.
    #[field(min(1), max(50), each_min(1), each_max(64))]
    pub roles: Vec<String>,
}

/// What a role or a person is to be permitted, or no longer.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Permissions {
    /// The permissions.
    #[field(min(1), max(1_000))]
    pub permissions: Vec<Permission>,
}

/// Something that may be done with an API.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Shaped)]
pub struct Permission {
    /// The API's identifier.
    #[field(min(1), max(600))]
    pub resource_server_identifier: String,
    /// One of its scopes.
    #[field(min(1), max(280))]
    pub permission_name: String,
}
