//! Token quotas of clients and organizations.

use serde_json::{Value, json};
use testkit::{Answer, TestClient, TestTenant};

const API: &str = "https://api.example";
const CLIENT: &str = "auth0-client-quota-limit";
const ORGANIZATION: &str = "auth0-organization-quota-limit";

async fn with_quota(quota: Value) -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    set(&tenant, &client, quota).await;
    (tenant, client)
}

async fn set(tenant: &TestTenant, client: &TestClient, quota: Value) {
    let patch = json!({ "token_quota": quota });
    tenant.patch(&format!("/api/v2/clients/{}", client.id), patch).await.must_be(200);
}

async fn ask(tenant: &TestTenant, client: &TestClient) -> Answer {
    tenant.asked(client.asks_for(API)).await
}

fn quota(per_hour: u32, per_day: u32) -> Value {
    json!({ "client_credentials": { "per_hour": per_hour, "per_day": per_day } })
}

#[tokio::test]
async fn so_many_tokens_and_no_more_until_the_hour_is_over() {
    // The clock stands at noon and a quarter of a second.
    let (tenant, client) = with_quota(quota(3, 4)).await;
    for left in [2, 1, 0] {
        let granted = ask(&tenant, &client).await.must_be(200);
        let expected = format!("b=per_hour;q=3;r={left};t=3600,b=per_day;q=4;r={};t=43200", left + 1);
        assert_eq!(granted.header(CLIENT), expected);
    }
    let refused = ask(&tenant, &client).await.must_be(429);
    assert_eq!(
        refused.body,
        json!({ "error": "too_many_requests", "error_description": "Client quota exceeded" })
    );
    assert_eq!(refused.header(CLIENT), "b=per_hour;q=3;r=0;t=3600,b=per_day;q=4;r=1;t=43200");
    let reset = (tenant.clock().now() + 3600).to_string();
    for (name, value) in [
        ("x-ratelimit-limit", "3"),
        ("x-ratelimit-remaining", "0"),
        ("x-ratelimit-reset", reset.as_str()),
        ("retry-after", "3600"),
    ] {
        assert_eq!(refused.header(name), value, "{name}");
    }
    tenant.later(3_600_000);
    ask(&tenant, &client).await.must_be(200);
    // Now the day is used up.
    assert_eq!(ask(&tenant, &client).await.must_be(429).header("retry-after"), "39600");
    let logged = tenant.get("/api/v2/logs?q=type:feccft").await.must_be(200);
    assert_eq!(logged.items()[0]["description"], json!("Client quota exceeded"));
}

#[tokio::test]
async fn a_quota_that_only_watches_refuses_nothing_and_warns() {
    let watch = json!({ "client_credentials": { "per_hour": 5, "enforce": false } });
    let (tenant, client) = with_quota(watch).await;
    for _ in 0..3 {
        ask(&tenant, &client).await.must_be(200);
        tenant.server().tenants().exchange_counts().await.unwrap();
    }
    let warnings = async || {
        let events = tenant.get("/api/v2/logs?q=type:token_quota_consumption_warning").await.must_be(200);
        let mut percents: Vec<i64> =
            events.items().iter().map(|event| event["details"]["percent"].as_i64().unwrap()).collect();
        percents.sort_unstable();
        percents
    };
    assert_eq!(warnings().await, [60]);
    for _ in 0..6 {
        ask(&tenant, &client).await.must_be(200);
    }
    tenant.server().tenants().exchange_counts().await.unwrap();
    assert_eq!(warnings().await, [60, 80, 100]);
    let used = tenant.get(&format!("/api/x/quotas?client_id={}", client.id)).await.must_be(200);
    assert_eq!((&used["per_hour"]["used"], &used["enforce"]), (&json!(9), &json!(false)));
}

#[tokio::test]
async fn what_was_refused_for_another_reason_costs_nothing() {
    let (tenant, client) = with_quota(quota(2, 2)).await;
    for _ in 0..5 {
        tenant.asked(client.asks_for("urn:nowhere")).await.must_be(403);
        tenant.asked(client.asks_with(API, json!({ "client_secret": "x" }))).await.must_be(401);
        tenant.asked(client.asks_with(API, json!({ "scope": "delete:all" }))).await.must_be(403);
        // Nor does a test by somebody who may.
        let test = json!({ "client_id": client.id, "audience": API });
        tenant.post("/api/x/test-token", test).await;
    }
    ask(&tenant, &client).await.must_be(200);
    ask(&tenant, &client).await.must_be(200);
    ask(&tenant, &client).await.must_be(429);
}

