//! What can go wrong with a key, a token or a certificate. The texts are for logs; none is meant for the
//! wire, and none carries key material or any part of a token.

use crate::{Algorithm, KeyKind};

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a key, token or certificate was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text names no algorithm this library knows.
    #[error("unknown algorithm")]
    UnknownAlgorithm,
    /// The algorithm needs another kind of key.
    #[error("{algorithm} cannot be used with a key of kind {kind:?}")]
    Mismatch { algorithm: Algorithm, kind: KeyKind },
    /// The key is damaged or of a kind that is not supported.
    #[error("unusable key: {0}")]
    Key(&'static str),
    /// An RSA modulus outside the accepted sizes.
    #[error("an RSA key of {0} bits is outside 2048 to 4096")]
    RsaBits(usize),
    /// The text is no PEM, or not of the label expected.
    #[error("unusable PEM: {0}")]
    Pem(&'static str),
    /// The text is not base64url without padding.
    #[error("not base64url without padding")]
    Base64,
    /// The token is not a compact JWS that may be looked at.
    #[error("malformed token: {0}")]
    Token(&'static str),
    /// The token's header names another algorithm than the key's.
    #[error("the token is not signed with {expected}")]
    WrongAlgorithm { expected: Algorithm },
    /// The signature is not genuine.
    #[error("the signature does not verify")]
    Signature,
    /// The certificate is damaged or cannot be made.
    #[error("unusable certificate: {0}")]
    Certificate(&'static str),
    /// Wrapped key material that does not open; one answer for every cause, so that nobody can ask an oracle.
    #[error("the wrapped key does not open")]
    Unwrap,
    /// The cryptographic library failed where it should not.
    #[error("the cryptographic library failed")]
    Library,
}

impl From<aws_lc_rs::error::Unspecified> for Error {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self::Library
    }
}
