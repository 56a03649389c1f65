//! A public key, parsed and checked, from whichever wrapping it came in. It knows no use and no algorithm:
//! those belong to whoever holds it.

use std::fmt;
use std::ops::RangeInclusive;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RsaSubjectPublicKey};
use der::pem::LineEnding;
use rcgen::PublicKeyData;
use x509_parser::oid_registry::{
    OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY, OID_PKCS1_RSAENCRYPTION, OID_SIG_ED25519,
};
use x509_parser::prelude::{FromDer, SubjectPublicKeyInfo};

use crate::{Certificate, Error, Jwk, KeyKind, Result, b64url_encode, pem};

/// A public key that can be shown, compared and verified with.
#[derive(Clone)]
pub struct PublicKey(Material);

#[derive(Clone)]
enum Material {
    Rsa(RsaSubjectPublicKey),
    /// An uncompressed point: `04`, x, y.
    P256([u8; 65]),
    Ed25519([u8; 32]),
}

impl PublicKey {
    /// Reads a `PUBLIC KEY` (SPKI), an `RSA PUBLIC KEY` (PKCS#1) or the key of a `CERTIFICATE` (X.509).
    pub fn from_pem(text: &str) -> Result<Self> {
        let block = pem::read(text)?;
        match block.label.as_str() {
            "PUBLIC KEY" => Self::from_spki(&block.contents),
            "RSA PUBLIC KEY" => Self::rsa(&block.contents),
            "CERTIFICATE" => Certificate::from_der(block.contents)?.public_key(),
            _ => Err(Error::Pem("neither a public key nor a certificate")),
        }
    }

    /// Reads a DER SubjectPublicKeyInfo.
    pub fn from_spki(der: &[u8]) -> Result<Self> {
        match SubjectPublicKeyInfo::from_der(der) {
            Ok(([], info)) => Self::from_info(&info),
            Ok(_) | Err(_) => Err(Error::Key("not a SubjectPublicKeyInfo")),
        }
    }

    /// The key as a JWK, with its own members only.
    pub fn jwk(&self) -> Jwk {
        match &self.0 {
            Material::Rsa(key) => Jwk {
                kty: "RSA".into(),
                n: Some(b64url_encode(key.modulus().big_endian_without_leading_zero())),
                e: Some(b64url_encode(key.exponent().big_endian_without_leading_zero())),
                ..Jwk::default()
            },
            Material::P256(point) => Jwk {
                kty: "EC".into(),
                crv: Some("P-256".into()),
                x: Some(b64url_encode(&point[1..33])),
                y: Some(b64url_encode(&point[33..])),
                ..Jwk::default()
            },
            Material::Ed25519(key) => Jwk {
                kty: "OKP".into(),
                crv: Some("Ed25519".into()),
                x: Some(b64url_encode(key)),
                ..Jwk::default()
            },
        }
    }

    /// The kind of key it is.
    pub fn kind(&self) -> KeyKind {
        match self.0 {
            Material::Rsa(_) => KeyKind::Rsa,
            Material::P256(_) => KeyKind::P256,
            Material::Ed25519(_) => KeyKind::Ed25519,
        }
    }

    /// The length of the modulus, if it is an RSA key.
    pub fn rsa_bits(&self) -> Option<usize> {
        match &self.0 {
            Material::Rsa(key) => {
                let modulus = key.modulus().big_endian_without_leading_zero();
                Some(modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize))
            }
            Material::P256(_) | Material::Ed25519(_) => None,
        }
    }

    /// Writes the key as a DER SubjectPublicKeyInfo.
    pub fn to_spki(&self) -> Vec<u8> {
        self.subject_public_key_info()
    }

    /// Writes the key as PEM, `PUBLIC KEY`.
    pub fn to_spki_pem(&self) -> String {
        pem::write("PUBLIC KEY", LineEnding::LF, &self.to_spki())
    }

    /// Refuses RSA keys that are too weak, or so long that checking them is a burden.
    pub(crate) fn require_rsa_bits(&self) -> Result<()> {
        match self.rsa_bits() {
            Some(bits) if !RSA_BITS.contains(&bits) => Err(Error::RsaBits(bits)),
            Some(_) | None => Ok(()),
        }
    }

    pub(crate) fn from_info(info: &SubjectPublicKeyInfo<'_>) -> Result<Self> {
        if info.subject_public_key.unused_bits != 0 {
            return Err(Error::Key("not a whole number of bytes"));
        }
        let raw = info.subject_public_key.data.as_ref();
        let algorithm = &info.algorithm.algorithm;
        let curve = || info.algorithm.parameters.as_ref().and_then(|any| any.as_oid().ok());
        if *algorithm == OID_PKCS1_RSAENCRYPTION {
            Self::rsa(raw)
        } else if *algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY && curve() == Some(OID_EC_P256) {
            Self::p256(raw)
        } else if *algorithm == OID_SIG_ED25519 {
            Self::ed25519(raw)
        } else {
            Err(Error::Key("neither RSA, P-256 nor Ed25519"))
        }
    }

    /// Reads a DER RSAPublicKey.
    pub(crate) fn rsa(der: &[u8]) -> Result<Self> {
        let key = RsaSubjectPublicKey::from_der(der).map_err(|_| Error::Key("not an RSA key"))?;
        Ok(Self(Material::Rsa(key)))
    }

    /// Reads an uncompressed point and proves that it is on the curve.
    pub(crate) fn p256(point: &[u8]) -> Result<Self> {
        let refused = Error::Key("not a point of P-256");
        let Ok(bytes) = <[u8; 65]>::try_from(point) else { return Err(refused) };
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes).map_err(|_| refused)?;
        Ok(Self(Material::P256(bytes)))
    }

    /// Reads a raw Ed25519 key.
    pub(crate) fn ed25519(key: &[u8]) -> Result<Self> {
        let refused = Error::Key("not an Ed25519 key");
        let Ok(bytes) = <[u8; 32]>::try_from(key) else { return Err(refused) };
        ParsedPublicKey::new(&ED25519, bytes).map_err(|_| refused)?;
        Ok(Self(Material::Ed25519(bytes)))
    }

    /// The key without its wrapping: an RSAPublicKey, a point, or 32 bytes.
    pub(crate) fn raw(&self) -> &[u8] {
        match &self.0 {
            Material::Rsa(key) => key.as_ref(),
            Material::P256(point) => point,
            Material::Ed25519(key) => key,
        }
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.kind() == other.kind() && self.raw() == other.raw()
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?}, {})", self.kind(), self.jwk().thumbprint())
    }
}

impl PublicKeyData for PublicKey {
    fn der_bytes(&self) -> &[u8] {
        self.raw()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.kind() {
            KeyKind::Rsa => &rcgen::PKCS_RSA_SHA256,
            KeyKind::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
            KeyKind::Ed25519 => &rcgen::PKCS_ED25519,
        }
    }
}

const RSA_BITS: RangeInclusive<usize> = 2048..=4096;
