//! Which organization a client stands for, and how a person's is found.

use schema::{Declared, Shaped};
use serde::Deserialize;

/// The organization a client stands for when a request names none.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct DefaultOrganization {
    /// Identifier of the organization.
    #[field(min(1))]
    pub organization_id: String,
    /// The grants this holds for.
    #[field(min(1))]
    pub flows: Declared<Vec<DefaultOrganizationFlow>>,
}

/// A grant that may have a default organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum DefaultOrganizationFlow {
    ClientCredentials,
}

/// When a person is asked which organization to log in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationRequireBehavior {
    NoPrompt,
    PreLoginPrompt,
    PostLoginPrompt,
}

/// How a person's organization is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationDiscoveryMethod {
    Email,
    OrganizationName,
}
