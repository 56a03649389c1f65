//! What an attack found once, and must not find again.

use std::time::Duration;

use idp::Change;
use model::ResourceServer;
use serde_json::json;
use testkit::{TestServer, TestTenant};
use tokio::{task::JoinSet, time};

use crate::api::v2::text;

const REKEY: &str = "/api/v2/keys/encryption/rekey";
const API: &str = "https://api.example";

/// Every client's secret can be read, here and by a server that starts now.
async fn secrets_are_whole(tenant: &TestTenant) {
    let fresh = tenant.server().another_node().await;
    for tenant in [tenant, &fresh.tenant(tenant.name())] {
        let clients = tenant.get("/api/v2/clients?per_page=100").await.must_be(200);
        assert!(clients.items().iter().all(|client| text(client, "client_secret").len() == 64));
        let m2m = tenant.client(json!({ "name": "whole" })).await;
        tenant.post("/oauth/token", m2m.asks_for("urn:nowhere")).await.must_be(403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rekeys_that_overlap_destroy_nothing() {
    let tenant = TestTenant::new().await;
    for _ in 0..3 {
        tenant.later(120_000);
        let mut rekeys = JoinSet::new();
        for n in 0..6 {
            let rekeyer = tenant.clone();
            rekeys.spawn(async move { rekeyer.post(REKEY, json!({})).await.status });
            tenant.client(json!({ "name": format!("meanwhile {n}") })).await;
        }
        let statuses = rekeys.join_all().await;
        assert!(statuses.iter().all(|status| [204, 409].contains(status)), "{statuses:?}");
        assert!(statuses.contains(&204));
        secrets_are_whole(&tenant).await;
    }
}

#[tokio::test]
async fn a_rekey_that_is_abandoned_and_tried_again_destroys_nothing() {
    let tenant = TestTenant::new().await;
    for wait in [0, 1, 3, 10, 30] {
        tenant.later(120_000);
        let abandoned = tenant.post(REKEY, json!({}));
        // Whether it ends in time or not is all the same.
        let _ = time::timeout(Duration::from_millis(wait), abandoned).await;
        let again = tenant.post(REKEY, json!({})).await.status;
        assert!([204, 409].contains(&again), "{again}");
        secrets_are_whole(&tenant).await;
    }
}

#[tokio::test]
async fn a_node_that_has_not_heard_of_a_rekey_still_seals_what_can_be_opened() {
    let tenant = TestTenant::new().await;
    let idle = tenant.server().another_node().await.tenant(tenant.name());
    for _ in 0..3 {
        tenant.post(REKEY, json!({})).await.must_be(204);
    }
    let client = idle.client(json!({ "name": "sealed under an old key" })).await;
    let here = tenant.get(&format!("/api/v2/clients/{}", client.id)).await.must_be(200);
    assert_eq!(here.str("client_secret"), client.secret);
    secrets_are_whole(&tenant).await;
}

#[tokio::test]
async fn whoever_hangs_up_is_still_recorded() {
    let tenant = TestTenant::new().await;
    let waits = (0..40).map(|n| Duration::from_micros(n * 200));
    // On a slow machine all of these may be over before anything is under way.
    let longer = [20, 100, 500, 2_500, 10_000].map(Duration::from_millis);
    for (n, wait) in waits.chain(longer).enumerate() {
        let create = tenant.post("/api/v2/clients", json!({ "name": format!("gone {n}") }));
        let _ = time::timeout(wait, create).await;
    }
    // Those that were under way go on; how long is the store's affair.
    let mut counts = (0, 0);
    for _ in 0..600 {
        time::sleep(Duration::from_millis(100)).await;
        let before = counts;
        counts = made_and_logged(&tenant).await;
        if counts == before && counts.0 == counts.1 && counts.0 > 0 {
            break;
        }
    }
    assert_eq!(counts.0, counts.1, "made, and logged");
    assert!(counts.0 > 0);
}

async fn made_and_logged(tenant: &TestTenant) -> (usize, usize) {
    let made = tenant.get("/api/v2/clients?per_page=100&is_global=false").await;
    let made = made.items().iter().filter(|client| text(client, "name").starts_with("gone")).count();
    let logged = tenant.get("/api/v2/logs?per_page=100&q=description:%22Create%20a%20client%22").await;
    (made, logged.items().len())
}

#[tokio::test]
async fn the_management_api_cannot_lock_its_owner_out() {
    let tenant = TestTenant::new().await;
    let audience = tenant.management_audience();
    let path = format!("/api/v2/resource-servers/{}", percent(&audience));
    for lifetime in [0, 59] {
        tenant.patch(&path, json!({ "token_lifetime": lifetime })).await.must_be(400);
    }
    tenant.patch(&path, json!({ "token_lifetime": 60 })).await.must_be(200);
    tenant.later(3_600_000);
    tenant.get("/api/v2/clients").await.must_be(200);
}

#[tokio::test]
async fn no_other_system_api_becomes_the_management_api() {
    let server = TestServer::new().await;
    let tenant = server.tenant("default");
    for identifier in ["urn:auth0:express-configure", "https://idp.example/me/"] {
        tenant
            .post("/api/v2/resource-servers", json!({ "name": "x", "identifier": identifier }))
            .await
            .must_be(201);
    }
    let moved = server.moved_to("login.example").await.tenant("default");
    let apis = moved.get("/api/v2/resource-servers").await.must_be(200);
    let at =
        |identifier: &str| apis.items().iter().find(|api| text(api, "identifier") == identifier).cloned();
    assert_eq!(text(&at("https://login.example/api/v2/").unwrap(), "name"), "Auth0 Management API");
    assert!(at("https://idp.example/me/").is_some() && at("urn:auth0:express-configure").is_some());
    assert!(at("https://idp.example/api/v2/").is_none());
}

#[tokio::test]
async fn a_summary_is_all_that_its_scope_finds() {
    let tenant = TestTenant::new().await;
    tenant
        .client(
            json!({ "name": "Quiet", "client_metadata": { "key": "hidden" }, "callbacks": ["https://a"] }),
        )
        .await;
    let caller = tenant.with_token(tenant.token_with(&["read:client_summary"]).await);
    let found = caller.get("/api/v2/clients/search?q=name:Quiet").await.must_be(200);
    let mut members: Vec<&String> = found["clients"][0].as_object().unwrap().keys().collect();
    members.sort_unstable();
    assert_eq!(members, ["app_type", "client_id", "name", "tenant"]);
    caller.get("/api/v2/clients/search?q=client_metadata.key:h*").await.must_be(400);
}

#[tokio::test]
async fn a_grant_that_outlived_its_api_does_not_come_back_with_it() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let api = tenant.get(&format!("/api/v2/resource-servers/{}", percent(API))).await.must_be(200);
    // As a race would leave it: the API is gone, the grant is not.
    tenant.commit(vec![Change::delete::<ResourceServer>(api.str("id"))]).await.unwrap();
    tenant.post("/api/v2/resource-servers", json!({ "identifier": API })).await.must_be(201);
    tenant.post("/oauth/token", m2m.asks_for(API)).await.must_be(403);
    assert!(tenant.get("/api/v2/client-grants").await.items().is_empty());
}

#[tokio::test]
async fn what_an_api_demands_is_not_left_out() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let path = format!("/api/v2/resource-servers/{}", percent(API));
    let proof =
        |required: bool| json!({ "proof_of_possession": { "mechanism": "dpop", "required": required } });
    tenant.patch(&path, proof(true)).await.must_be(200);
    tenant.post("/oauth/token", m2m.asks_for(API)).await.must_be(400);
    tenant.patch(&path, proof(false)).await.must_be(200);
    tenant.post("/oauth/token", m2m.asks_for(API)).await.must_be(200);
    let pem = jose::PrivateKey::generate(jose::KeyKind::Rsa).unwrap().public().to_spki_pem();
    let key = json!({ "name": "k", "alg": "RSA-OAEP-256", "kid": "k", "pem": pem });
    let encryption = json!({ "format": "compact-nested-jwe", "encryption_key": key });
    tenant.patch(&path, json!({ "token_encryption": encryption })).await.must_be(200);
    let token = tenant.token(m2m.asks_for(API)).await;
    assert_eq!(token.split('.').count(), 5, "encrypted, {token}");
}

#[tokio::test]
async fn references_to_what_is_not_there_or_not_theirs_are_refused() {
    let tenant = TestTenant::new().await;
    let policies = json!([{ "audience": "urn:nowhere", "scope": ["a"] }]);
    let rules = json!({ "rotation_type": "rotating", "expiration_type": "expiring", "policies": policies });
    tenant.post("/api/v2/clients", json!({ "name": "a", "refresh_token": rules })).await.must_be(400);
    let audience = tenant.management_audience();
    let linked =
        json!({ "name": "a", "app_type": "resource_server", "resource_server_identifier": audience });
    tenant.post("/api/v2/clients", linked).await.must_be(400);
    let many = ["spa"; 101].join(",");
    tenant.get(&format!("/api/v2/clients?app_type={many}")).await.must_be(400);
    tenant.post("/api/v2/clients", json!({ "name": "n".repeat(1025) })).await.must_be(400);
}

fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
