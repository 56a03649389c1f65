//! Tokens under the key of their API (RFC 7516), the profile of RFC 9068, and how long tokens live.

use jose::{KeyKind, PrivateKey, jwe};
use serde_json::{Value, json};
use testkit::{TestTenant, claims, header};

use super::API;

#[tokio::test]
async fn a_token_is_encrypted_to_the_key_of_its_api() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let key = PrivateKey::generate(KeyKind::Rsa).unwrap();
    for (alg, kid) in [("RSA-OAEP-256", Some("k1")), ("RSA-OAEP-384", Some("k2")), ("RSA-OAEP-512", None)] {
        let rules = encryption(&key.public().to_spki_pem(), alg, kid);
        let shown = tenant.patch(RESOURCE_SERVER, rules).await.must_be(200);
        let token = tenant.token(m2m.asks_for(API)).await;
        let opened = jwe::decrypt(&key, &token).unwrap();
        let kid = kid.map_or(shown["token_encryption"]["encryption_key"]["kid"].clone(), |kid| json!(kid));
        let expected = json!({ "alg": alg, "enc": "A256GCM", "kid": kid, "cty": "JWT" });
        assert_eq!(Value::Object(opened.header), expected);

        // Inside is what would have been issued without.
        let inner = String::from_utf8(opened.content.to_vec()).unwrap();
        assert_eq!(header(&inner)["typ"], "JWT");
        assert_eq!(claims(&inner)["sub"], format!("{}@clients", m2m.id));
        let jwks = tenant.get("/.well-known/jwks.json").await;
        let jwk = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == header(&inner)["kid"]);
        let jwk: jose::Jwk = serde_json::from_value(jwk.unwrap().clone()).unwrap();
        let verifying =
            jose::VerifyingKey::public(jose::Algorithm::RS256, jwk.public_key().unwrap()).unwrap();
        jose::Token::parse(&inner).unwrap().verify(&verifying).unwrap();
    }
    // Nobody else opens it, and without the setting it is plain again.
    let token = tenant.token(m2m.asks_for(API)).await;
    assert!(jwe::decrypt(&PrivateKey::generate(KeyKind::Rsa).unwrap(), &token).is_err());
    tenant.patch(RESOURCE_SERVER, json!({ "token_encryption": null })).await.must_be(200);
    assert_eq!(header(&tenant.token(m2m.asks_for(API)).await)["alg"], "RS256");
}

#[tokio::test]
async fn a_key_that_cannot_encrypt_is_refused_when_it_is_written() {
    let tenant = TestTenant::new().await;
    tenant.client_of_an_api().await;
    for kind in [KeyKind::P256, KeyKind::Ed25519] {
        let pem = PrivateKey::generate(kind).unwrap().public().to_spki_pem();
        let answer = tenant.patch(RESOURCE_SERVER, encryption(&pem, "RSA-OAEP-256", None)).await.must_be(400);
        assert!(answer.str("message").contains("must be an RSA key"), "{}", answer.start());
    }
    for pem in ["", "x", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"] {
        tenant.patch(RESOURCE_SERVER, encryption(pem, "RSA-OAEP-256", None)).await.must_be(400);
    }
    let key = PrivateKey::generate(KeyKind::Rsa).unwrap().public().to_spki_pem();
    tenant.patch(RESOURCE_SERVER, encryption(&key, "RSA-OAEP", None)).await.must_be(400);
}

/// What our own APIs issue is read by us.
#[tokio::test]
async fn an_encrypted_token_is_not_taken_for_a_signed_one() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let key = PrivateKey::generate(KeyKind::Rsa).unwrap();
    tenant
        .patch(RESOURCE_SERVER, encryption(&key.public().to_spki_pem(), "RSA-OAEP-256", None))
        .await
        .must_be(200);
    let token = tenant.token(m2m.asks_for(API)).await;
    tenant.with_token(token).get("/api/v2/clients").await.must_be(401);
}

/// RFC 9068 §2: the header's `typ`, and each claim that it requires.
#[tokio::test]
async fn the_profile_of_rfc_9068_has_what_it_requires() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    for dialect in ["rfc9068_profile", "rfc9068_profile_authz"] {
        let rules = json!({ "token_dialect": dialect, "enforce_policies": true });
        tenant.patch(RESOURCE_SERVER, rules).await.must_be(200);
        let [first, second] = [tenant.token(m2m.asks_for(API)).await, tenant.token(m2m.asks_for(API)).await];
        assert_eq!(header(&first)["typ"], "at+jwt");
        assert_ne!(header(&first)["alg"], "none");
        let said = claims(&first);
        for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
            assert!(said.get(name).is_some(), "{name} in {said}");
        }
        assert_eq!((&said["iss"], &said["aud"]), (&json!("https://idp.example/"), &json!(API)));
        assert_eq!((&said["client_id"], &said["scope"]), (&json!(m2m.id), &json!("read:a write:b")));
        assert!(said.get("azp").or(said.get("gty")).is_none(), "{said}");
        // §2.2: the identifier is this token's alone.
        assert_ne!(said["jti"], claims(&second)["jti"]);
        let permissions = (dialect == "rfc9068_profile_authz").then(|| json!(["read:a", "write:b"]));
        assert_eq!(said.get("permissions"), permissions.as_ref());
        // §2.2.1 is of people who logged in; a machine has no time of authentication.
        for name in ["auth_time", "acr", "amr"] {
            assert!(said.get(name).is_none(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_token_lives_as_long_as_its_api_says() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    for lifetime in [0, 1, 60, 86_400, 2_592_000] {
        let rules = json!({ "token_lifetime": lifetime, "token_lifetime_for_web": 0 });
        tenant.patch(RESOURCE_SERVER, rules).await.must_be(200);
        let answer = tenant.asked(m2m.asks_for(API)).await.must_be(200);
        assert_eq!(answer["expires_in"], lifetime);
        let said = claims(answer.str("access_token"));
        assert_eq!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap(), lifetime);
    }
    for lifetime in [json!(-1), json!(2_592_001), json!(1.5), json!("60"), json!(null), json!(u64::MAX)] {
        tenant.patch(RESOURCE_SERVER, json!({ "token_lifetime": lifetime })).await.must_be(400);
    }
}

const RESOURCE_SERVER: &str = "/api/v2/resource-servers/https%3A%2F%2Fapi.example";

fn encryption(pem: &str, alg: &str, kid: Option<&str>) -> Value {
    let mut key = json!({ "name": "k", "alg": alg, "pem": pem });
    if let Some(kid) = kid {
        key["kid"] = json!(kid);
    }
    json!({ "token_encryption": { "format": "compact-nested-jwe", "encryption_key": key } })
}
