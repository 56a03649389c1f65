//! How often clients may call the Authentication API, as the tenant's owner decides.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

/// A limit on how often some clients may call.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("rate-limit-policies"), id("id"), scope("rate_limit_policies"))]
pub struct RateLimitPolicy {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// What is called.
    #[field(write(OnCreate), lookup)]
    pub resource: RateLimitResource,
    /// Who calls.
    #[field(write(OnCreate), lookup)]
    pub consumer: RateLimitConsumer,
    /// Which of them it is for: one, a group, or all others.
    #[field(write(OnCreate), min(1), max(255), unique)]
    pub consumer_selector: String,
    /// What happens, and from when on.
    pub configuration: RateLimitConfiguration,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Option<Declared<String>>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Option<Declared<String>>,
}

/// What is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum RateLimitResource {
    OauthAuthenticationApi,
}

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum RateLimitConsumer {
    Client,
}

/// What happens to whoever calls more often than a limit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Shaped)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum RateLimitConfiguration {
    /// There is no limit.
    Allow {},
    /// They are refused.
    Block {
        /// Requests in a second.
        #[field(min(0), max(10_000))]
        limit: u32,
    },
    /// The log hears of it.
    Log {
        /// Requests in a second.
        #[field(min(0), max(10_000))]
        limit: u32,
    },
    /// They are sent elsewhere.
    Redirect {
        /// Requests in a second.
        #[field(min(0), max(10_000))]
        limit: u32,
        /// Where they are sent.
        #[field(min(1), max(2_000), format(AbsoluteHttpsUriOrEmpty))]
        redirect_uri: String,
    },
}
