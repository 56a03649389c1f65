//! `/api/v2/tenants/settings`

use serde_json::{Value, json};
use testkit::TestTenant;

use super::refused;

const PATH: &str = "/api/v2/tenants/settings";

#[tokio::test]
async fn what_was_never_set_is_absent() {
    let tenant = TestTenant::new().await;
    let settings = tenant.get(PATH).await.must_be(200);
    for absent in ["default_audience", "friendly_name", "default_token_quota", "mtls", "id", "environment"] {
        assert!(!settings.members().contains(&absent), "{absent}");
    }
    assert_eq!(
        (&settings["session_lifetime"], &settings["idle_session_lifetime"]),
        (&json!(168), &json!(72))
    );
    assert_eq!(settings["sandbox_version"], "22");
}

#[tokio::test]
async fn a_patch_changes_what_it_names() {
    let tenant = TestTenant::new().await;
    let before = tenant.get(PATH).await.body;
    let patch = json!({ "friendly_name": "Example", "default_audience": "https://api.example" });

    let answer = tenant.patch(PATH, patch).await.must_be(200);

    let mut expected = before;
    expected["friendly_name"] = json!("Example");
    expected["default_audience"] = json!("https://api.example");
    assert_eq!(answer["friendly_name"], "Example");
    assert_eq!(tenant.get(PATH).await.body, expected);
    assert_eq!(tenant.patch(PATH, json!({ "default_audience": "" })).await["default_audience"], "");
    assert_eq!(tenant.other().get(PATH).await["friendly_name"], Value::Null);
}

#[tokio::test]
async fn flags_merge() {
    let tenant = TestTenant::new().await;
    let before = tenant.get(PATH).await.body["flags"].clone();
    let patch = json!({ "flags": { "remove_alg_from_jwks": true } });
    tenant.patch(PATH, patch).await.must_be(200);
    let mut expected = before;
    expected["remove_alg_from_jwks"] = json!(true);
    assert_eq!(tenant.get(PATH).await["flags"], expected);
    let keys = tenant.without_token().get("/.well-known/jwks.json").await;
    assert_eq!(keys["keys"][0]["alg"], Value::Null);
}

#[tokio::test]
async fn null_clears_what_may_be_absent() {
    let tenant = TestTenant::new().await;
    tenant.patch(PATH, json!({ "mtls": { "enable_endpoint_aliases": true } })).await.must_be(200);
    let answer = tenant.patch(PATH, json!({ "mtls": null })).await.must_be(200);
    assert!(!answer.members().contains(&"mtls"));
    tenant.patch(PATH, json!({ "sandbox_version": null })).await.must_be(400);
}

#[tokio::test]
async fn lifetimes_in_minutes_come_back_in_hours() {
    let tenant = TestTenant::new().await;
    for (minutes, hours) in [(json!(181), json!(181.0 / 60.0)), (json!(120), json!(2))] {
        let answer = tenant.patch(PATH, json!({ "session_lifetime_in_minutes": minutes })).await.must_be(200);
        assert_eq!(answer["session_lifetime"], hours);
        assert!(!answer.members().contains(&"session_lifetime_in_minutes"));
    }
}

#[tokio::test]
async fn what_is_refused_changes_nothing() {
    let tenant = TestTenant::new().await;
    let before = tenant.get(PATH).await.body;
    for body in [
        json!({ "name": "mine" }),
        json!({ "friendly_name": 7 }),
        json!({ "support_email": "no address" }),
        json!({ "picture_url": "no address" }),
        json!({ "flags": { "nope": true } }),
        json!({ "flags": { "enable_client_connections": "yes" } }),
        json!({ "session_lifetime": 0 }),
        json!({ "resource_parameter_profile": "both" }),
        json!({ "friendly_name": "Good", "sandbox_version": "x".repeat(9) }),
    ] {
        let answer = tenant.patch(PATH, body.clone()).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{body}");
    }
    assert_eq!(tenant.get(PATH).await.body, before);
    let answer = tenant.patch(PATH, json!({ "environment_tag": "production" })).await;
    let words = "Payload validation error: 'Additional properties not allowed: environment_tag'.";
    refused(&answer, 400, words, Some("invalid_body"));
}

#[tokio::test]
async fn some_fields_only() {
    let tenant = TestTenant::new().await;
    let some = tenant.get(&format!("{PATH}?fields=session_lifetime,nothing")).await.must_be(200);
    assert_eq!(some.members(), ["session_lifetime", "sandbox_version", "sandbox_versions_available"]);
    let others = tenant.get(&format!("{PATH}?fields=flags,sandbox_version&include_fields=false")).await;
    assert_eq!((&others["flags"], &others["session_lifetime"]), (&Value::Null, &json!(168)));
}
