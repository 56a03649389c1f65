//! `POST /clients/{id}/rotate-secret`

use axum::body::Body;
use http::Method;
use serde_json::json;
use testkit::{TestClient, TestTenant};

use crate::{api::v2::refused, keys::rsa_pem};

const API: &str = "https://api.example";

#[tokio::test]
async fn the_new_secret_works_at_once_and_the_old_one_no_more() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let issued = tenant.token(m2m.asks_for(API)).await;
    let path = format!("/api/v2/clients/{}/rotate-secret", m2m.id);

    let answer = tenant.as_owner().send(Method::POST, &path, &[], Body::empty()).await.must_be(200);

    let secret = answer.str("client_secret").to_owned();
    assert!(secret.len() == 64 && secret != m2m.secret);
    assert_eq!((&answer["client_id"], &answer["name"]), (&json!(m2m.id), &m2m.body["name"]));
    tenant.asked(m2m.asks_for(API)).await.must_be(401);
    let renewed = TestClient { secret: secret.clone(), ..m2m };
    assert_eq!(tenant.token(renewed.asks_for(API)).await, issued);
    let shown = tenant.get(&format!("/api/v2/clients/{}", renewed.id)).await;
    assert_eq!(shown["client_secret"], json!(secret));
}

#[tokio::test]
async fn whoever_rotates_is_told_the_secret() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    let caller = tenant.with_token(tenant.token_with(&["update:client_keys"]).await);
    let path = format!("/api/v2/clients/{}/rotate-secret", client.id);
    assert_eq!(caller.post(&path, json!({})).await.must_be(200).str("client_secret").len(), 64);
}

#[tokio::test]
async fn there_is_nothing_to_rotate_for_a_client_with_a_key() {
    let tenant = TestTenant::new().await;
    let credentials = json!([{ "credential_type": "public_key", "pem": rsa_pem() }]);
    let methods = json!({ "private_key_jwt": { "credentials": credentials } });
    let client = tenant.client(json!({ "client_authentication_methods": methods })).await;
    tenant.post(&format!("/api/v2/clients/{}/rotate-secret", client.id), json!({})).await.must_be(400);
    let unknown = tenant.post("/api/v2/clients/nobody/rotate-secret", json!({})).await;
    refused(&unknown, 404, "The client does not exist", Some("inexistent_client"));
}
