//! A public JSON Web Key (RFC 7517) as it stands on the wire. Private members are neither read nor written.

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::signature::RsaPublicKeyComponents;
use serde::{Deserialize, Serialize};

use crate::{Error, PublicKey, Result, b64url_decode, b64url_encode, sha256};

/// A public key and what is said about it; the order of members is the order on the wire.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    pub kty: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#use: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub e: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub crv: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x5t: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x5c: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
}

impl Jwk {
    /// The SHA-256 thumbprint of RFC 7638, in base64url.
    pub fn thumbprint(&self) -> String {
        // RFC 7638 §3.2: only what the key type requires, so that other members cannot change the print.
        let required = match self.kty.as_str() {
            "RSA" => Required { crv: None, x: None, y: None, ..Required::of(self) },
            "OKP" => Required { n: None, e: None, y: None, ..Required::of(self) },
            _ => Required { n: None, e: None, ..Required::of(self) },
        };
        b64url_encode(sha256(&serde_json::to_vec(&required).expect("a struct of texts is JSON")))
    }

    /// The key itself, if it is one that is spoken here.
    pub fn public_key(&self) -> Result<PublicKey> {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let key = RsaPublicKeyComponents { n: member(&self.n)?, e: member(&self.e)? };
                let spki: PublicKeyX509Der<'_> = key.as_der().map_err(|_| Error::Key("not an RSA key"))?;
                PublicKey::rsa(spki.as_ref())
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (member(&self.x)?, member(&self.y)?);
                // RFC 7518 §6.2.1.2: coordinates have full length; a short one must not borrow from its
                // neighbour.
                if x.len() != 32 || y.len() != 32 {
                    return Err(Error::Key("a coordinate of P-256 has 32 bytes"));
                }
                PublicKey::p256(&[&[4], x.as_slice(), y.as_slice()].concat())
            }
            ("OKP", Some("Ed25519")) => PublicKey::ed25519(&member(&self.x)?),
            _ => Err(Error::Key("neither RSA, P-256 nor Ed25519")),
        }
    }
}

/// The members that make a key, in the order of RFC 7638 §3.3.
#[derive(Serialize)]
struct Required<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    crv: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    e: Option<&'a str>,
    kty: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    n: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    x: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    y: Option<&'a str>,
}

impl<'a> Required<'a> {
    fn of(jwk: &'a Jwk) -> Self {
        Self {
            crv: jwk.crv.as_deref(),
            e: jwk.e.as_deref(),
            kty: &jwk.kty,
            n: jwk.n.as_deref(),
            x: jwk.x.as_deref(),
            y: jwk.y.as_deref(),
        }
    }
}

fn member(value: &Option<String>) -> Result<Vec<u8>> {
    b64url_decode(value.as_deref().ok_or(Error::Key("a member is missing"))?)
}
