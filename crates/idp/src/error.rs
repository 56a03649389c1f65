//! How a journey ends when it does not end well: a refusal, whose words go to the caller, or something
//! internal, whose words go to the operator.

use std::borrow::Cow;

pub type Result<T> = std::result::Result<T, Error>;

#[derive(Debug)]
pub enum Error {
    /// The caller is told no, and why.
    Refused { code: Code, description: Cow<'static, str> },
    /// Somebody else changed or removed the document in between.
    Conflict,
    /// Another document has this value of a unique key already.
    Taken { key: String },
    /// Not the caller's fault; never shown.
    Internal(anyhow::Error),
}

/// Why the token endpoint says no. The door knows each one's status and wire name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    InvalidRequest,
    /// No client named, or an assertion that does not prove one (RFC 6749 §5.2).
    InvalidClient,
    /// A wrong secret or an unknown client: the two are one to the caller.
    Unauthorized,
    AccessDenied,
    UnauthorizedClient,
    UnsupportedGrantType,
}

impl Code {
    /// Ends the journey with this code and these words.
    pub fn refuse<T>(self, description: impl Into<Cow<'static, str>>) -> Result<T> {
        Err(Error::Refused { code: self, description: description.into() })
    }
}

impl<E: Into<anyhow::Error>> From<E> for Error {
    fn from(error: E) -> Self {
        let error = error.into();
        match error.downcast::<store::Error>() {
            Ok(store::Error::Conflict) => Error::Conflict,
            Ok(store::Error::Taken { label }) => Error::Taken { key: label },
            Ok(error) => Error::Internal(error.into()),
            Err(error) => Error::Internal(error),
        }
    }
}
