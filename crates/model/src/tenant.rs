//! A tenant as the server knows it: its name, its addresses, its purpose. It is no resource of the Management API.

use schema::{Field, Shape, Shaped};
use serde::{Deserialize, Serialize};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct TenantRecord {
    /// Its name, which never changes.
    #[field(min(3), max(63), format(HostLabel))]
    pub name: String,
    /// The hosts that reach it; the first is its canonical one.
    #[field(default(|| json!([])), each_min(1), each_max(255), unique_items)]
    #[serde(default)]
    pub domains: Vec<String>,
    /// What it is for.
    #[field(default(|| json!("development")))]
    #[serde(default)]
    pub environment: Environment,
    /// When it was made.
    #[field(format(DateTime))]
    pub created_at: String,
}

impl TenantRecord {
    /// What `schema::check` holds a record against.
    pub const FIELDS: &[Field] = {
        let Shape::Object(fields) = Self::SHAPE else { panic!("a record is a struct") };
        fields
    };
}

/// What a tenant is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum Environment {
    #[default]
    Development,
    Staging,
    Production,
}
