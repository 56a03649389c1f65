//! Keys and certificates to hand in, made once for all tests.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use jose::{Certificate, KeyKind, PrivateKey, b64url_encode};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use serde_json::Value;

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

/// The private half of [`rsa_pem`].
pub fn rsa() -> &'static PrivateKey {
    &KEY
}

/// Signs any header and any claims, by a library that is not ours.
pub fn signed(key: &PrivateKey, algorithm: Algorithm, header: &Value, claims: &Value) -> String {
    let pkcs8 = STANDARD.encode(&*key.to_pkcs8().unwrap());
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{pkcs8}\n-----END PRIVATE KEY-----\n");
    let encoding = match key.kind() {
        KeyKind::Rsa => EncodingKey::from_rsa_pem(pem.as_bytes()),
        KeyKind::P256 => EncodingKey::from_ec_pem(pem.as_bytes()),
        KeyKind::Ed25519 => EncodingKey::from_ed_pem(pem.as_bytes()),
    };
    let input = format!("{}.{}", b64url_encode(header.to_string()), b64url_encode(claims.to_string()));
    let signature = crypto::sign(input.as_bytes(), &encoding.unwrap(), algorithm).unwrap();
    format!("{input}.{signature}")
}
