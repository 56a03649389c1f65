//! Proofs of possession: those of RFC 9449, those made here, and those that mean harm.

use std::sync::Arc;

use jose::dpop::{AHEAD, Invalid, OLDEST, Proof, Request, verify};
use jose::{Algorithm, KeyKind, PrivateKey, Signer, b64url_encode, sha256};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const URI: &str = "https://idp.example/oauth/token";

#[test]
fn the_proofs_of_rfc_9449_hold() {
    let header = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
    let at_token = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
    let request = Request {
        method: "POST",
        uris: &["https://server.example.com/token"],
        now: 1_562_262_616,
        access_token: None,
    };
    let proof = verify(&format!("{header}.{at_token}"), &request).unwrap();
    assert_eq!(
        proof,
        Proof {
            jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".into(),
            jti: "-BwC3ESc6acc2lTc".into(),
            expires: 1_562_262_616 + OLDEST + 1,
            nonce: None,
        }
    );

    let at_resource = "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    let request = Request {
        method: "GET",
        uris: &["https://resource.example.org/protectedresource"],
        now: 1_562_262_618,
        access_token: Some("Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"),
    };
    assert_eq!(verify(&format!("{header}.{at_resource}"), &request).unwrap().jkt, proof.jkt);
    let another = Request { access_token: Some("another"), ..request };
    assert_eq!(verify(&format!("{header}.{at_resource}"), &another), Err(Invalid::AccessToken));
}

#[test]
fn each_algorithm_proves() {
    for (algorithm, key) in keys() {
        let proof = made(algorithm, &key, json!({}), json!({ "nonce": "n1" }));
        let held = verify(&proof, &request()).unwrap();
        assert_eq!(held.jkt, key.public().jwk().thumbprint(), "{algorithm}");
        assert_eq!((held.jti.as_str(), held.nonce.as_deref()), ("j1", Some("n1")));
    }
}

#[test]
fn a_header_that_is_not_of_a_proof_is_refused() {
    let key = ec();
    let private = json!({ "d": "AAAA" });
    let with = |more: Value| {
        let mut jwk = json!(key.public().jwk());
        jwk.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "jwk": jwk })
    };
    let other = json!({ "jwk": ec().public().jwk() });
    let rsa = json!({ "jwk": PrivateKey::generate(KeyKind::Rsa).unwrap().public().jwk() });
    for (header, expected) in [
        (json!({ "typ": "JWT" }), Invalid::Type),
        (json!({ "typ": "DPOP+JWT" }), Invalid::Type),
        (json!({ "typ": null }), Invalid::Malformed),
        (json!({ "alg": "none" }), Invalid::Algorithm),
        (json!({ "alg": "HS256" }), Invalid::Algorithm),
        (json!({ "alg": "RS384" }), Invalid::Algorithm),
        (json!({ "alg": "ES512" }), Invalid::Algorithm),
        (json!({ "alg": "RS256" }), Invalid::Key),
        (json!({ "alg": ["ES256"] }), Invalid::Malformed),
        (json!({ "jwk": null }), Invalid::Key),
        (json!({ "jwk": "{}" }), Invalid::Key),
        (json!({ "jwk": {} }), Invalid::Key),
        (json!({ "jwk": { "kty": "oct", "k": "AAAA" } }), Invalid::PrivateKey),
        (json!({ "jwk": { "kty": "EC", "crv": "P-384", "x": "AA", "y": "AA" } }), Invalid::Key),
        (with(private), Invalid::PrivateKey),
        (with(json!({ "p": null })), Invalid::PrivateKey),
        (with(json!({ "use": "enc" })), Invalid::Key),
        (with(json!({ "alg": "ES384" })), Invalid::Key),
        (with(json!({ "x": "AA" })), Invalid::Key),
        (with(json!({ "x": 1 })), Invalid::Key),
        (other, Invalid::Signature),
        (rsa, Invalid::Key),
        (json!({ "crit": ["b64"], "b64": false }), Invalid::Malformed),
    ] {
        let proof = made(Algorithm::ES256, &key, header.clone(), json!({}));
        assert_eq!(verify(&proof, &request()), Err(expected), "{header}");
    }
    // What is said beside the key does not change whose key it is.
    let named =
        made(Algorithm::ES256, &key, with(json!({ "kid": "x", "use": "sig", "alg": "ES256" })), json!({}));
    assert_eq!(verify(&named, &request()).unwrap().jkt, key.public().jwk().thumbprint());
}

