//! An application that asks for tokens. Says what a client is made of; what it may do is decided elsewhere.

mod addons;
mod authentication;
mod grants;
mod keys;
mod login;
mod organization;
mod partner;

use std::collections::BTreeMap;

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;
use serde_json::Value;

use crate::{OrganizationUsage, Secret, TokenQuota};

pub use addons::Addons;
pub use authentication::{
    AssociatedCredential, AssociatedCredentials, ClientAuthenticationMethods, ComplianceLevel,
    CredentialAlgorithm, CredentialType, PrivilegedAccess, PrivilegedAccessGrant, SignedRequestObject,
    TokenEndpointAuthMethod,
};
pub use grants::{GrantType, IdentityAssertionGrant, TokenExchange, TokenExchangeType};
pub use keys::{ClientEncryptionKey, ClientSigningKey, IdTokenAlgorithm, JwtConfiguration};
pub use login::{
    AnonymousSessions, BackchannelLogoutInitiators, BackchannelLogoutMetadata, DeviceBinding, FedcmLogin,
    FedcmProvider, Initiator, InitiatorMode, Mobile, MobileAndroid, MobileIos, NativeSocialLogin,
    NativeSocialProvider, OidcLogout, OidcSupport, ProfileScope, RefreshToken, RefreshTokenExpiration,
    RefreshTokenPolicy, RefreshTokenRotation, SessionTransfer, SessionTransferDelegation,
    SessionTransferMethod,
};
pub use organization::{
    DefaultOrganization, DefaultOrganizationFlow, OrganizationDiscoveryMethod, OrganizationRequireBehavior,
};
pub use partner::{
    Access, B2bIntegration, ConnectionDeletion, ExpressConfiguration, IntegrationType, LinkedClient,
    MyOrganization, Strategy, ThirdPartyClientAccess,
};

/// An application that asks for tokens.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("clients"), id("client_id"), scope("clients"))]
pub struct Client {
    /// Name of the tenant it belongs to.
    #[field(write(Never))]
    pub tenant: Option<Declared<String>>,
    /// Whether it stands for the tenant as a whole.
    #[field(write(Never), default(|| json!(false)), lookup)]
    pub global: Option<Declared<bool>>,
    /// Whether the token endpoint believes the forwarded address it sends.
    #[field(default(|| json!(false)))]
    pub is_token_endpoint_ip_header_trusted: Option<bool>,
    /// What it is for, in a few words.
    #[field(max(140))]
    pub description: Option<Declared<String>>,
    /// What people call it; angle brackets are not allowed.
    #[field(min(1), max(1024), format(NoAngleBrackets))]
    pub name: String,
    /// Where its logo is found, or nothing.
    #[field(format(AbsoluteUriOrEmpty))]
    pub logo_uri: Option<Declared<String>>,
    /// Whether the tenant's owner also owns it.
    #[field(default(|| json!(true)), lookup)]
    pub is_first_party: bool,
    /// Whether it may no longer join single sign-on.
    #[field(default(|| json!(false)))]
    pub sso_disabled: Option<Declared<bool>>,
    /// Older name of cross_origin_authentication.
    #[field(write(Never), default(|| json!(false)))]
    pub cross_origin_auth: Option<Declared<bool>>,
    /// Whether pages of other origins may log in with credentials.
    #[field(default(|| json!(false)))]
    pub cross_origin_authentication: Option<bool>,
    /// Whether it keeps strictly to OpenID Connect.
    #[field(default(|| json!(false)))]
    pub oidc_conformant: Option<bool>,
    /// How its refresh tokens live and end.
    #[field(nullable, merge_keys)]
    pub refresh_token: Option<Box<RefreshToken>>,
    /// Whether its key material was sealed when it was made.
    #[field(write(Never))]
    pub encrypted: Option<Declared<bool>>,
    /// Keys and certificates that sign for it.
    #[field(write(Never), shown_to(&["read:client_keys", "read:client_credentials"]))]
    pub signing_keys: Option<Declared<Vec<ClientSigningKey>>>,
    /// Its identifier.
    #[field(write(Never))]
    pub client_id: String,
    /// Whether its callbacks are templates.
    #[field(write(Never), default(|| json!(false)))]
    pub callback_url_template: Option<Declared<bool>>,
    /// The secret it proves itself with.
    #[field(min(1), secret("read:client_keys"))]
    pub client_secret: Option<Secret>,
    /// When that secret was made.
    #[field(write(Never), hidden)]
    pub client_secret_created_at: Option<Declared<String>>,
    /// How its ID tokens are made.
    #[field(default(|| json!({ "lifetime_in_seconds": 36000, "secret_encoded": false })), merge_keys)]
    pub jwt_configuration: Option<Box<JwtConfiguration>>,
    /// What kind of application it is.
    #[field(lookup)]
    pub app_type: Option<Declared<AppType>>,
    /// The grants it may use.
    pub grant_types: Option<Vec<GrantType>>,
    /// How it proves itself at the token endpoint.
    #[field(nullable)]
    pub token_endpoint_auth_method: Option<TokenEndpointAuthMethod>,
    /// Proofs by key or certificate that take the place of a secret.
    #[field(nullable, min(1), max(1), shown_to(&["read:client_keys", "read:client_credentials"]))]
    pub client_authentication_methods: Option<Box<ClientAuthenticationMethods>>,
    /// Free notes about it, as keys and texts.
    #[field(merge_keys, max(10), key_max(255), each_max(255))]
    pub client_metadata: Option<BTreeMap<String, String>>,
    /// The organization it stands for when a request names none.
    #[field(nullable)]
    pub default_organization: Option<Box<DefaultOrganization>>,
    /// Whether its tokens may or must name an organization.
    #[field(nullable)]
    pub organization_usage: Option<OrganizationUsage>,
    /// When a person is asked which organization to log in to.
    #[field(nullable)]
    pub organization_require_behavior: Option<Declared<OrganizationRequireBehavior>>,
    /// How a person's organization is found.
    #[field(nullable, min(1))]
    pub organization_discovery_methods: Option<Declared<Vec<OrganizationDiscoveryMethod>>>,
    /// How many tokens it may be issued.
    #[field(nullable)]
    pub token_quota: Option<Box<TokenQuota>>,
    /// How strictly it is treated as a stranger's application.
    pub third_party_security_mode: Option<SecurityMode>,

