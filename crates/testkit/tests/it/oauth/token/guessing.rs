//! Guessing at secrets: who is closed out, who never is, and what the log hears.

use serde_json::{Value, json};
use testkit::{Answer, Asker, PROXY, TestClient, TestTenant};

const API: &str = "https://api.example";

async fn scene() -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    (tenant, client)
}

fn wrong(client_id: &str) -> Value {
    json!({ "grant_type": "client_credentials", "client_id": client_id, "client_secret": "a guess", "audience": API })
}

async fn right(tenant: &TestTenant, client: &TestClient, from: &str) -> Answer {
    Asker::at(from).asks(tenant, client.asks_for(API)).await
}

async fn guesses(tenant: &TestTenant, client_id: &str, from: &str, times: usize) -> Answer {
    let mut last = None;
    for _ in 0..times {
        last = Some(Asker::at(from).asks(tenant, wrong(client_id)).await);
    }
    last.unwrap()
}

#[tokio::test]
async fn a_network_that_guesses_is_closed_out_for_that_client_whether_it_exists_or_not() {
    let (tenant, client) = scene().await;
    for client_id in [client.id.as_str(), "nobody"] {
        let refused = guesses(&tenant, client_id, "198.51.100.1", 10).await.must_be(401);
        assert_eq!(refused.body, json!({ "error": "access_denied", "error_description": "Unauthorized" }));
        let closed = guesses(&tenant, client_id, "198.51.100.2", 1).await.must_be(429);
        assert_eq!((closed.str("error"), closed.header("retry-after")), ("too_many_attempts", "30"));
        assert!(closed.header("cache-control").contains("no-store"));
    }
    // Even the right secret: otherwise nobody would be kept from guessing.
    right(&tenant, &client, "198.51.100.3").await.must_be(429);
    right(&tenant, &client, "198.51.101.1").await.must_be(200);
    tenant.later(30_000);
    right(&tenant, &client, "198.51.100.3").await.must_be(200);
}

#[tokio::test]
async fn who_has_proved_itself_lately_is_never_closed_out() {
    let (tenant, client) = scene().await;
    right(&tenant, &client, "198.51.100.1").await.must_be(200);
    guesses(&tenant, &client.id, "198.51.100.66", 30).await.must_be(429);
    guesses(&tenant, &client.id, "198.51.100.1", 30).await.must_be(401);
    for n in 0..120 {
        guesses(&tenant, &client.id, &format!("10.0.{n}.1"), 1).await;
        guesses(&tenant, &format!("c{n}"), "198.51.100.66", 1).await;
    }
    right(&tenant, &client, "198.51.100.1").await.must_be(200);
    // A neighbour in a network that the client is known in, and a stranger while the client is under attack.
    right(&tenant, &client, "198.51.100.2").await.must_be(200);
    right(&tenant, &client, "2001:db8::1").await.must_be(200);
}

#[tokio::test]
async fn the_log_hears_of_a_block_once_a_minute_and_not_of_each_attempt() {
    let (tenant, client) = scene().await;
    guesses(&tenant, &client.id, "198.51.100.1", 200).await.must_be(429);
    let logged = tenant.get("/api/v2/logs?per_page=100&q=type:limit_wc").await.must_be(200);
    assert_eq!(logged.items().len(), 1);
    let event = &logged.items()[0];
    assert_eq!(
        (&event["client_id"], &event["details"]["network"]),
        (&json!(client.id), &json!("198.51.100.0/24"))
    );
    let refusals = tenant.get("/api/v2/logs?per_page=100&q=type:feccft").await.must_be(200);
    assert_eq!(refusals.items().len(), 10);
    assert!(!logged.text().contains("a guess") && !refusals.text().contains("a guess"));
}

