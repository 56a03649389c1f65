//! Which client grants an organization may be served with.

use schema::Resource;
use serde::Deserialize;

/// A client grant that may be used for an organization.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("organizations/client-grants"), id("id"), scope("organization_client_grants"))]
pub struct OrganizationClientGrant {
    /// Both identifiers, joined.
    #[field(write(Never), hidden)]
    pub id: String,
    /// The organization.
    #[field(write(Never), max(64), lookup)]
    pub organization_id: String,
    /// The client grant.
    #[field(write(OnCreate), min(1), max(64), lookup)]
    pub grant_id: String,
    /// The grant's client, by which the list is filtered.
    #[field(write(Never), max(255), lookup)]
    pub client_id: Option<String>,
    /// The grant's API, by which the list is filtered.
    #[field(write(Never), max(600), lookup)]
    pub audience: Option<String>,
}
