//! Which action judges a kind of subject token that is brought to be exchanged.

use schema::{Declared, Resource, Shaped};
use serde::Deserialize;

/// A kind of subject token, and the action that judges it.
#[derive(Debug, Clone, Deserialize, Resource)]
#[resource(path("token-exchange-profiles"), id("id"), scope("token_exchange_profiles"))]
pub struct TokenExchangeProfile {
    /// Its identifier.
    #[field(write(Never))]
    pub id: String,
    /// What people call it.
    #[field(min(3), max(50), format(NoAngleBrackets))]
    pub name: Declared<String>,
    /// What is done with the token.
    #[serde(rename = "type")]
    #[field(write(OnCreate))]
    pub kind: Declared<ExchangeType>,
    /// The kind of token, as the request names it.
    #[field(min(8), max(100), format(AbsoluteUri), unique)]
    pub subject_token_type: String,
    /// The action that judges it.
    #[field(write(OnCreate), min(1), max(36), lookup)]
    pub action_id: String,
    /// When it was made.
    #[field(write(Never))]
    pub created_at: Declared<String>,
    /// When it was last changed.
    #[field(write(Never))]
    pub updated_at: Declared<String>,
}

/// What is done with a token that is brought to be exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum ExchangeType {
    CustomAuthentication,
}
