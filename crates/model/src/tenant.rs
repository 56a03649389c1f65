//! A tenant as the server knows it: its name, its addresses, its purpose. It is no resource of the Management API.

use schema::Shaped;
use serde::{Deserialize, Serialize};

/// A tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Shaped)]
pub struct TenantRecord {
    /// Its name, which never changes.
    #[field(min(3), max(63), format(Slug))]
    pub name: String,
    /// The hosts that reach it; the first is its canonical one.
    #[field(min(1), each_min(1), each_max(255), unique_items)]
    pub domains: Vec<String>,
    /// What it is for.
    #[field(default(|| json!("development")))]
    #[serde(default)]
    pub environment: Environment,
    /// When it was made.
    #[field(format(DateTime))]
    pub created_at: String,
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
