//! Secrets of actions and hooks: given to code, and told to nobody.

use std::fs;

use serde_json::{Value, json};
use store::Location;
use testkit::TestTenant;

use super::{action, path};
use crate::api::v2::{each, text};

#[tokio::test]
async fn a_patch_replaces_them_and_keeps_what_it_does_not_say() {
    let tenant = TestTenant::new().await;
    let secrets = json!([{ "name": "a", "value": "1" }, { "name": "b", "value": "2" }]);
    let made = action(&tenant, "Stamp", json!({ "secrets": secrets })).await;
    tenant.later(1_000);
    // Its time may be sent back, and says nothing.
    let kept = json!({ "name": "b", "updated_at": "2020-01-01T00:00:00.000Z" });
    let patch = json!({ "secrets": [{ "name": "c", "value": "3" }, kept] });
    let changed = tenant.patch(&path(&made), patch).await.must_be(200).body;
    assert_eq!(each(&changed["secrets"], "name"), ["b", "c"], "what was there stands first");
    assert_eq!(changed["secrets"][0]["updated_at"], made["secrets"][1]["updated_at"]);
    assert_ne!(changed["secrets"][1]["updated_at"], made["secrets"][1]["updated_at"]);
    let stored =
        tenant.read(&<model::Action as schema::Resource>::NOUN, text(&made, "id")).await.unwrap().unwrap();
    assert_eq!(each(&stored.body["secrets"], "value"), ["2", "3"]);
    let unknown = json!({ "secrets": [{ "name": "new" }] });
    tenant.patch(&path(&made), unknown).await.must_be(400);
}

/// Everything that an action, its versions, bindings, a module and a hook answer, store and log.
#[tokio::test]
async fn nobody_is_told_a_secret() {
    const HUSH: &str = "a-secret-that-nobody-may-read";
    let tenant = TestTenant::new().await;
    let owner = tenant.as_owner();
    let hush = json!([{ "name": "key", "value": HUSH }]);
    let mut answers = Vec::new();
    let mut keep = |answer: testkit::Answer| {
        assert!(answer.status < 400, "{}", answer.text());
        answers.push(answer.text().to_owned());
        answer.body
    };
    let made =
        keep(owner.post(super::PATH, super::body("Stamp", json!({ "secrets": hush, "deploy": true }))).await);
    keep(owner.patch(&path(&made), json!({ "secrets": hush })).await);
    let version = keep(owner.post(&format!("{}/deploy", path(&made)), json!({})).await);
    let version = format!("{}/versions/{}", path(&made), text(&version, "id"));
    keep(owner.post(&format!("{version}/deploy"), json!({})).await);
    let bindings = "/api/v2/actions/triggers/credentials-exchange/bindings";
    let binding = json!({ "ref": { "type": "action_id", "value": made["id"] }, "secrets": hush });
    keep(owner.patch(bindings, json!({ "bindings": [binding] })).await);
    let modules = "/api/v2/actions/modules";
    let module = json!({ "name": "m", "code": "", "secrets": hush, "publish": true });
    let module = keep(owner.post(modules, module).await);
    let module = format!("{modules}/{}", text(&module, "id"));
    keep(owner.patch(&module, json!({ "secrets": hush })).await);
    keep(owner.post(&format!("{module}/versions"), json!({})).await);
    let hook = json!({ "name": "h", "script": "module.exports = x => x", "triggerId": "credentials-exchange", "enabled": true });
    let hook = keep(owner.post("/api/v2/hooks", hook).await);
    let hook = format!("/api/v2/hooks/{}", text(&hook, "id"));
    keep(owner.post(&format!("{hook}/secrets"), json!({ "key": HUSH })).await);
    keep(owner.patch(&format!("{hook}/secrets"), json!({ "key": HUSH })).await);
    let versions = format!("{}/versions", path(&made));
    let module_versions = format!("{module}/versions");
    let secrets = format!("{hook}/secrets");
    for read in [
        super::PATH,
        &path(&made),
        &versions,
        &version,
        bindings,
        modules,
        &module,
        &module_versions,
        "/api/v2/hooks",
        &hook,
        &secrets,
    ] {
        keep(owner.get(read).await);
    }
    tenant.flush_logs().await;
    let log = keep(owner.get("/api/v2/logs?per_page=100").await);
    assert!(log.as_array().unwrap().iter().any(|event| event["description"] == "Add secrets to a hook"));
    for answer in &answers {
        assert!(!answer.contains(HUSH), "{answer}");
    }
    // At rest it is sealed.
    for noun in model::NOUNS {
        for document in tenant.store().documents().all("default", noun.path).await.unwrap() {
            assert!(!Value::Object(document.body).to_string().contains(HUSH), "{}", noun.path);
        }
    }
    let Location::Sqlite { dir } = tenant.server().location() else { return };
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let content = fs::read(entry.path()).unwrap();
        assert!(
            !content.windows(HUSH.len()).any(|window| window == HUSH.as_bytes()),
            "{:?}",
            entry.file_name()
        );
    }
}

/// What an API's scopes are called is no secret, though it is a value.
#[tokio::test]
async fn other_values_are_still_logged() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    tenant.flush_logs().await;
    let log = tenant.get("/api/v2/logs").await.must_be(200).body;
    assert!(log.to_string().contains("write:b"));
}