#[tokio::test]
async fn defaults_hold_for_who_has_none_and_organizations_are_counted_beside() {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    let organization = tenant.organization("acme").await;
    let (id, grants) = (organization["id"].as_str().unwrap(), tenant.get("/api/v2/client-grants").await);
    let grant = grants.items().iter().find(|grant| grant["client_id"] == json!(client.id)).unwrap().clone();
    let grant = grant["id"].as_str().unwrap();
    let allow = json!({ "organization_usage": "allow", "allow_any_organization": true });
    tenant.patch(&format!("/api/v2/client-grants/{grant}"), allow).await.must_be(200);
    let defaults =
        json!({ "default_token_quota": { "clients": quota(10, 10), "organizations": quota(2, 9) } });
    tenant.patch("/api/v2/tenants/settings", defaults).await.must_be(200);
    let asks = client.asks_with(API, json!({ "organization": id }));
    for left in [1, 0] {
        let granted = tenant.asked(asks.clone()).await.must_be(200);
        assert!(granted.header(ORGANIZATION).starts_with(&format!("b=per_hour;q=2;r={left};")));
        assert!(granted.header(CLIENT).starts_with("b=per_hour;q=10;"));
    }
    let refused = tenant.asked(asks.clone()).await.must_be(429);
    assert_eq!(refused.str("error_description"), "Organization quota exceeded");
    // What the organization refused, the client did not use.
    let used = tenant.get(&format!("/api/x/quotas?client_id={}", client.id)).await.must_be(200);
    assert_eq!((&used["per_hour"]["used"], &used["source"]), (&json!(2), &json!("default")));
    let without = ask(&tenant, &client).await.must_be(200);
    assert_eq!(without.header(ORGANIZATION), "");
    // An organization's own takes the place of the default.
    let own = json!({ "token_quota": quota(5, 9) });
    tenant.patch(&format!("/api/v2/organizations/{id}"), own).await.must_be(200);
    tenant.asked(asks).await.must_be(200);
    let used = tenant.get(&format!("/api/x/quotas?organization_id={id}")).await.must_be(200);
    assert_eq!((&used["per_hour"]["used"], &used["source"]), (&json!(3), &json!("organization")));
}

#[tokio::test]
async fn a_restart_keeps_the_count_and_nodes_add_up() {
    let (tenant, client) = with_quota(quota(6, 100)).await;
    for _ in 0..3 {
        ask(&tenant, &client).await.must_be(200);
    }
    tenant.server().tenants().exchange_counts().await.unwrap();
    let other = tenant.server().another_node().await.tenant(tenant.name());
    for _ in 0..2 {
        ask(&other, &client).await.must_be(200);
    }
    // Within the second before they speak, each node knows what it knew.
    ask(&tenant, &client).await.must_be(200);
    for node in [&tenant, &other, &tenant] {
        node.server().tenants().exchange_counts().await.unwrap();
    }
    for node in [&tenant, &other] {
        ask(node, &client).await.must_be(429);
        let used = node.get(&format!("/api/x/quotas?client_id={}", client.id)).await.must_be(200);
        assert_eq!(used["per_hour"]["used"], json!(6));
    }
    let third = tenant.server().another_node().await.tenant(tenant.name());
    ask(&third, &client).await.must_be(429);
}

#[tokio::test]
async fn what_is_told_by_several_at_once_counts_once() {
    let (tenant, client) = with_quota(quota(20, 20)).await;
    for _ in 0..3 {
        ask(&tenant, &client).await.must_be(200);
    }
    // Whoever may look at blocks has nodes tell each other, as often as they like.
    let server = tenant.server();
    let tell = async || server.tenants().exchange_counts().await.unwrap();
    tokio::join!(tell(), tell(), tell(), tell());
    tell().await;
    let used = tenant.get(&format!("/api/x/quotas?client_id={}", client.id)).await.must_be(200);
    assert_eq!((&used["per_hour"]["used"], &used["per_day"]["used"]), (&json!(3), &json!(3)));
}

#[tokio::test]
async fn the_use_of_a_quota_is_asked_for_by_one_name() {
    let (tenant, client) = with_quota(Value::Null).await;
    let none = json!({ "per_hour": null, "per_day": null, "enforce": false, "source": null });
    let path = format!("/api/x/quotas?client_id={}", client.id);
    assert_eq!(tenant.get(&path).await.must_be(200).body, none);
    tenant.get("/api/x/quotas?client_id=nobody").await.must_be(404);
    tenant.get("/api/x/quotas?organization_id=nobody").await.must_be(404);
    tenant.get(&format!("{path}&organization_id=a")).await.must_be(400);
    tenant.get("/api/x/quotas").await.must_be(400);
    tenant.allowed(&["read:organizations"]).get(&path).await.must_be(403);
    tenant.other().get(&path).await.must_be(404);
}

#[tokio::test]
async fn an_explanation_looks_at_the_quota_and_uses_none_of_it() {
    let (tenant, client) = with_quota(quota(1, 5)).await;
    let body = json!({ "client_id": client.id, "audience": API });
    for _ in 0..2 {
        let explained = tenant.post("/api/x/explain-token", body.clone()).await.must_be(200);
        assert_eq!(explained["allowed"], true);
        let limits = explained["trace"]["limits"][0].as_str().unwrap();
        assert!(limits.contains("b=per_hour;q=1;r=1;"), "{limits}");
    }
    ask(&tenant, &client).await.must_be(200);
    let explained = tenant.post("/api/x/explain-token", body).await.must_be(200);
    let error = &explained["error"];
    assert_eq!((&explained["allowed"], &error["reason"]), (&json!(false), &json!("token_quota")));
    assert_eq!(
        (&error["error"], &error["error_description"]),
        (&json!("too_many_requests"), &json!("Client quota exceeded"))
    );
}
