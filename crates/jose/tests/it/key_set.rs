//! Sets of keys that somebody else publishes, for good or ill.

use jose::{Algorithm, KeyKind, KeySet, PrivateKey};
use serde_json::{Value, json};

fn public(kind: KeyKind, more: Value) -> Value {
    let key = PrivateKey::generate(kind).expect("a key can be made");
    let mut jwk = serde_json::to_value(key.public().jwk()).expect("a key is JSON");
    if let (Value::Object(jwk), Value::Object(more)) = (&mut jwk, more) {
        jwk.extend(more);
    }
    jwk
}

fn read(set: &Value) -> KeySet {
    KeySet::from_json(set.to_string().as_bytes()).expect("a set")
}

#[test]
fn a_key_is_found_by_its_name_and_kind() {
    let set = read(&json!({ "keys": [
        public(KeyKind::P256, json!({ "kid": "a" })),
        public(KeyKind::Ed25519, json!({ "kid": "b", "alg": "EdDSA", "use": "sig" })),
        public(KeyKind::P256, json!({ "kid": "c", "use": "jwt-svid", "key_ops": ["verify"] })),
    ], "spiffe_sequence": 1 }));
    assert_eq!(set.verifying(Some("a"), Algorithm::ES256).len(), 1);
    assert_eq!(set.verifying(Some("c"), Algorithm::ES256).len(), 1);
    assert_eq!(set.verifying(Some("b"), Algorithm::EdDSA).len(), 1);
    for (kid, algorithm) in [
        ("a", Algorithm::EdDSA),
        ("a", Algorithm::RS256),
        ("a", Algorithm::HS256),
        ("d", Algorithm::ES256),
        ("", Algorithm::ES256),
    ] {
        assert!(set.verifying(Some(kid), algorithm).is_empty(), "{kid} {algorithm}");
    }
    // Without a name there must be no choice.
    assert_eq!(set.verifying(None, Algorithm::EdDSA).len(), 1);
    assert!(set.verifying(None, Algorithm::ES256).is_empty());
}

#[test]
fn what_cannot_verify_is_left_out_and_spoils_what_was_written_down() {
    let good = public(KeyKind::P256, json!({ "kid": "good" }));
    for bad in [
        json!(null),
        json!("key"),
        json!([]),
        json!({}),
        json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "x" }),
        json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA" }),
        json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA" }),
        json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" }),
        json!({ "kty": 7 }),
        public(KeyKind::P256, json!({ "d": "AA" })),
        public(KeyKind::P256, json!({ "d": null })),
        public(KeyKind::P256, json!({ "use": "enc" })),
        public(KeyKind::P256, json!({ "use": 1 })),
        public(KeyKind::P256, json!({ "key_ops": ["sign"] })),
        public(KeyKind::P256, json!({ "key_ops": "verify" })),
        public(KeyKind::P256, json!({ "alg": "RS256" })),
        public(KeyKind::P256, json!({ "alg": "none" })),
        public(KeyKind::P256, json!({ "alg": "ECDH-ES" })),
        public(KeyKind::P256, json!({ "kid": 7 })),
    ] {
        let set = json!({ "keys": [bad, good] });
        assert_eq!(read(&set).verifying(None, Algorithm::ES256).len(), 1, "{bad}");
        assert!(KeySet::strict(&set).is_err(), "{bad}");
    }
    assert!(KeySet::strict(&json!({ "keys": [good] })).is_ok());
}

#[test]
fn keys_of_one_name_are_all_tried_but_not_without_end() {
    let keys: Vec<Value> = (0..20).map(|_| public(KeyKind::P256, json!({ "kid": "same" }))).collect();
    assert_eq!(read(&json!({ "keys": keys })).verifying(Some("same"), Algorithm::ES256).len(), 4);
}

#[test]
fn what_is_no_set() {
    let deep = format!("{{\"keys\":{}{}}}", "[".repeat(50_000), "]".repeat(50_000));
    let many = json!({ "keys": vec![json!({}); 101] }).to_string();
    for text in ["", "null", "[]", "{}", "{\"keys\":{}}", "{\"keys\":[],\"keys\":[]}", "\u{0}", &deep, &many]
    {
        assert!(KeySet::from_json(text.as_bytes()).is_err(), "{}", &text[..text.len().min(40)]);
    }
    assert!(KeySet::from_json(b"{\"keys\":[]}").unwrap().is_empty());
    for set in [json!(null), json!({ "keys": [] }), json!({ "keys": "" }), json!([])] {
        assert!(KeySet::strict(&set).is_err(), "{set}");
    }
}
