//! Rate-limit policies, and how often the Authentication API as a whole may be called.

use serde_json::{Value, json};
use testkit::{Browser, TestClient, TestServer, TestTenant};

const API: &str = "https://api.example";

async fn policy(tenant: &TestTenant, selector: &str, configuration: Value) -> String {
    let body = json!({
        "resource": "oauth_authentication_api", "consumer": "client", "consumer_selector": selector,
        "configuration": configuration,
    });
    tenant.post("/api/v2/rate-limit-policies", body).await.must_be(201).str("id").to_owned()
}

async fn second_client(tenant: &TestTenant, body: Value) -> TestClient {
    let client = tenant.client(body).await;
    tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": ["read:a"] })).await;
    client
}

#[tokio::test]
async fn the_most_specific_policy_holds_and_each_client_has_a_count_of_its_own() {
    let tenant = TestTenant::new().await;
    let a = tenant.client_of_an_api().await;
    let b = second_client(&tenant, json!({ "name": "b" })).await;
    policy(&tenant, "default", json!({ "action": "block", "limit": 2 })).await;
    let ask = async |client: &TestClient| tenant.asked(client.asks_for(API)).await;
    for left in [1, 0] {
        let granted = ask(&a).await.must_be(200);
        assert_eq!(granted.header("auth0-ratelimit"), format!("client;q=2;t=1;r={left}"));
    }
    let refused = ask(&a).await.must_be(429);
    assert_eq!(
        refused.body,
        json!({ "error": "too_many_requests", "error_description": "Rate limit exceeded." })
    );
    assert_eq!(
        (refused.header("retry-after"), refused.header("auth0-ratelimit")),
        ("1", "client;q=2;t=1;r=0")
    );
    assert_eq!(refused.header("x-ratelimit-limit"), "1000000");
    ask(&b).await.must_be(200);
    tenant.later(1_000);
    ask(&a).await.must_be(200);
    // One for this client alone takes the place of the one for all.
    policy(&tenant, &format!("client_id:{}", a.id), json!({ "action": "allow" })).await;
    for _ in 0..5 {
        assert_eq!(ask(&a).await.must_be(200).header("auth0-ratelimit"), "");
    }
    // Guesses are no requests of the client.
    policy(&tenant, &format!("client_id:{}", b.id), json!({ "action": "block", "limit": 1 })).await;
    for _ in 0..5 {
        tenant.asked(b.asks_with(API, json!({ "client_secret": "a guess" }))).await.must_be(401);
    }
    tenant.later(1_000);
    ask(&b).await.must_be(200);
    ask(&b).await.must_be(429);
}

#[tokio::test]
async fn strangers_use_up_nothing_of_a_client_without_a_secret() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let code = Browser::new(&tenant).log_in(&spa, "ann@example.com").await;
    policy(&tenant, "default", json!({ "action": "block", "limit": 1 })).await;
    for _ in 0..5 {
        tenant.asked(spa.redeems("a guess")).await.must_be(403);
        tenant.asked(spa.refreshes("a guess")).await.must_be(403);
    }
    tenant.asked(spa.redeems(&code)).await.must_be(200);
    tenant.asked(spa.redeems(&code)).await.must_be(403);
}

#[tokio::test]
async fn a_limit_of_nothing_closes_a_client_at_once() {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    let id =
        policy(&tenant, &format!("client_id:{}", client.id), json!({ "action": "block", "limit": 0 })).await;
    tenant.asked(client.asks_for(API)).await.must_be(429);
    tenant.delete(&format!("/api/v2/rate-limit-policies/{id}")).await.must_be(204);
    tenant.asked(client.asks_for(API)).await.must_be(200);
}

#[tokio::test]
async fn one_that_watches_refuses_nothing_and_the_log_hears_once_a_minute() {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    policy(&tenant, "default", json!({ "action": "log", "limit": 1 })).await;
    for _ in 0..10 {
        tenant.asked(client.asks_for(API)).await.must_be(200);
    }
    let events = tenant.get("/api/v2/logs?q=type:api_limit").await.must_be(200);
    assert_eq!(events.items().len(), 1);
    let details = &events.items()[0]["details"];
    assert_eq!((&details["action"], &details["limit"]), (&json!("log"), &json!(1)));
    tenant.later(61_000);
    for _ in 0..3 {
        tenant.asked(client.asks_for(API)).await.must_be(200);
    }
    assert_eq!(tenant.get("/api/v2/logs?q=type:api_limit").await.items().len(), 2);
}

#[tokio::test]
async fn one_that_sends_away_says_where() {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    let away = json!({ "action": "redirect", "limit": 0, "redirect_uri": "https://example.com/slow-down" });
    policy(&tenant, "default", away).await;
    let sent = tenant.asked(client.asks_for(API)).await.must_be(302);
    assert_eq!(sent.header("location"), "https://example.com/slow-down");
}

#[tokio::test]
async fn every_answer_says_where_the_tenant_stands_and_what_is_beyond_is_refused() {
    let server = TestServer::new().await.slowed(3, 1).await;
    let tenant = server.tenant("default");
    let names = ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"];
    let jwks = async || tenant.without_token().get("/.well-known/jwks.json").await;
    for left in ["2", "1"] {
        let answer = jwks().await.must_be(200);
        assert_eq!(names.map(|name| answer.header(name))[..2], ["3", left]);
    }
    let refused = tenant.asked(json!({})).await.must_be(400);
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    let limited = tenant.asked(json!({})).await.must_be(429);
    assert_eq!(limited.str("error"), "too_many_requests");
    assert!(limited.header("x-ratelimit-reset").parse::<i64>().unwrap() > tenant.clock().now());
    jwks().await.must_be(429);
    // Neither the other tenant nor the Management API is concerned, and the log hears of it once.
    server.tenant("other").without_token().get("/.well-known/jwks.json").await.must_be(200);
    let events = tenant.get("/api/v2/logs?q=type:api_limit").await.must_be(200);
    assert_eq!(events.items().len(), 1);
}
