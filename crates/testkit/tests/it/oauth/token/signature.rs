//! Every algorithm, judged by a library that is not ours, with the keys that the tenant publishes.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use serde_json::{Value, json};
use testkit::{TestTenant, claims};

use super::API;

#[tokio::test]
async fn published_keys_prove_every_asymmetric_token() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client(json!({})).await;
    for (i, (name, algorithm)) in [
        ("RS256", Algorithm::RS256),
        ("RS512", Algorithm::RS512),
        ("PS256", Algorithm::PS256),
        ("ES256", Algorithm::ES256),
        ("EdDSA", Algorithm::EdDSA),
    ]
    .into_iter()
    .enumerate()
    {
        let audience = format!("https://api{i}.example");
        tenant.api(json!({ "identifier": audience, "signing_alg": name })).await;
        tenant.grant(json!({ "client_id": m2m.id, "audience": audience, "scope": [] })).await;
        let token = tenant.token(m2m.asks_for(&audience)).await;

        let keys = tenant.without_token().get("/.well-known/jwks.json").await.must_be(200).body;
        let keys: JwkSet = serde_json::from_value(keys).unwrap();
        let header = decode_header(&token).unwrap();
        assert_eq!(header.alg, algorithm);
        let key = keys.find(&header.kid.unwrap()).expect("the key is published");
        let key = DecodingKey::from_jwk(key).unwrap();
        let read = decode::<Value>(&token, &key, &validation(algorithm, &audience)).expect(name);
        assert_eq!(read.claims, claims(&token));

        let forged = format!("{}x.{}", &token[..token.len() / 2], token.rsplit('.').next().unwrap());
        assert!(decode::<Value>(&forged, &key, &validation(algorithm, &audience)).is_err());
    }
}

#[tokio::test]
async fn an_api_of_hs256_signs_with_its_own_secret() {
    let tenant = TestTenant::new().await;
    let secret = "sixteen characters, or more";
    tenant.api(json!({ "signing_alg": "HS256", "signing_secret": secret })).await;
    let m2m = tenant.client(json!({})).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": API, "scope": [] })).await;

    let token = tenant.token(m2m.asks_for(API)).await;

    let header = decode_header(&token).unwrap();
    assert_eq!((header.alg, header.kid), (Algorithm::HS256, None));
    let key = DecodingKey::from_secret(secret.as_bytes());
    decode::<Value>(&token, &key, &validation(Algorithm::HS256, API)).unwrap();
    let wrong = DecodingKey::from_secret(b"sixteen characters, or less");
    assert!(decode::<Value>(&token, &wrong, &validation(Algorithm::HS256, API)).is_err());
}

#[tokio::test]
async fn an_api_that_changes_its_algorithm_signs_so_at_once() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let path = "/api/v2/resource-servers/https%3A%2F%2Fapi.example";
    for (patch, algorithm) in [
        (json!({ "signing_alg": "PS256" }), Algorithm::PS256),
        (json!({ "signing_alg": "HS256", "signing_secret": "0123456789abcdef" }), Algorithm::HS256),
        (json!({ "signing_alg": "RS256" }), Algorithm::RS256),
    ] {
        tenant.patch(path, patch).await.must_be(200);
        let token = tenant.token(m2m.asks_for(API)).await;
        assert_eq!(decode_header(&token).unwrap().alg, algorithm);
    }
}

/// An API that was changed to HS256 without a secret still needs one to sign with.
#[tokio::test]
async fn hs256_without_a_secret_is_signed_with_one_of_ours() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let path = "/api/v2/resource-servers/https%3A%2F%2Fapi.example";

    tenant.patch(path, json!({ "signing_alg": "HS256" })).await.must_be(200);

    let token = tenant.token(m2m.asks_for(API)).await;
    let secret = tenant.get(path).await.body["signing_secret"].as_str().unwrap().to_owned();
    let key = DecodingKey::from_secret(secret.as_bytes());
    decode::<Value>(&token, &key, &validation(Algorithm::HS256, API)).unwrap();
}

fn validation(algorithm: Algorithm, audience: &str) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.set_audience(&[audience]);
    validation.set_issuer(&["https://idp.example/"]);
    // Their clock is not ours.
    validation.validate_exp = false;
    validation
}