#[test]
fn claims_that_do_not_fit_the_request_are_refused() {
    let key = ec();
    let long = "x".repeat(257);
    for (claims, expected) in [
        (json!({ "htm": "GET" }), Invalid::Method),
        (json!({ "htm": "post" }), Invalid::Method),
        (json!({ "htm": null }), Invalid::Method),
        (json!({ "htm": ["POST"] }), Invalid::Method),
        (json!({ "htu": "https://idp.example/oauth/revoke" }), Invalid::Uri),
        (json!({ "htu": "http://idp.example/oauth/token" }), Invalid::Uri),
        (json!({ "htu": "https://idp.example:8443/oauth/token" }), Invalid::Uri),
        (json!({ "htu": "https://other.example/oauth/token" }), Invalid::Uri),
        (json!({ "htu": "/oauth/token" }), Invalid::Uri),
        (json!({ "htu": [URI] }), Invalid::Uri),
        (json!({ "htu": null }), Invalid::Uri),
        (json!({ "iat": NOW - OLDEST - 1 }), Invalid::TooOld),
        (json!({ "iat": i64::MIN }), Invalid::TooOld),
        (json!({ "iat": NOW + AHEAD + 1 }), Invalid::TooNew),
        (json!({ "iat": i64::MAX }), Invalid::TooNew),
        (json!({ "iat": u64::MAX }), Invalid::IssuedAt),
        (json!({ "iat": NOW.to_string() }), Invalid::IssuedAt),
        (json!({ "iat": null }), Invalid::IssuedAt),
        (json!({ "jti": null }), Invalid::Jti),
        (json!({ "jti": "" }), Invalid::Jti),
        (json!({ "jti": "a\0b" }), Invalid::Jti),
        (json!({ "jti": 1 }), Invalid::Jti),
        (json!({ "jti": long }), Invalid::Jti),
        (json!({ "nonce": "" }), Invalid::Nonce),
        (json!({ "nonce": 1 }), Invalid::Nonce),
        (json!({ "nonce": long }), Invalid::Nonce),
    ] {
        let proof = made(Algorithm::ES256, &key, json!({}), claims.clone());
        assert_eq!(verify(&proof, &request()), Err(expected), "{claims}");
    }
    for claims in [
        json!({ "htu": "HTTPS://IDP.example:443/oauth/token?x#y" }),
        json!({ "iat": NOW - OLDEST }),
        json!({ "iat": NOW + AHEAD }),
        json!({ "jti": "x".repeat(256) }),
    ] {
        let proof = made(Algorithm::ES256, &key, json!({}), claims.clone());
        assert!(verify(&proof, &request()).is_ok(), "{claims}");
    }
}

#[test]
fn a_proof_is_for_one_access_token() {
    let key = ec();
    let with_token = Request { access_token: Some("token"), ..request() };
    for (ath, holds) in [
        (json!(b64url_encode(sha256(b"token"))), true),
        (json!(b64url_encode(sha256(b"tokem"))), false),
        (json!("token"), false),
        (json!(""), false),
        (Value::Null, false),
    ] {
        let proof = made(Algorithm::ES256, &key, json!({}), json!({ "ath": ath }));
        let refused = verify(&proof, &with_token).err();
        assert_eq!(refused, (!holds).then_some(Invalid::AccessToken), "{ath}");
    }
}

#[test]
fn what_is_no_proof_is_refused() {
    let good = made(Algorithm::ES256, &ec(), json!({}), json!({}));
    let twice = format!("{good},{good}");
    let long = format!("{good}{}", "A".repeat(8 * 1024));
    let deep =
        format!("{}.e30.AA", b64url_encode(format!(r#"{{"alg":"ES256","jwk":{}}}"#, "[".repeat(2_000))));
    for (text, expected) in [
        ("", Invalid::Malformed),
        ("..", Invalid::Malformed),
        ("a.b.c.d", Invalid::Malformed),
        ("é.é.é", Invalid::Malformed),
        (&twice, Invalid::Malformed),
        (&deep, Invalid::Malformed),
        (&long, Invalid::TooLong),
        (good.rsplit_once('.').unwrap().0, Invalid::Malformed),
        (&format!("{}.", good.rsplit_once('.').unwrap().0), Invalid::Signature),
    ] {
        assert_eq!(verify(text, &request()), Err(expected));
    }
}

#[test]
fn weak_keys_prove_nothing() {
    let short = jose::PublicKey::from_pem(include_str!("vectors/short.spki.pem")).unwrap();
    let header = json!({ "alg": "RS256", "jwk": short.jwk() });
    assert_eq!(verify(&made(Algorithm::ES256, &ec(), header, json!({})), &request()), Err(Invalid::Key));
}

fn request() -> Request<'static> {
    Request { method: "POST", uris: &[URI], now: NOW, access_token: None }
}

fn ec() -> Arc<PrivateKey> {
    Arc::new(PrivateKey::generate(KeyKind::P256).expect("a test's own key signs"))
}

fn keys() -> [(Algorithm, Arc<PrivateKey>); 4] {
    let rsa = Arc::new(PrivateKey::generate(KeyKind::Rsa).expect("a test's own key signs"));
    let ed25519 = Arc::new(PrivateKey::generate(KeyKind::Ed25519).expect("a test's own key signs"));
    [
        (Algorithm::RS256, rsa.clone()),
        (Algorithm::PS256, rsa),
        (Algorithm::ES256, ec()),
        (Algorithm::EdDSA, ed25519),
    ]
}

/// A proof with other members laid over the usual ones; `null` takes one away.
fn made(algorithm: Algorithm, key: &Arc<PrivateKey>, header: Value, claims: Value) -> String {
    let usual = json!({ "typ": "dpop+jwt", "alg": algorithm, "jwk": key.public().jwk() });
    let claimed = json!({ "jti": "j1", "htm": "POST", "htu": URI, "iat": NOW });
    let signer =
        Signer::with_header(algorithm, key.clone(), &over(usual, header)).expect("a test's own key signs");
    signer.sign(over(claimed, claims).to_string().as_bytes()).expect("a test's own key signs")
}

fn over(mut usual: Value, other: Value) -> Value {
    let members = usual.as_object_mut().expect("a test's own key signs");
    for (name, value) in other.as_object().expect("a test's own key signs") {
        match value {
            Value::Null if name != "typ" => drop(members.remove(name)),
            value => drop(members.insert(name.clone(), value.clone())),
        }
    }
    usual
}
