//! How many tokens may be issued in an hour and in a day. Says the limits; counting is done elsewhere.

use schema::Shaped;
use serde::Deserialize;

/// The limits on tokens of one client or organization.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct TokenQuota {
    /// Limits on the client credentials grant.
    #[field(min(1))]
    pub client_credentials: ClientCredentialsQuota,
}

/// The limits on tokens issued for client credentials.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct ClientCredentialsQuota {
    /// Whether requests over the limit are refused, or only logged.
    pub enforce: Option<bool>,
    /// Tokens per hour.
    #[field(min(1), max(2_147_483_647))]
    pub per_hour: Option<u32>,
    /// Tokens per day.
    #[field(min(1), max(2_147_483_647))]
    pub per_day: Option<u32>,
}
