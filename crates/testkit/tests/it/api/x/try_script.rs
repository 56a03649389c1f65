//! `/api/x/connections/{id}/try-script`

use serde_json::{Value, json};
use testkit::{Answer, TestTenant};

const LOGIN: &str = r"
function login(name, password, callback) {
  console.log('asked for', name);
  if (name !== 'ann') return callback(new WrongUsernameOrPasswordError(null, 'Nobody has this name.'));
  if (password !== configuration.KEY) return callback(new WrongUsernameOrPasswordError(name, 'Wrong.'));
  callback(null, { user_id: '7' });
}";

async fn database() -> (TestTenant, String) {
    let tenant = TestTenant::new().await;
    let options = json!({
        "enabledDatabaseCustomization": true, "configuration": { "KEY": "sesame" },
        "customScripts": { "login": LOGIN }
    });
    let body = json!({ "name": "elsewhere", "strategy": "auth0", "options": options });
    let made = tenant.post("/api/v2/connections", body).await.must_be(201);
    let path = format!("/api/x/connections/{}/try-script", made.str("id"));
    (tenant, path)
}

/// What came of it, without what differs from run to run.
fn told(answer: &Answer) -> Value {
    assert!(answer["duration_ms"].is_number(), "{}", answer.start());
    let mut told = answer.body.clone();
    told.as_object_mut().unwrap().shift_remove("duration_ms");
    told
}

#[tokio::test]
async fn it_says_what_a_script_says_and_nothing_comes_of_it() {
    let (tenant, path) = database().await;
    let tries = async |arguments: Value| {
        tenant.post(&path, json!({ "script": "login", "arguments": arguments })).await.must_be(200)
    };
    assert_eq!(
        told(&tries(json!(["ann", "sesame"])).await),
        json!({ "value": { "user_id": "7" }, "logs": ["asked for ann"] })
    );
    let refused = tries(json!(["ann", "wrong"])).await;
    assert_eq!(
        refused["refusal"],
        json!({ "name": "WrongUsernameOrPasswordError", "about": "ann", "message": "Wrong." })
    );
    assert_eq!(tries(json!(["bob", ""])).await["refusal"]["about"], Value::Null);
    let people = tenant.store().documents().all(tenant.name(), "users").await.unwrap();
    assert_eq!(people.len(), 0);
    // Neither in the history nor in the log: what was typed may be somebody's password.
    let log = tenant.get("/api/v2/logs").await.must_be(200);
    assert!(!log.body.to_string().contains("try-script"));
}

#[tokio::test]
async fn code_can_be_tried_before_it_is_stored() {
    let (tenant, path) = database().await;
    let tries = async |script: &str, code: &str| {
        tenant.post(&path, json!({ "script": script, "code": code, "arguments": ["ann"] })).await.must_be(200)
    };
    let found =
        tries("get_user", "function getByEmail(name, cb) { cb(null, { name, key: configuration.KEY }); }");
    assert_eq!(found.await["value"], json!({ "name": "ann", "key": "sesame" }));
    let nobody = tries("get_user", "async (name, cb) => cb(null)").await;
    assert_eq!(told(&nobody), json!({ "value": null, "logs": [] }));
    for code in ["function remove(id, cb) {\n  throw new TypeError('no');\n}", "require('pg')", "}"] {
        let failed = tries("delete", code).await;
        assert!(failed["error"]["name"].is_string(), "{code} {}", failed.start());
    }
}

#[tokio::test]
async fn what_cannot_be_tried() {
    let (tenant, path) = database().await;
    let long = "x".repeat(102_401);
    for body in [
        json!({}),
        json!({ "script": "change_email", "arguments": [] }),
        json!({ "script": "login" }),
        json!({ "script": "login", "arguments": "ann" }),
        json!({ "script": "login", "arguments": [1, 2, 3, 4, 5] }),
        json!({ "script": "login", "arguments": [], "code": long }),
        json!({ "script": "login", "arguments": [], "more": 1 }),
        // Nothing is stored, and nothing given.
        json!({ "script": "verify", "arguments": [] }),
        json!({ "script": "verify", "arguments": [], "code": "  " }),
    ] {
        tenant.post(&path, body).await.must_be(400);
    }
    let google = json!({ "name": "google", "strategy": "google-oauth2" });
    let google = tenant.post("/api/v2/connections", google).await.must_be(201);
    let wanted = json!({ "script": "login", "arguments": [], "code": LOGIN });
    let of = |id: &str| format!("/api/x/connections/{id}/try-script");
    tenant.post(&of(google.str("id")), wanted.clone()).await.must_be(400);
    tenant.post(&of("con_none"), wanted.clone()).await.must_be(404);
    tenant.other().post(&path, wanted.clone()).await.must_be(404);
    let reader = tenant.allowed(&["read:connections"]);
    reader.post(&path, wanted).await.must_be(403);
}
