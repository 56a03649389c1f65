//! What a client is authorized to do in more than a word (RFC 9396).

use serde_json::{Value, json};
use testkit::{Answer, TestClient, TestTenant, claims};

use super::{API, client_credentials::form};

#[tokio::test]
async fn details_of_a_known_kind_are_granted_as_they_were_asked_for() {
    let (tenant, m2m) = scene().await;
    let details = json!([
        { "type": "payment", "actions": ["initiate"], "amount": { "value": "12.50", "currency": "EUR" }, "n": 1e300 },
        { "type": "account", "locations": ["https://api.example/accounts"], "identifier": "DE00" },
    ]);
    // As text in a form and in JSON, and as JSON in JSON.
    let text = m2m.asks_with(API, json!({ "authorization_details": details.to_string() }));
    let plain = m2m.asks_with(API, json!({ "authorization_details": details }));
    for answer in [
        tenant.asked(text.clone()).await,
        tenant.asked(plain).await,
        tenant.without_token().form("/oauth/token", form(&text)).await,
    ] {
        let answer = answer.must_be(200);
        assert_eq!(answer["authorization_details"], details);
        assert_eq!(claims(answer.str("access_token"))["authorization_details"], details);
    }
    // The next one who asks for none is not given them.
    for none in [json!(null), json!(""), json!("[]"), json!([])] {
        let answer =
            tenant.asked(m2m.asks_with(API, json!({ "authorization_details": none }))).await.must_be(200);
        assert!(answer.body.get("authorization_details").is_none());
        assert!(claims(answer.str("access_token")).get("authorization_details").is_none());
    }
}

#[tokio::test]
async fn details_of_a_kind_that_the_api_does_not_know_are_refused() {
    let (tenant, m2m) = scene().await;
    let known = json!({ "type": "payment" });
    for details in [
        json!([{ "type": "transfer" }]),
        json!([known, { "type": "Payment" }]),
        json!([{ "type": "payment " }]),
        json!([{ "type": "" }]),
        json!([{ "type": ["payment"] }]),
        json!([{ "type": null }]),
        json!([{}]),
    ] {
        refused(&asked(&tenant, &m2m, &details.to_string()).await, &details.to_string());
    }
    // An API that declares none knows none.
    tenant.patch(RESOURCE_SERVER, json!({ "authorization_details": null })).await.must_be(200);
    refused(&asked(&tenant, &m2m, &json!([known]).to_string()).await, "none declared");
    tenant.asked(m2m.asks_for(API)).await.must_be(200);
}

#[tokio::test]
async fn details_that_mean_harm_are_refused() {
    let (tenant, m2m) = scene().await;
    let deep = |levels: usize| {
        let value = "[".repeat(levels - 2) + &"]".repeat(levels - 2);
        format!(r#"[{{"type":"payment","x":{value}}}]"#)
    };
    let long = json!([{ "type": "payment", "x": "x".repeat(4_096) }]).to_string();
    let many = json!(vec![json!({ "type": "payment" }); 21]).to_string();
    for text in [
        "{}",
        "null",
        "7",
        "\"payment\"",
        "[",
        "[1]",
        "[[]]",
        "[null]",
        "payment",
        "{\"type\":\"payment\"}",
        "[{]",
        r#"[{"type":"payment","locations":"https://api.example"}]"#,
        r#"[{"type":"payment","actions":[1]}]"#,
        r#"[{"type":"payment","datatypes":{}}]"#,
        r#"[{"type":"payment","privileges":null}]"#,
        r#"[{"type":"payment","identifier":7}]"#,
        &long,
        &many,
        &deep(9),
        &deep(100),
        &deep(2_000),
    ] {
        refused(&asked(&tenant, &m2m, text).await, &text.chars().take(80).collect::<String>());
    }
    asked(&tenant, &m2m, &deep(8)).await.must_be(200);
    // Too long for any parameter, or given twice: that is no matter of the details.
    let answer = asked(&tenant, &m2m, &"x".repeat(20_000)).await.must_be(400);
    assert_eq!(answer["error"], "invalid_request");
    let twice =
        form(&m2m.asks_with(API, json!({ "authorization_details": "[]" }))) + "&authorization_details=%5B%5D";
    let answer = tenant.without_token().form("/oauth/token", twice).await.must_be(400);
    assert_eq!(answer["error_description"], "Duplicate parameter: authorization_details");
}

async fn scene() -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let kinds = json!([{ "type": "payment" }, { "type": "account" }]);
    tenant.patch(RESOURCE_SERVER, json!({ "authorization_details": kinds })).await.must_be(200);
    (tenant, m2m)
}

async fn asked(tenant: &TestTenant, m2m: &TestClient, details: &str) -> Answer {
    tenant.asked(m2m.asks_with(API, json!({ "authorization_details": details }))).await
}

#[track_caller]
fn refused(answer: &Answer, what: &str) {
    assert_eq!(answer.status, 400, "{what}: {}", answer.start());
    assert_eq!(answer["error"], "invalid_authorization_details", "{what}");
    assert!(matches!(&answer["error_description"], Value::String(text) if text.len() < 200), "{what}");
}

const RESOURCE_SERVER: &str = "/api/v2/resource-servers/https%3A%2F%2Fapi.example";
