//! How a journey ends when it does not end well: a refusal, whose words go to the caller, or something
//! internal, whose words go to the operator.

use std::borrow::Cow;

use crate::password::PasswordRefusal;

pub type Result<T> = std::result::Result<T, Error>;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The caller is told no, and why.
    #[error("{description}")]
    Refused { code: Code, description: Cow<'static, str> },
    /// A password that a database does not take.
    #[error("{0}")]
    Password(Box<PasswordRefusal>),
    /// Somebody else changed or removed the document in between.
    #[error("somebody else changed the same thing; try again")]
    Conflict,
    /// Another document has this value of a unique key already.
    #[error("another one has the same {key}")]
    Taken { key: String },
    /// More was asked for at once, or a longer value, than the store can take.
    #[error("{0}: too many or too long")]
    TooMuch(String),
    /// A search was stopped at its deadline.
    #[error("the search took too long")]
    TooSlow,
    /// Not the caller's fault; never shown.
    #[error(transparent)]
    Internal(anyhow::Error),
}

/// Why an endpoint of tokens or logins says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    InvalidRequest,
    /// No client named, or an assertion that does not prove one (RFC 6749 §5.2).
    InvalidClient,
    /// A wrong secret or an unknown client: the two are one to the caller.
    Unauthorized,
    AccessDenied,
    UnauthorizedClient,
    /// The client is an `unauthorized_client` because this grant is not among its own (RFC 6749 §5.2).
    GrantTypeNotAllowed,
    UnsupportedGrantType,
    /// What was shown to get a token (a code, a refresh token, a password) is not good.
    InvalidGrant,
    /// A realm that means no connection which the client may use.
    UnknownRealm,
    /// Nobody has decided about a device's request yet (RFC 8628 §3.5).
    AuthorizationPending,
    /// A device asks too often.
    SlowDown,
    /// A device has waited too long.
    ExpiredToken,
    /// A proof of possession that does not hold (RFC 9449 §5).
    InvalidDpopProof,
    /// A proof of possession without the server's nonce, which goes along (RFC 9449 §8).
    UseDpopNonce,
    /// A scope that is not granted, where a profile or customers' code wants the standards' own word (RFC 6749 §5.2).
    InvalidScope,
    /// An API that is not there or not to be had, likewise (RFC 8707 §2).
    InvalidTarget,
    /// Authorization details that are malformed or of a kind the API does not know (RFC 9396 §5).
    InvalidAuthorizationDetails,
    /// Nobody is logged in, and nobody was to be asked to.
    LoginRequired,
    /// Somebody would have to be asked for consent, or for something else, and was not to be asked.
    ConsentRequired,
    InteractionRequired,
    /// A signed request that does not hold (RFC 9101 §7).
    InvalidRequestObject,
    UnsupportedResponseType,
    RequestNotSupported,
    RequestUriNotSupported,
    /// More requests or tokens than somebody is allowed.
    TooManyRequests,
    /// More people than this machine hashes passwords for, for a few seconds.
    Busy,
    /// Whoever asks too often is sent elsewhere.
    Elsewhere,
    /// So many failures that nobody is listened to for a while.
    TooManyAttempts,
    /// The same, at one account.
    AccountClosed,
    /// A password that must not be chosen.
    InvalidPassword,
    /// A password that strangers know.
    PasswordLeaked,
    /// Nobody may sign up like this; who is there already is not told.
    InvalidSignup,
    /// Somebody has signed up with it already, where that may be told.
    UserExists,
    /// Somebody has that user name already, likewise.
    UsernameExists,
    /// Customers' code keeps somebody from signing up, an action or a hook.
    ExtensibilityError,
    HookError,
    /// Customers' code failed, or wants it to look so.
    ServerError,
}

