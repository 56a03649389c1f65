//! What connections to somebody else can be told, as far as it means the same in every strategy. Nobody logs in by them
//! yet, so no code reads any of it; what else such a connection is told is kept as it was written.

use std::collections::BTreeMap;

use schema::{Declared, Shaped};
use serde::Deserialize;
use serde_json::Value;

use super::database::Mfa;

/// How a connection to somebody else behaves.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
#[serde(default)]
pub struct FederatedOptions {
    /// What we are called there.
    #[field(max(10_000), nullable_on_create)]
    pub client_id: Option<Declared<String>>,
    /// How we prove there who we are.
    #[field(max(10_000), nullable_on_create)]
    pub client_secret: Option<Declared<String>>,
    /// The domains of the addresses that lead there.
    #[field(max(1_000), each_max(255), nullable_on_create)]
    pub domain_aliases: Option<Declared<Vec<String>>>,
    /// The picture on its button.
    #[field(max(2_048), nullable_on_create)]
    pub icon_url: Option<Declared<String>>,
    /// What is passed on of a request.
    #[field(key_max(255), nullable_on_create)]
    pub upstream_params: Option<Declared<BTreeMap<String, Value>>>,
    /// When what they say of a person replaces what is known.
    #[field(nullable_on_create)]
    pub set_user_root_attributes: Option<Declared<SetAttributes>>,
    /// What is known of people only while they log in.
    #[field(max(100), each_max(255), nullable_on_create)]
    pub non_persistent_attrs: Option<Declared<Vec<String>>>,
    /// Whether an address counts as the person's own.
    #[field(nullable_on_create)]
    pub should_trust_email_verified_connection: Option<Declared<Trust>>,
    /// Whether those who guess are closed out.
    #[field(nullable_on_create)]
    pub brute_force_protection: Option<Declared<bool>>,
    /// Whether nobody may sign up.
    #[field(nullable_on_create)]
    pub disable_signup: Option<Declared<bool>>,
    /// What the codes are like that are sent.
    #[field(nullable_on_create)]
    pub totp: Option<Declared<Totp>>,
    /// Where people are sent to log in.
    #[field(max(2_048), nullable_on_create)]
    pub authorization_endpoint: Option<Declared<String>>,
    /// Where codes become tokens.
    #[field(max(2_048), nullable_on_create)]
    pub token_endpoint: Option<Declared<String>>,
    /// Where it is asked who somebody is.
    #[field(max(2_048), nullable_on_create)]
    pub userinfo_endpoint: Option<Declared<String>>,
    /// Where their keys are.
    #[field(max(2_048), nullable_on_create)]
    pub jwks_uri: Option<Declared<String>>,
    /// What they call themselves.
    #[field(max(2_048), nullable_on_create)]
    pub issuer: Option<Declared<String>>,
    /// Where all this is to be read.
    #[field(max(2_048), nullable_on_create)]
    pub discovery_url: Option<Declared<String>>,
    /// By which way the ID token comes.
    #[serde(rename = "type")]
    #[field(nullable_on_create)]
    pub channel: Option<Declared<Channel>>,
    /// How the connection is secured.
    #[field(nullable_on_create)]
    pub connection_settings: Option<Declared<Settings>>,
    /// Which claims become which members of a profile.
    #[field(nullable_on_create)]
    pub attribute_map: Option<Declared<AttributeMap>>,
    /// How we prove who we are where codes become tokens.
    #[field(nullable_on_create)]
    pub token_endpoint_auth_method: Option<Declared<TokenEndpointAuth>>,
    /// Whether our requests are signed.
    #[serde(rename = "signSAMLRequest")]
    #[field(nullable_on_create)]
    pub sign_saml_request: Option<Declared<bool>>,
    /// Whether second factors are asked for.
    #[field(nullable_on_create)]
    pub mfa: Option<Declared<Mfa>>,
}

/// When what others say of a person replaces what is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum SetAttributes {
    OnEachLogin,
    OnFirstLogin,
    NeverOnLogin,
}

/// Whether an address counts as the person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    NeverSetEmailsAsVerified,
    AlwaysSetEmailsAsVerified,
}

/// What a code is like that is sent.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Totp {
    /// How many digits.
    #[field(min(4), max(40))]
    pub length: Option<u32>,
    /// For how many seconds it is good.
    #[field(min(60), max(1_800))]
    pub time_step: Option<u32>,
}

/// By which way an ID token comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    BackChannel,
    FrontChannel,
}

/// How a connection is secured.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct Settings {
    /// Whether a code is bound to whoever asked for it.
    pub pkce: Option<Pkce>,
}

/// Whether a code is bound to whoever asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
pub enum Pkce {
    #[serde(rename = "auto")]
    Auto,
    S256,
    #[serde(rename = "plain")]
    Plain,
    #[serde(rename = "disabled")]
    Disabled,
}

/// Which claims become which members of a profile.
#[derive(Debug, Clone, Default, Deserialize, Shaped)]
pub struct AttributeMap {
    /// Which of them.
    pub mapping_mode: Option<MappingMode>,
    /// The scopes that are asked for where it is asked who somebody is.
    #[field(max(4_096))]
    pub userinfo_scope: Option<String>,
    /// The members, and where each comes from.
    #[field(key_max(255))]
    pub attributes: Option<BTreeMap<String, Value>>,
}

/// Which claims become members of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum MappingMode {
    BindAll,
    UseMap,
    BasicProfile,
}

/// How we prove who we are where codes become tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum TokenEndpointAuth {
    ClientSecretPost,
    PrivateKeyJwt,
}
