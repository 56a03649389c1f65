//! Secrets at rest. A sealed text says under which key it lies and is bound to its place, so that it can
//! neither be read without the key nor be moved to another row. It never keeps what it opened.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// The key new secrets are sealed under, and older ones that still open.
pub struct SealingRing {
    current: SealingKey,
    older: Vec<SealingKey>,
}

/// A key for AES-256-GCM with a name.
pub struct SealingKey {
    id: String,
    bytes: Zeroizing<[u8; 32]>,
    cipher: RandomizedNonceKey,
}

/// Why a text could not be sealed or opened.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    #[error("a key is named by 1 to 64 letters, digits, '-' or '_'")]
    KeyId,
    #[error("this is not a sealed text")]
    NotSealed,
    #[error("the text is sealed under the key {0}, which is not among the master keys")]
    UnknownKey(String),
    #[error("the sealed text was altered, or belongs to another place")]
    Forged,
    #[error("the cryptographic library failed")]
    Library,
}

impl SealingRing {
    /// A ring of one key.
    pub fn new(current: SealingKey) -> Self {
        Self { current, older: Vec::new() }
    }

    /// Adds a key that opens but does not seal.
    #[must_use]
    pub fn with_older(mut self, key: SealingKey) -> Self {
        self.older.push(key);
        self
    }

    /// The name of the key that seals.
    pub fn current_id(&self) -> &str {
        &self.current.id
    }

    /// Whether a key of that name is among them, so that what it sealed opens.
    pub fn holds(&self, id: &str) -> bool {
        self.key(id).is_some()
    }

    /// Seals a secret for the place the context names: tenant, kind, id and field.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Result<String, SealError> {
        let mut sealed = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        sealed.extend_from_slice(plain);
        let nonce = self
            .current
            .cipher
            .seal_in_place_append_tag(Aad::from(context), &mut sealed)
            .map_err(|_| SealError::Library)?;
        sealed.splice(..0, *nonce.as_ref());
        Ok(format!("{VERSION}.{}.{}", self.current.id, URL_SAFE_NO_PAD.encode(sealed)))
    }

    /// Opens a sealed text in the place it was sealed for.
    pub fn open(&self, context: &str, sealed: &str) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let (id, encoded) = parts(sealed).ok_or(SealError::NotSealed)?;
        let key = self.key(id).ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
        let mut bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).map_err(|_| SealError::NotSealed)?);
        let (nonce, text) = bytes.split_at_mut_checked(NONCE_LEN).ok_or(SealError::NotSealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| SealError::NotSealed)?;
        let length =
            key.cipher.open_in_place(nonce, Aad::from(context), text).map_err(|_| SealError::Forged)?.len();
        bytes.copy_within(NONCE_LEN..NONCE_LEN + length, 0);
        // What is cut off is wiped with the rest: the buffer is wiped to its capacity.
        bytes.truncate(length);
        Ok(bytes)
    }

    /// A key for something else than sealing, made of the current one; it gives nothing away of that.
    pub fn derived(&self, purpose: &str) -> [u8; 32] {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.current.bytes());
        let derived = hmac::sign(&key, purpose.as_bytes());
        derived.as_ref().try_into().expect("HMAC-SHA-256 gives 32 bytes")
    }

    /// The same of the key of this name, if it is among them.
    pub fn derived_of(&self, id: &str, purpose: &str) -> Option<[u8; 32]> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.key(id)?.bytes());
        hmac::sign(&key, purpose.as_bytes()).as_ref().try_into().ok()
    }

    /// Whether the key that sealed a text is among them.
    pub fn has_key_of(&self, text: &str) -> bool {
        parts(text).is_none_or(|(id, _)| self.holds(id))
    }

    /// Whether a text is sealed under a key that is not the current one.
    pub fn needs_reseal(&self, text: &str) -> bool {
        parts(text).is_some_and(|(id, _)| id != self.current.id)
    }

    fn key(&self, id: &str) -> Option<&SealingKey> {
        std::iter::once(&self.current).chain(&self.older).find(|key| key.id == id)
    }
}

impl SealingKey {
    /// A new random key.
    pub fn generate(id: &str) -> Result<Self, SealError> {
        let mut bytes = Zeroizing::new([0; 32]);
        rand::fill(bytes.as_mut_slice()).map_err(|_| SealError::Library)?;
        Self::from_bytes(id, &bytes)
    }

    /// The key made of these bytes.
    pub fn from_bytes(id: &str, bytes: &[u8; 32]) -> Result<Self, SealError> {
        if !is_key_id(id) {
            return Err(SealError::KeyId);
        }
        let cipher = RandomizedNonceKey::new(&AES_256_GCM, bytes).map_err(|_| SealError::Library)?;
        Ok(Self { id: id.to_owned(), bytes: Zeroizing::new(*bytes), cipher })
    }

    /// The key's name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key itself.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

/// The key id and the encoded rest of a text that looks sealed.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (id, encoded) = text.strip_prefix(VERSION)?.strip_prefix('.')?.split_once('.')?;
    let is_encoded = !encoded.is_empty() && encoded.bytes().all(is_url_safe);
    (is_key_id(id) && is_encoded).then_some((id, encoded))
}

fn is_key_id(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(is_url_safe)
}

fn is_url_safe(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SealingKey {{ id: {:?}, bytes: Secret(..) }}", self.id)
    }
}

impl fmt::Debug for SealingRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SealingRing")
            .field("current", &self.current)
            .field("older", &self.older)
            .finish()
    }
}

const VERSION: &str = "cs1";
