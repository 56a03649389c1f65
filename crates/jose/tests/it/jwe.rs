//! Tokens under a recipient's key: made here, made by another library, and bent.

use jose::jwe::{Encrypter, KeyManagement, decrypt};
use jose::{Error, KeyKind, PrivateKey, b64url_decode, b64url_encode};
use serde_json::{Value, json};

#[test]
fn what_another_library_encrypted_opens() {
    for (way, compact) in [
        ("RSA-OAEP-256", include_str!("vectors/rsa-oaep-256.jwe")),
        ("RSA-OAEP-384", include_str!("vectors/rsa-oaep-384.jwe")),
        ("RSA-OAEP-512", include_str!("vectors/rsa-oaep-512.jwe")),
    ] {
        let opened = decrypt(&key(), compact).unwrap();
        assert_eq!(opened.content.as_slice(), b"a.signed.token", "{way}");
        assert_eq!(
            Value::Object(opened.header),
            json!({ "alg": way, "enc": "A256GCM", "cty": "JWT", "kid": "k1" })
        );
    }
}

#[test]
fn what_is_encrypted_here_opens_here_and_never_looks_the_same() {
    let key = key();
    for way in KeyManagement::ALL {
        let encrypter = Encrypter::for_tokens(way, key.public(), Some("k1")).unwrap();
        for token in ["", "a.signed.token", &"x".repeat(12_000)] {
            let compact = encrypter.encrypt(token).unwrap();
            let opened = decrypt(&key, &compact).unwrap();
            assert_eq!(opened.content.as_slice(), token.as_bytes());
            assert_eq!(
                serde_json::to_string(&opened.header).unwrap(),
                format!(r#"{{"alg":"{}","enc":"A256GCM","kid":"k1","cty":"JWT"}}"#, way.as_str())
            );
            assert_ne!(encrypter.encrypt(token).unwrap(), compact);
        }
    }
}

#[test]
fn the_header_names_no_key_where_there_is_no_name() {
    let encrypter = Encrypter::for_tokens(KeyManagement::RsaOaep256, key().public(), None).unwrap();
    let compact = encrypter.encrypt("x").unwrap();
    let header = b64url_decode(compact.split('.').next().unwrap()).unwrap();
    assert_eq!(header, br#"{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT"}"#);
}

#[test]
fn nothing_can_be_changed() {
    let compact = include_str!("vectors/rsa-oaep-256.jwe");
    let parts: Vec<&str> = compact.split('.').collect();
    for place in 1..5 {
        let mut bent = b64url_decode(parts[place]).unwrap();
        bent[3] ^= 1;
        let bent = b64url_encode(bent);
        let mut parts = parts.clone();
        parts[place] = &bent;
        assert_eq!(opened(&parts.join(".")), Some(Error::Unwrap), "part {place}");
        for length in [0, 1, 11] {
            let short = b64url_encode(&b64url_decode(parts[place]).unwrap()[..length]);
            let mut parts = parts.clone();
            parts[place] = &short;
            assert_eq!(opened(&parts.join(".")), Some(Error::Unwrap), "part {place} of {length} bytes");
        }
    }
    // The header is sealed too, to the last byte.
    let header = b64url_encode(r#"{"alg":"RSA-OAEP-256","enc":"A256GCM","cty":"JWT","kid":"k2"}"#);
    assert_eq!(opened(&[&[header.as_str()], &parts[1..]].concat().join(".")), Some(Error::Unwrap));
    assert!(matches!(decrypt(&PrivateKey::generate(KeyKind::Rsa).unwrap(), compact), Err(Error::Unwrap)));
}

#[test]
fn other_ways_are_refused_before_any_cryptography() {
    // RSA-OAEP with SHA-1 is what the other library calls RSA-OAEP.
    assert_eq!(opened(include_str!("vectors/rsa-oaep.jwe")), Some(Error::UnknownAlgorithm));
    let rest = include_str!("vectors/rsa-oaep-256.jwe").split_once('.').unwrap().1;
    for (header, expected) in [
        (json!({ "alg": "dir", "enc": "A256GCM" }), Error::UnknownAlgorithm),
        (json!({ "alg": "RSA1_5", "enc": "A256GCM" }), Error::UnknownAlgorithm),
        (json!({ "alg": ["RSA-OAEP-256"], "enc": "A256GCM" }), Error::UnknownAlgorithm),
        (json!({ "alg": "RSA-OAEP-256", "enc": "A128CBC-HS256" }), Error::UnknownAlgorithm),
        (json!({ "alg": "RSA-OAEP-256" }), Error::UnknownAlgorithm),
        (json!({}), Error::UnknownAlgorithm),
        (
            json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM", "zip": "DEF" }),
            Error::Token("`crit` and `zip` are not supported"),
        ),
        (
            json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM", "crit": [] }),
            Error::Token("`crit` and `zip` are not supported"),
        ),
    ] {
        assert_eq!(opened(&format!("{}.{rest}", b64url_encode(header.to_string()))), Some(expected));
    }
}

#[test]
fn what_is_no_jwe_is_refused() {
    let long = format!("e30.{}...", "A".repeat(40_000));
    let wide = format!("{}....", b64url_encode(format!(r#"{{"alg":"{}"}}"#, "x".repeat(4_000))));
    let deep = format!("{}....", b64url_encode(format!(r#"{{"a":{}}}"#, "[".repeat(2_000))));
    let twice = format!("{}....", b64url_encode(r#"{"alg":"RSA-OAEP-256","alg":"RSA-OAEP-512"}"#));
    for text in [
        "",
        ".",
        "....",
        "a.b.c",
        "a.b.c.d.e.f",
        "e30",
        "{}....",
        "é....",
        "e30=....",
        "\0....",
        &long,
        &wide,
        &deep,
        &twice,
    ] {
        let refused = opened(text);
        assert!(matches!(refused, Some(Error::Token(_) | Error::Base64)), "{refused:?}");
    }
}

#[test]
fn only_rsa_keys_of_a_fair_length_encrypt() {
    for kind in [KeyKind::P256, KeyKind::Ed25519] {
        let key = PrivateKey::generate(kind).unwrap();
        assert!(matches!(
            Encrypter::for_tokens(KeyManagement::RsaOaep256, key.public(), None),
            Err(Error::Key(_))
        ));
        assert!(matches!(decrypt(&key, include_str!("vectors/rsa-oaep-256.jwe")), Err(Error::Key(_))));
    }
    let short = jose::PublicKey::from_pem(include_str!("vectors/short.spki.pem")).unwrap();
    assert!(matches!(
        Encrypter::for_tokens(KeyManagement::RsaOaep256, &short, None),
        Err(Error::RsaBits(1024))
    ));
}

fn opened(compact: &str) -> Option<Error> {
    decrypt(&key(), compact).err()
}

fn key() -> PrivateKey {
    PrivateKey::from_pkcs8(KeyKind::Rsa, include_bytes!("vectors/wrapping_key.der"))
        .expect("the key of the vectors")
}
