//! The tenant's switches, each on or off.

use schema::{Declared, Shaped};
use serde::Deserialize;

/// The tenant's switches.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
#[serde(default)]
pub struct Flags {
    /// Whether enable_sso may be changed.
    pub allow_changing_enable_sso: Option<Declared<bool>>,
    /// Whether the old delegation grants work.
    pub allow_legacy_delegation_grant_types: Option<Declared<bool>>,
    /// Whether the old password grants work.
    pub allow_legacy_ro_grant_types: Option<Declared<bool>>,
    /// Whether the old tokeninfo endpoint works.
    pub allow_legacy_tokeninfo_endpoint: Option<Declared<bool>>,
    /// Whether further old grants work.
    #[field(write(Never))]
    pub allow_other_legacy_grant_types: Option<Declared<bool>>,
    /// Whether enforce_client_authentication_on_passwordless_start is fixed.
    #[field(write(Never))]
    pub cannot_change_enforce_client_authentication_on_passwordless_start: Option<Declared<bool>>,
    /// Whether passwords are changed in the first way there was.
    pub change_pwd_flow_v1: Option<Declared<bool>>,
    /// Whether custom domains may be set up.
    pub custom_domains_provisioning: Option<Declared<bool>>,
    /// Whether the dashboard shows insights.
    pub dashboard_insights_view: Option<Declared<bool>>,
    /// Whether the dashboard shows its newer log streams.
    pub dashboard_log_streams_next: Option<Declared<bool>>,
    /// Whether the dashboard greets newcomers in its newer way.
    #[field(write(Never))]
    pub dashboard_new_onboarding: Option<Declared<bool>>,
    /// Whether pages may be framed by others.
    pub disable_clickjack_protection_headers: Option<Declared<bool>>,
    /// Whether fields of profiles are mapped as they once were.
    pub disable_fields_map_fix: Option<Declared<bool>>,
    /// Whether impersonation is off.
    pub disable_impersonation: Option<Declared<bool>>,
    /// Whether telephone numbers are shown in full.
    pub disable_management_api_sms_obfuscation: Option<Declared<bool>>,
    /// Whether addresses from ADFS and Azure AD are verified by mail.
    pub enable_adfs_waad_email_verification: Option<Declared<bool>>,
    /// Whether the dashboard shows APIs.
    pub enable_apis_section: Option<Declared<bool>>,
    /// Whether a new client may use every connection.
    pub enable_client_connections: Option<bool>,
    /// Whether mails use the custom domain.
    #[field(write(Never))]
    pub enable_custom_domain_in_emails: Option<Declared<bool>>,
    /// Whether clients may register themselves.
    pub enable_dynamic_client_registration: Option<Declared<bool>>,
    /// Whether ID tokens open the Management API.
    pub enable_idtoken_api2: Option<Declared<bool>>,
    /// Whether the second log search works.
    #[field(write(Never))]
    pub enable_legacy_logs_search_v2: Option<Declared<bool>>,
    /// Whether ID tokens carry the whole profile.
    pub enable_legacy_profile: Option<Declared<bool>>,
    /// Whether APIs may be authorized.
    pub enable_pipeline2: Option<Declared<bool>>,
    /// Whether a signup says that an account exists.
    pub enable_public_signup_user_exists_error: Option<bool>,
    /// Whether people log in once for all clients.
    pub enable_sso: Option<Declared<bool>>,
    /// Whether a client must prove itself to begin a login without password.
    pub enforce_client_authentication_on_passwordless_start: Option<Declared<bool>>,
    /// Whether a trial of features for agents is on.
    pub genai_trial: Option<Declared<bool>>,
    /// Whether older signup pages watch for bots.
    pub improved_signup_bot_detection_in_classic: Option<Declared<bool>>,
    /// Whether the address follows a new password in the redirect.
    #[field(write(Never))]
    pub include_email_in_reset_pwd_redirect: Option<Declared<bool>>,
    /// Whether the address follows a verification in the redirect.
    #[field(write(Never))]
    pub include_email_in_verify_email_redirect: Option<Declared<bool>>,
    /// Whether local resources are discovered.
    pub local_resource_discovery: Option<Declared<bool>>,
    /// Whether people choose their second factor from a list.
    pub mfa_show_factor_list_on_enrollment: Option<Declared<bool>>,
    /// Whether the newer login pages are used.
    #[field(write(Never))]
    pub new_universal_login_experience_enabled: Option<Declared<bool>>,
    /// Whether the names of enterprise connections are kept from login pages.
    pub no_disclose_enterprise_connections: Option<Declared<bool>>,
    /// Whether updated_at is written as it once was.
    #[field(write(Never))]
    pub non_oidc_conformant_updated_at: Option<Declared<bool>>,
    /// Whether published keys leave out their algorithm.
    pub remove_alg_from_jwks: Option<bool>,
    /// Whether authorization requests must be signed.
    #[field(write(Never))]
    pub require_signed_request_object: Option<Declared<bool>>,
    /// Whether revoking a refresh token ends the whole grant.
    pub revoke_refresh_token_grant: Option<bool>,
    /// Whether a connection says if addresses from Azure AD and ADFS are verified.
    pub trust_azure_adfs_email_verified_connection_property: Option<Declared<bool>>,
    /// Whether the login pages are hosted.
    #[field(write(Never))]
    pub universal_login: Option<Declared<bool>>,
    /// Whether the consent page shows descriptions of scopes.
    pub use_scope_descriptions_for_consent: Option<bool>,
}