    /// Where it may be sent back to after a login.
    pub callbacks: Option<Vec<String>>,
    /// Origins its scripts may call from.
    pub allowed_origins: Option<Vec<String>>,
    /// Origins its pages are served from.
    pub web_origins: Option<Vec<String>>,
    /// Where it may be sent back to after a logout.
    pub allowed_logout_urls: Option<Vec<String>>,
    /// Where a login is begun on its side: an https address, which may hold placeholders, or nothing.
    #[field(format(AbsoluteHttpsUriOrEmpty))]
    pub initiate_login_uri: Option<String>,
    /// Other names it is known by; no two clients share one.
    #[field(each_min(1), each_max(255), unique)]
    pub client_aliases: Option<Declared<Vec<String>>>,
    /// Clients that may act for it; an empty list is everyone.
    pub allowed_clients: Option<Declared<Vec<String>>>,
    /// Its own key, to which tokens are encrypted.
    #[field(nullable, shown_to(&["read:client_keys", "read:client_credentials"]))]
    pub encryption_key: Option<Declared<ClientEncryptionKey>>,
    /// Whether single sign-on skips the question of consent.
    pub sso: Option<Declared<bool>>,
    /// Where logins across origins fall back to when cookies fail.
    #[field(nullable, format(AbsoluteUriOrEmpty))]
    pub cross_origin_loc: Option<Declared<String>>,
    /// Whether the custom login page is used.
    #[field(default(|| json!(true)))]
    pub custom_login_page_on: Option<Declared<bool>>,
    /// The custom login page.
    pub custom_login_page: Option<Declared<String>>,
    /// A draft of the custom login page.
    #[field(min(1))]
    pub custom_login_page_preview: Option<Declared<String>>,
    /// The form that posts a WS-Federation answer.
    #[field(min(1))]
    pub form_template: Option<Declared<String>>,
    /// Whether the login page is off, in the older setting.
    #[field(write(Never))]
    pub custom_login_page_off: Option<Declared<bool>>,
    /// The login page as the older editor shows it.
    #[field(write(Never))]
    pub custom_login_page_codeview: Option<Declared<String>>,
    /// Settings of ready-made integrations.
    pub addons: Option<Declared<Addons>>,
    /// The mobile applications it is.
    pub mobile: Option<Declared<Mobile>>,
    /// Social logins that a native application makes itself.
    #[field(nullable, min(1))]
    pub native_social_login: Option<Declared<NativeSocialLogin>>,
    /// Logins that the browser mediates.
    #[field(nullable)]
    pub fedcm_login: Option<Declared<FedcmLogin>>,
    /// Whether authorization requests must be pushed first.
    pub require_pushed_authorization_requests: Option<bool>,
    /// Whether its tokens must be bound to a key.
    pub require_proof_of_possession: Option<bool>,
    /// Whether and with which keys its authorization requests are signed.
    #[field(nullable)]
    pub signed_request_object: Option<Box<SignedRequestObject>>,
    /// Its rights in the token vault beyond those of a user's session.
    #[field(nullable)]
    pub token_vault_privileged_access: Option<Declared<PrivilegedAccess>>,
    /// The security profile it is held to.
    #[field(nullable)]
    pub compliance_level: Option<ComplianceLevel>,
    /// Whether people are not warned of callbacks that nobody can verify.
    #[field(nullable)]
    pub skip_non_verifiable_callback_uri_confirmation_prompt: Option<bool>,
    /// Which token exchanges it may ask for.
    #[field(nullable)]
    pub token_exchange: Option<Declared<TokenExchange>>,
    /// How many seconds a pushed authorization request is kept.
    #[field(nullable, min(10), max(600))]
    pub par_request_expiry: Option<i64>,
    /// How a session passes from a native application to a browser.
    #[field(nullable, merge_keys)]
    pub session_transfer: Option<Declared<SessionTransfer>>,
    /// Where and when it is told that somebody logged out.
    #[field(nullable)]
    pub oidc_logout: Option<Box<OidcLogout>>,
    /// Older name of oidc_logout.
    #[field(nullable)]
    pub oidc_backchannel_logout: Option<Box<OidcLogout>>,
    /// Which profile scopes it may ask for.
    pub oidc_support: Option<Declared<OidcSupport>>,
    /// Whether it may hold sessions of people without an account.
    pub anonymous_sessions: Option<Declared<AnonymousSessions>>,
    /// What binds an anonymous session to a network when it is transferred.
    pub enforce_anon_session_transfer_network_binding: Option<Declared<DeviceBinding>>,
    /// The API that it is.
    #[field(write(OnCreate), min(1), max(600))]
    pub resource_server_identifier: Option<String>,
    /// How careful redirects to it are.
    pub redirection_policy: Option<RedirectionPolicy>,
    /// Its express configuration in an integration network.
    #[field(nullable)]
    pub express_configuration: Option<Declared<ExpressConfiguration>>,
    /// What members may configure in their organization through it.
    #[field(nullable)]
    pub my_organization_configuration: Option<Declared<MyOrganization>>,
    /// How it is integrated with other businesses.
    #[field(nullable_on_create)]
    pub b2b_integration_configuration: Option<Declared<B2bIntegration>>,
    /// How people are asked to approve what it does.
    #[field(nullable, min(1))]
    pub async_approval_notification_channels: Option<Declared<Vec<NotificationChannel>>>,
    /// Whether it may exchange an identity assertion for a token.
    pub identity_assertion_authorization_grant: Option<Declared<IdentityAssertionGrant>>,
    /// The agent it acts as.
    #[field(nullable, max(100), lookup)]
    pub agent_id: Option<Declared<String>>,
    /// The address of the metadata document it comes from.
    #[field(write(Never), max(120), lookup)]
    pub external_client_id: Option<Declared<String>>,
    /// What kind of metadata made it.
    #[field(write(Never))]
    pub external_metadata_type: Option<Declared<String>>,
    /// Who let its metadata in.
    #[field(write(Never))]
    pub external_metadata_created_by: Option<Declared<String>>,
    /// Whether its metadata can be fetched.
    #[field(write(Never))]
    pub external_metadata_status: Option<Declared<String>>,
    /// Where its keys are published.
    #[field(write(Never))]
    pub jwks_uri: Option<Declared<String>>,
    /// People who own it.
    #[field(write(Never))]
    pub owners: Option<Declared<Vec<String>>>,
    /// Where it was configured.
    #[field(write(Never))]
    pub config_route: Option<Declared<String>>,
    /// The kind of API it once called.
    #[field(write(Never))]
    pub api_type: Option<Declared<String>>,
    /// The APIs it once called.
    #[field(write(Never))]
    pub resource_servers: Option<Declared<Value>>,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Option<Declared<String>>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Option<Declared<String>>,
}

/// What kind of application a client is; the later ones are ready-made integrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum AppType {
    Native,
    Spa,
    RegularWeb,
    NonInteractive,
    ResourceServer,
    ExpressConfiguration,
    Rms,
    Box,
    Cloudbees,
    Concur,
    Dropbox,
    Mscrm,
    Echosign,
    Egnyte,
    Newrelic,
    Office365,
    Salesforce,
    Sentry,
    Sharepoint,
    Slack,
    Springcm,
    Zendesk,
    Zoom,
    SsoIntegration,
    Oag,
}

/// How strictly a stranger's application is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum SecurityMode {
    Strict,
    Permissive,
}

/// How careful redirects to a client are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum RedirectionPolicy {
    AllowAlways,
    OpenRedirectProtection,
}

/// A way to ask a person to approve something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum NotificationChannel {
    GuardianPush,
    Email,
    MyAccount,
}