#[tokio::test]
async fn blocks_are_listed_and_lifted_on_every_node_and_survive_a_restart() {
    let (tenant, client) = scene().await;
    guesses(&tenant, &client.id, "198.51.100.1", 11).await.must_be(429);
    right(&tenant, &client, "203.0.113.9").await.must_be(200);
    let listed = tenant.get("/api/x/blocks").await.must_be(200);
    let block = &listed["blocks"][0];
    assert_eq!(listed["blocks"].as_array().map(Vec::len), Some(1));
    assert_eq!((&block["kind"], &block["attempts"]), (&json!("client_and_network"), &json!(11)));
    assert_eq!(block["subject"], json!({ "client_id": client.id, "network": "198.51.100.0/24" }));
    assert_eq!(tenant.other().get("/api/x/blocks").await["blocks"], json!([]));
    // Who was known is known there as well, and who was closed out is.
    let fresh = tenant.server().another_node().await.tenant(tenant.name());
    right(&fresh, &client, "198.51.100.9").await.must_be(429);
    guesses(&fresh, &client.id, "203.0.113.77", 30).await.must_be(429);
    right(&fresh, &client, "203.0.113.9").await.must_be(200);
    // Another tenant cannot lift it; whoever may, lifts it everywhere.
    let one = format!("/api/x/blocks/{}", block["id"].as_str().unwrap());
    tenant.other().delete(&one).await.must_be(204);
    right(&tenant, &client, "198.51.100.9").await.must_be(429);
    tenant.delete(&one).await.must_be(204);
    right(&tenant, &client, "198.51.100.9").await.must_be(200);
    fresh.server().tenants().exchange_counts().await.unwrap();
    right(&fresh, &client, "198.51.100.9").await.must_be(200);
}

#[tokio::test]
async fn the_tenant_decides_whether_anybody_is_closed_out() {
    let (tenant, client) = scene().await;
    let settings = "/api/v2/attack-protection/brute-force-protection";
    tenant.patch(settings, json!({ "shields": [], "max_attempts": 3 })).await.must_be(200);
    guesses(&tenant, &client.id, "198.51.100.1", 20).await.must_be(401);
    assert_eq!(tenant.get("/api/v2/logs?q=type:limit_wc").await.items().len(), 1);
    tenant.patch(settings, json!({ "shields": ["block"] })).await.must_be(200);
    guesses(&tenant, &client.id, "198.51.101.1", 4).await.must_be(429);
    tenant.patch(settings, json!({ "allowlist": ["198.51.101.0/24"] })).await.must_be(200);
    guesses(&tenant, &client.id, "198.51.101.1", 20).await.must_be(401);
    right(&tenant, &client, "198.51.101.1").await.must_be(200);
}

#[tokio::test]
async fn a_forged_address_closes_out_nobody_and_opens_nothing() {
    let (tenant, client) = scene().await;
    let victim = "203.0.113.50";
    for headers in [
        &[("x-forwarded-for", victim)][..],
        &[("forwarded", "for=203.0.113.50")],
        &[("auth0-forwarded-for", victim)],
        &[("x-forwarded-for", victim), ("auth0-forwarded-for", victim)],
    ] {
        for _ in 0..12 {
            Asker::at("198.51.100.1").saying(headers).asks(&tenant, wrong(&client.id)).await;
        }
        // Each attempt was the guesser's own.
        let closed = Asker::at("198.51.100.1").saying(headers).asks(&tenant, wrong(&client.id)).await;
        closed.must_be(429);
    }
    right(&tenant, &client, victim).await.must_be(200);
    // Through a proxy that is trusted, only the last address that it wrote itself counts.
    for n in 0..12 {
        let chain = format!("10.1.{n}.1, 192.0.2.77");
        let said = [("x-forwarded-for", chain.as_str())];
        Asker::at(PROXY).saying(&said).asks(&tenant, wrong(&client.id)).await;
    }
    let said = [("x-forwarded-for", "192.0.2.77")];
    Asker::at(PROXY).saying(&said).asks(&tenant, wrong(&client.id)).await.must_be(429);
}

#[tokio::test]
async fn hostile_identifiers_are_counted_and_break_nothing() {
    let (tenant, _) = scene().await;
    let long = "é".repeat(8_000);
    for client_id in ["a\u{1}b", "a\nb", "' or 1=1", long.as_str(), "\u{10ffff}", "%00"] {
        guesses(&tenant, client_id, "198.51.100.1", 12).await.must_be(429);
    }
    tenant.server().tenants().exchange_counts().await.unwrap();
    let blocks = tenant.get("/api/x/blocks").await.must_be(200);
    for block in blocks["blocks"].as_array().unwrap() {
        tenant.delete(&format!("/api/x/blocks/{}", block["id"].as_str().unwrap())).await.must_be(204);
    }
    assert_eq!(tenant.get("/api/x/blocks").await["blocks"], json!([]));
}
