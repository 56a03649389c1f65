//! Key material under wrap (PKCS#11 `CKM_RSA_AES_KEY_WRAP`): a fresh AES-256 key under RSA-OAEP, then the
//! material under that key with RFC 5649. It says nothing about what the material is.

use aws_lc_rs::key_wrap::{AES_256, KeyEncryptionKey, KeyWrapPadded};
use aws_lc_rs::rsa::{
    OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use zeroize::Zeroizing;

use crate::{Error, KeyKind, PrivateKey, PublicKey, Result, random_bytes};

/// The hash of RSA-OAEP, for its label and its mask alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OaepHash {
    Sha1,
    Sha256,
}

/// Opens wrapped key material with an RSA key.
pub fn rsa_aes_unwrap(key: &PrivateKey, hash: OaepHash, wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    require_rsa(key.kind())?;
    let rsa = PrivateDecryptingKey::from_pkcs8(&key.to_pkcs8()?).map_err(|_| Error::Key("not an RSA key"))?;
    let rsa = OaepPrivateDecryptingKey::new(rsa)?;
    if wrapped.len() > LONGEST {
        return Err(Error::Unwrap);
    }
    let (wrapped_key, wrapped_material) =
        wrapped.split_at_checked(rsa.key_size_bytes()).ok_or(Error::Unwrap)?;

    let mut room = Zeroizing::new(vec![0; rsa.min_output_size()]);
    let aes = rsa.decrypt(hash.algorithm(), wrapped_key, &mut room, None).map_err(|_| Error::Unwrap)?;
    let aes = KeyEncryptionKey::new(&AES_256, aes).map_err(|_| Error::Unwrap)?;

    let mut material = Zeroizing::new(vec![0; wrapped_material.len()]);
    let length = aes.unwrap_with_padding(wrapped_material, &mut material).map_err(|_| Error::Unwrap)?.len();
    material.truncate(length);
    Ok(material)
}

/// Wraps key material for the holder of an RSA key.
pub fn rsa_aes_wrap(key: &PublicKey, hash: OaepHash, material: &[u8]) -> Result<Vec<u8>> {
    require_rsa(key.kind())?;
    let rsa = PublicEncryptingKey::from_der(&key.to_spki()).map_err(|_| Error::Key("not an RSA key"))?;
    let rsa = OaepPublicEncryptingKey::new(rsa)?;
    let aes = Zeroizing::new(random_bytes::<32>());

    let mut wrapped_key = vec![0; rsa.ciphertext_size()];
    let wrapped_key = rsa.encrypt(hash.algorithm(), &*aes, &mut wrapped_key, None)?;
    let mut wrapped_material = vec![0; material.len() + 15];
    let wrapped_material =
        KeyEncryptionKey::new(&AES_256, &*aes)?.wrap_with_padding(material, &mut wrapped_material)?;
    Ok([&*wrapped_key, &*wrapped_material].concat())
}

impl OaepHash {
    fn algorithm(self) -> &'static OaepAlgorithm {
        match self {
            Self::Sha1 => &OAEP_SHA1_MGF1SHA1,
            Self::Sha256 => &OAEP_SHA256_MGF1SHA256,
        }
    }
}

fn require_rsa(kind: KeyKind) -> Result<()> {
    match kind {
        KeyKind::Rsa => Ok(()),
        KeyKind::P256 | KeyKind::Ed25519 => Err(Error::Key("only RSA keys wrap")),
    }
}

/// Far more than any key is long.
const LONGEST: usize = 16 * 1024;
