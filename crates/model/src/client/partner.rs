//! How a client takes part in the configuration of other businesses and of organizations.

use schema::Shaped;
use serde::Deserialize;

/// A client's express configuration in an integration network.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ExpressConfiguration {
    /// Where a login begins; the organization's name stands in braces.
    #[field(min(1))]
    pub initiate_login_uri_template: String,
    /// The profile that maps a user's attributes.
    pub user_attribute_profile_id: String,
    /// The profile that new connections follow.
    pub connection_profile_id: String,
    /// Whether the client is enabled for a new connection.
    pub enable_client: bool,
    /// Whether the organization is enabled for a new connection.
    pub enable_organization: bool,
    /// Clients that are configured together with it.
    pub linked_clients: Option<Vec<LinkedClient>>,
    /// The network's own client.
    pub okta_oin_client_id: String,
    /// Where administrators log in.
    pub admin_login_domain: String,
    /// Identifier of the submission to the network.
    pub oin_submission_id: Option<String>,
}

/// A client that is configured together with another.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct LinkedClient {
    /// Its identifier.
    pub client_id: String,
}

/// What members may configure in their organization through a client.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct MyOrganization {
    /// Kinds of connection they may make.
    pub allowed_strategies: Vec<Strategy>,
    /// When they may delete a connection.
    pub connection_deletion_behavior: ConnectionDeletion,
    /// The profile that new connections follow.
    pub connection_profile_id: Option<String>,
    /// The profile that maps a user's attributes.
    pub user_attribute_profile_id: Option<String>,
    /// The client that invited people arrive at.
    pub invitation_landing_client_id: Option<String>,
    /// Whether they may only grant what they have.
    pub enforce_permission_ceiling: Option<bool>,
    /// Whether they may not assign roles to themselves.
    pub enforce_self_assignment_restriction: Option<bool>,
    /// What they may decide about strangers' applications.
    pub third_party_client_access: Option<ThirdPartyClientAccess>,
}

/// A kind of enterprise connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    Pingfederate,
    Adfs,
    Waad,
    GoogleApps,
    Okta,
    Oidc,
    Samlp,
}

/// When a connection may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionDeletion {
    Allow,
    AllowIfEmpty,
}

/// What members may decide about strangers' applications.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ThirdPartyClientAccess {
    /// What holds until they decide.
    pub default_value: Access,
    /// What they may choose.
    pub allowed_values: Vec<Access>,
}

/// Whether something is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    Allow,
    Block,
}

/// How a client is integrated with other businesses.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct B2bIntegration {
    /// What part it plays.
    pub integration_type: Option<IntegrationType>,
    /// Profiles of single sign-on that it follows.
    pub sso_profiles: Option<Vec<String>>,
}

/// The part a client plays in an integration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum IntegrationType {
    CustomAuthServer,
    ThirdParty,
    Application,
}
