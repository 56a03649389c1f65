//! The signature algorithms of RFC 7518 and RFC 8037 that are spoken here, and the kinds of key they need.
//! `none` is not among them and never becomes one.

use std::fmt;
use std::str::FromStr;

use aws_lc_rs::digest::{SHA256, SHA384, SHA512, digest};
use serde::{Deserialize, Serialize};

use crate::{Error, Result, b64url_encode};

/// A JWS `alg`; the variants are the wire words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Algorithm {
    HS256,
    RS256,
    RS384,
    RS512,
    PS256,
    ES256,
    EdDSA,
}

/// A kind of asymmetric key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    Rsa,
    P256,
    Ed25519,
}

impl Algorithm {
    /// Every algorithm there is.
    pub const ALL: [Self; 7] =
        [Self::HS256, Self::RS256, Self::RS384, Self::RS512, Self::PS256, Self::ES256, Self::EdDSA];

    /// The wire text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HS256 => "HS256",
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }

    /// The kind of key it needs, or nothing where it needs a shared secret.
    pub fn key_kind(self) -> Option<KeyKind> {
        match self {
            Self::HS256 => None,
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 => Some(KeyKind::Rsa),
            Self::ES256 => Some(KeyKind::P256),
            Self::EdDSA => Some(KeyKind::Ed25519),
        }
    }

    /// The first half of what a text hashes to under the hash function of this algorithm (OpenID Connect Core §3.3.2.11).
    pub fn half_hash(self, text: &str) -> String {
        let hash = match self {
            Self::HS256 | Self::RS256 | Self::PS256 | Self::ES256 => &SHA256,
            Self::RS384 => &SHA384,
            // RFC 8032 §5.1
            Self::RS512 | Self::EdDSA => &SHA512,
        };
        let hash = digest(hash, text.as_bytes());
        let hash = hash.as_ref();
        b64url_encode(&hash[..hash.len() / 2])
    }

    pub(crate) fn require(self, kind: KeyKind) -> Result<()> {
        if self.key_kind() == Some(kind) { Ok(()) } else { Err(Error::Mismatch { algorithm: self, kind }) }
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        // RFC 9864 §2.2 gives EdDSA with this curve, the only one here, a name of its own.
        if text == "Ed25519" {
            return Ok(Self::EdDSA);
        }
        Self::ALL.into_iter().find(|algorithm| algorithm.as_str() == text).ok_or(Error::UnknownAlgorithm)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_text_goes_both_ways() {
        for algorithm in Algorithm::ALL {
            assert_eq!(algorithm.as_str().parse(), Ok(algorithm));
            assert_eq!(serde_json::to_value(algorithm).unwrap(), algorithm.as_str());
            assert_eq!(serde_json::from_value::<Algorithm>(algorithm.as_str().into()).unwrap(), algorithm);
        }
    }

    #[test]
    fn the_newer_name_of_an_algorithm_is_known() {
        assert_eq!("Ed25519".parse(), Ok(Algorithm::EdDSA));
        assert_eq!("Ed448".parse::<Algorithm>(), Err(Error::UnknownAlgorithm));
    }

    #[test]
    fn nothing_else_is_an_algorithm() {
        for text in ["none", "None", "", "rs256", "RS256 ", "RS256\0", "HS512", "ES384"] {
            assert_eq!(text.parse::<Algorithm>(), Err(Error::UnknownAlgorithm), "{text:?}");
        }
    }
}
