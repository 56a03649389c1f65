//! Keys and certificates to hand in, made once for all tests.

use std::sync::LazyLock;

use jose::{Certificate, KeyKind, PrivateKey};

static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate(KeyKind::Rsa).unwrap());

/// A public RSA key in PEM.
pub fn rsa_pem() -> String {
    KEY.public().to_spki_pem()
}

/// The certificate of the same key, which expires in the year 2039.
pub fn certificate() -> Certificate {
    Certificate::self_signed(&KEY, "client.example", 1_782_907_200, 13).unwrap()
}

/// The thumbprint of the same key (RFC 7638).
pub fn thumbprint() -> String {
    KEY.public().jwk().thumbprint()
}

/// A public key that is no RSA key.
pub fn p256_pem() -> String {
    PrivateKey::generate(KeyKind::P256).unwrap().public().to_spki_pem()
}
