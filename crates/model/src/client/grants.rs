//! The ways in which a client may ask for tokens.

use schema::Shaped;
use serde::{Deserialize, de::value::StrDeserializer};

/// A way to ask the token endpoint for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    AuthorizationCode,
    Implicit,
    RefreshToken,
    ClientCredentials,
    Password,
    #[serde(rename = "http://auth0.com/oauth/grant-type/password-realm")]
    PasswordRealm,
    #[serde(rename = "http://auth0.com/oauth/grant-type/mfa-oob")]
    MfaOob,
    #[serde(rename = "http://auth0.com/oauth/grant-type/mfa-otp")]
    MfaOtp,
    #[serde(rename = "http://auth0.com/oauth/grant-type/mfa-recovery-code")]
    MfaRecoveryCode,
    #[serde(rename = "http://auth0.com/oauth/grant-type/passwordless/otp")]
    PasswordlessOtp,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
    #[serde(rename = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token")]
    FederatedConnectionAccessToken,
    #[serde(rename = "urn:openid:params:grant-type:ciba")]
    Ciba,
    #[serde(rename = "urn:okta:params:oauth:grant-type:webauthn")]
    Webauthn,
    #[serde(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
}

impl GrantType {
    /// The grant that a request means by this name.
    pub fn from_wire(name: &str) -> Option<GrantType> {
        GrantType::deserialize(StrDeserializer::<serde::de::value::Error>::new(name)).ok()
    }
}

/// Which token exchanges a client may ask for.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct TokenExchange {
    /// Kinds of exchange of which any profile may be used.
    pub allow_any_profile_of_type: Option<Vec<TokenExchangeType>>,
}

/// A kind of token exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum TokenExchangeType {
    CustomAuthentication,
    OnBehalfOfTokenExchange,
}

/// Whether a client may exchange an identity assertion for a token.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct IdentityAssertionGrant {
    /// Whether it may.
    pub active: bool,
}
