//! Keys in and out of their wrappings, and keys that must not get in.

use std::sync::Arc;

use jose::{Algorithm, Error, Jwk, KeyKind, PrivateKey, PublicKey, Signer, VerifyingKey};
use serde_json::json;

const KINDS: [KeyKind; 3] = [KeyKind::Rsa, KeyKind::P256, KeyKind::Ed25519];

#[test]
fn a_key_survives_each_wrapping() {
    for kind in KINDS {
        let key = PrivateKey::generate(kind).unwrap();
        assert_eq!(key.kind(), kind);
        let again = PrivateKey::from_pkcs8(kind, &key.to_pkcs8().unwrap()).unwrap();
        assert_eq!(again.public(), key.public());
        assert_eq!(PublicKey::from_pem(&key.public().to_spki_pem()).unwrap(), *key.public());
        assert_eq!(PublicKey::from_spki(&key.public().to_spki()).unwrap(), *key.public());
        assert_eq!(key.public().jwk().public_key().unwrap(), *key.public());
    }
}

#[test]
fn keys_of_openssl_are_read() {
    let spki = PublicKey::from_pem(include_str!("vectors/wrapping_key.spki.pem")).unwrap();
    let pkcs1 = PublicKey::from_pem(include_str!("vectors/wrapping_key.pkcs1.pem")).unwrap();
    let private = PrivateKey::from_pkcs8(KeyKind::Rsa, include_bytes!("vectors/wrapping_key.der")).unwrap();
    assert_eq!(spki, pkcs1);
    assert_eq!(spki, *private.public());
    assert_eq!(spki.rsa_bits(), Some(2048));
    assert_eq!(spki.to_spki_pem(), include_str!("vectors/wrapping_key.spki.pem"));

    let ed25519 = PublicKey::from_pem(include_str!("vectors/ed25519.spki.pem")).unwrap();
    assert_eq!((ed25519.kind(), ed25519.rsa_bits()), (KeyKind::Ed25519, None));
    assert_eq!(ed25519.to_spki_pem(), include_str!("vectors/ed25519.spki.pem"));
    let windows = include_str!("vectors/ed25519.spki.pem").replace('\n', "\r\n");
    assert_eq!(PublicKey::from_pem(&format!("a comment\r\n{windows}trailing")).unwrap(), ed25519);
}

#[test]
fn weak_and_foreign_keys_are_refused() {
    let short = PublicKey::from_pem(include_str!("vectors/short.spki.pem")).unwrap();
    assert_eq!(short.rsa_bits(), Some(1024));
    assert_eq!(VerifyingKey::public(Algorithm::RS256, short).err(), Some(Error::RsaBits(1024)));
    assert!(matches!(PublicKey::from_pem(include_str!("vectors/p384.spki.pem")), Err(Error::Key(_))));
    assert_eq!(PrivateKey::generate_rsa(1024).err(), Some(Error::RsaBits(1024)));
    assert_eq!(PrivateKey::generate_rsa(3072).unwrap().public().rsa_bits(), Some(3072));
}

#[test]
fn an_algorithm_goes_with_its_kind_only() {
    for kind in KINDS {
        let key = Arc::new(PrivateKey::generate(kind).unwrap());
        for algorithm in Algorithm::ALL {
            let fits = algorithm.key_kind() == Some(kind);
            assert_eq!(
                Signer::new(algorithm, key.clone(), "kid", "JWT").is_ok(),
                fits,
                "{algorithm} {kind:?}"
            );
            assert_eq!(
                VerifyingKey::public(algorithm, key.public().clone()).is_ok(),
                fits,
                "{algorithm} {kind:?}"
            );
        }
        for other in KINDS.into_iter().filter(|other| *other != kind) {
            assert!(PrivateKey::from_pkcs8(other, &key.to_pkcs8().unwrap()).is_err());
        }
    }
}

#[test]
fn damaged_keys_are_refused() {
    let good = include_str!("vectors/wrapping_key.spki.pem");
    let body: String = good.lines().filter(|line| !line.starts_with('-')).collect();
    for text in [
        String::new(),
        "\0".into(),
        "-----BEGIN PUBLIC KEY-----".into(),
        "-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n".into(),
        good.replace("PUBLIC KEY", "PRIVATE KEY"),
        good.replace("PUBLIC KEY", "RSA PUBLIC KEY").replace("MIIB", "AAAA"),
        good.replace("PUBLIC KEY", "CERTIFICATE"),
        good.replace("MIIB", "MII!"),
        good.replace("MIIB", "MIIC"),
        good.replace("MIIB", "é\0"),
        good[..good.len() / 2].into(),
        format!("-----BEGIN PUBLIC KEY-----\n{body}AAAA\n-----END PUBLIC KEY-----\n"),
        format!("{}{good}", "x".repeat(100_000)),
        "-----BEGIN ".repeat(5000),
    ] {
        assert!(PublicKey::from_pem(&text).is_err(), "{text:.80}");
    }
    for bytes in [&b""[..], b"\0", b"\x30\x84\xff\xff\xff\xff", &[0x30; 4096]] {
        assert!(PublicKey::from_spki(bytes).is_err());
        for kind in KINDS {
            assert!(PrivateKey::from_pkcs8(kind, bytes).is_err());
        }
    }
}

#[test]
fn a_jwk_has_its_order_and_nothing_empty() {
    let jwk = Jwk {
        kty: "RSA".into(),
        r#use: Some("sig".into()),
        n: Some("n".into()),
        e: Some("AQAB".into()),
        kid: Some("kid".into()),
        x5t: Some("x5t".into()),
        x5c: Some(vec!["MII".into()]),
        alg: Some("RS256".into()),
        ..Jwk::default()
    };
    let text =
        r#"{"kty":"RSA","use":"sig","n":"n","e":"AQAB","kid":"kid","x5t":"x5t","x5c":["MII"],"alg":"RS256"}"#;
    assert_eq!(serde_json::to_string(&jwk).unwrap(), text);
    assert_eq!(serde_json::from_str::<Jwk>(text).unwrap(), jwk);
}

#[test]
fn damaged_jwks_are_refused() {
    let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
    for jwk in [
        json!({ "kty": "" }),
        json!({ "kty": "oct", "k": "AAAA" }),
        json!({ "kty": "RSA" }),
        json!({ "kty": "RSA", "n": "AQAB" }),
        json!({ "kty": "RSA", "n": "", "e": "" }),
        json!({ "kty": "RSA", "n": "AQAB=", "e": "AQAB" }),
        json!({ "kty": "EC", "crv": "P-384", "x": x, "y": y }),
        json!({ "kty": "EC", "crv": "P-256", "x": x }),
        json!({ "kty": "EC", "crv": "P-256", "x": x, "y": x }),
        json!({ "kty": "EC", "crv": "P-256", "x": "", "y": format!("{x}{y}") }),
        json!({ "kty": "OKP", "crv": "X25519", "x": x }),
        json!({ "kty": "OKP", "crv": "Ed25519", "x": "AAAA" }),
    ] {
        assert!(serde_json::from_value::<Jwk>(jwk.clone()).unwrap().public_key().is_err(), "{jwk}");
    }
    for jwk in [json!(null), json!([]), json!({}), json!({ "kty": 7 }), json!({ "kty": "RSA", "x5c": "MII" })]
    {
        assert!(serde_json::from_value::<Jwk>(jwk.clone()).is_err(), "{jwk}");
    }
}
