//! What runs at a trigger, and in which order.

use idp::snapshot::actions::Trigger;
use serde_json::{Value, json};
use testkit::{OTHER, TestServer, TestTenant};

use super::{action, path};
use crate::api::v2::{each, refused, text};

const BINDINGS: &str = "/api/v2/actions/triggers/credentials-exchange/bindings";

async fn deployed(tenant: &TestTenant, name: &str) -> Value {
    action(tenant, name, json!({ "deploy": true })).await
}

fn by_id(action: &Value) -> Value {
    json!({ "ref": { "type": "action_id", "value": action["id"] } })
}

async fn bind(tenant: &TestTenant, bindings: Vec<Value>) -> Value {
    tenant.patch(BINDINGS, json!({ "bindings": bindings })).await.must_be(200).body["bindings"].clone()
}

/// The names of what a tenant would run, in its order.
fn runs(tenant: &TestTenant) -> Vec<String> {
    let snapshot = tenant.snapshot();
    snapshot.bound(Trigger::CredentialsExchange).iter().map(|action| action.name.clone()).collect()
}

#[tokio::test]
async fn the_order_is_the_one_that_was_given_last() {
    let tenant = TestTenant::new().await;
    let [a, b] = [deployed(&tenant, "a").await, deployed(&tenant, "b").await];
    assert_eq!(tenant.get(BINDINGS).await.must_be(200).body, json!({ "bindings": [], "per_page": 50 }));

    let first = bind(&tenant, vec![by_id(&a), by_id(&b)]).await;
    assert_eq!(runs(&tenant), ["a", "b"]);
    assert_eq!(each(&first, "display_name"), ["a", "b"]);
    let by_name = json!({ "ref": { "type": "action_name", "value": "b" }, "display_name": "B first" });
    let by_binding = json!({ "ref": { "type": "binding_id", "value": first[0]["id"] } });
    let second = bind(&tenant, vec![by_name, by_binding]).await;

    assert_eq!(runs(&tenant), ["b", "a"]);
    assert_eq!(each(&second, "display_name"), ["B first", "a"]);
    assert_eq!(each(&second, "id"), [text(&first[1], "id"), text(&first[0], "id")], "they are the same");
    let list = tenant.get(BINDINGS).await.must_be(200).body;
    assert_eq!((&list["bindings"], &list["total"]), (&second, &json!(2)));
    assert_eq!(second[0]["trigger_id"], "credentials-exchange");
    assert_eq!(second[0]["action"]["deployed_version"]["deployed"], true);
    bind(&tenant, vec![]).await;
    assert!(runs(&tenant).is_empty());
}

#[tokio::test]
async fn what_is_deployed_runs_and_a_draft_does_not() {
    let tenant = TestTenant::new().await;
    let a = deployed(&tenant, "a").await;
    bind(&tenant, vec![by_id(&a)]).await;
    let version =
        |tenant: &TestTenant| tenant.snapshot().bound(Trigger::CredentialsExchange)[0].version_id.clone();
    let before = version(&tenant);
    let code = "exports.onExecuteCredentialsExchange = async () => {};";
    tenant.patch(&path(&a), json!({ "code": code })).await.must_be(200);
    assert_eq!(version(&tenant), before);
    let next = tenant.post(&format!("{}/deploy", path(&a)), json!({})).await.must_be(200).body;
    assert_eq!(version(&tenant), text(&next, "id"));
}

#[tokio::test]
async fn another_node_and_a_restart_know_what_is_bound() {
    let server = TestServer::new().await;
    let tenant = server.tenant("default");
    let secret = json!([{ "name": "key", "value": "hush" }]);
    let a = action(&tenant, "a", json!({ "deploy": true, "secrets": secret })).await;
    bind(&tenant, vec![by_id(&a)]).await;
    let elsewhere = server.another_node().await.tenant("default");
    assert_eq!(runs(&elsewhere), ["a"]);
    let snapshot = elsewhere.snapshot();
    let bound = &snapshot.bound(Trigger::CredentialsExchange)[0];
    assert_eq!(bound.secrets["key"].expose(), "hush");
    assert!(!format!("{bound:?}").contains("hush"));
}

