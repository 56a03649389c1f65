//! Deploying, and going back.

use idp::snapshot::actions::Trigger;
use serde_json::{Value, json};
use testkit::TestTenant;

use super::{CODE, STARTED, action, path};
use crate::api::v2::{each, refused, text};

async fn deploy(tenant: &TestTenant, action: &Value) -> Value {
    tenant.post(&format!("{}/deploy", path(action)), json!({})).await.must_be(200).body
}

#[tokio::test]
async fn a_version_as_it_is_answered_and_read() {
    let tenant = TestTenant::new().await;
    let made = action(&tenant, "Stamp", json!({ "secrets": [{ "name": "key", "value": "hush" }] })).await;

    let version = deploy(&tenant, &made).await;

    let triggers = json!([{ "id": "credentials-exchange", "version": "v2" }]);
    let of = json!({
        "id": made["id"], "name": "Stamp", "supported_triggers": triggers, "created_at": STARTED, "updated_at": STARTED,
        "all_changes_deployed": false,
    });
    let mut expected = json!({
        "id": version["id"], "code": CODE, "dependencies": [], "deployed": false, "number": 1, "status": "built",
        "secrets": [{ "name": "key", "updated_at": STARTED }], "created_at": STARTED, "updated_at": STARTED,
        "runtime": "node22", "supported_triggers": triggers, "action": of,
    });
    assert_eq!(version, expected);

    expected["deployed"] = json!(true);
    expected["built_at"] = json!(STARTED);
    let one = format!("{}/versions/{}", path(&made), text(&version, "id"));
    assert_eq!(tenant.get(&one).await.must_be(200).body, expected);
    let list = tenant.get(&format!("{}/versions", path(&made))).await.must_be(200).body;
    assert_eq!(list, json!({ "versions": [expected], "total": 1, "per_page": 50 }));

    let read = tenant.get(&path(&made)).await.must_be(200).body;
    assert_eq!(read["all_changes_deployed"], true);
    assert_eq!(read["current_version"]["status"], "BUILT");
    assert_eq!(read["deployed_version"]["id"], version["id"]);
}

#[tokio::test]
async fn going_back_makes_a_new_version_of_the_old_one() {
    let tenant = TestTenant::new().await;
    let made = action(&tenant, "Stamp", json!({})).await;
    let first = deploy(&tenant, &made).await;
    let code = "exports.onExecuteCredentialsExchange = async () => {};";
    tenant.patch(&path(&made), json!({ "code": code })).await.must_be(200);
    deploy(&tenant, &made).await;

    let back = format!("{}/versions/{}/deploy", path(&made), text(&first, "id"));
    let third = tenant.post(&back, json!({})).await.must_be(200).body;

    assert_eq!((&third["number"], &third["code"]), (&json!(3), &json!(CODE)));
    let read = tenant.get(&path(&made)).await.must_be(200).body;
    assert_eq!(read["code"], code, "the draft is kept");
    assert_eq!(
        (&read["all_changes_deployed"], &read["deployed_version"]["code"]),
        (&json!(false), &json!(CODE))
    );
    let list = tenant.get(&format!("{}/versions", path(&made))).await.must_be(200).body;
    let numbers: Vec<_> = list["versions"].as_array().unwrap().iter().map(|v| v["number"].clone()).collect();
    assert_eq!(numbers, [3, 2, 1]);
    let deployed: Vec<_> =
        list["versions"].as_array().unwrap().iter().map(|v| v["deployed"].clone()).collect();
    assert_eq!(deployed, [true, false, false]);

    // Or the draft goes back too.
    tenant.post(&back, json!({ "update_draft": true })).await.must_be(200);
    let read = tenant.get(&path(&made)).await.must_be(200).body;
    assert_eq!((&read["all_changes_deployed"], &read["code"]), (&json!(true), &json!(CODE)));
    tenant.post(&back, json!({ "update_draft": "yes" })).await.must_be(400);
}

#[tokio::test]
async fn the_last_fifty_versions_are_kept() {
    let tenant = TestTenant::new().await;
    let made = action(&tenant, "Stamp", json!({})).await;
    for _ in 0..52 {
        deploy(&tenant, &made).await;
    }
    let list = tenant.get(&format!("{}/versions?per_page=100", path(&made))).await.must_be(200).body;
    let numbers = list["versions"].as_array().unwrap();
    assert_eq!((numbers.len(), &numbers[0]["number"], &numbers[49]["number"]), (50, &json!(52), &json!(3)));
}

#[tokio::test]
async fn a_version_of_another_action_is_not_there() {
    let tenant = TestTenant::new().await;
    let [one, two] = [action(&tenant, "one", json!({})).await, action(&tenant, "two", json!({})).await];
    let version = deploy(&tenant, &one).await;
    let foreign = format!("{}/versions/{}", path(&two), text(&version, "id"));
    let words = "That action version does not exist.";
    refused(&tenant.get(&foreign).await, 404, words, None);
    refused(&tenant.post(&format!("{foreign}/deploy"), json!({})).await, 404, words, None);
}

#[tokio::test]
async fn what_is_deleted_takes_its_versions_along() {
    let tenant = TestTenant::new().await;
    let made = action(&tenant, "Stamp", json!({ "deploy": true })).await;
    tenant.delete(&path(&made)).await.must_be(204);
    for kind in ["actions/actions", "actions/versions"] {
        assert_eq!(tenant.store().documents().all("default", kind).await.unwrap().len(), 0, "{kind}");
    }
    assert!(tenant.snapshot().bound(Trigger::CredentialsExchange).is_empty());
    assert!(each(&tenant.get(super::PATH).await.body["actions"], "id").is_empty());
}
