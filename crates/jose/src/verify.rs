//! Keys that verify. The algorithm is a part of the key and is fixed when it is made, so no token can choose
//! it.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, VerificationAlgorithm,
};

use crate::{Algorithm, Error, PublicKey, Result};

/// A public key or shared secret, bound to the one algorithm it verifies.
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    key: Key,
}

#[derive(Clone)]
enum Key {
    Public(ParsedPublicKey),
    Secret(Arc<hmac::Key>),
}

impl VerifyingKey {
    /// Binds a public key to an algorithm; refuses another kind of key, and RSA outside 2048 to 4096 bits.
    pub fn public(algorithm: Algorithm, key: PublicKey) -> Result<Self> {
        let mismatch = Error::Mismatch { algorithm, kind: key.kind() };
        algorithm.require(key.kind())?;
        key.require_rsa_bits()?;
        let verification = verification(algorithm).ok_or(mismatch)?;
        let key = ParsedPublicKey::new(verification, key.raw()).map_err(|_| Error::Key("refused"))?;
        Ok(Self { algorithm, key: Key::Public(key) })
    }

    /// Binds a shared secret to HS256.
    pub fn hmac(secret: &[u8]) -> Self {
        Self::prepared_hmac(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    /// The one algorithm it verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    pub(crate) fn prepared_hmac(key: Arc<hmac::Key>) -> Self {
        Self { algorithm: Algorithm::HS256, key: Key::Secret(key) }
    }

    pub(crate) fn check(&self, input: &[u8], signature: &[u8]) -> Result<()> {
        let genuine = match &self.key {
            Key::Public(key) => key.verify_sig(input, signature),
            Key::Secret(key) => hmac::verify(key, input, signature),
        };
        genuine.map_err(|_| Error::Signature)
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({}, Secret(..))", self.algorithm)
    }
}

fn verification(algorithm: Algorithm) -> Option<&'static dyn VerificationAlgorithm> {
    match algorithm {
        Algorithm::HS256 => None,
        Algorithm::RS256 => Some(&RSA_PKCS1_2048_8192_SHA256),
        Algorithm::RS384 => Some(&RSA_PKCS1_2048_8192_SHA384),
        Algorithm::RS512 => Some(&RSA_PKCS1_2048_8192_SHA512),
        Algorithm::PS256 => Some(&RSA_PSS_2048_8192_SHA256),
        Algorithm::ES256 => Some(&ECDSA_P256_SHA256_FIXED),
        Algorithm::EdDSA => Some(&ED25519),
    }
}
