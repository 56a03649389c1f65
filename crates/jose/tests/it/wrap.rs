//! Wrapped key material: made here, made by OpenSSL, and bent.

use jose::{Error, KeyKind, OaepHash, PrivateKey, rsa_aes_unwrap, rsa_aes_wrap};

#[test]
fn what_openssl_wrapped_opens() {
    let key = PrivateKey::from_pkcs8(KeyKind::Rsa, include_bytes!("vectors/wrapping_key.der")).unwrap();
    for (hash, other, wrapped) in [
        (OaepHash::Sha1, OaepHash::Sha256, &include_bytes!("vectors/wrapped.sha1.bin")[..]),
        (OaepHash::Sha256, OaepHash::Sha1, &include_bytes!("vectors/wrapped.sha256.bin")[..]),
    ] {
        assert_eq!(rsa_aes_unwrap(&key, hash, wrapped).unwrap().as_slice(), b"key material of an odd length");
        assert_eq!(rsa_aes_unwrap(&key, other, wrapped).err(), Some(Error::Unwrap));
    }
}

#[test]
fn what_is_wrapped_here_opens_here() {
    let key = PrivateKey::generate_rsa(3072).unwrap();
    for length in [1, 8, 31, 32, 33, 1700] {
        let material = vec![7; length];
        let wrapped = rsa_aes_wrap(key.public(), OaepHash::Sha256, &material).unwrap();
        assert_eq!(*rsa_aes_unwrap(&key, OaepHash::Sha256, &wrapped).unwrap(), material);
    }
}

#[test]
fn bent_material_does_not_open() {
    let key = PrivateKey::generate_rsa(2048).unwrap();
    let wrapped = rsa_aes_wrap(key.public(), OaepHash::Sha1, b"a secret of some length").unwrap();
    for place in [0, 255, 256, wrapped.len() - 1] {
        let mut bent = wrapped.clone();
        bent[place] ^= 1;
        assert_eq!(rsa_aes_unwrap(&key, OaepHash::Sha1, &bent).err(), Some(Error::Unwrap), "{place}");
    }
    for length in [0, 1, 255, 256, 257, wrapped.len() - 1] {
        assert_eq!(
            rsa_aes_unwrap(&key, OaepHash::Sha1, &wrapped[..length]).err(),
            Some(Error::Unwrap),
            "{length}"
        );
    }
    assert_eq!(rsa_aes_unwrap(&key, OaepHash::Sha1, &vec![0; 1_000_000]).err(), Some(Error::Unwrap));
}

#[test]
fn only_rsa_wraps() {
    for kind in [KeyKind::P256, KeyKind::Ed25519] {
        let key = PrivateKey::generate(kind).unwrap();
        assert!(matches!(rsa_aes_wrap(key.public(), OaepHash::Sha1, b"x"), Err(Error::Key(_))));
        assert!(matches!(rsa_aes_unwrap(&key, OaepHash::Sha1, b"x"), Err(Error::Key(_))));
    }
}
