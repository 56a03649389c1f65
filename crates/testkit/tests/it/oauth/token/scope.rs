//! What a token permits: what the grant and the API share, or what was asked for of that.

use serde_json::{Value, json};
use testkit::{TestTenant, claims};

use super::{API, client_credentials::granted};

#[tokio::test]
async fn asking_narrows_the_token_in_the_order_of_the_grant() {
    let tenant = TestTenant::new().await;
    let m2m = granted(&tenant, json!(["write:b", "read:a"])).await;
    for (asked, scope) in [
        (json!(null), "write:b read:a"),
        (json!(""), "write:b read:a"),
        (json!("   "), "write:b read:a"),
        (json!("read:a"), "read:a"),
        (json!("read:a write:b"), "write:b read:a"),
        (json!(" read:a  read:a "), "read:a"),
    ] {
        let answer = tenant.asked(m2m.asks_with(API, json!({ "scope": asked }))).await.must_be(200);
        assert_eq!(answer["scope"], scope, "{asked}");
        assert_eq!(claims(answer.str("access_token"))["scope"], scope, "{asked}");
    }
}

#[tokio::test]
async fn asking_for_more_is_refused_by_name() {
    let tenant = TestTenant::new().await;
    let m2m = granted(&tenant, json!(["read:a"])).await;
    for (asked, refused) in [
        ("write:b", "write:b"),
        ("read:a write:b", "write:b"),
        ("openid read:a profile", "openid profile"),
        ("READ:A", "READ:A"),
    ] {
        let answer = tenant.asked(m2m.asks_with(API, json!({ "scope": asked }))).await.must_be(403);
        let words = format!("Client has not been granted scopes: {refused}");
        assert_eq!(answer.body, json!({ "error": "access_denied", "error_description": words }));
    }
}

#[tokio::test]
async fn an_empty_grant_gives_a_token_without_scope() {
    let tenant = TestTenant::new().await;
    let m2m = granted(&tenant, json!([])).await;

    let answer = tenant.asked(m2m.asks_for(API)).await.must_be(200);

    assert_eq!(answer.members(), ["access_token", "expires_in", "token_type"]);
    assert_eq!(claims(answer.str("access_token"))["scope"], Value::Null);
}

#[tokio::test]
async fn an_empty_grant_of_an_enforcing_api_lists_no_permissions() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({ "token_dialect": "access_token_authz", "enforce_policies": true })).await;
    let m2m = tenant.client(json!({})).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": API, "scope": [] })).await;

    assert_eq!(claims(&tenant.token(m2m.asks_for(API)).await)["permissions"], json!([]));
}

#[tokio::test]
async fn all_scopes_are_those_of_the_api_at_that_time() {
    let tenant = TestTenant::new().await;
    let api = tenant.api(json!({})).await;
    let m2m = tenant.client(json!({})).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": API, "allow_all_scopes": true })).await;
    let scope = async || claims(&tenant.token(m2m.asks_for(API)).await)["scope"].clone();
    assert_eq!(scope().await, "read:a write:b");

    let path = format!("/api/v2/resource-servers/{}", api["id"].as_str().unwrap());
    tenant.patch(&path, json!({ "scopes": [{ "value": "read:c" }] })).await.must_be(200);
    assert_eq!(scope().await, "read:c");
    tenant.patch(&path, json!({ "scopes": [] })).await.must_be(200);
    assert_eq!(scope().await, Value::Null);
}

#[tokio::test]
async fn a_scope_that_the_api_no_longer_has_is_not_given() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let path = "/api/v2/resource-servers/https%3A%2F%2Fapi.example";

    tenant.patch(path, json!({ "scopes": [{ "value": "read:a" }] })).await.must_be(200);

    assert_eq!(claims(&tenant.token(m2m.asks_for(API)).await)["scope"], "read:a");
    let answer = tenant.asked(m2m.asks_with(API, json!({ "scope": "write:b" }))).await.must_be(403);
    assert_eq!(answer["error_description"], "Client has not been granted scopes: write:b");
    // It is back as soon as the API has it again: the grant was never touched.
    tenant
        .patch(path, json!({ "scopes": [{ "value": "read:a" }, { "value": "write:b" }] }))
        .await
        .must_be(200);
    assert_eq!(claims(&tenant.token(m2m.asks_for(API)).await)["scope"], "read:a write:b");
}

#[tokio::test]
async fn a_scope_that_the_api_never_had_can_be_granted_but_not_used() {
    let tenant = TestTenant::new().await;
    let m2m = granted(&tenant, json!(["read:a", "fly:c"])).await;

    assert_eq!(claims(&tenant.token(m2m.asks_for(API)).await)["scope"], "read:a");
}
