//! A business customer of the tenant, in whose name people and clients act.

use std::collections::BTreeMap;

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

use crate::{TokenQuota, client::Access};

/// A business customer, in whose name people and clients act.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("organizations"), id("id"), scope("organizations"))]
pub struct Organization {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// Its name in addresses and tokens.
    #[field(min(1), max(50), format(Slug), unique)]
    pub name: String,
    /// What people call it.
    #[field(min(1), max(255))]
    pub display_name: Option<String>,
    /// How its pages look.
    pub branding: Option<Declared<Branding>>,
    /// Free notes about it, as keys and texts.
    #[field(merge_keys, max(25), key_max(255), each_max(255))]
    pub metadata: Option<BTreeMap<String, String>>,
    /// How many tokens may be issued in its name.
    #[field(nullable)]
    pub token_quota: Option<TokenQuota>,
    /// Whether strangers' applications may act in its name.
    #[field(default(|| json!("block")))]
    pub third_party_client_access: Option<Declared<Access>>,
    /// Whether only entitled applications may act in its name.
    #[field(default(|| json!(false)))]
    pub is_app_entitlement_active: Option<Declared<bool>>,
    /// Connections its members may log in with from the start.
    #[field(write(OnCreate))]
    pub enabled_connections: Option<Declared<Vec<EnabledConnection>>>,
    /// How the client that asked is tied to it.
    #[field(write(Never))]
    pub client: Option<Declared<ClientAssociation>>,
}

/// Whether tokens may or must name an organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum OrganizationUsage {
    Deny,
    Allow,
    Require,
}

/// How an organization's pages look.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Branding {
    /// Where its logo is found.
    #[field(format(AbsoluteUriOrEmpty))]
    pub logo_url: Option<String>,
    /// Its colours.
    pub colors: Option<BrandingColors>,
}

/// An organization's colours.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct BrandingColors {
    /// Of buttons and links.
    pub primary: String,
    /// Behind the page.
    pub page_background: String,
}

/// A connection that an organization's members may log in with.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct EnabledConnection {
    /// Its identifier.
    pub connection_id: String,
    /// Whether whoever logs in becomes a member.
    pub assign_membership_on_login: Option<bool>,
    /// Whether people may sign up.
    pub is_signup_enabled: Option<bool>,
    /// Whether the login page shows a button for it.
    pub show_as_button: Option<bool>,
}

/// How a client is tied to an organization.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ClientAssociation {
    /// Whether members reach it through the organization.
    pub use_for_member_access: Option<bool>,
}
