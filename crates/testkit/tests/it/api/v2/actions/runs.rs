//! Code that is loaded, tried out, and remembered.

use serde_json::{Value, json};
use testkit::TestTenant;

use super::{PATH, action, body, path};

async fn tried(tenant: &TestTenant, code: &str, event: Value) -> Value {
    let secrets = json!([{ "name": "key", "value": "hush" }]);
    let name = format!("a{}", code.len());
    let made = action(tenant, &name, json!({ "code": code, "secrets": secrets })).await;
    let test = json!({ "payload": { "event": event } });
    tenant.post(&format!("{}/test", path(&made)), test).await.must_be(200).body["payload"].clone()
}

#[tokio::test]
async fn code_that_cannot_be_loaded_is_stored_and_not_deployed() {
    let tenant = TestTenant::new().await;
    let broken = "exports.onExecuteCredentialsExchange = async (event) => {\n  const = 1;\n};";
    let made = action(&tenant, "broken", json!({ "code": broken })).await;
    assert_eq!(tenant.get(&path(&made)).await.must_be(200).body["status"], "failed");
    let refused = tenant.post(&format!("{}/deploy", path(&made)), json!({})).await;
    assert_eq!((refused.status, refused.str("errorCode")), (400, "invalid_code"));
    assert!(refused.str("message").contains("SyntaxError"), "{}", refused.text());
    assert!(tenant.get(&path(&made)).await.body.get("deployed_version").is_none());
    // Nor at once, and then it is not stored either.
    tenant.post(PATH, body("at once", json!({ "code": broken, "deploy": true }))).await.must_be(400);
    tenant
        .post(PATH, body("no handler", json!({ "code": "exports.other = 1;", "deploy": true })))
        .await
        .must_be(400);
    tenant
        .post(PATH, body("no end", json!({ "code": "while (true) {}", "deploy": true })))
        .await
        .must_be(400);
    assert_eq!(tenant.get(PATH).await.must_be(200).body["total"], 1);
    // The draft gets better, and so does its build.
    tenant.patch(&path(&made), json!({ "code": super::CODE })).await.must_be(200);
    tenant.post(&format!("{}/deploy", path(&made)), json!({})).await.must_be(200);
}

#[tokio::test]
async fn a_try_tells_what_the_code_did_and_does_nothing() {
    let tenant = TestTenant::new().await;
    let code = "exports.onExecuteCredentialsExchange = async (event, api) => {
        console.log(event.client.name, Object.keys(event.secrets));
        api.accessToken.setCustomClaim('a', { b: [1] });
        api.access.deny('invalid_scope', 'No.');
    };";
    let payload = tried(&tenant, code, json!({ "client": { "name": "nightly" } })).await;
    let calls = json!([
        { "name": "accessToken.setCustomClaim", "arguments": ["a", { "b": [1] }] },
        { "name": "access.deny", "arguments": ["invalid_scope", "No."] },
    ]);
    assert_eq!(payload["calls"], calls);
    assert!(payload["logs"][0].as_str().unwrap().contains("nightly"), "{payload}");
    assert!(payload["stats"]["action_duration_ms"].is_number() && payload.get("error").is_none());
}

#[tokio::test]
async fn a_try_of_a_login_sends_somebody_away_as_a_login_would() {
    let tenant = TestTenant::new().await;
    let code = "exports.onExecutePostLogin = async (event, api) => {
        const token = api.redirect.encodeToken({ secret: event.secrets.key, payload: { n: 1 } });
        console.log(JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()).sub);
        if (api.redirect.canRedirect()) api.redirect.sendUserTo('https://terms.example/');
    };";
    let secrets = json!([{ "name": "key", "value": "hush" }]);
    let trigger = json!([{ "id": "post-login" }]);
    let made =
        action(&tenant, "away", json!({ "code": code, "secrets": secrets, "supported_triggers": trigger }))
            .await;
    for (protocol, sent) in [("oidc-basic-profile", 1), ("oauth2-refresh-token", 0)] {
        let event = json!({ "user": { "user_id": "auth0|1" }, "transaction": { "protocol": protocol } });
        let test = json!({ "payload": { "event": event } });
        let told = tenant.post(&format!("{}/test", path(&made)), test).await.must_be(200);
        let payload = &told["payload"];
        let calls = payload["calls"].as_array().unwrap().iter();
        assert_eq!(calls.filter(|call| call["name"] == "redirect.sendUserTo").count(), sent, "{payload}");
        assert_eq!(payload["logs"][0], "auth0|1", "{payload}");
    }
}

#[tokio::test]
async fn a_try_that_fails_says_how() {
    let tenant = TestTenant::new().await;
    let code = "exports.onExecuteCredentialsExchange = async (event) => event.user.id;";
    let payload = tried(&tenant, code, json!({})).await;
    assert_eq!(payload["error"]["name"], "TypeError");
    for member in ["message", "stack"] {
        assert!(payload["error"][member].is_string(), "{payload}");
    }
}

#[tokio::test]
async fn tries_that_are_refused() {
    let tenant = TestTenant::new().await;
    let login =
        action(&tenant, "login", json!({ "supported_triggers": [{ "id": "send-phone-message" }] })).await;
    let test = json!({ "payload": { "event": {} } });
    tenant.post(&format!("{}/test", path(&login)), test).await.must_be(400);
    let ours = action(&tenant, "ours", json!({})).await;
    let deep = (0..100).fold(json!(1), |inner, _| json!([inner]));
    for body in [
        json!({}),
        json!({ "payload": {} }),
        json!({ "payload": 7 }),
        json!({ "payload": { "event": deep } }),
        json!({ "payload": { "event": "\0" } }),
        json!({ "payload": { "event": {} }, "x": 1 }),
    ] {
        tenant.post(&format!("{}/test", path(&ours)), body).await.must_be(400);
    }
}
