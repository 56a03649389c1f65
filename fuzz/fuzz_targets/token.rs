//! A compact JWS, and what it is verified with; a compact JWE.

#![no_main]

use std::sync::LazyLock;

use jose::{Algorithm, KeyKind, PrivateKey, Token, VerifyingKey};
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<[PrivateKey; 3]> = LazyLock::new(|| {
    [KeyKind::Rsa, KeyKind::P256, KeyKind::Ed25519]
        .map(|kind| PrivateKey::generate(kind).expect("a key can be made"))
});

fuzz_target!(|compact: &str| {
    let [rsa, ..] = &*KEYS;
    assert!(jose::jwe::decrypt(rsa, compact).is_err());
    let Ok(token) = Token::parse(compact) else { return };
    let _ = (token.claims(), token.kid(), token.typ(), token.alg());
    for key in &*KEYS {
        for algorithm in Algorithm::ALL {
            if let Ok(key) = VerifyingKey::public(algorithm, key.public().clone()) {
                assert!(token.verify(&key).is_err(), "a key that was made a moment ago signed nothing");
            }
        }
    }
    assert!(token.verify(&VerifyingKey::hmac(rsa.public().to_spki_pem().as_bytes())).is_err());
});
