//! Secrets: where a client is registered to send its own, and what it has beside.

use serde_json::{Value, json};
use testkit::{Answer, TestClient, TestTenant};

use super::{API, client_credentials::basic};

/// The answers to the right secret in the body and in the header.
async fn both(tenant: &TestTenant, client: &TestClient) -> [Answer; 2] {
    let form = format!("grant_type=client_credentials&audience={API}");
    let media = "application/x-www-form-urlencoded";
    let in_header = basic(tenant, &client.id, &client.secret, media, form).await;
    [tenant.asked(client.asks_for(API)).await, in_header]
}

#[tokio::test]
async fn a_secret_is_taken_where_the_client_is_registered_to_send_it() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    for (method, statuses) in [
        (json!("client_secret_post"), [200, 401]),
        (json!("client_secret_basic"), [401, 200]),
        (Value::Null, [200, 200]),
    ] {
        let mut body = json!({ "token_endpoint_auth_method": method });
        if method.is_null() {
            body = json!({});
        }
        let client = tenant.client(body).await;
        tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": [] })).await;
        let answers = both(&tenant, &client).await;
        assert_eq!(answers.each_ref().map(|answer| answer.status), statuses, "{method}");
        for answer in answers.iter().filter(|answer| answer.status == 401) {
            // The caller hears what it hears of a wrong secret.
            let unknown = tenant.asked(client.asks_with(API, json!({ "client_id": "nobody" }))).await;
            assert_eq!((&answer.bytes, answer.header_names()), (&unknown.bytes, unknown.header_names()));
        }
    }
}

#[tokio::test]
async fn the_log_says_how_a_client_proved_itself() {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    let answers = both(&tenant, &client).await;
    for (answer, method) in answers.iter().zip(["client_secret_post", "client_secret_basic"]) {
        let log_id = answer.header("x-countersign-log-id");
        let event = tenant.get(&format!("/api/v2/logs/{log_id}")).await.must_be(200);
        assert_eq!((&event["type"], answer.status), (&json!("seccft"), 200));
        let trace = &event["details"]["trace"];
        assert_eq!(
            (&trace["method"], &trace["credential"]),
            (&json!(method), &json!("primary")),
            "{}",
            event.text()
        );
    }
    let refused = tenant.asked(client.asks_with(API, json!({ "client_secret": "x" }))).await;
    let log_id = refused.header("x-countersign-log-id");
    let trace =
        tenant.get(&format!("/api/v2/logs/{log_id}")).await.must_be(200).body["details"]["trace"].clone();
    assert_eq!((&trace["method"], &trace["credential"]), (&json!("client_secret_post"), &Value::Null));
    assert_eq!(trace["reason"], "wrong_secret");
}

#[tokio::test]
async fn a_secret_in_the_wrong_place_is_counted_apart() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({ "token_endpoint_auth_method": "client_secret_basic" })).await;
    tenant.asked(client.asks_for(API)).await.must_be(401);
    // One that is wrong is wrong wherever it is.
    tenant.asked(client.asks_with(API, json!({ "client_secret": "x" }))).await.must_be(401);

    let stats = tenant.get("/api/x/stats/tokens?group_by=reason").await.must_be(200);

    let mut reasons: Vec<&str> =
        stats["series"].as_array().unwrap().iter().filter_map(|one| one["key"].as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["wrong_method", "wrong_secret"]);
}
