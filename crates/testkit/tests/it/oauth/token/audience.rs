//! Which API a token is for: `audience`, else `resource`, else the tenant's default.

use serde_json::{Value, json};
use testkit::{Answer, TestClient, TestTenant, claims};

use super::API;

const ELSEWHERE: &str = "urn:elsewhere";

#[tokio::test]
async fn the_audience_comes_first_then_the_resource_then_the_default() {
    let tenant = TestTenant::new().await;
    let m2m = two_apis(&tenant).await;
    let settings = json!({ "default_audience": API, "resource_parameter_profile": "compatibility" });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);

    for (asked, audience) in [
        (json!({ "audience": API, "resource": ELSEWHERE }), API),
        (json!({ "audience": ELSEWHERE, "resource": API }), ELSEWHERE),
        (json!({ "audience": "", "resource": ELSEWHERE }), ELSEWHERE),
        (json!({ "resource": ELSEWHERE }), ELSEWHERE),
        (json!({ "resource": "" }), API),
        (json!({ "audience": "" }), API),
        (json!({}), API),
    ] {
        let answer = ask(&tenant, &m2m, asked.clone()).await.must_be(200);
        assert_eq!(claims(answer.str("access_token"))["aud"], audience, "{asked}");
    }
}

#[tokio::test]
async fn a_resource_means_nothing_unless_the_tenant_says_so() {
    let tenant = TestTenant::new().await;
    let m2m = two_apis(&tenant).await;

    let answer = ask(&tenant, &m2m, json!({ "resource": API })).await.must_be(403);

    let words = "No audience parameter was provided, and no default audience has been configured";
    assert_eq!(answer.body, json!({ "error": "access_denied", "error_description": words }));
}

#[tokio::test]
async fn a_default_that_was_cleared_is_none() {
    let tenant = TestTenant::new().await;
    let m2m = two_apis(&tenant).await;
    for (default, status) in [(API, 200), ("", 403)] {
        tenant.patch("/api/v2/tenants/settings", json!({ "default_audience": default })).await.must_be(200);
        ask(&tenant, &m2m, json!({})).await.must_be(status);
    }
}

#[tokio::test]
async fn an_identifier_is_compared_byte_for_byte() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    for asked in ["https://api.example/", "https://API.example", " https://api.example", "https://api.exampl"]
    {
        let answer = ask(&tenant, &m2m, json!({ "audience": asked })).await.must_be(403);
        let words = format!("Service not enabled within domain: {asked}");
        assert_eq!(answer.body, json!({ "error": "access_denied", "error_description": words }));
    }
}

#[tokio::test]
async fn an_identifier_may_be_any_text() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client(json!({})).await;
    for audience in ["orders", "a b+c%20d&e=f", "日本語 🦀", &"x".repeat(600)] {
        tenant.api(json!({ "identifier": audience })).await;
        tenant.grant(json!({ "client_id": m2m.id, "audience": audience, "scope": [] })).await;
        let answer = tenant.asked(m2m.asks_for(audience)).await.must_be(200);
        assert_eq!(claims(answer.str("access_token"))["aud"], audience);
    }
}

async fn two_apis(tenant: &TestTenant) -> TestClient {
    let client = tenant.client(json!({})).await;
    for audience in [API, ELSEWHERE] {
        tenant.api(json!({ "identifier": audience })).await;
        tenant.grant(json!({ "client_id": client.id, "audience": audience, "scope": [] })).await;
    }
    client
}

/// Asks with just these members beside what proves the client.
async fn ask(tenant: &TestTenant, client: &TestClient, members: Value) -> Answer {
    let mut body = client.asks_with("", members.clone());
    if members.get("audience").is_none() {
        body.as_object_mut().unwrap().remove("audience");
    }
    tenant.asked(body).await
}
