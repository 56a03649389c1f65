//! Tokens that mean harm: forged, bent, oversized or malformed.

use std::sync::Arc;

use jose::{
    Algorithm, Error, KeyKind, PrivateKey, Signer, Token, VerifyingKey, b64url_decode, b64url_encode,
};

#[test]
fn an_unsigned_token_is_never_verified() {
    let (_, key, _) = rsa();
    for alg in ["none", "None", "NONE", "nOnE", "", "HS512", "RS256\0"] {
        let text = format!("{}.{}.", part(&format!(r#"{{"alg":{}}}"#, serde_json::json!(alg))), part("{}"));
        let token = Token::parse(&text).unwrap();
        assert_eq!(token.alg(), None, "{alg:?}");
        for key in [&key, &VerifyingKey::hmac(b"secret")] {
            assert!(matches!(token.verify(key), Err(Error::WrongAlgorithm { .. })), "{alg:?}");
        }
    }
}

#[test]
fn a_public_key_is_no_shared_secret() {
    let (private, key, _) = rsa();
    for secret in [private.public().to_spki_pem().into_bytes(), private.public().to_spki()] {
        let forged = Signer::hmac(&secret, "JWT").sign(b"{}").unwrap();
        assert_eq!(
            Token::parse(&forged).unwrap().verify(&key),
            Err(Error::WrongAlgorithm { expected: Algorithm::RS256 })
        );
    }
}

#[test]
fn an_algorithm_of_the_same_key_is_another_algorithm() {
    let (private, key, _) = rsa();
    for algorithm in [Algorithm::RS384, Algorithm::RS512, Algorithm::PS256] {
        let token = Signer::new(algorithm, private.clone(), "kid", "JWT").unwrap().sign(b"{}").unwrap();
        assert!(matches!(Token::parse(&token).unwrap().verify(&key), Err(Error::WrongAlgorithm { .. })));
        // The same signature under a header that lies about it.
        let (_, rest) = token.split_once('.').unwrap();
        let lying = format!("{}.{rest}", part(r#"{"alg":"RS256"}"#));
        assert_eq!(Token::parse(&lying).unwrap().verify(&key), Err(Error::Signature));
    }
}

#[test]
fn nothing_can_be_changed() {
    let (_, key, token) = rsa();
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("three parts") };

    let kid = part(r#"{"alg":"RS256","typ":"JWT","kid":"other"}"#);
    let sub = part(r#"{"sub":"admin"}"#);
    let mut flipped = b64url_decode(signature).unwrap();
    flipped[100] ^= 1;
    let flipped = b64url_encode(flipped);
    let short = b64url_encode(&b64url_decode(signature).unwrap()[..255]);
    let long = b64url_encode([b64url_decode(signature).unwrap(), vec![0]].concat());
    for text in [
        format!("{kid}.{payload}.{signature}"),
        format!("{header}.{sub}.{signature}"),
        format!("{header}.{payload}.{flipped}"),
        format!("{header}.{payload}.{short}"),
        format!("{header}.{payload}.{long}"),
        format!("{header}.{payload}."),
        format!("{header}..{signature}"),
    ] {
        assert_eq!(Token::parse(&text).unwrap().verify(&key), Err(Error::Signature), "{text}");
    }
}

#[test]
fn another_key_does_not_verify() {
    let (_, _, token) = rsa();
    let (_, other, _) = rsa();
    assert_eq!(Token::parse(&token).unwrap().verify(&other), Err(Error::Signature));

    let token = Signer::hmac(b"one", "JWT").sign(b"{}").unwrap();
    assert_eq!(Token::parse(&token).unwrap().verify(&VerifyingKey::hmac(b"two")), Err(Error::Signature));
}

#[test]
fn an_ecdsa_signature_of_zeros_does_not_verify() {
    let key = PrivateKey::generate(KeyKind::P256).unwrap();
    let key = VerifyingKey::public(Algorithm::ES256, key.public().clone()).unwrap();
    let text = format!("{}.{}.{}", part(r#"{"alg":"ES256"}"#), part("{}"), b64url_encode([0; 64]));
    assert_eq!(Token::parse(&text).unwrap().verify(&key), Err(Error::Signature));
}

#[test]
fn there_is_one_spelling_of_a_token() {
    let (_, _, token) = rsa();
    let standard = "eyJhbGciOiJIUzI1NiJ9.eyJhIjoiPz8+In0.AA";
    for text in [
        "",
        ".",
        "..",
        "...",
        "a.b",
        &format!("{token}."),
        &format!(".{token}"),
        &format!("{token}.{token}"),
        &format!("{token}="),
        &format!("{token} "),
        &format!(" {token}"),
        &format!("{token}\n"),
        &format!("{token}\0"),
        &format!("Bearer {token}"),
        &token.replacen('.', "..", 1),
        &token.replacen('.', "=.", 1),
        &token.replacen('.', " .", 1),
        &token.replacen('.', "\u{2024}", 1),
        standard,
        "é.é.é",
    ] {
        assert!(Token::parse(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_header_is_an_object_with_an_algorithm() {
    for header in [
        "",
        "null",
        "[]",
        "\"RS256\"",
        "{}",
        r#"{"alg":null}"#,
        r#"{"alg":256}"#,
        r#"{"alg":["RS256"]}"#,
        r#"{"alg":"RS256","alg":"HS256"}"#,
        r#"{"alg":"RS256","kid":"a","kid":"b"}"#,
        r#"{"alg":"RS256","\u0061lg":"HS256"}"#,
        r#"{"alg":"RS256","kid":7}"#,
        r#"{"alg":"RS256","typ":{}}"#,
        r#"{"alg":"RS256","crit":["b64"],"b64":false}"#,
        r#"{"alg":"RS256","crit":[]}"#,
        r#"{"alg":"RS256"} x"#,
        r#"{"alg":"RS256"}{}"#,
        r#"{"alg":"RS256""#,
        "{\"alg\":\"RS256\0\"}",
        "\u{feff}{\"alg\":\"RS256\"}",
    ] {
        let text = format!("{}.{}.AAAA", part(header), part("{}"));
        assert!(Token::parse(&text).is_err(), "{header:?}");
    }
    let text = format!("{}.{}.AAAA", b64url_encode(b"{\"alg\":\"\xff\"}"), part("{}"));
    assert!(Token::parse(&text).is_err());
}

#[test]
fn claims_are_an_object_even_when_signed() {
    let signer = Signer::hmac(b"secret", "JWT");
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(5000), "]".repeat(5000));
    for claims in [
        &b""[..],
        b"null",
        b"[]",
        b"\"text\"",
        b"7",
        b"{",
        b"{} {}",
        b"{\"sub\":\"\xff\"}",
        b"\xff\xfe{\0}\0",
        br#"{"sub":"a","sub":"b"}"#,
        br#"{"exp":1e999}"#,
        br#"{"sub":"\ud800"}"#,
        deep.as_bytes(),
    ] {
        let text = signer.sign(claims).unwrap();
        let token = Token::parse(&text).unwrap();
        assert!(token.claims().is_err(), "{claims:?}");
        assert!(token.verify(&signer.verifying_key().unwrap()).is_err(), "{claims:?}");
    }
}

#[test]
fn a_token_has_an_end() {
    let signer = Signer::hmac(b"secret", "JWT");
    let sized =
        |length: usize| signer.sign(format!(r#"{{"a":"{}"}}"#, "x".repeat(length)).as_bytes()).unwrap();
    assert!(Token::parse(&sized(12_000)).is_ok());
    assert_eq!(Token::parse(&sized(12_300)).err(), Some(Error::Token("longer than 16 KiB")));
    assert!(Token::parse(&sized(10_000_000)).is_err());

    let header = |length: usize| format!(r#"{{"alg":"HS256","x":"{}"}}"#, "x".repeat(length));
    let text = |length: usize| format!("{}.{}.AAAA", part(&header(length)), part("{}"));
    assert!(Token::parse(&text(3000)).is_ok());
    assert_eq!(Token::parse(&text(3100)).err(), Some(Error::Token("a header longer than 4 KiB")));

    let deep = format!(r#"{{"alg":"HS256","x":{}{}}}"#, "[".repeat(1000), "]".repeat(1000));
    assert!(Token::parse(&format!("{}.{}.AAAA", part(&deep), part("{}"))).is_err());
    assert!(Token::parse(&".".repeat(16_000)).is_err());
}

#[test]
fn nothing_secret_is_printed() {
    let (private, key, token) = rsa();
    let token = Token::parse(&token).unwrap();
    let signer = Signer::hmac(b"hunter2", "JWT");
    assert_eq!(format!("{private:?}"), "PrivateKey(Rsa, Secret(..))");
    assert_eq!(format!("{key:?}"), "VerifyingKey(RS256, Secret(..))");
    assert_eq!(format!("{signer:?}"), "Signer(HS256, Secret(..))");
    assert_eq!(format!("{token:?}"), r#"Token({"alg":"RS256","typ":"JWT","kid":"kid"}, Secret(..))"#);
}

fn rsa() -> (Arc<PrivateKey>, VerifyingKey, String) {
    let private = Arc::new(PrivateKey::generate(KeyKind::Rsa).expect("a key"));
    let signer = Signer::new(Algorithm::RS256, private.clone(), "kid", "JWT").expect("a signer");
    let token = signer.sign(br#"{"sub":"someone"}"#).expect("a token");
    (private, signer.verifying_key().expect("a key"), token)
}

fn part(json: &str) -> String {
    b64url_encode(json)
}
