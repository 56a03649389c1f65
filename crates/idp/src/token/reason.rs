//! Why a token was refused, in one of a few words: what refusals are counted by.

use super::Notes;
use crate::{Code, Error};

/// Every word, and what it means to people.
pub const REASONS: &[(&str, &str)] = &[
    ("wrong_secret", "The secret is wrong"),
    ("unknown_client", "There is no such application"),
    ("no_credentials", "The application did not prove itself"),
    ("wrong_method", "The application proved itself in another way than it is registered for"),
    ("bad_assertion", "The assertion or certificate does not prove the application"),
    ("replayed_assertion", "The assertion was used before"),
    ("expired_credential", "The secret or key has expired, or is not good yet"),
    ("federation_malformed", "The outside token is malformed"),
    ("federation_issuer", "The outside token is of an issuer that is not trusted"),
    ("federation_algorithm", "The outside token is signed with an algorithm that is not accepted"),
    ("federation_time", "The outside token has expired, or is not good yet"),
    ("federation_audience", "The outside token is meant for somebody else"),
    ("federation_unreachable", "The outside issuer's keys cannot be fetched"),
    ("federation_unknown_key", "The outside token is signed with a key that its issuer does not have"),
    ("federation_signature", "The outside token was altered, or is forged"),
    ("federation_rule", "The outside token does not meet a rule"),
    ("federation_replay", "The outside token was used before"),
    ("grant_type_not_allowed", "The application may not use this grant type"),
    ("unsupported_grant_type", "The grant type is not served"),
    ("no_audience", "No API was named"),
    ("unknown_api", "There is no such API"),
    ("api_refuses", "The API takes no tokens of this kind"),
    ("no_grant", "The application is not authorized for the API"),
    ("scope_not_granted", "A permission was asked for that is not granted"),
    ("organization", "The organization is missing or not allowed"),
    ("access_denied", "Something else was not allowed"),
    ("invalid_grant", "The code or refresh token is not good"),
    ("no_proof", "A token was to be bound to a key, and the proof is missing or not good"),
    ("authorization_details", "Authorization details were asked for that the API does not know"),
    ("too_many_attempts", "Nobody is listened to after so many failures"),
    ("rate_limit", "The application asked too often"),
    ("token_quota", "The token quota is used up"),
    ("invalid_request", "The request is malformed"),
    ("action", "An Action or Hook refused it, or failed"),
    ("server_error", "The server failed"),
];

impl Notes {
    /// The word for how this request was refused: the one noted on the way, or what the refusal itself tells.
    pub fn reason(&self, refused: &Error, knows_client: bool) -> &'static str {
        self.reason.unwrap_or_else(|| reason(refused, knows_client))
    }
}

/// The word for a refusal; `knows_client` tells a wrong secret from an unknown client, which callers never hear.
pub fn reason(error: &Error, knows_client: bool) -> &'static str {
    let Error::Refused { code, description } = error else { return "server_error" };
    match code {
        Code::InvalidRequest | Code::UnknownRealm => "invalid_request",
        Code::InvalidClient => "no_credentials",
        Code::Unauthorized if knows_client => "wrong_secret",
        Code::Unauthorized => "unknown_client",
        Code::UnauthorizedClient => "no_grant",
        Code::GrantTypeNotAllowed => "grant_type_not_allowed",
        Code::UnsupportedGrantType => "unsupported_grant_type",
        Code::InvalidGrant | Code::ExpiredToken | Code::AuthorizationPending | Code::SlowDown => {
            "invalid_grant"
        }
        Code::InvalidDpopProof | Code::UseDpopNonce => "no_proof",
        Code::InvalidScope => "scope_not_granted",
        Code::InvalidTarget => "api_refuses",
        Code::InvalidAuthorizationDetails => "authorization_details",
        Code::TooManyAttempts | Code::AccountClosed => "too_many_attempts",
        Code::TooManyRequests | Code::Busy | Code::Elsewhere => "rate_limit",
        Code::ServerError => "action",
        Code::LoginRequired
        | Code::ConsentRequired
        | Code::InteractionRequired
        | Code::InvalidRequestObject
        | Code::UnsupportedResponseType
        | Code::RequestNotSupported
        | Code::RequestUriNotSupported
        | Code::InvalidPassword
        | Code::PasswordLeaked
        | Code::InvalidSignup
        | Code::UserExists
        | Code::UsernameExists => "invalid_request",
        Code::ExtensibilityError | Code::HookError => "action",
        Code::AccessDenied => denied(description),
    }
}

/// One code on the wire for what people want to tell apart; the words are those of `grants` and `scope`, and the test
/// of each stands in `tests/it/api/x/stats.rs`.
fn denied(description: &str) -> &'static str {
    const BEGINNINGS: &[(&str, &str)] = &[
        ("No audience parameter", "no_audience"),
        ("Service not enabled", "unknown_api"),
        ("Resource server ", "api_refuses"),
        ("Client has not been granted scopes", "scope_not_granted"),
        ("The client grant ", "organization"),
    ];
    let begins = |(beginning, _): &&(&str, &str)| description.starts_with(beginning);
    match BEGINNINGS.iter().find(begins) {
        Some((_, reason)) => reason,
        None if description.contains("You need to create a \"client-grant\"") => "no_grant",
        None if description.contains("is not authorized to use organization") => "organization",
        None => "access_denied",
    }
}
