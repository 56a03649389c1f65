//! The store is gone: machines have their tokens, and everybody else hears that it is not for good.

use serde_json::json;
use testkit::{Machine, TestTenant};

#[tokio::test]
async fn machines_have_tokens_without_the_store_and_others_are_told_to_come_back() {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    let machine = Machine::new("billing");
    let signing = machine.client(&tenant, "private_key_jwt", json!({})).await;
    let grant = json!({ "client_id": signing.id, "audience": "https://api.example", "scope": ["read:a"] });
    tenant.grant(grant).await;
    let web_app = json!({ "name": "Shop", "app_type": "regular_web", "callbacks": ["https://shop.example/cb"], "grant_types": ["authorization_code"] });
    let web_app = tenant.client(web_app).await;
    let asks = client.asks_for("https://api.example");
    tenant.asked(asks.clone()).await.must_be(200);
    tenant.server().tenants().store().clone().close().await;

    for _ in 0..3 {
        tenant.asked(asks.clone()).await.must_be(200);
    }
    let wrong = client.asks_with("https://api.example", json!({ "client_secret": "wrong" }));
    tenant.asked(wrong).await.must_be(401);
    let jwks = tenant.without_token().get("/.well-known/jwks.json").await.must_be(200);
    assert!(jwks.body["keys"].is_array());

    let owner = tenant.as_owner();
    for answer in [
        owner.get("/api/v2/clients").await,
        owner.post("/api/v2/clients", json!({ "name": "Late" })).await,
        owner.patch(&format!("/api/v2/clients/{}", client.id), json!({ "name": "Later" })).await,
    ] {
        let answer = answer.must_be(503);
        assert_eq!(
            (answer.header("retry-after"), &answer.body["error"]),
            ("2", &json!("Service Unavailable"))
        );
        assert_eq!(answer.body["statusCode"], 503);
        assert!(!answer.text().contains("store"), "what broke is for the operator: {}", answer.start());
    }
    // So do people, on a page.
    for path in
        [format!("/authorize?client_id={}&response_type=code", web_app.id), "/u/login?state=x".to_owned()]
    {
        let page = tenant.without_token().get(&path).await;
        assert_eq!(page.status, 503, "{path} {}", page.header("location"));
        assert_eq!(page.header("retry-after"), "2", "{path}");
        assert!(page.header("content-type").starts_with("text/html"), "{path}");
    }
    // That an assertion comes for the first time is known to the store alone.
    let answer = tenant
        .asked(signing.asks_with("https://api.example", machine.asserts(&tenant, &signing.id)))
        .await
        .must_be(503);
    assert_eq!(
        (answer.header("retry-after"), &answer.body["error"]),
        ("2", &json!("temporarily_unavailable"))
    );
}

#[tokio::test]
async fn health_tells_since_when_the_store_is_away_and_when_that_is_too_long() {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    let asks = client.asks_for("https://api.example");
    let (outage, now) = (tenant.server().tenants().outage(), tenant.clock().now());
    let health = async || tenant.without_token().get("/health/ready").await;
    // To everybody, and so no numbers.
    let up = json!({ "status": "ok", "store": { "status": "up" }, "changes": { "status": "up" }, "log": { "status": "up" } });
    assert_eq!(health().await.must_be(200).body, up);

    outage.bear_for(600);
    outage.heard(false, now);
    outage.heard(false, now + 5);
    let said = health().await.must_be(200).body;
    assert_eq!(said["status"], "degraded");
    assert_eq!(said["store"], json!({ "status": "down", "since": "2026-07-01T12:00:00Z" }));
    tenant.later(599_000);
    tenant.asked(asks.clone()).await.must_be(200);

    tenant.later(1_000);
    let refused = tenant.asked(asks.clone()).await.must_be(503);
    assert_eq!(
        (refused.header("retry-after"), &refused.body["error"]),
        ("2", &json!("temporarily_unavailable"))
    );
    assert_eq!(health().await.must_be(503).body["status"], "unavailable");
    assert_eq!(tenant.without_token().get("/health/live").await.status, 200, "a new start would not help");

    outage.heard(true, tenant.clock().now());
    tenant.asked(asks).await.must_be(200);
    assert_eq!(health().await.must_be(200).body, up);
}
