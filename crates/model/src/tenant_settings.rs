//! What holds for the tenant as a whole. Says what may be set; what follows from it is decided elsewhere.

mod flags;
mod locale;
mod pages;
mod security_headers;

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

use crate::{TokenQuota, client::SecurityMode, resource_server::AccessTokenSettings};

pub use flags::Flags;
pub use locale::{LOCALES, Locale};
pub use pages::{CustomPage, ErrorPage, PasswordlessLogin, UniversalLogin, UniversalLoginColors};
pub use security_headers::{
    ContentSecurityPolicy, CspFlag, CspMode, CspPolicy, CspReporting, ReportEndpoint, ReportTo,
    ReportingInfrastructure, SecurityHeaders, XssMode, XssProtection,
};

/// What holds for the tenant as a whole.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("tenants/settings"), id("id"), scope("tenant_settings"))]
pub struct TenantSettings {
    /// Identifier of the one document that holds them.
    #[field(write(Never), hidden)]
    pub id: Option<Declared<String>>,
    /// Whether it was given its first connection, which may be gone since.
    #[field(write(Never), hidden)]
    #[serde(default)]
    pub has_had_a_connection: bool,
    /// The API that tokens are for when a request names none.
    pub default_audience: Option<String>,
    /// The connection that passwords are checked with when a request names none.
    pub default_directory: Option<String>,
    /// What people call the tenant.
    pub friendly_name: Option<String>,
    /// Where its logo is found, or nothing.
    #[field(format(AbsoluteUriOrEmpty))]
    pub picture_url: Option<String>,
    /// Whom people may write to for help, or nothing.
    #[field(format(EmailOrEmpty))]
    pub support_email: Option<String>,
    /// Where people find help, or nothing.
    #[field(format(AbsoluteUriOrEmpty))]
    pub support_url: Option<String>,
    /// How many tokens may be issued where nothing else is said.
    #[field(nullable)]
    pub default_token_quota: Option<DefaultTokenQuota>,
    /// Whether requests may name an organization by name.
    #[field(nullable)]
    pub allow_organization_name_in_authentication_api: Option<bool>,
    /// What the resource parameter means (RFC 8707).
    pub resource_parameter_profile: Option<ResourceParameterProfile>,
    /// Whether a client may be known by its metadata document.
    pub client_id_metadata_document_supported: Option<Declared<bool>>,
    /// Whether such a client is registered when it first comes.
    pub client_id_metadata_document_dynamic_registration_supported: Option<Declared<bool>>,
    /// How strictly clients that register themselves are treated.
    pub dynamic_client_registration_security_mode: Option<Declared<SecurityMode>>,
    /// How certificates of clients are received.
    #[field(nullable)]
    pub mtls: Option<Mtls>,
    /// Whether authorization requests may be pushed first.
    #[field(nullable)]
    pub pushed_authorization_requests_supported: Option<bool>,
    /// Whether an authorization answer names its issuer (RFC 9207).
    #[field(nullable)]
    pub authorization_response_iss_parameter_supported: Option<Declared<bool>>,
    /// Strengths of login that may be asked for.
    #[field(nullable)]
    pub acr_values_supported: Option<Declared<Vec<String>>>,
    /// What else access tokens say.
    pub access_token: Option<Declared<AccessTokenSettings>>,
    /// Whether rotated refresh tokens stay bound to one key.
    pub dpop_strict_refresh_token_binding: Option<Declared<bool>>,
    /// Whether the log tells the metadata of sessions.
    pub include_session_metadata_in_tenant_logs: Option<Declared<bool>>,
    /// The runtime that scripts run in.
    #[field(min(1), max(8), default(|| json!("22")))]
    pub sandbox_version: Option<Declared<String>>,
    /// The runtime that older scripts run in.
    #[field(max(8))]
    pub legacy_sandbox_version: Option<Declared<String>>,
    /// The runtimes there are.
    #[field(write(Never), default(|| json!(["22", "18", "12"])))]
    pub sandbox_versions_available: Option<Declared<Vec<String>>>,
    /// Switches, each on or off.
    #[field(
        default(|| json!({
            "allow_changing_enable_sso": false,
            "disable_clickjack_protection_headers": false,
            "disable_impersonation": true,
            "enable_sso": true,
            "revoke_refresh_token_grant": false,
            "universal_login": true
        })),
        merge_keys
    )]
    pub flags: Option<Flags>,
    /// How logouts are announced.
    #[field(nullable)]
    pub oidc_logout: Option<TenantOidcLogout>,

    /// Hours that a session lives.
    #[field(min(1), default(|| json!(168)))]
    pub session_lifetime: Option<f64>,
    /// The same in minutes.
    #[field(min(1), hidden)]
    pub session_lifetime_in_minutes: Option<Declared<f64>>,
    /// Hours that a session lives without being used.
    #[field(min(1), default(|| json!(72)))]
    pub idle_session_lifetime: Option<f64>,
    /// The same in minutes.
    #[field(min(1), hidden)]
    pub idle_session_lifetime_in_minutes: Option<Declared<f64>>,
    /// Hours that a session lives which ends with the browser.
    #[field(min(1))]
    pub ephemeral_session_lifetime: Option<f64>,
    /// The same in minutes.
    #[field(min(1), hidden)]
    pub ephemeral_session_lifetime_in_minutes: Option<Declared<f64>>,
    /// Hours that such a session lives without being used.
    #[field(min(1))]
    pub idle_ephemeral_session_lifetime: Option<f64>,
    /// The same in minutes.
    #[field(min(1), hidden)]
    pub idle_ephemeral_session_lifetime_in_minutes: Option<Declared<f64>>,
    /// Whether the session cookie outlives the browser.
    #[field(nullable)]
    pub session_cookie: Option<SessionCookie>,
    /// How sessions begin and end.
    #[field(nullable)]
    pub sessions: Option<Sessions>,
    /// The languages of the pages, the preferred one first.
    #[field(min(1), default(|| json!(["en"])))]
    pub enabled_locales: Option<Vec<Locale>>,
    /// Where people may be sent after a logout.
    pub allowed_logout_urls: Option<Vec<String>>,
    /// Where people are sent who come from nowhere, or nothing.
    #[field(format(AbsoluteHttpsUriOrEmpty))]
    pub default_redirection_uri: Option<String>,
    /// The custom page for a new password.
    #[field(nullable, merge_keys)]
    pub change_password: Option<Declared<CustomPage>>,
    /// The custom page for a second factor.
    #[field(nullable, merge_keys)]
    pub guardian_mfa_page: Option<Declared<CustomPage>>,
    /// The custom page for errors.
    #[field(nullable)]
    pub error_page: Option<ErrorPage>,
    /// How the login pages look.
    #[field(merge_keys)]
    pub universal_login: Option<Declared<UniversalLogin>>,
    /// How a code for a device is written.
    #[field(nullable)]
    pub device_flow: Option<DeviceFlow>,
    /// Which countries' telephone numbers are offered.
    #[field(nullable)]
    pub country_codes: Option<Declared<CountryCodes>>,
    /// The security headers of the login pages.
    #[field(nullable)]
    pub security_headers: Option<Declared<SecurityHeaders>>,
    /// Whether actions may choose the second factor.
    pub customize_mfa_in_postlogin_action: Option<Declared<bool>>,
    /// Whether one provider sends every message to telephones.
    pub phone_consolidated_experience: Option<Declared<bool>>,
    /// Whether the dashboard offers its guide.
    pub enable_ai_guide: Option<Declared<bool>>,
    /// Whether people are not warned of callbacks that nobody can verify.
    #[field(nullable)]
    pub skip_non_verifiable_callback_uri_confirmation_prompt: Option<bool>,
}

