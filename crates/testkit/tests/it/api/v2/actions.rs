//! `/api/v2/actions`

mod bindings;
mod modules;
mod runs;
mod secrets;
mod versions;

use serde_json::{Value, json};
use testkit::TestTenant;

use super::{each, refused, text};

const PATH: &str = "/api/v2/actions/actions";
const CODE: &str = "exports.onExecuteCredentialsExchange = async (event, api) => {};";
/// A time to the nanosecond.
const STARTED: &str = "2026-07-01T12:00:00.250000000Z";

/// An action for machines' tokens, with more.
async fn action(tenant: &TestTenant, name: &str, more: Value) -> Value {
    tenant.post(PATH, body(name, more)).await.must_be(201).body
}

fn body(name: &str, more: Value) -> Value {
    let mut body = json!({
        "name": name, "code": CODE, "supported_triggers": [{ "id": "credentials-exchange", "version": "v2" }],
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn path(action: &Value) -> String {
    format!("{PATH}/{}", text(action, "id"))
}

#[tokio::test]
async fn an_action_as_it_is_made_and_read() {
    let tenant = TestTenant::new().await;

    let made = action(&tenant, "Stamp", json!({ "secrets": [{ "name": "key", "value": "hush" }] })).await;

    let id = text(&made, "id").to_owned();
    let mut expected = json!({
        "id": id, "name": "Stamp", "supported_triggers": [{ "id": "credentials-exchange", "version": "v2" }],
        "created_at": STARTED, "updated_at": STARTED, "code": CODE, "dependencies": [], "runtime": "node22",
        "status": "pending", "secrets": [{ "name": "key", "updated_at": STARTED }], "all_changes_deployed": false,
    });
    assert_eq!(made, expected);
    expected["status"] = json!("built");
    assert_eq!(tenant.get(&path(&made)).await.must_be(200).body, expected);
    let list = tenant.get(PATH).await.must_be(200).body;
    assert_eq!(list, json!({ "actions": [expected], "total": 1, "per_page": 50 }));
}

#[tokio::test]
async fn a_trigger_in_its_versions() {
    let tenant = TestTenant::new().await;
    let triggers = tenant.get("/api/v2/actions/triggers").await.must_be(200).body["triggers"].clone();
    let expected = json!({
        "id": "credentials-exchange", "version": "v2", "status": "CURRENT", "runtimes": ["node18-actions", "node22"],
        "default_runtime": "node22", "binding_policy": "trigger-bound", "compatible_triggers": [],
        "is_run": true,
    });
    assert!(triggers.as_array().unwrap().contains(&expected), "{triggers}");
    // Without a version it is the current one; an older one has an older runtime.
    let of = |trigger: Value| json!({ "supported_triggers": [trigger] });
    let made = action(&tenant, "current", of(json!({ "id": "post-login" }))).await;
    assert_eq!(made["supported_triggers"], json!([{ "id": "post-login", "version": "v3" }]));
    let made = action(&tenant, "older", of(json!({ "id": "post-login", "version": "v2" }))).await;
    assert_eq!(made["runtime"], "node16");
    for trigger in [json!({ "id": "never" }), json!({ "id": "post-login", "version": "v9" }), json!({})] {
        tenant.post(PATH, body("x", of(trigger))).await.must_be(400);
    }
}

#[tokio::test]
async fn lists_that_are_filtered_and_paged() {
    let tenant = TestTenant::new().await;
    assert_eq!(tenant.get(PATH).await.must_be(200).body, json!({ "actions": [], "per_page": 50 }));
    for name in ["a", "b", "c"] {
        action(&tenant, name, json!({ "deploy": name == "b" })).await;
        tenant.later(1);
    }
    action(&tenant, "d", json!({ "supported_triggers": [{ "id": "post-login" }] })).await;
    for (query, names) in [
        ("", &["a", "b", "c", "d"][..]),
        ("triggerId=post-login", &["d"]),
        ("triggerId=credentials-exchange&deployed=false", &["a", "c"]),
        ("deployed=true", &["b"]),
        ("actionName=c", &["c"]),
        ("installed=true", &[]),
        ("per_page=2&page=1", &["c", "d"]),
    ] {
        let list = tenant.get(&format!("{PATH}?{query}")).await.must_be(200).body;
        assert_eq!(each(&list["actions"], "name"), names, "{query}");
    }
    let second = tenant.get(&format!("{PATH}?per_page=3&page=1")).await.must_be(200).body;
    assert_eq!((&second["total"], &second["page"], &second["per_page"]), (&json!(4), &json!(1), &json!(3)));
    for query in ["page=-1", "per_page=0", "per_page=101", "deployed=yes", "x=1", "page=0&page=1"] {
        tenant.get(&format!("{PATH}?{query}")).await.must_be(400);
    }
}

#[tokio::test]
async fn a_change_is_not_deployed_yet() {
    let tenant = TestTenant::new().await;
    let made = action(&tenant, "Stamp", json!({ "deploy": true })).await;
    assert_eq!(made["all_changes_deployed"], true);
    tenant.later(1_000);

    let renamed = tenant.patch(&path(&made), json!({ "name": "Seal" })).await.must_be(200).body;
    assert_eq!((&renamed["name"], &renamed["all_changes_deployed"]), (&json!("Seal"), &json!(true)));
    let code = "exports.onExecuteCredentialsExchange = async () => { return; };";
    let changed = tenant.patch(&path(&made), json!({ "code": code })).await.must_be(200).body;
    assert_eq!(changed["updated_at"], "2026-07-01T12:00:01.250000000Z");
    assert_eq!(changed["status"], "pending");

    let read = tenant.get(&path(&made)).await.must_be(200).body;
    assert_eq!((&read["code"], &read["all_changes_deployed"]), (&json!(code), &json!(false)));
    assert_eq!(read["deployed_version"]["code"], CODE);
}

#[tokio::test]
async fn bodies_that_are_refused() {
    let tenant = TestTenant::new().await;
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    let secrets: Vec<_> = (0..31).map(|i| json!({ "name": format!("s{i}"), "value": "x" })).collect();
    let module = json!([{ "module_id": "m", "module_version_id": "v" }]);
    for more in [
        json!({ "name": "" }),
        json!({ "name": "x".repeat(256) }),
        json!({ "name": "a\0b" }),
        json!({ "name": 7 }),
        json!({ "code": "x".repeat(102_401) }),
        json!({ "code": "é".repeat(51_201) }),
        json!({ "code": "\0" }),
        json!({ "code": null }),
        json!({ "code": deep }),
        json!({ "supported_triggers": [] }),
        json!({ "supported_triggers": [{ "id": "post-login" }, { "id": "post-login" }] }),
        json!({ "supported_triggers": "post-login" }),
        json!({ "secrets": secrets }),
        json!({ "secrets": [{ "name": "a" }] }),
        json!({ "secrets": [{ "name": "a", "value": "x".repeat(4097) }] }),
        json!({ "secrets": [{ "name": "x".repeat(129), "value": "x" }] }),
        json!({ "secrets": [{ "name": "a", "value": "1" }, { "name": "a", "value": "2" }] }),
        json!({ "secrets": [{ "name": "a", "value": { "b": 1 } }] }),
        json!({ "secrets": { "a": "b" } }),
        json!({ "dependencies": vec![json!({ "name": "p", "version": "1" }); 11] }),
        json!({ "dependencies": [deep] }),
        json!({ "modules": module }),
        json!({ "modules": vec![module[0].clone(); 4] }),
        json!({ "runtime": "" }),
        json!({ "deploy": "yes" }),
        json!({ "id": "chosen" }),
        json!({ "status": "built" }),
        json!({ "deployed_version": {} }),
        json!({ "last_number": 7 }),
        json!({ "x": 1 }),
    ] {
        let answer = tenant.post(PATH, body("n", more.clone())).await;
        assert_eq!(answer.status, 400, "{more}: {}", answer.start());
    }
    assert_eq!(tenant.get(PATH).await.must_be(200).body["actions"], json!([]));
    // The most that is allowed is allowed, in every way.
    action(&tenant, "full", json!({ "code": "x".repeat(102_400), "secrets": secrets[..30] })).await;
}

#[tokio::test]
async fn a_name_is_taken_once() {
    let tenant = TestTenant::new().await;
    action(&tenant, "Stamp", json!({})).await;
    let again = tenant.post(PATH, body("Stamp", json!({}))).await;
    refused(&again, 409, "An action with this name already exists.", None);
    let other = action(&tenant, "Other", json!({})).await;
    tenant.patch(&path(&other), json!({ "name": "Stamp" })).await.must_be(409);
}

#[tokio::test]
async fn a_tenant_has_a_hundred_actions() {
    let tenant = TestTenant::new().await;
    for i in 0..100 {
        action(&tenant, &format!("a{i}"), json!({})).await;
    }
    let beyond = tenant.post(PATH, body("beyond", json!({}))).await;
    assert_eq!((beyond.status, beyond.str("errorCode")), (403, "too_many_entities"));
}

#[tokio::test]
async fn what_is_not_there() {
    let tenant = TestTenant::new().await;
    let gone = format!("{PATH}/0d5cd226-0179-453d-a8c9-dba3567bd51f");
    let words = "That action does not exist.";
    refused(&tenant.get(&gone).await, 404, words, None);
    refused(&tenant.delete(&gone).await, 404, words, None);
    refused(&tenant.post(&format!("{gone}/deploy"), json!({})).await, 404, words, None);
    let execution = tenant.get("/api/v2/actions/executions/M9IqRp9wQLaYNrSwz6YPTTIwMjEwNDA0").await;
    refused(&execution, 404, "That execution does not exist.", None);
}

#[tokio::test]
async fn each_operation_wants_its_scope() {
    let tenant = TestTenant::new().await;
    let made = action(&tenant, "Stamp", json!({})).await;
    let reader = tenant.allowed(&["read:actions"]);
    reader.get(&path(&made)).await.must_be(200);
    reader.post(PATH, body("x", json!({}))).await.must_be(403);
    reader.patch(&path(&made), json!({ "name": "x" })).await.must_be(403);
    reader.delete(&path(&made)).await.must_be(403);
    for end in ["deploy", "test"] {
        reader.post(&format!("{}/{end}", path(&made)), json!({})).await.must_be(403);
    }
    let bindings = "/api/v2/actions/triggers/credentials-exchange/bindings";
    reader.patch(bindings, json!({ "bindings": [] })).await.must_be(403);
}
