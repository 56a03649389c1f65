//! `DELETE /clients/{id}`

use serde_json::json;
use testkit::TestTenant;

use crate::{
    api::v2::{each, text},
    keys::rsa_pem,
};

#[tokio::test]
async fn gone_is_gone_and_what_hung_on_it_too() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let kept = tenant.client(json!({})).await;
    tenant.grant(json!({ "client_id": kept.id, "audience": "https://api.example", "scope": [] })).await;
    let path = format!("/api/v2/clients/{}", m2m.id);
    let credential = json!({ "credential_type": "public_key", "pem": rsa_pem() });
    tenant.post(&format!("{path}/credentials"), credential).await.must_be(201);

    let answer = tenant.delete(&path).await.must_be(204);

    assert!(answer.bytes.is_empty());
    tenant.get(&path).await.must_be(404);
    tenant.get(&format!("{path}/credentials")).await.must_be(404);
    let grants = tenant.get("/api/v2/client-grants").await.must_be(200);
    assert_eq!(each(&grants.body, "client_id"), [kept.id]);
    tenant.delete(&path).await.must_be(204);
    tenant.delete("/api/v2/clients/nobody").await.must_be(204);
}

#[tokio::test]
async fn the_global_client_stays() {
    let tenant = TestTenant::new().await;
    let list = tenant.get("/api/v2/clients?is_global=true").await;
    let path = format!("/api/v2/clients/{}", text(&list.items()[0], "client_id"));
    tenant.delete(&path).await.must_be(400);
    tenant.get(&path).await.must_be(200);
}
