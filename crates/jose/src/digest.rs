//! SHA-256 and HMAC-SHA-256, for lookup hashes and fingerprints. Not for passwords, which need a slow hash.

use std::fmt;

use aws_lc_rs::{constant_time::verify_slices_are_equal, digest, hmac};

/// A prepared HMAC-SHA-256 key.
#[derive(Clone)]
pub struct KeyedHash(hmac::Key);

impl KeyedHash {
    /// Prepares a key.
    pub fn new(key: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    /// The keyed hash of some data.
    pub fn hash(&self, data: &[u8]) -> [u8; 32] {
        hmac::sign(&self.0, data).as_ref().try_into().expect("HMAC-SHA-256 gives 32 bytes")
    }

    /// Whether the data hashes to what is expected, in constant time.
    pub fn matches(&self, data: &[u8], expected: &[u8; 32]) -> bool {
        hmac::verify(&self.0, data, expected).is_ok()
    }

    /// Which of several expected hashes the data has. All are looked at, each in constant time.
    pub fn position<'a>(
        &self,
        data: &[u8],
        expected: impl IntoIterator<Item = &'a [u8; 32]>,
    ) -> Option<usize> {
        let hash = self.hash(data);
        let mut found = None;
        for (i, one) in expected.into_iter().enumerate() {
            if verify_slices_are_equal(&hash, one).is_ok() {
                found = Some(i);
            }
        }
        found
    }
}

impl fmt::Debug for KeyedHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedHash(Secret(..))")
    }
}

/// The HMAC-SHA-256 of some data under a key used once.
pub fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    KeyedHash::new(key).hash(data)
}

/// The SHA-256 of some data.
pub fn sha256(data: &[u8]) -> [u8; 32] {
    digest::digest(&digest::SHA256, data).as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

/// The SHA-1 of some data: only for what is defined by it, certificate thumbprints (RFC 7515 §4.1.7) and the public lists of
/// leaked passwords. It proves nothing.
pub fn sha1(data: &[u8]) -> [u8; 20] {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, data).as_ref().try_into().expect("SHA-1 gives 20 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn published_vectors_hold() {
        // FIPS 180-2 appendix B.1 and RFC 4231 §4.3.
        assert_eq!(hex(&sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(&sha1(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            hex(&hmac_sha256(b"Jefe", b"what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_keyed_hash_matches_only_its_own() {
        let keyed = KeyedHash::new(b"key");
        let hash = keyed.hash(b"data");
        assert!(keyed.matches(b"data", &hash));
        assert!(!keyed.matches(b"datum", &hash));
        assert!(!KeyedHash::new(b"another").matches(b"data", &hash));
        let several = [keyed.hash(b"datum"), hash, [0; 32]];
        assert_eq!(keyed.position(b"data", &several), Some(1));
        assert_eq!(keyed.position(b"dat", &several), None);
        assert_eq!(keyed.position(b"data", []), None);
        assert_eq!(format!("{keyed:?}"), "KeyedHash(Secret(..))");
    }
}
