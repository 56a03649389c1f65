//! `/api/v2/rate-limit-policies`

use serde_json::{Value, json};
use testkit::TestTenant;

const PATH: &str = "/api/v2/rate-limit-policies";

fn policy(selector: &str, configuration: Value) -> Value {
    json!({
        "resource": "oauth_authentication_api", "consumer": "client", "consumer_selector": selector,
        "configuration": configuration,
    })
}

#[tokio::test]
async fn one_is_made_read_listed_changed_and_deleted() {
    let tenant = TestTenant::new().await;
    let block = json!({ "action": "block", "limit": 100 });
    let made = tenant.post(PATH, policy("default", block)).await.must_be(201);
    assert_eq!(
        made.members(),
        ["id", "resource", "consumer", "consumer_selector", "configuration", "created_at", "updated_at"]
    );
    assert!(made.str("id").starts_with("rlp_") && made.str("id").len() == 25);
    let one = format!("{PATH}/{}", made.str("id"));
    assert_eq!(tenant.get(&one).await.must_be(200).body, made.body);
    let listed = tenant.get(&format!("{PATH}?resource=oauth_authentication_api&take=50")).await.must_be(200);
    assert_eq!(listed["rate_limit_policies"], json!([made.body]));
    assert_eq!(tenant.get(PATH).await.must_be(200)["rate_limit_policies"], json!([made.body]));
    let found = tenant.get(&format!("{PATH}?consumer_selector=client_id:a")).await.must_be(200);
    assert_eq!(found["rate_limit_policies"], json!([]));
    tenant.post(PATH, policy("default", json!({ "action": "allow" }))).await.must_be(409);
    let patched = tenant.patch(&one, json!({ "configuration": { "action": "allow" } })).await.must_be(200);
    assert_eq!(patched["configuration"], json!({ "action": "allow" }));
    tenant.other().get(&one).await.must_be(404);
    tenant.delete(&one).await.must_be(204);
    tenant.get(&one).await.must_be(404);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let tenant = TestTenant::new().await;
    let block = || json!({ "action": "block", "limit": 1 });
    for body in [
        policy("", block()),
        policy("everybody", block()),
        policy("client_id:", block()),
        policy(&"x".repeat(300), block()),
        policy("default", json!({ "action": "block" })),
        policy("default", json!({ "action": "block", "limit": -1 })),
        policy("default", json!({ "action": "block", "limit": 10_001 })),
        policy("default", json!({ "action": "allow", "limit": 1 })),
        policy("default", json!({ "action": "redirect", "limit": 1 })),
        policy("default", json!({ "action": "redirect", "limit": 1, "redirect_uri": "javascript:alert(1)" })),
        policy("default", json!({ "action": "explode", "limit": 1 })),
        policy("default", json!("block")),
        json!({}),
    ] {
        let answer = tenant.post(PATH, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.start());
    }
    let made = tenant.post(PATH, policy("default", block())).await.must_be(201);
    let one = format!("{PATH}/{}", made.str("id"));
    tenant.patch(&one, json!({ "consumer_selector": "cimd_clients" })).await.must_be(400);
}
