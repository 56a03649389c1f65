//! Making compact JWS. A signer is prepared once: its key is parsed and its header encoded, so that signing
//! costs the signature and one text.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RsaSignatureEncoding,
};
use serde::Serialize;

use crate::key::Pair;
use crate::{Algorithm, Error, PrivateKey, Result, VerifyingKey, b64url_encode, base64url};

/// A key with an algorithm and a header, ready to sign claims.
pub struct Signer {
    algorithm: Algorithm,
    kid: Option<Box<str>>,
    header: String,
    key: Key,
}

enum Key {
    Private(Arc<PrivateKey>),
    Secret(Arc<hmac::Key>),
}

impl Signer {
    /// Prepares a signer; refuses an algorithm that does not go with the key.
    pub fn new(algorithm: Algorithm, key: Arc<PrivateKey>, kid: &str, typ: &str) -> Result<Self> {
        algorithm.require(key.kind())?;
        let header = Header { alg: algorithm, typ, kid: Some(kid) };
        Ok(Self { algorithm, kid: Some(kid.into()), header: header.encode(), key: Key::Private(key) })
    }

    /// Prepares a signer whose header is the caller's own, whatever it says; for what clients make.
    pub fn with_header(
        algorithm: Algorithm,
        key: Arc<PrivateKey>,
        header: &serde_json::Value,
    ) -> Result<Self> {
        algorithm.require(key.kind())?;
        let kid = header.get("kid").and_then(serde_json::Value::as_str).map(Into::into);
        Ok(Self { algorithm, kid, header: b64url_encode(header.to_string()), key: Key::Private(key) })
    }

    /// Prepares a signer with a shared secret: HS256, and no `kid` in the header.
    pub fn hmac(secret: &[u8], typ: &str) -> Self {
        let header = Header { alg: Algorithm::HS256, typ, kid: None };
        let key = Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret));
        Self { algorithm: Algorithm::HS256, kid: None, header: header.encode(), key: Key::Secret(key) }
    }

    /// Signs claims, given as serialized JSON, into a compact JWS.
    pub fn sign(&self, claims: &[u8]) -> Result<String> {
        let parts = self.header.len() + base64url::room_for(claims.len());
        let mut token = String::with_capacity(parts + base64url::room_for(LONGEST_SIGNATURE) + 2);
        token.push_str(&self.header);
        token.push('.');
        base64url::append(claims, &mut token);

        let mut room = [0; LONGEST_SIGNATURE];
        let length = self.signature(token.as_bytes(), &mut room)?;

        token.push('.');
        base64url::append(&room[..length], &mut token);
        Ok(token)
    }

    /// The key that its tokens name.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm it signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key that verifies what it signs.
    pub fn verifying_key(&self) -> Result<VerifyingKey> {
        match &self.key {
            Key::Private(key) => VerifyingKey::public(self.algorithm, key.public().clone()),
            Key::Secret(key) => Ok(VerifyingKey::prepared_hmac(key.clone())),
        }
    }

    /// Writes the signature into the room and tells its length.
    fn signature(&self, input: &[u8], room: &mut [u8; LONGEST_SIGNATURE]) -> Result<usize> {
        let key = match &self.key {
            Key::Private(key) => key,
            Key::Secret(key) => return Ok(copy(hmac::sign(key, input).as_ref(), room)),
        };
        match key.pair() {
            Pair::Rsa(pair) => {
                let mismatch = Error::Mismatch { algorithm: self.algorithm, kind: key.kind() };
                let padding = padding(self.algorithm).ok_or(mismatch)?;
                let length = pair.public_modulus_len();
                pair.sign(padding, &SystemRandom::new(), input, &mut room[..length])?;
                Ok(length)
            }
            Pair::P256(pair) => Ok(copy(pair.sign(&SystemRandom::new(), input)?.as_ref(), room)),
            Pair::Ed25519(pair) => Ok(copy(pair.try_sign(input)?.as_ref(), room)),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({}, Secret(..))", self.algorithm)
    }
}

/// The protected header; the order of members is the order on the wire.
#[derive(Serialize)]
struct Header<'a> {
    alg: Algorithm,
    typ: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

impl Header<'_> {
    fn encode(&self) -> String {
        b64url_encode(serde_json::to_vec(self).expect("a struct of texts is JSON"))
    }
}

fn padding(algorithm: Algorithm) -> Option<&'static RsaSignatureEncoding> {
    match algorithm {
        Algorithm::RS256 => Some(&RSA_PKCS1_SHA256),
        Algorithm::RS384 => Some(&RSA_PKCS1_SHA384),
        Algorithm::RS512 => Some(&RSA_PKCS1_SHA512),
        Algorithm::PS256 => Some(&RSA_PSS_SHA256),
        Algorithm::HS256 | Algorithm::ES256 | Algorithm::EdDSA => None,
    }
}

fn copy(signature: &[u8], room: &mut [u8; LONGEST_SIGNATURE]) -> usize {
    room[..signature.len()].copy_from_slice(signature);
    signature.len()
}

/// RSA of 4096 bits.
const LONGEST_SIGNATURE: usize = 512;
