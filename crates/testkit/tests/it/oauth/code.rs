//! Customers' code about people: rules, and the actions and hooks at logins, sign-ups and changes of passwords.

mod converted;
mod post_login;
mod redirect;
mod registration;
mod rules;

use serde_json::{Value, json};
use testkit::{Answer, Browser, TestClient, TestTenant, claims};

const EMAIL: &str = "ann@example.com";

/// A tenant with somebody in it, and an application that they log in to.
async fn shop() -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    tenant.person(EMAIL).await;
    let spa = tenant.spa(json!({})).await;
    (tenant, spa)
}

/// Makes rules of these bodies, in this order.
async fn rules(tenant: &TestTenant, bodies: &[&str]) {
    for (n, body) in bodies.iter().enumerate() {
        let script = format!("function (user, context, callback) {{ {body} }}");
        let rule = json!({ "name": format!("rule {n}"), "script": script });
        tenant.post("/api/v2/rules", rule).await.must_be(201);
    }
}

/// Deploys this code as actions of a trigger, and binds them in this order.
async fn bound(tenant: &TestTenant, trigger: &str, codes: &[&str]) {
    let mut bindings = Vec::new();
    for (n, code) in codes.iter().enumerate() {
        let action = json!({
            "name": format!("action {n}"), "supported_triggers": [{ "id": trigger }], "code": code, "deploy": true,
            "secrets": [{ "name": "KEY", "value": SECRET }],
        });
        let action = tenant.post("/api/v2/actions/actions", action).await.must_be(201);
        bindings.push(json!({ "ref": { "type": "action_id", "value": action.str("id") } }));
    }
    let path = format!("/api/v2/actions/triggers/{trigger}/bindings");
    tenant.patch(&path, json!({ "bindings": bindings })).await.must_be(200);
}

/// The same of bodies of handlers.
async fn at_login(tenant: &TestTenant, bodies: &[&str]) {
    let codes: Vec<String> = bodies
        .iter()
        .map(|body| format!("exports.onExecutePostLogin = async (event, api) => {{ {body} }};"))
        .collect();
    let codes: Vec<&str> = codes.iter().map(String::as_str).collect();
    bound(tenant, "post-login", &codes).await;
}

const SECRET: &str = "hush hush";

/// Where somebody comes out who logs in.
async fn logs_in(browser: &mut Browser, spa: &TestClient) -> Answer {
    let page = browser.login_page(spa, &[]).await;
    browser.fill_in(&page, EMAIL, testkit::PASSWORD).await
}

/// What the application is told who did not get in.
async fn refused(tenant: &TestTenant, spa: &TestClient) -> (String, String) {
    let back = logs_in(&mut Browser::new(tenant), spa).await;
    let error = back.parameter("error").unwrap_or_else(|| panic!("no error: {}", back.location()));
    (error, back.parameter("error_description").unwrap_or_default())
}

/// The tokens of who logs in.
async fn tokens(tenant: &TestTenant, spa: &TestClient) -> Answer {
    let code = Browser::new(tenant).log_in(spa, EMAIL).await;
    tenant.asked(spa.redeems(&code)).await.must_be(200)
}

/// What the ID token of who logs in says.
async fn said(tenant: &TestTenant, spa: &TestClient) -> Value {
    claims(tokens(tenant, spa).await.str("id_token"))
}

/// The last event of a kind.
async fn last(tenant: &TestTenant, kind: &str) -> Value {
    tenant.flush_logs().await;
    let logs = tenant.get(&format!("/api/v2/logs?q=type:{kind}")).await.must_be(200);
    logs.body[0].clone()
}

/// Everything that the log holds, as one text.
async fn log(tenant: &TestTenant) -> String {
    tenant.flush_logs().await;
    tenant.get("/api/v2/logs?per_page=100").await.must_be(200).body.to_string()
}

/// Code that comes to nothing, and what the log says of it.
const BROKEN: [(&str, &str); 6] = [
    ("while (true) {}", "ProcessorLimitError"),
    ("const all = []; while (true) all.push('x'.repeat(100000) + all.length);", "MemoryLimitError"),
    ("throw new TypeError('inner workings');", "TypeError"),
    ("throw 'inner workings';", "Error"),
    ("return Promise.reject(new RangeError('inner workings'));", "RangeError"),
    ("return new Promise(() => {});", "StalledError"),
];
