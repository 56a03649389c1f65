//! Who delivers a tenant's mails, and what lets it in there.

use std::collections::BTreeMap;

use schema::{Resource, Shaped};
use serde::Deserialize;
use serde_json::Value;

use crate::Secret;

/// Who delivers the mails.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("emails/provider"), id("id"), scope("email_provider"))]
pub struct EmailProvider {
    /// Identifier of the one document that says it.
    #[field(write(Never), hidden)]
    pub id: Option<String>,
    /// The service that delivers them.
    pub name: EmailProviderName,
    /// Whether mails are delivered at all.
    #[field(default(|| json!(true)))]
    pub enabled: bool,
    /// Who mails are from where their template does not say it.
    #[field(max(1_024))]
    pub default_from_address: Option<String>,
    /// What lets this server in there.
    #[field(nullable)]
    pub credentials: Option<EmailCredentials>,
    /// What else the service is told.
    #[field(nullable, max(100))]
    pub settings: Option<BTreeMap<String, Value>>,
}

/// A service that delivers mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "lowercase")]
pub enum EmailProviderName {
    Mailgun,
    Mandrill,
    Sendgrid,
    Resend,
    Ses,
    Sparkpost,
    Smtp,
    #[serde(rename = "azure_cs")]
    AzureCs,
    Ms365,
    Custom,
}

impl EmailProviderName {
    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            EmailProviderName::Mailgun => "mailgun",
            EmailProviderName::Mandrill => "mandrill",
            EmailProviderName::Sendgrid => "sendgrid",
            EmailProviderName::Resend => "resend",
            EmailProviderName::Ses => "ses",
            EmailProviderName::Sparkpost => "sparkpost",
            EmailProviderName::Smtp => "smtp",
            EmailProviderName::AzureCs => "azure_cs",
            EmailProviderName::Ms365 => "ms365",
            EmailProviderName::Custom => "custom",
        }
    }

    /// The credentials that it must have, by their names on the wire.
    pub fn required(self) -> &'static [&'static str] {
        match self {
            EmailProviderName::Mailgun => &["api_key", "domain"],
            EmailProviderName::Mandrill
            | EmailProviderName::Sendgrid
            | EmailProviderName::Resend
            | EmailProviderName::Sparkpost => &["api_key"],
            EmailProviderName::Ses => &["accessKeyId", "secretAccessKey", "region"],
            EmailProviderName::Smtp => &["smtp_host", "smtp_port"],
            EmailProviderName::AzureCs => &["connectionString"],
            EmailProviderName::Ms365 => &["tenantId", "clientId", "clientSecret"],
            EmailProviderName::Custom => &[],
        }
    }

    /// Those that it may have beside.
    pub fn optional(self) -> &'static [&'static str] {
        match self {
            EmailProviderName::Mailgun | EmailProviderName::Sparkpost => &["region"],
            EmailProviderName::Mandrill => &["api_user"],
            EmailProviderName::Sendgrid => &["api_user"],
            EmailProviderName::Smtp => &["smtp_user", "smtp_pass"],
            EmailProviderName::Resend
            | EmailProviderName::Ses
            | EmailProviderName::AzureCs
            | EmailProviderName::Ms365
            | EmailProviderName::Custom => &[],
        }
    }
}

/// What lets a server in at a service; each takes some of these.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct EmailCredentials {
    /// The key that the service gave out.
    #[field(min(1), max(4_096), secret("read:email_provider"), hidden)]
    pub api_key: Option<Secret>,
    /// The account at the service.
    #[field(min(1), max(255))]
    pub api_user: Option<String>,
    /// The domain that mails are sent of.
    #[field(min(4), max(255), format(NoAngleBrackets))]
    pub domain: Option<String>,
    /// Where the service is to run.
    #[field(nullable_on_create, max(64))]
    pub region: Option<String>,
    /// The server that mails are given to.
    #[field(min(1), max(255))]
    pub smtp_host: Option<String>,
    /// Its port.
    #[field(min(1), max(65_535))]
    pub smtp_port: Option<u32>,
    /// The account there.
    #[field(max(255))]
    pub smtp_user: Option<String>,
    /// Its password.
    #[field(max(1_024), secret("read:email_provider"), hidden)]
    pub smtp_pass: Option<Secret>,
    /// The name of a key of Amazon's.
    #[field(min(1), max(255), secret("read:email_provider"), hidden)]
    #[serde(rename = "accessKeyId")]
    pub access_key_id: Option<Secret>,
    /// That key.
    #[field(min(1), max(255), secret("read:email_provider"), hidden)]
    #[serde(rename = "secretAccessKey")]
    pub secret_access_key: Option<Secret>,
    /// Where and with what key Azure is reached.
    #[field(min(1), max(4_096), secret("read:email_provider"), hidden)]
    #[serde(rename = "connectionString")]
    pub connection_string: Option<Secret>,
    /// The tenant of Microsoft 365.
    #[field(min(1), max(255), secret("read:email_provider"), hidden)]
    #[serde(rename = "tenantId")]
    pub tenant_id: Option<Secret>,
    /// The application there.
    #[field(min(1), max(255), secret("read:email_provider"), hidden)]
    #[serde(rename = "clientId")]
    pub client_id: Option<Secret>,
    /// Its secret.
    #[field(min(1), max(4_096), secret("read:email_provider"), hidden)]
    #[serde(rename = "clientSecret")]
    pub client_secret: Option<Secret>,
}
