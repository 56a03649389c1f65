//! `/api/v2/hooks`

use http::Method;
use idp::snapshot::actions::Trigger;
use serde_json::{Value, json};
use testkit::TestTenant;

use super::{refused, text};

const PATH: &str = "/api/v2/hooks";

async fn hook(tenant: &TestTenant, name: &str, more: Value) -> Value {
    let mut body = json!({ "name": name, "script": "module.exports = function () {}", "triggerId": "credentials-exchange" });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    tenant.post(PATH, body).await.must_be(201).body
}

fn path(hook: &Value) -> String {
    format!("{PATH}/{}", text(hook, "id"))
}

fn runs(tenant: &TestTenant) -> Option<String> {
    tenant.snapshot().hook(Trigger::CredentialsExchange).map(|hook| hook.name.clone())
}

#[tokio::test]
async fn a_hook_as_it_is_made_and_read() {
    let tenant = TestTenant::new().await;
    let made = hook(&tenant, "stamp", json!({})).await;
    let id = text(&made, "id");
    assert!(id.len() == 26 && id.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()), "{id}");
    let expected = json!({
        "id": id, "name": "stamp", "script": "module.exports = function () {}", "dependencies": {},
        "triggerId": "credentials-exchange", "enabled": false,
    });
    assert_eq!(made, expected);
    assert_eq!(tenant.get(&path(&made)).await.must_be(200).body, expected);
    let list = tenant.get(&format!("{PATH}?include_totals=true&triggerId=credentials-exchange")).await.body;
    assert_eq!((&list["hooks"], &list["total"]), (&json!([expected]), &json!(1)));
    tenant.get(&format!("{PATH}?enabled=true")).await.must_be(200);
    tenant.delete(&path(&made)).await.must_be(204);
    let words = "Error: Hook does not exist";
    refused(&tenant.get(&path(&made)).await, 404, words, Some("HookDoesNotExist"));
    refused(&tenant.delete(&path(&made)).await, 404, words, Some("HookDoesNotExist"));
}

#[tokio::test]
async fn one_of_a_trigger_is_enabled() {
    let tenant = TestTenant::new().await;
    let first = hook(&tenant, "first", json!({ "enabled": true })).await;
    assert_eq!((&first["enabled"], runs(&tenant).as_deref()), (&json!(true), Some("first")));
    let second = hook(&tenant, "second", json!({ "enabled": true })).await;
    assert_eq!(second["enabled"], false, "a second one comes disabled");
    let other = json!({ "enabled": true, "triggerId": "send-phone-message" });
    assert_eq!(hook(&tenant, "other", other).await["enabled"], true);
    assert_eq!(runs(&tenant).as_deref(), Some("first"));

    tenant.patch(&path(&second), json!({ "enabled": true })).await.must_be(200);
    assert_eq!(runs(&tenant).as_deref(), Some("second"));
    assert_eq!(tenant.get(&path(&first)).await.body["enabled"], false, "it took the place of the first");
    tenant.patch(&path(&second), json!({ "enabled": false })).await.must_be(200);
    assert_eq!(runs(&tenant), None);
}

#[tokio::test]
async fn one_that_cannot_be_loaded_is_not_enabled() {
    let tenant = TestTenant::new().await;
    let broken = "module.exports = function (client";
    let made = hook(&tenant, "broken", json!({ "script": broken })).await;
    let refused = tenant.patch(&path(&made), json!({ "enabled": true })).await.must_be(400);
    assert_eq!(refused["errorCode"], "invalid_code");
    let body = json!({ "name": "b", "triggerId": "credentials-exchange", "script": broken, "enabled": true });
    tenant.post(PATH, body).await.must_be(400);
    assert_eq!(runs(&tenant), None);
    // Other triggers are not run, so that what is written for them is kept as it is.
    let other = json!({ "script": broken, "enabled": true, "triggerId": "send-phone-message" });
    assert_eq!(hook(&tenant, "other", other).await["enabled"], true);
}

#[tokio::test]
async fn secrets_by_name() {
    let tenant = TestTenant::new().await;
    let made = hook(&tenant, "stamp", json!({ "enabled": true })).await;
    let secrets = format!("{}/secrets", path(&made));
    assert_eq!(tenant.get(&secrets).await.must_be(200).body, json!({}));
    assert_eq!(tenant.post(&secrets, json!({ "a": "1", "b": "2" })).await.must_be(201).body, json!({}));
    tenant.post(&secrets, json!({ "a": "3" })).await.must_be(409);
    assert_eq!(tenant.patch(&secrets, json!({ "a": "3" })).await.must_be(201).body, json!({}));
    tenant.patch(&secrets, json!({ "c": "3" })).await.must_be(404);
    let shown = json!({ "a": "_VALUE_NOT_SHOWN_", "b": "_VALUE_NOT_SHOWN_" });
    assert_eq!(tenant.get(&secrets).await.must_be(200).body, shown);
    assert_eq!(tenant.snapshot().hook(Trigger::CredentialsExchange).unwrap().secrets["a"].expose(), "3");
    let owner = tenant.as_owner();
    owner.json(Method::DELETE, &secrets, json!(["b", "unknown"])).await.must_be(204);
    assert_eq!(tenant.get(&secrets).await.body, json!({ "a": "_VALUE_NOT_SHOWN_" }));
    for body in [json!({}), json!("a"), json!([1]), json!([null])] {
        owner.json(Method::DELETE, &secrets, body).await.must_be(400);
    }
    owner.send(Method::DELETE, &secrets, &[], "[").await.must_be(400);
    owner.delete(&secrets).await.must_be(400);
    for (name, value) in [
        ("n", json!(1)),
        ("n", json!("\0")),
        ("n\0", json!("x")),
        ("", json!("x")),
        ("n", json!("x".repeat(4097))),
        (&"n".repeat(129), json!("x")),
        ("n", json!(null)),
        ("n", json!({ "a": [] })),
    ] {
        tenant.post(&secrets, json!({ name: value })).await.must_be(400);
    }
    let many: serde_json::Map<_, _> = (0..20).map(|i| (format!("s{i}"), json!("x"))).collect();
    tenant.post(&secrets, Value::Object(many)).await.must_be(400);
}

#[tokio::test]
async fn bodies_that_are_refused() {
    let tenant = TestTenant::new().await;
    hook(&tenant, "taken", json!({})).await;
    for more in [
        json!({ "name": "" }),
        json!({ "name": "-a" }),
        json!({ "name": "a_b" }),
        json!({ "name": "a\0" }),
        json!({ "script": "" }),
        json!({ "script": "x".repeat(102_401) }),
        json!({ "script": "é".repeat(51_201) }),
        json!({ "script": null }),
        json!({ "triggerId": "post-login" }),
        json!({ "triggerId": 1 }),
        json!({ "enabled": "yes" }),
        json!({ "dependencies": { "a": 1 } }),
        json!({ "dependencies": [] }),
        json!({ "hook_secrets": { "a": "b" } }),
        json!({ "id": "x" }),
    ] {
        let mut body = json!({ "name": "n", "script": "x", "triggerId": "credentials-exchange" });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        tenant.post(PATH, body).await.must_be(400);
    }
    let taken = json!({ "name": "taken", "script": "x", "triggerId": "credentials-exchange" });
    tenant.post(PATH, taken).await.must_be(409);
}
