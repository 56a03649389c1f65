//! `/api/v2/actions/modules`

use serde_json::json;
use testkit::TestTenant;

use super::{action, path};
use crate::api::v2::{refused, text};

const MODULES: &str = "/api/v2/actions/modules";

#[tokio::test]
async fn a_module_from_its_draft_to_its_use_and_its_end() {
    let tenant = TestTenant::new().await;
    let made = tenant.post(MODULES, json!({ "name": "greet", "code": "1" })).await.must_be(201).body;
    let at = "2026-07-01T12:00:00.250000Z";
    let expected = json!({
        "id": made["id"], "name": "greet", "code": "1", "dependencies": [], "secrets": [],
        "all_changes_published": false, "actions_using_module_total": 0, "created_at": at, "updated_at": at,
    });
    assert_eq!(made, expected);
    let one = format!("{MODULES}/{}", text(&made, "id"));

    let first = tenant.post(&format!("{one}/versions"), json!({})).await.must_be(200).body;
    assert_eq!((&first["version_number"], &first["module_id"]), (&json!(1), &made["id"]));
    tenant.patch(&one, json!({ "code": "2" })).await.must_be(200);
    let read = tenant.get(&one).await.must_be(200).body;
    assert_eq!(
        (&read["all_changes_published"], &read["latest_version"]["code"]),
        (&json!(false), &json!("1"))
    );
    tenant.post(&format!("{one}/versions"), json!({})).await.must_be(200);
    let versions = tenant.get(&format!("{one}/versions")).await.must_be(200).body;
    assert_eq!((&versions["versions"][0]["code"], &versions["total"]), (&json!("2"), &json!(2)));

    let back = json!({ "module_version_id": first["id"] });
    let back = tenant.post(&format!("{one}/rollback"), back).await.must_be(200).body;
    assert_eq!((&back["code"], &back["all_changes_published"]), (&json!("1"), &json!(false)));
    tenant.post(&format!("{one}/rollback"), json!({ "module_version_id": 1 })).await.must_be(400);
    tenant.post(&format!("{one}/rollback"), json!({ "module_version_id": "x" })).await.must_be(404);

    let named = json!([{ "module_id": made["id"], "module_version_id": first["id"] }]);
    let using = action(&tenant, "uses it", json!({ "modules": named })).await;
    assert_eq!(using["modules"][0]["module_name"], "greet");
    let actions = tenant.get(&format!("{one}/actions")).await.must_be(200).body;
    assert_eq!((&actions["actions"][0]["action_id"], &actions["total"]), (&using["id"], &json!(1)));
    tenant.delete(&one).await.must_be(412);
    tenant.delete(&path(&using)).await.must_be(204);
    tenant.delete(&one).await.must_be(204);
    refused(&tenant.get(&one).await, 404, "That action module does not exist.", None);
}

#[tokio::test]
async fn bodies_that_are_refused() {
    let tenant = TestTenant::new().await;
    for body in [
        json!({ "name": "x" }),
        json!({ "code": "x" }),
        json!({ "name": "x", "code": "x".repeat(102_401) }),
        json!({ "name": "x", "code": "\0" }),
        json!({ "name": "x", "code": "", "publish": 1 }),
        json!({ "name": "x", "code": "", "secrets": [{ "name": "a" }] }),
        json!({ "name": "x", "code": "", "latest_version": {} }),
        json!({ "name": "x", "code": "", "x": 1 }),
    ] {
        tenant.post(MODULES, body).await.must_be(400);
    }
    let body = json!({ "name": "x", "code": "" });
    let made = tenant.post(MODULES, body.clone()).await.must_be(201).body;
    tenant.post(MODULES, body).await.must_be(409);
    let renamed = json!({ "name": "y" });
    tenant.patch(&format!("{MODULES}/{}", text(&made, "id")), renamed).await.must_be(400);
}
