//! How people log in and out through a client, and how their sessions and refresh tokens behave.

use schema::Shaped;
use serde::Deserialize;

/// How a client's refresh tokens live and end; what is left out depends on how the client proves itself.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct RefreshToken {
    /// Whether each use brings a new one.
    pub rotation_type: RefreshTokenRotation,
    /// Whether they end at all.
    pub expiration_type: RefreshTokenExpiration,
    /// Seconds that a replaced one may still be used.
    #[field(min(0), max(2_147_483_647), default(|| json!(0)))]
    pub leeway: Option<i64>,
    /// Seconds that one lives.
    #[field(min(1), max(157_788_000))]
    pub token_lifetime: Option<i64>,
    /// Whether one lives for ever.
    pub infinite_token_lifetime: Option<bool>,
    /// Seconds that one lives without being used.
    #[field(min(1), max(157_788_000))]
    pub idle_token_lifetime: Option<i64>,
    /// Whether one lives for ever without being used.
    pub infinite_idle_token_lifetime: Option<bool>,
    /// Other APIs that one may be used for.
    #[field(nullable_on_create)]
    pub policies: Option<Vec<RefreshTokenPolicy>>,
}

/// Whether each use of a refresh token brings a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum RefreshTokenRotation {
    Rotating,
    NonRotating,
}

/// Whether refresh tokens end at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum RefreshTokenExpiration {
    Expiring,
    NonExpiring,
}

/// One more API that a refresh token may be used for.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct RefreshTokenPolicy {
    /// The API's identifier.
    #[field(min(1), max(600))]
    pub audience: String,
    /// The scopes that may be asked for.
    #[field(each_min(1), each_max(280))]
    pub scope: Vec<String>,
}

/// The mobile applications that a client is.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct Mobile {
    /// On Android.
    pub android: Option<MobileAndroid>,
    /// On iOS.
    pub ios: Option<MobileIos>,
}

/// An Android application.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct MobileAndroid {
    /// Its package.
    #[field(min(1))]
    pub app_package_name: Option<String>,
    /// SHA-256 fingerprints of the certificates that sign it.
    #[field(min(1), each_min(1))]
    pub sha256_cert_fingerprints: Option<Vec<String>>,
}

/// An iOS application.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct MobileIos {
    /// The team that publishes it.
    #[field(min(1))]
    pub team_id: Option<String>,
    /// Its bundle.
    #[field(min(1))]
    pub app_bundle_identifier: Option<String>,
}

/// Social logins that a native application makes itself.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct NativeSocialLogin {
    /// Sign in with Apple.
    #[field(nullable)]
    pub apple: Option<NativeSocialProvider>,
    /// Facebook login.
    #[field(nullable)]
    pub facebook: Option<NativeSocialProvider>,
    /// Google sign-in.
    #[field(nullable)]
    pub google: Option<NativeSocialProvider>,
}

/// One provider of native social login.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct NativeSocialProvider {
    /// Whether it is used.
    pub enabled: Option<bool>,
}

/// Logins that the browser mediates.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct FedcmLogin {
    /// With a Google account.
    #[field(nullable)]
    pub google: Option<FedcmProvider>,
}

/// One provider of browser-mediated login.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct FedcmProvider {
    /// Whether it is used.
    pub is_enabled: Option<bool>,
}

/// How a session passes from a native application to a browser.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct SessionTransfer {
    /// Whether the client may obtain a transfer token.
    #[field(default(|| json!(false)))]
    pub can_create_session_transfer_token: Option<bool>,
    /// Whether revoking the origin revokes what came of it.
    #[field(default(|| json!(true)))]
    pub enforce_cascade_revocation: Option<bool>,
    /// How the transfer token may be handed over.
    #[field(default(|| json!([])))]
    pub allowed_authentication_methods: Option<Vec<SessionTransferMethod>>,
    /// What binds the token to a device.
    #[field(default(|| json!("ip")))]
    pub enforce_device_binding: Option<DeviceBinding>,
    /// Whether the new session may have refresh tokens.
    #[field(default(|| json!(false)))]
    pub allow_refresh_token: Option<bool>,
    /// Whether such refresh tokens end with the session.
    #[field(default(|| json!(true)))]
    pub enforce_online_refresh_tokens: Option<bool>,
    /// Whether somebody may act for another person.
    #[field(nullable_on_create)]
    pub delegation: Option<SessionTransferDelegation>,
}

/// A way to hand over a session transfer token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum SessionTransferMethod {
    Cookie,
    Query,
}

/// What binds something to a device or its network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum DeviceBinding {
    Ip,
    Asn,
    None,
}

/// Whether somebody may act for another person in a transferred session.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct SessionTransferDelegation {
    /// Whether it is allowed.
    pub allow_delegated_access: Option<bool>,
    /// What binds it to a device.
    pub enforce_device_binding: Option<DeviceBinding>,
}

/// Where and when a client is told that somebody logged out.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct OidcLogout {
    /// Where it is told.
    pub backchannel_logout_urls: Option<Vec<String>>,
    /// Which events it is told of.
    pub backchannel_logout_initiators: Option<BackchannelLogoutInitiators>,
    /// What is said of the session.
    pub backchannel_logout_session_metadata: Option<BackchannelLogoutMetadata>,
}

/// Which events a client is told of.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct BackchannelLogoutInitiators {
    /// All of them, or a selection.
    pub mode: Option<InitiatorMode>,
    /// The selection.
    pub selected_initiators: Option<Vec<Initiator>>,
}

/// All initiators, or a selection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum InitiatorMode {
    Custom,
    All,
}

/// What ended a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "kebab-case")]
pub enum Initiator {
    RpLogout,
    IdpLogout,
    PasswordChanged,
    SessionExpired,
    SessionRevoked,
    AccountDeleted,
    EmailIdentifierChanged,
    MfaPhoneUnenrolled,
    AccountDeactivated,
    ProfileChanged,
}

/// What a logout message says of the session.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct BackchannelLogoutMetadata {
    /// Whether the session's metadata is in it.
    pub include: Option<bool>,
}

/// Which profile scopes a client may ask for.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct OidcSupport {
    /// Whether it may ask for any.
    pub is_allowed: bool,
    /// Whether it may ask for all.
    pub allow_all_scopes: Option<bool>,
    /// Those it may ask for.
    pub allowed_scopes: Option<Vec<ProfileScope>>,
}

/// A scope of OpenID Connect that brings claims of a profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Shaped)]
#[serde(rename_all = "snake_case")]
pub enum ProfileScope {
    Profile,
    Email,
    Address,
    Phone,
}

/// Whether a client may hold sessions of people without an account.
#[derive(Debug, Clone, Deserialize, Shaped)]
pub struct AnonymousSessions {
    /// Whether it may.
    pub active: bool,
}