#[tokio::test]
async fn secrets_of_a_place_stand_before_those_of_the_action() {
    let tenant = TestTenant::new().await;
    let secrets = json!([{ "name": "a", "value": "1" }, { "name": "b", "value": "2" }]);
    let made = action(&tenant, "a", json!({ "deploy": true, "secrets": secrets })).await;
    let mut binding = by_id(&made);
    binding["secrets"] = json!([{ "name": "b", "value": "here" }]);
    let bound = bind(&tenant, vec![binding]).await;
    assert_eq!(each(&bound[0]["secrets"], "name"), ["b"]);
    assert!(!bound.to_string().contains("here"));
    let snapshot = tenant.snapshot();
    let secrets = &snapshot.bound(Trigger::CredentialsExchange)[0].secrets;
    assert_eq!((secrets["a"].expose(), secrets["b"].expose()), ("1", "here"));
}

#[tokio::test]
async fn what_cannot_be_bound() {
    let tenant = TestTenant::new().await;
    let draft = action(&tenant, "draft", json!({})).await;
    let login = json!({ "deploy": true, "supported_triggers": [{ "id": "send-phone-message" }] });
    let login = action(&tenant, "login", login).await;
    let ours = deployed(&tenant, "ours").await;
    let theirs = deployed(&tenant.server().tenant(OTHER), "theirs").await;
    for bindings in [
        json!([by_id(&draft)]),
        json!([by_id(&login)]),
        json!([by_id(&theirs)]),
        json!([by_id(&ours), by_id(&ours)]),
        json!([{ "ref": { "type": "action_name", "value": "theirs" } }]),
        json!([{ "ref": { "type": "binding_id", "value": "x" } }]),
        json!([{ "ref": { "type": "other", "value": "x" } }]),
        json!([{ "ref": { "type": "action_id", "value": "a\0" } }]),
        json!([{ "ref": {} }]),
        json!([{ "display_name": "x" }]),
        json!([null]),
        json!({}),
        json!(vec![by_id(&ours); 21]),
        json!([{ "ref": { "type": "action_id", "value": ours["id"] }, "display_name": "x".repeat(256) }]),
        json!([{ "ref": { "type": "action_id", "value": ours["id"] }, "x": 1 }]),
    ] {
        let answer = tenant.patch(BINDINGS, json!({ "bindings": bindings })).await;
        assert_eq!(answer.status, 400, "{bindings}: {}", answer.start());
    }
    assert!(runs(&tenant).is_empty());
    let unknown = tenant.get("/api/v2/actions/triggers/never/bindings").await;
    refused(&unknown, 404, "That trigger does not exist.", None);
    let entity = "/api/v2/actions/triggers/custom-token-exchange/bindings";
    tenant.patch(entity, json!({ "bindings": [] })).await.must_be(200);
    tenant.patch(entity, json!({ "bindings": [by_id(&ours)] })).await.must_be(400);
}

#[tokio::test]
async fn other_triggers_are_stored_and_not_run() {
    let tenant = TestTenant::new().await;
    let login = json!({ "deploy": true, "supported_triggers": [{ "id": "send-phone-message" }] });
    let login = action(&tenant, "login", login).await;
    let path = "/api/v2/actions/triggers/send-phone-message/bindings";
    tenant.patch(path, json!({ "bindings": [by_id(&login)] })).await.must_be(200);
    assert_eq!(tenant.get(path).await.must_be(200).body["total"], 1);
    assert!(runs(&tenant).is_empty());
}

#[tokio::test]
async fn what_is_bound_is_deleted_by_force_only() {
    let tenant = TestTenant::new().await;
    let [a, b] = [deployed(&tenant, "a").await, deployed(&tenant, "b").await];
    bind(&tenant, vec![by_id(&a), by_id(&b)]).await;
    let kept = tenant.delete(&path(&a)).await;
    refused(&kept, 409, "Unable to delete an action bound to a trigger.", None);
    tenant.delete(&format!("{}?force=maybe", path(&a))).await.must_be(400);
    tenant.delete(&format!("{}?force=true", path(&a))).await.must_be(204);
    assert_eq!(runs(&tenant), ["b"]);
    let moved = json!({ "supported_triggers": [{ "id": "post-login" }] });
    tenant.patch(&path(&b), moved.clone()).await.must_be(400);
    bind(&tenant, vec![]).await;
    tenant.patch(&path(&b), moved).await.must_be(200);
}