impl Code {
    /// The status and the name that callers hear (RFC 6749 §5.2); Auth0's statuses are often not the RFC's.
    pub fn wire(self) -> (u16, &'static str) {
        match self {
            Code::InvalidRequest => (400, "invalid_request"),
            Code::InvalidClient => (401, "invalid_client"),
            // Recorded, and not `invalid_client`: SDKs map this very pair.
            Code::Unauthorized => (401, "access_denied"),
            Code::AccessDenied => (403, "access_denied"),
            Code::UnauthorizedClient | Code::GrantTypeNotAllowed => (403, "unauthorized_client"),
            Code::UnsupportedGrantType => (400, "unsupported_grant_type"),
            Code::InvalidGrant => (403, "invalid_grant"),
            Code::UnknownRealm => (403, "invalid_request"),
            // Auth0's statuses, where the RFC has 400.
            Code::AuthorizationPending => (403, "authorization_pending"),
            Code::SlowDown => (429, "slow_down"),
            Code::ExpiredToken => (403, "expired_token"),
            Code::InvalidDpopProof => (400, "invalid_dpop_proof"),
            Code::UseDpopNonce => (400, "use_dpop_nonce"),
            Code::InvalidScope => (400, "invalid_scope"),
            Code::InvalidTarget => (400, "invalid_target"),
            Code::InvalidAuthorizationDetails => (400, "invalid_authorization_details"),
            Code::LoginRequired => (400, "login_required"),
            Code::ConsentRequired => (400, "consent_required"),
            Code::InteractionRequired => (400, "interaction_required"),
            Code::InvalidRequestObject => (400, "invalid_request_object"),
            Code::UnsupportedResponseType => (400, "unsupported_response_type"),
            Code::RequestNotSupported => (400, "request_not_supported"),
            Code::RequestUriNotSupported => (400, "request_uri_not_supported"),
            Code::TooManyRequests | Code::Busy => (429, "too_many_requests"),
            Code::Elsewhere => (302, "too_many_requests"),
            Code::TooManyAttempts | Code::AccountClosed => (429, "too_many_attempts"),
            Code::InvalidPassword => (400, "invalid_password"),
            Code::PasswordLeaked => (403, "password_leaked"),
            Code::InvalidSignup => (400, "invalid_signup"),
            Code::UserExists => (400, "user_exists"),
            Code::UsernameExists => (400, "username_exists"),
            Code::ExtensibilityError => (400, "extensibility_error"),
            Code::HookError => (400, "hook_error"),
            Code::ServerError => (500, "server_error"),
        }
    }

    /// Whether somebody who typed something else could get on.
    pub fn is_mended_by_trying_again(self) -> bool {
        [
            Code::InvalidGrant,
            Code::TooManyAttempts,
            Code::AccountClosed,
            Code::InvalidPassword,
            Code::PasswordLeaked,
            Code::InvalidSignup,
            Code::UserExists,
            Code::UsernameExists,
        ]
        .contains(&self)
    }

    /// The name on the wire.
    pub fn name(self) -> &'static str {
        self.wire().1
    }

    /// Ends the journey with this code and these words.
    pub fn refuse<T>(self, description: impl Into<Cow<'static, str>>) -> Result<T> {
        Err(Error::Refused { code: self, description: description.into() })
    }
}

impl Error {
    /// Whether the store could not be reached, so that the same request may do later.
    pub fn is_passing(&self) -> bool {
        let Error::Internal(cause) = self else { return false };
        cause.downcast_ref::<store::Error>().is_some_and(store::Error::is_passing)
    }
}

/// What whoever met such an error hears.
pub const PASSING: &str = "The server cannot do this at the moment; try again shortly.";
/// For how many seconds whoever met such an error should wait (RFC 9110 §10.2.3).
pub const RETRY_AFTER: u16 = 2;

impl From<PasswordRefusal> for Error {
    fn from(refusal: PasswordRefusal) -> Self {
        Error::Password(Box::new(refusal))
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Conflict => Error::Conflict,
            store::Error::Taken { label } => Error::Taken { key: label },
            store::Error::TooLong { what } | store::Error::TooMany { what } => Error::TooMuch(what),
            store::Error::TooSlow => Error::TooSlow,
            store::Error::Newer { .. }
            | store::Error::Altered { .. }
            | store::Error::Nul
            | store::Error::Copy { .. }
            | store::Error::Address { .. }
            | store::Error::Full
            | store::Error::Closed
            | store::Error::Unreachable(_)
            | store::Error::Database(_) => Error::Internal(error.into()),
        }
    }
}

macro_rules! internal {
    ($($cause:ty),+) => {
        $(impl From<$cause> for Error {
            fn from(error: $cause) -> Self {
                Error::Internal(error.into())
            }
        })+
    };
}

// What goes wrong inside, whoever asked.
internal!(
    anyhow::Error,
    base64::DecodeError,
    jose::Error,
    serde_json::Error,
    std::array::TryFromSliceError,
    store::SealError,
    tokio::task::JoinError
);

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::Error;

    #[test]
    fn what_the_caller_can_mend_is_told_from_what_he_cannot() {
        let what = || "a name".to_owned();
        let kinds = [
            store::Error::Conflict,
            store::Error::Taken { label: what() },
            store::Error::TooLong { what: what() },
            store::Error::TooMany { what: what() },
            store::Error::TooSlow,
            store::Error::Full,
        ];
        let kinds = kinds.map(Error::from);
        let [conflict, taken, too_long, too_many, too_slow, full] = &kinds;
        assert!(matches!(conflict, Error::Conflict));
        assert!(matches!(taken, Error::Taken { key } if key == "a name"));
        assert!(matches!((too_long, too_many), (Error::TooMuch(_), Error::TooMuch(_))));
        assert!(matches!((too_slow, full), (Error::TooSlow, Error::Internal(_))));
    }

    #[test]
    fn the_operator_reads_every_cause_once() {
        let inside = || Error::from(anyhow!("the disk").context("the store"));
        assert_eq!(format!("{:#}", inside()), "the store: the disk");
        assert_eq!(format!("{:#}", anyhow!(inside()).context("starting")), "starting: the store: the disk");
    }
}
