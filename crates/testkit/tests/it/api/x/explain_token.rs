//! `POST /api/x/explain-token`

use serde_json::{Value, json};
use testkit::TestTenant;

const PATH: &str = "/api/x/explain-token";
const API: &str = "https://api.example";

#[tokio::test]
async fn it_says_what_the_client_would_get() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let body = json!({ "client_id": m2m.id, "audience": API, "scope": "read:a" });

    let answer = tenant.allowed(&["create:test_tokens"]).post(PATH, body).await.must_be(200);

    let token = json!({
        "audience": API, "scope": "read:a", "expires_in": 86_400, "token_type": "Bearer", "organization": null,
    });
    assert_eq!((&answer["allowed"], &answer["token"]), (&json!(true), &token));
    assert!(answer["trace"]["client_grant"].as_str().unwrap().starts_with("cgr_"));
    assert!(answer["trace"]["method"].is_string() && answer["trace"]["kid"].is_string());
    assert_eq!(answer["trace"]["scopes_given"], "read:a");
    // No token left, and nothing was counted or logged.
    assert!(!answer.text().contains("eyJ"));
    assert_eq!(tenant.get("/api/v2/logs?q=type:seccft").await.items().len(), 0);
    let stats = tenant.get("/api/x/stats/tokens?group_by=client").await.must_be(200);
    assert_eq!(stats["series"], json!([]));
}

#[tokio::test]
async fn it_says_why_not() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let web = tenant.client(json!({ "grant_types": ["authorization_code"] })).await;
    for (body, error, reason) in [
        (json!({ "client_id": m2m.id, "audience": "urn:x" }), "access_denied", "unknown_api"),
        (json!({ "client_id": m2m.id }), "access_denied", "no_audience"),
        (json!({ "client_id": m2m.id, "audience": API, "scope": "x" }), "access_denied", "scope_not_granted"),
        (
            json!({ "client_id": m2m.id, "audience": API, "organization": "o" }),
            "access_denied",
            "organization",
        ),
        (json!({ "client_id": web.id, "audience": API }), "unauthorized_client", "grant_type_not_allowed"),
    ] {
        let answer = tenant.post(PATH, body.clone()).await.must_be(200);
        assert_eq!(answer.members(), ["allowed", "error", "trace"], "{body}");
        let found = (&answer["allowed"], &answer["error"]["error"], &answer["error"]["reason"]);
        assert_eq!(found, (&json!(false), &json!(error), &json!(reason)), "{body}");
        assert_eq!(answer["trace"]["reason"], reason);
        assert!(answer["error"]["error_description"].is_string());
    }
}

#[tokio::test]
async fn the_word_for_a_refusal_is_the_one_that_the_log_has() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let possession = json!({ "proof_of_possession": { "mechanism": "dpop", "required": true } });
    tenant.patch("/api/v2/resource-servers/https%3A%2F%2Fapi.example", possession).await.must_be(200);
    let body = json!({ "client_id": m2m.id, "audience": API });

    let answer = tenant.post(PATH, body.clone()).await.must_be(200);
    assert_eq!(
        (&answer["error"]["reason"], &answer["trace"]["reason"]),
        (&json!("no_proof"), &json!("no_proof"))
    );
    tenant.asked(m2m.asks_for(API)).await.must_be(400);
    tenant.post("/api/x/test-token", body).await.must_be(400);
    for event in tenant.get("/api/v2/logs?q=type:feccft").await.items() {
        assert_eq!(event["details"]["trace"]["reason"], "no_proof");
    }
}

#[tokio::test]
async fn it_needs_a_scope_and_a_client_of_this_tenant() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let body = json!({ "client_id": m2m.id, "audience": API });
    // It runs customers' code, so reading what is granted is not enough.
    let reader = tenant.allowed(&["read:clients", "read:client_grants"]);
    assert_eq!(reader.post(PATH, body.clone()).await.status, 403);
    assert_eq!(tenant.without_token().post(PATH, body.clone()).await.status, 401);
    assert_eq!(tenant.other().post(PATH, body).await.status, 404);
    for body in [
        json!({}),
        json!({ "client_id": 7 }),
        json!({ "client_id": m2m.id, "client_secret": "x" }),
        json!({ "client_id": m2m.id, "scope": "a\0" }),
        json!({ "client_id": m2m.id, "audience": "x".repeat(20_000) }),
        json!({ "client_id": Value::Null }),
    ] {
        assert_eq!(tenant.post(PATH, body.clone()).await.status, 400, "{body}");
    }
}
