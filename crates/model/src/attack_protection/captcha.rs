//! Who puts the question that only a person can answer.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

use crate::Secret;

/// Which provider asks for the sign of life, and what each of them needs.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("attack-protection/captcha"), id("id"), scope("attack_protection"))]
pub struct Captcha {
    /// Identifier of the one document.
    #[field(write(Never), hidden)]
    pub id: Option<Declared<String>>,
    /// The provider that is asked.
    #[field(default(|| json!("auth_challenge")))]
    pub active_provider_id: Option<Declared<CaptchaProvider>>,
    /// Letters in a picture.
    #[field(default(|| json!({})))]
    pub simple_captcha: Option<Declared<SimpleCaptcha>>,
    /// A test that the browser takes by itself.
    #[field(default(|| json!({ "fail_open": false })))]
    pub auth_challenge: Option<Declared<AuthChallenge>>,
    /// Google's reCAPTCHA v2.
    #[field(default(|| json!({ "site_key": "" })))]
    pub recaptcha_v2: Option<Declared<SiteAndSecret>>,
    /// Google's reCAPTCHA Enterprise.
    #[field(default(|| json!({ "site_key": "", "project_id": "" })))]
    pub recaptcha_enterprise: Option<Declared<RecaptchaEnterprise>>,
    /// hCaptcha.
    #[field(default(|| json!({ "site_key": "" })))]
    pub hcaptcha: Option<Declared<SiteAndSecret>>,
    /// Friendly Captcha.
    #[field(default(|| json!({ "site_key": "" })))]
    pub friendly_captcha: Option<Declared<SiteAndSecret>>,
    /// Arkose Labs.
    #[field(default(|| json!({
        "site_key": "", "client_subdomain": "client-api", "verify_subdomain": "verify-api", "fail_open": false,
    })))]
    pub arkose: Option<Declared<Arkose>>,
}

/// The providers there are.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum CaptchaProvider {
    SimpleCaptcha,
    AuthChallenge,
    #[serde(rename = "recaptcha_v2")]
    RecaptchaV2,
    RecaptchaEnterprise,
    Hcaptcha,
    FriendlyCaptcha,
    Arkose,
}

/// Letters in a picture need nothing.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct SimpleCaptcha {}

/// A test that the browser takes by itself.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct AuthChallenge {
    /// Whether people may go on when the test cannot be had.
    pub fail_open: bool,
}

/// What a provider knows this site by.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct SiteAndSecret {
    /// What pages show to the provider.
    #[field(max(1_000))]
    pub site_key: String,
    /// What this server proves itself with to the provider.
    #[field(max(1_000), secret("update:attack_protection"), hidden)]
    pub secret: Secret,
}

/// What Google knows this site by.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct RecaptchaEnterprise {
    /// What pages show to the provider.
    #[field(max(1_000))]
    pub site_key: String,
    /// What this server proves itself with to the provider.
    #[field(max(1_000), secret("update:attack_protection"), hidden)]
    pub api_key: Secret,
    /// The project it belongs to.
    #[field(max(1_000))]
    pub project_id: String,
}

/// What Arkose Labs knows this site by.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Arkose {
    /// What pages show to the provider.
    #[field(max(1_000))]
    pub site_key: String,
    /// What this server proves itself with to the provider.
    #[field(max(1_000), secret("update:attack_protection"), hidden)]
    pub secret: Secret,
    /// The name below which browsers reach it.
    #[field(max(255), default(|| json!("client-api")))]
    pub client_subdomain: Option<Declared<String>>,
    /// The name below which this server reaches it.
    #[field(max(255), default(|| json!("verify-api")))]
    pub verify_subdomain: Option<Declared<String>>,
    /// Whether people may go on when it cannot be reached.
    #[field(default(|| json!(false)))]
    pub fail_open: Option<Declared<bool>>,
}
