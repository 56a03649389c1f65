//! The pages of the tenant's own making, and how the login pages look.

use schema::Shaped;
use serde::Deserialize;

/// A page of the tenant's own making.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct CustomPage {
    /// Whether it is used.
    pub enabled: Option<bool>,
    /// The page.
    pub html: Option<String>,
}

/// The custom page for errors.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ErrorPage {
    /// The page.
    pub html: Option<String>,
    /// Whether it links to the log.
    pub show_log_link: Option<bool>,
    /// Where people are sent instead, or nothing.
    #[field(format(AbsoluteUriOrEmpty))]
    pub url: Option<String>,
}

/// How the login pages look.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct UniversalLogin {
    /// Their colours.
    pub colors: Option<UniversalLoginColors>,
    /// Whether the identifier is asked for before the password.
    #[field(write(Never))]
    pub identifier_first: Option<bool>,
    /// Whether there is a template of the tenant's own.
    #[field(write(Never))]
    pub is_custom_template_set: Option<bool>,
    /// Whether there is a theme of the tenant's own.
    #[field(write(Never))]
    pub is_custom_theme_set: Option<bool>,
    /// Logins without a password.
    #[field(write(Never))]
    pub passwordless: Option<PasswordlessLogin>,
    /// Whether a device's own authenticator may come first.
    #[field(write(Never))]
    pub webauthn_platform_first_factor: Option<bool>,
}

/// The colours of the login pages.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct UniversalLoginColors {
    /// Of buttons and links.
    pub primary: Option<String>,
    /// Behind the page.
    pub page_background: Option<String>,
}

/// Logins without a password.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct PasswordlessLogin {
    /// Whether a link works in a browser that did not ask for it.
    pub allow_magiclink_verify_without_session: Option<bool>,
}