/// How many tokens may be issued where nothing else is said.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct DefaultTokenQuota {
    /// To each client.
    pub clients: Option<TokenQuota>,
    /// In the name of each organization.
    pub organizations: Option<TokenQuota>,
}

/// What the resource parameter means (RFC 8707).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum ResourceParameterProfile {
    Audience,
    Compatibility,
}

/// How certificates of clients are received.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Mtls {
    /// Whether discovery names other addresses for them.
    pub enable_endpoint_aliases: Option<bool>,
}

/// How logouts are announced.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct TenantOidcLogout {
    /// Whether discovery names where a session is ended.
    pub rp_logout_end_session_endpoint_discovery: Option<bool>,
}

/// Whether the session cookie outlives the browser.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct SessionCookie {
    /// Whether it does.
    pub mode: SessionCookieMode,
}

/// Whether a cookie outlives the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum SessionCookieMode {
    Persistent,
    NonPersistent,
}

/// How sessions begin and end.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Sessions {
    /// Whether people are asked before a logout.
    pub oidc_logout_prompt_enabled: Option<bool>,
    /// Sessions of people without an account.
    pub anonymous: Option<AnonymousSession>,
}

/// Sessions of people without an account.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct AnonymousSession {
    /// Whether they have a cookie.
    pub activate_cookie: Option<bool>,
    /// Minutes that one lives.
    #[field(min(1))]
    pub lifetime_in_minutes: Option<i64>,
}

/// How a code for a device is written.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct DeviceFlow {
    /// The characters it is made of.
    pub charset: Option<DeviceFlowCharset>,
    /// How they are grouped: an asterisk for each.
    #[field(min(1), max(20))]
    pub mask: Option<String>,
}

/// The characters that a code for a device is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum DeviceFlowCharset {
    Base20,
    Digits,
}

/// Which countries' telephone numbers are offered.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct CountryCodes {
    /// The countries.
    #[field(each_min(2), each_max(2))]
    pub list: Option<Vec<String>>,
    /// Whether only these are offered, or all but these.
    pub mode: Option<CountryCodesMode>,
}

/// Whether a list lets in or keeps out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum CountryCodesMode {
    Allow,
    Deny,
}
