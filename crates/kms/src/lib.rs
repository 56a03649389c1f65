//! Keys that lie in somebody else's hands: a service wraps a data key under a key that never leaves it, and unwraps it
//! again. What comes from there is believed in nothing but that, and neither it nor what opens the service (a token, a PIN)
//! is ever part of an error.

mod aws;
mod pkcs11;
mod secret;
mod vault;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use outbound::{Outbound, Settings};
use zeroize::Zeroizing;

pub use aws::Aws;
pub use outbound::aws::Credentials;
pub use pkcs11::Pkcs11;
pub use secret::Secret;
pub use vault::Vault;

/// A key to wrap: what seals the rest.
pub type DataKey = Zeroizing<[u8; 32]>;

/// Who keeps the key.
pub enum Kms {
    /// HashiCorp Vault or OpenBao, with the secrets engine Transit.
    Vault(Vault),
    /// A token, such as an HSM, behind its vendor's library.
    Pkcs11(Pkcs11),
    /// The key management service of AWS.
    Aws(Aws),
}

/// Why a key was not wrapped or unwrapped.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// It may go well a moment later.
    #[error("{0}")]
    Away(String),
    /// It will not go well before somebody does something.
    #[error("{0}")]
    Refused(String),
}

pub type Result<T> = std::result::Result<T, Error>;

impl Kms {
    /// The key that wraps, by its name there.
    pub fn key(&self) -> &str {
        match self {
            Kms::Vault(vault) => vault.key(),
            Kms::Pkcs11(token) => token.key(),
            Kms::Aws(aws) => aws.key(),
        }
    }

    /// Wraps a data key; what comes back is one word.
    pub async fn wrap(&self, data_key: &DataKey) -> Result<String> {
        let wrapped = match self {
            Kms::Vault(vault) => vault.wrap(data_key).await,
            Kms::Pkcs11(token) => token.wrap(data_key).await,
            Kms::Aws(aws) => aws.wrap(data_key).await,
        }?;
        match is_word(&wrapped, LONGEST) {
            true => Ok(wrapped),
            false => Err(Error::Refused("it answered with something that is no wrapped key".into())),
        }
    }

    /// Unwraps a data key with the key of this name, which may be another than the one that wraps now.
    pub async fn unwrap(&self, key: &str, wrapped: &str) -> Result<DataKey> {
        match self {
            Kms::Vault(vault) => vault.unwrap(key, wrapped).await,
            Kms::Pkcs11(token) => token.unwrap(key, wrapped).await,
            Kms::Aws(aws) => aws.unwrap(key, wrapped).await,
        }
    }
}

/// Whether a text may name a key: it has no space and nothing that is not printed.
pub fn is_key_name(text: &str) -> bool {
    is_word(text, 256)
}

fn is_word(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The data key that somebody sent in base64.
fn data_key(text: &str) -> Result<DataKey> {
    let odd = || Error::Refused("what it unwrapped is no key of 32 bytes: something else was wrapped".into());
    let bytes = Zeroizing::new(STANDARD.decode(text).map_err(|_| odd())?);
    as_data_key(&bytes).ok_or_else(odd)
}

fn as_data_key(bytes: &[u8]) -> Option<DataKey> {
    <[u8; 32]>::try_from(bytes).ok().map(Zeroizing::new)
}

/// The way to a service that the operator chose, wherever it is; it may show a certificate of these authorities too, given as
/// PEM.
pub fn way(authorities: Option<String>) -> Outbound {
    let everywhere = ["0.0.0.0/0", "::/0"].map(|network| network.parse().expect("a network"));
    Outbound::new(Settings {
        allow: everywhere.to_vec(),
        authorities,
        connect: Duration::from_secs(10),
        total: Duration::from_secs(30),
        most: MOST,
    })
}

/// What kept a request from being answered.
impl From<outbound::Error> for Error {
    fn from(error: outbound::Error) -> Self {
        use outbound::Error as Outbound;
        match error {
            Outbound::Slow | Outbound::Unreachable(_) => Error::Away(error.to_string()),
            Outbound::Url(_)
            | Outbound::NotPublic
            | Outbound::Redirected
            | Outbound::Status(_)
            | Outbound::Refused(_)
            | Outbound::NotJson
            | Outbound::TooLarge
            | Outbound::Unusable(_) => Error::Refused(error.to_string()),
        }
    }
}

/// Bytes of the longest answer that is read.
const MOST: usize = 64 * 1024;
/// Bytes of the longest wrapped key.
const LONGEST: usize = 8 * 1024;
/// What a wrapped key is for, where a service binds it to that.
const PURPOSE: &str = "countersign master keys";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words() {
        for name in ["countersign", "arn:aws:kms:eu-west-1:1:key/a-b", "alias/x", "a_b.c"] {
            assert!(is_key_name(name), "{name}");
        }
        for name in ["", "a b", "a\n", "\u{e9}", "a\0", &"x".repeat(257)] {
            assert!(!is_key_name(name), "{name:?}");
        }
    }

    #[test]
    fn a_data_key_has_32_bytes() {
        assert_eq!(*data_key(&STANDARD.encode([7; 32])).unwrap(), [7; 32]);
        let long = STANDARD.encode([7; 33]);
        for text in ["", "AAAA", "no base64!", &long, &"A".repeat(60_000)] {
            let error = data_key(text).unwrap_err();
            assert!(matches!(&error, Error::Refused(words) if words.contains("32 bytes")), "{error}");
        }
    }
}
