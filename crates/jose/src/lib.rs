//! Keys, signatures and tokens: JWK, JWS, JWE, DPoP proofs and the certificates around a key.
//!
//! Everything cryptographic is done by AWS-LC. This library holds no clock, no storage and no policy: it says
//! whether a signature is genuine, never whether a token is still good.

pub mod algorithm;
pub mod base64url;
pub mod certificate;
pub mod digest;
pub mod dpop;
pub mod error;
pub mod jwe;
pub mod jwk;
pub mod key;
pub mod key_set;
mod pem;
pub mod public_key;
pub mod random;
pub mod sign;
pub mod token;
pub mod verify;
pub mod wrap;

pub use algorithm::{Algorithm, KeyKind};
pub use base64url::{b64url_decode, b64url_encode};
pub use certificate::Certificate;
pub use digest::{KeyedHash, hmac_sha256, sha1, sha256};
pub use error::{Error, Result};
pub use jwk::Jwk;
pub use key::PrivateKey;
pub use key_set::KeySet;
pub use public_key::PublicKey;
pub use random::{random_bytes, random_text};
pub use sign::Signer;
pub use token::{Token, numeric_date};
pub use verify::VerifyingKey;
pub use wrap::{OaepHash, rsa_aes_unwrap, rsa_aes_wrap};
