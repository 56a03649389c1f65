//! Who sends text messages and calls, and what they say.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

use crate::Secret;

/// Whoever sends text messages and calls for the tenant.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("branding/phone/providers"), id("id"), scope("phone_providers"))]
pub struct PhoneProvider {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// The tenant's name.
    #[field(write(Never))]
    pub tenant: Option<Declared<String>>,
    /// Who it is.
    pub name: PhoneProviderName,
    /// The way messages take; there is one provider for it.
    #[field(write(Never), unique)]
    pub channel: Option<PhoneChannel>,
    /// Whether nothing is sent.
    #[field(default(|| json!(false)))]
    pub disabled: Option<Declared<bool>>,
    /// What it needs to know.
    pub configuration: Option<PhoneConfiguration>,
    /// What it proves itself with.
    #[field(hidden)]
    pub credentials: PhoneCredentials,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Option<Declared<String>>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Option<Declared<String>>,
}

/// Who sends messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum PhoneProviderName {
    Twilio,
    Custom,
}

/// The way messages take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum PhoneChannel {
    Phone,
}

/// What a provider needs to know.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct PhoneConfiguration {
    /// The account.
    #[field(min(1), max(255))]
    pub sid: Option<Declared<String>>,
    /// The number that messages come from.
    #[field(min(1), max(255), nullable)]
    pub default_from: Option<String>,
    /// The service that messages come from.
    #[field(min(1), max(255), nullable)]
    pub mssid: Option<String>,
    /// How messages are delivered.
    #[field(min(1), max(2), unique_items)]
    pub delivery_methods: Declared<Vec<PhoneDelivery>>,
}

/// How messages are delivered.
#[derive(Debug, Clone, Copy, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum PhoneDelivery {
    Text,
    Voice,
}

/// What a provider proves itself with.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct PhoneCredentials {
    /// The token of its account.
    #[field(min(1), max(255), secret("read:phone_providers"))]
    pub auth_token: Option<Secret>,
}

/// What a text message or a call says.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("branding/phone/templates"), id("id"), scope("phone_templates"))]
pub struct PhoneTemplate {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// The tenant's name.
    #[field(write(Never))]
    pub tenant: Option<Declared<String>>,
    /// The way it takes.
    #[field(write(Never))]
    pub channel: Option<Declared<PhoneChannel>>,
    /// What it is for.
    #[serde(rename = "type")]
    #[field(write(OnCreate), unique, default(|| json!("otp_verify")))]
    pub kind: PhoneTemplateType,
    /// Whether nothing is sent.
    #[field(default(|| json!(false)))]
    pub disabled: Option<Declared<bool>>,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Option<Declared<String>>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Option<Declared<String>>,
    /// What it says.
    pub content: Option<Declared<PhoneTemplateContent>>,
}

/// What a message is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum PhoneTemplateType {
    OtpVerify,
    OtpEnroll,
    ChangePassword,
    BlockedAccount,
    PasswordBreach,
}

/// What a message says.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct PhoneTemplateContent {
    /// The language that it is written in.
    #[field(max(32), default(|| json!("liquid")))]
    pub syntax: Option<Declared<String>>,
    /// Its words.
    pub body: Option<Declared<PhoneTemplateBody>>,
    /// The number that it comes from.
    #[field(max(255))]
    pub from: Option<Declared<String>>,
}

/// The words of a message.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct PhoneTemplateBody {
    /// As text.
    #[field(max(10_000))]
    pub text: Option<Declared<String>>,
    /// As they are spoken.
    #[field(max(10_000))]
    pub voice: Option<Declared<String>>,
}
