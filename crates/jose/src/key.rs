//! A private key, parsed once and kept ready to sign. It is never printed; it leaves only as PKCS#8, in
//! memory that is wiped.

use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaKeyPair,
};
use zeroize::Zeroizing;

use crate::{Error, KeyKind, PublicKey, Result};

/// A private key with its public half.
pub struct PrivateKey {
    pair: Pair,
    public: PublicKey,
}

/// The key pairs of the cryptographic library.
pub(crate) enum Pair {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    /// Makes a new key; an RSA key gets 2048 bits.
    pub fn generate(kind: KeyKind) -> Result<Self> {
        match kind {
            KeyKind::Rsa => Self::generate_rsa(2048),
            KeyKind::P256 => Self::new(Pair::P256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?)),
            KeyKind::Ed25519 => Self::new(Pair::Ed25519(Ed25519KeyPair::generate()?)),
        }
    }

    /// Makes a new RSA key of 2048, 3072 or 4096 bits.
    pub fn generate_rsa(bits: usize) -> Result<Self> {
        let size = match bits {
            2048 => KeySize::Rsa2048,
            3072 => KeySize::Rsa3072,
            4096 => KeySize::Rsa4096,
            other => return Err(Error::RsaBits(other)),
        };
        Self::new(Pair::Rsa(RsaKeyPair::generate(size)?))
    }

    /// Reads an unencrypted PKCS#8 key of a known kind.
    pub fn from_pkcs8(kind: KeyKind, pkcs8: &[u8]) -> Result<Self> {
        let pair = match kind {
            KeyKind::Rsa => RsaKeyPair::from_pkcs8(pkcs8).map(Pair::Rsa),
            KeyKind::P256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8).map(Pair::P256)
            }
            KeyKind::Ed25519 => Ed25519KeyPair::from_pkcs8(pkcs8).map(Pair::Ed25519),
        };
        Self::new(pair.map_err(|_| Error::Key("not a PKCS#8 key of that kind"))?)
    }

    /// Writes the key as unencrypted PKCS#8.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>> {
        let bytes = match &self.pair {
            Pair::Rsa(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(pair)?.as_ref().to_vec(),
            Pair::P256(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
        };
        Ok(Zeroizing::new(bytes))
    }

    /// The public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The kind of key it is.
    pub fn kind(&self) -> KeyKind {
        self.public.kind()
    }

    pub(crate) fn pair(&self) -> &Pair {
        &self.pair
    }

    fn new(pair: Pair) -> Result<Self> {
        let public = match &pair {
            Pair::Rsa(pair) => PublicKey::rsa(pair.public_key().as_ref())?,
            Pair::P256(pair) => PublicKey::p256(pair.public_key().as_ref())?,
            Pair::Ed25519(pair) => PublicKey::ed25519(pair.public_key().as_ref())?,
        };
        public.require_rsa_bits()?;
        Ok(Self { pair, public })
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PrivateKey({:?}, Secret(..))", self.kind())
    }
}
