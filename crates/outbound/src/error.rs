//! Why something was not fetched. The words are for logs and for whoever configured the address; they carry nothing of
//! what was read.

use std::error::Error as _;

pub type Result<T> = std::result::Result<T, Error>;

/// Why something was not fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The address is none that is fetched at all.
    #[error("the address is {0}")]
    Url(&'static str),
    /// The host is not public and not among the networks that the operator allowed.
    #[error("the address is not public, and not in a network that outbound_allow names")]
    NotPublic,
    #[error("the server answered with a redirect, which is not followed")]
    Redirected,
    #[error("the server answered with status {0}")]
    Status(u16),
    /// A mail server that said no, by its number.
    #[error("the mail server refused with {0}")]
    Refused(u16),
    #[error("the server answered with something else than JSON")]
    NotJson,
    #[error("the server answered with too much")]
    TooLarge,
    #[error("the server took too long")]
    Slow,
    /// No connection, a certificate that is not believed, or an answer that breaks off.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// This side cannot even try.
    #[error("nothing can be fetched: {0}")]
    Unusable(String),
}

/// What the resolver says of names that lead inside.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("not public")]
pub(crate) struct NotPublic;

impl From<NotPublic> for Error {
    fn from(_: NotPublic) -> Self {
        Error::NotPublic
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        let mut last = None;
        let mut cause = error.source();
        while let Some(error) = cause {
            if error.is::<NotPublic>() {
                return Error::NotPublic;
            }
            last = Some(error.to_string());
            cause = error.source();
        }
        if error.is_timeout() {
            return Error::Slow;
        }
        Error::Unreachable(last.unwrap_or_else(|| error.without_url().to_string()))
    }
}
