//! Which API a client may have tokens for, and with which permissions.

use schema::{Declared, Key, Resource, Shaped};
use serde::Deserialize;

use crate::OrganizationUsage;

/// What a client may do with an API.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("client-grants"), id("id"), scope("client_grants"))]
pub struct ClientGrant {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// The client.
    #[field(write(OnCreate), min(1), max(255), lookup)]
    pub client_id: Option<String>,
    /// The API.
    #[field(write(OnCreate), min(1), max(600), lookup)]
    pub audience: String,
    /// The permissions.
    #[field(each_min(1), each_max(280), format(Scope))]
    pub scope: Option<Vec<String>>,
    /// Whether tokens may or must name an organization.
    #[field(nullable)]
    pub organization_usage: Option<OrganizationUsage>,
    /// Whether any organization may be named, without being listed.
    #[field(nullable, lookup)]
    pub allow_any_organization: Option<bool>,
    /// In whose name the client asks.
    #[field(write(OnCreate), default(|| json!("client")), lookup)]
    pub subject_type: SubjectType,
    /// The clients it holds for when it names none.
    #[field(write(OnCreate), lookup)]
    pub default_for: Option<DefaultFor>,
    /// The kinds of authorization detail that may be asked for (RFC 9396).
    #[field(each_max(255))]
    pub authorization_details_types: Option<Declared<Vec<String>>>,
    /// Whether every permission of the API is meant, now and later.
    pub allow_all_scopes: Option<bool>,
    /// Whether the tenant came with it.
    #[field(write(Never))]
    pub is_system: Option<Declared<bool>>,
}

impl ClientGrant {
    /// What no two grants share: client, API and subject type.
    pub fn uniqueness(&self) -> Vec<Key> {
        let whose = self.client_id.as_deref().unwrap_or("third_party_clients");
        let value = format!("{whose} {:?} {}", self.subject_type, self.audience);
        vec![Key::unique("client_and_audience", value)]
    }
}

/// In whose name a client asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    Client,
    User,
    AnonymousUser,
}

/// The clients a grant holds for when it names none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum DefaultFor {
    ThirdPartyClients,
}
