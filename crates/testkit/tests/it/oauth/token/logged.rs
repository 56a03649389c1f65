//! What the tenant's log hears of the token endpoint.

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, TestTenant, claims};

use super::API;

#[tokio::test]
async fn a_token_leaves_an_event() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    tenant.token(m2m.asks_for(API)).await;

    let mut event = only(&tenant, "seccft").await;

    let trace = event.as_object_mut().unwrap().remove("details").unwrap()["trace"].clone();
    assert!(trace["client_grant"].as_str().unwrap().starts_with("cgr_"), "{trace}");
    assert_eq!(trace["kid"], tenant.get("/api/v2/keys/signing").await.items()[0]["kid"]);
    let log_id = event["log_id"].clone();
    assert_eq!(
        event,
        json!({
            "date": "2026-07-01T12:00:00.250Z", "type": "seccft",
            "description": "Client Credentials for Access Token", "connection_id": "", "client_id": m2m.id,
            "client_name": "Nightly import", "ip": "203.0.113.7", "hostname": "idp.example", "user_id": "",
            "user_name": "", "audience": API, "scope": "read:a write:b",
            "$event_schema": { "version": "1.0.0" }, "log_id": log_id, "tenant_name": "default", "_id": log_id,
            "isMobile": false,
        })
    );
    let digits = log_id.as_str().unwrap();
    assert!(digits.len() == 56 && digits.starts_with("90020260701120000250"), "{digits}");
    assert!(digits.chars().all(|c| c.is_ascii_digit()), "{digits}");
}

#[tokio::test]
async fn each_answer_names_the_event_that_explains_it() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let explained = async |answer: Answer| {
        let id = answer.header("x-countersign-log-id");
        assert_eq!(id.len(), 56);
        tenant.get(&format!("/api/v2/logs/{id}")).await.must_be(200)
    };
    let asked = m2m.asks_with(API, json!({ "scope": "write:b  write:b" }));
    let event = explained(tenant.asked(asked).await.must_be(200)).await;
    assert_eq!((&event["type"], &event["scope"]), (&json!("seccft"), &json!("write:b")));
    assert_eq!(event["details"]["trace"]["scopes_asked"], "write:b  write:b");

    for (more, status, reason) in [
        (json!({ "client_secret": "x" }), 401, "wrong_secret"),
        (json!({ "client_id": "nobody" }), 401, "unknown_client"),
        (json!({ "scope": "nope" }), 403, "scope_not_granted"),
    ] {
        let event = explained(tenant.asked(m2m.asks_with(API, more)).await.must_be(status)).await;
        assert_eq!(
            (&event["type"], &event["details"]["trace"]["reason"]),
            (&json!("feccft"), &json!(reason))
        );
    }
    // Whatever is asked for again and again, the log keeps the beginning.
    let asked = m2m.asks_with(API, json!({ "scope": "write:b ".repeat(1_000) }));
    let event = explained(tenant.asked(asked).await.must_be(200)).await;
    assert_eq!(event["details"]["trace"]["scopes_asked"].as_str().unwrap().len(), 600);
}

#[tokio::test]
async fn the_event_names_the_organization_and_the_tokens_number() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({ "token_dialect": "rfc9068_profile" })).await;
    let m2m = tenant.client(json!({})).await;
    let grant = json!({
        "client_id": m2m.id, "audience": API, "scope": [], "organization_usage": "allow",
        "allow_any_organization": true,
    });
    tenant.grant(grant).await;
    let acme = tenant.organization("acme").await["id"].clone();

    let token = tenant.token(m2m.asks_with(API, json!({ "organization": acme }))).await;

    let event = only(&tenant, "seccft").await;
    assert_eq!((&event["organization_id"], &event["organization_name"]), (&acme, &json!("acme")));
    assert_eq!(event["details"]["access_token_jti"], claims(&token)["jti"]);
    assert_eq!(event["scope"], Value::Null);
}

#[tokio::test]
async fn a_refusal_leaves_its_reason() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    for (more, description, client_name) in [
        (json!({ "client_secret": "wrong" }), "Unauthorized", json!("Nightly import")),
        (json!({ "client_id": "nobody" }), "Unauthorized", json!(null)),
        (
            json!({ "audience": "urn:nowhere", "scope": "x" }),
            "Service not enabled within domain: urn:nowhere",
            json!("Nightly import"),
        ),
    ] {
        tenant.later(1);
        let asked = m2m.asks_with(API, more);
        assert!(tenant.asked(asked.clone()).await.status > 400);

        let event = newest(&tenant, "feccft").await;
        assert_eq!(event["description"], description);
        assert_eq!(event["client_id"], asked["client_id"]);
        assert_eq!(event["client_name"], client_name);
        assert_eq!(event["audience"], asked["audience"]);
        assert_eq!(event["ip"], "203.0.113.7");
        assert_eq!(event["tenant_name"], "default");
    }
}

#[tokio::test]
async fn no_secret_reaches_the_log() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let token = tenant.token(m2m.asks_for(API)).await;
    tenant.asked(m2m.asks_with(API, json!({ "client_secret": "not-the-secret" }))).await.must_be(401);

    let logs = tenant.get("/api/v2/logs?per_page=100").await.must_be(200).text();

    for secret in [m2m.secret.as_str(), "not-the-secret", token.as_str()] {
        assert!(!logs.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn a_strangers_text_is_kept_only_in_part() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let long = "é".repeat(8_000);
    let more = json!({ "client_id": long, "audience": long, "scope": long });
    let agent = "a".repeat(10_000);
    let headers = [("content-type", "application/json"), ("user-agent", agent.as_str())];
    let body = m2m.asks_with(API, more).to_string();
    tenant.without_token().send(Method::POST, "/oauth/token", &headers, body).await.must_be(401);

    let event = only(&tenant, "feccft").await;

    assert!(event.to_string().len() < 10_000, "{}", event.to_string().len());
}

#[tokio::test]
async fn the_other_tenant_hears_nothing() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    tenant.token(m2m.asks_for(API)).await;

    assert_eq!(tenant.other().get("/api/v2/logs").await.must_be(200).body, json!([]));
}

async fn only(tenant: &TestTenant, kind: &str) -> Value {
    let found = tenant.get(&format!("/api/v2/logs?q=type:{kind}")).await.must_be(200);
    assert_eq!(found.items().len(), 1, "{}", found.text());
    found.items()[0].clone()
}

async fn newest(tenant: &TestTenant, kind: &str) -> Value {
    let found = tenant.get(&format!("/api/v2/logs?q=type:{kind}&per_page=1")).await.must_be(200);
    found.items()[0].clone()
}
