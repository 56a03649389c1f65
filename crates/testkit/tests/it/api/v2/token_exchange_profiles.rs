//! `/api/v2/token-exchange-profiles`

use serde_json::{Value, json};
use testkit::TestTenant;

use super::{refused, text};

const PATH: &str = "/api/v2/token-exchange-profiles";

async fn action(tenant: &TestTenant, trigger: &str) -> Value {
    let body =
        json!({ "name": trigger, "code": "", "supported_triggers": [{ "id": trigger }], "deploy": true });
    tenant.post("/api/v2/actions/actions", body).await.must_be(201).body
}

fn body(action: &Value) -> Value {
    json!({
        "name": "Old tokens", "subject_token_type": "https://acme.example/old", "action_id": action["id"],
        "type": "custom_authentication",
    })
}

#[tokio::test]
async fn a_profile_as_it_is_made_changed_and_deleted() {
    let tenant = TestTenant::new().await;
    let action = action(&tenant, "custom-token-exchange").await;
    let made = tenant.post(PATH, body(&action)).await.must_be(201).body;
    let id = text(&made, "id");
    assert!(id.len() == 20 && id.starts_with("tep_"), "{id}");
    let mut expected = body(&action);
    expected["id"] = json!(id);
    for time in ["created_at", "updated_at"] {
        expected[time] = json!("2026-07-01T12:00:00.250Z");
    }
    assert_eq!(made, expected);
    let one = format!("{PATH}/{id}");
    assert_eq!(tenant.get(&one).await.must_be(200).body, expected);
    let list = tenant.get(PATH).await.must_be(200).body;
    assert_eq!(list, json!({ "token_exchange_profiles": [expected] }));

    tenant.post(PATH, body(&action)).await.must_be(409);
    let used = tenant.delete(&format!("/api/v2/actions/actions/{}?force=true", text(&action, "id"))).await;
    assert_eq!(used.status, 409);
    tenant.later(1_000);
    let changed = tenant.patch(&one, json!({ "name": "Older tokens" })).await.must_be(200).body;
    assert_eq!(changed["updated_at"], "2026-07-01T12:00:01.250Z");
    tenant.delete(&one).await.must_be(204);
    tenant.delete(&one).await.must_be(204);
    refused(&tenant.get(&one).await, 404, "Token exchange profile not found.", None);
}

#[tokio::test]
async fn lists_go_on_where_they_ended() {
    let tenant = TestTenant::new().await;
    let action = action(&tenant, "custom-token-exchange").await;
    for i in 0..3 {
        let mut body = body(&action);
        body["subject_token_type"] = json!(format!("https://acme.example/{i}"));
        tenant.post(PATH, body).await.must_be(201);
        tenant.later(1);
    }
    let first = tenant.get(&format!("{PATH}?take=2")).await.must_be(200).body;
    assert_eq!(first["token_exchange_profiles"].as_array().unwrap().len(), 2);
    let rest = tenant.get(&format!("{PATH}?take=2&from={}", text(&first, "next"))).await.must_be(200).body;
    assert_eq!(rest["token_exchange_profiles"].as_array().unwrap().len(), 1);
    assert!(rest.get("next").is_none());
}

#[tokio::test]
async fn bodies_that_are_refused() {
    let tenant = TestTenant::new().await;
    let right = action(&tenant, "custom-token-exchange").await;
    let login = action(&tenant, "post-login").await;
    let theirs = action(&tenant.other(), "custom-token-exchange").await;
    for more in [
        json!({ "name": "ab" }),
        json!({ "name": "x".repeat(51) }),
        json!({ "name": "<b>ab</b>" }),
        json!({ "type": "other" }),
        json!({ "subject_token_type": "no uri" }),
        json!({ "subject_token_type": "urn:a\0aaaaa" }),
        json!({ "subject_token_type": "urn:ietf:params:oauth:token-type:jwt" }),
        json!({ "subject_token_type": "URN:IETF:params" }),
        json!({ "subject_token_type": "https://auth0.com/x" }),
        json!({ "subject_token_type": format!("urn:x:{}", "x".repeat(100)) }),
        json!({ "action_id": login["id"] }),
        json!({ "action_id": theirs["id"] }),
        json!({ "action_id": "x".repeat(37) }),
        json!({ "action_id": 7 }),
        json!({ "id": "tep_x" }),
    ] {
        let mut body = body(&right);
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        let answer = tenant.post(PATH, body).await;
        assert_eq!(answer.status, 400, "{more}: {}", answer.start());
    }
    let made = tenant.post(PATH, body(&right)).await.must_be(201).body;
    for patch in [json!({ "action_id": right["id"] }), json!({ "type": "custom_authentication" })] {
        tenant.patch(&format!("{PATH}/{}", text(&made, "id")), patch).await.must_be(400);
    }
}
