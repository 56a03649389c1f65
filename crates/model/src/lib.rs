//! The nouns, each declared once: what it is made of, who may write which part, and which part is secret.
//! Nothing here acts.

mod acme;
pub mod action;
mod action_module;
mod action_version;
mod administrator;
pub mod attack_protection;
pub mod branding;
pub mod client;
pub mod client_credential;
pub mod client_grant;
mod client_secret;
pub mod connection;
mod deleted;
mod device_credential;
mod email_provider;
mod email_template;
pub mod encryption_key;
pub mod event_stream;
mod federated_credential;
mod hook;
mod key_policy;
mod log_category;
mod log_event;
mod log_seal_key;
pub mod log_stream;
mod management_scopes;
pub mod network_acl;
pub mod organization;
mod organization_client_grant;
pub mod password;
pub mod prompts;
pub mod rate_limit_policy;
pub mod resource_server;
mod revocation;
pub mod role;
mod rule;
mod secret;
pub mod signing_key;
mod tenant;
pub mod tenant_settings;
mod token_exchange_profile;
mod token_quota;
mod trigger_bindings;
pub mod user;

pub use acme::{AcmeAccount, AcmeCertificate};
pub use action::{Action, ActionSecret, ModuleReference, SupportedTrigger};
pub use action_module::{ActionModule, ActionModuleVersion};
pub use action_version::ActionVersion;
pub use administrator::{Administrator, Role};
pub use attack_protection::{BruteForceProtection, SuspiciousIpThrottling};
pub use branding::{Branding, PageTemplate, PhoneProvider, PhoneTemplate, Theme};
pub use client::{AppType, Client, GrantType, TokenEndpointAuthMethod};
pub use client_credential::ClientCredential;
pub use client_grant::{ClientGrant, SubjectType};
pub use client_secret::ClientSecret;
pub use connection::{Connection, ConnectionClient, DATABASE, DatabaseOptions, Strategy};
pub use deleted::Deleted;
pub use device_credential::{DeviceCredential, DeviceCredentialType};
pub use email_provider::{EmailCredentials, EmailProvider, EmailProviderName};
pub use email_template::{EmailTemplate, EmailTemplateName};
pub use encryption_key::EncryptionKey;
pub use event_stream::{EventDestination, EventFeed, EventStream, EventStreamStatus, EventType};
pub use federated_credential::{FederatedCredential, FederationRule, Operator};
pub use hook::{Hook, HookTrigger};
pub use key_policy::KeyPolicy;
pub use log_category::LogCategory;
pub use log_event::LogType;
pub use log_seal_key::LogSealKey;
pub use log_stream::{LogStream, LogStreamStatus, LogStreamType};
pub use management_scopes::{EXTRA_SCOPES, MANAGEMENT_SCOPES};
pub use network_acl::NetworkAcl;
pub use organization::{Organization, OrganizationUsage};
pub use organization_client_grant::OrganizationClientGrant;
pub use password::{CustomPasswordHash, Password};
pub use prompts::{CustomText, Partials, Prompts, Rendering};
pub use rate_limit_policy::{RateLimitConfiguration, RateLimitPolicy};
pub use resource_server::{
    ClientPolicy, KeyEncryption, ProofMechanism, ProofOfPossession, ProofRequiredFor, ResourceServer,
    SigningAlgorithm, TokenDialect, TokenEncryption, UserPolicy,
};
pub use revocation::{Revocation, RevocationKind};
pub use rule::{Rule, RulesConfig};
pub use secret::Secret;
pub use signing_key::SigningKey;
pub use tenant::{Environment, TenantRecord};
pub use tenant_settings::{ResourceParameterProfile, TenantSettings};
pub use token_exchange_profile::TokenExchangeProfile;
pub use token_quota::{ClientCredentialsQuota, TokenQuota};
pub use trigger_bindings::{Binding, TriggerBindings};
pub use user::{Identity, User};

use schema::{Noun, Resource};

/// Every noun there is, each once.
pub const NOUNS: &[&Noun] = &[
    &Client::NOUN,
    &ClientCredential::NOUN,
    &ClientSecret::NOUN,
    &FederatedCredential::NOUN,
    &ResourceServer::NOUN,
    &ClientGrant::NOUN,
    &Organization::NOUN,
    &OrganizationClientGrant::NOUN,
    &TenantSettings::NOUN,
    &SigningKey::NOUN,
    &EncryptionKey::NOUN,
    &Administrator::NOUN,
    &User::NOUN,
    &Connection::NOUN,
    &ConnectionClient::NOUN,
    &Password::NOUN,
    &Deleted::NOUN,
    &DeviceCredential::NOUN,
    &BruteForceProtection::NOUN,
    &SuspiciousIpThrottling::NOUN,
    &attack_protection::BreachedPasswordDetection::NOUN,
    &attack_protection::BotDetection::NOUN,
    &attack_protection::Captcha::NOUN,
    &attack_protection::PhoneProviderProtection::NOUN,
    &RateLimitPolicy::NOUN,
    &NetworkAcl::NOUN,
    &Action::NOUN,
    &ActionVersion::NOUN,
    &ActionModule::NOUN,
    &ActionModuleVersion::NOUN,
    &TriggerBindings::NOUN,
    &Hook::NOUN,
    &TokenExchangeProfile::NOUN,
    &Revocation::NOUN,
    &KeyPolicy::NOUN,
    &LogStream::NOUN,
    &EventStream::NOUN,
    &EventFeed::NOUN,
    &LogSealKey::NOUN,
    &AcmeAccount::NOUN,
    &AcmeCertificate::NOUN,
    &Branding::NOUN,
    &PageTemplate::NOUN,
    &Theme::NOUN,
    &PhoneProvider::NOUN,
    &PhoneTemplate::NOUN,
    &Prompts::NOUN,
    &CustomText::NOUN,
    &Partials::NOUN,
    &Rendering::NOUN,
    &EmailProvider::NOUN,
    &EmailTemplate::NOUN,
    &Rule::NOUN,
    &RulesConfig::NOUN,
    &role::Role::NOUN,
];

#[cfg(test)]
mod tests;
