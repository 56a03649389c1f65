//! `/api/x/rules`: a rule tried, the order of all, and a rule turned into an action

use serde_json::{Value, json};
use testkit::{Answer, TestTenant};

use super::code;

const TRY: &str = "/api/x/rules/try";
const ORDER: &str = "/api/x/rules/order";

async fn tries(tenant: &TestTenant, body: &str) -> Answer {
    tries_with(
        tenant,
        body,
        json!({ "user_id": "auth0|1", "email": "ann@example.com" }),
        json!({ "idToken": {} }),
    )
    .await
}

async fn tries_with(tenant: &TestTenant, body: &str, user: Value, context: Value) -> Answer {
    let script = format!("function (user, context, callback) {{ {body} }}");
    tenant.post(TRY, json!({ "script": script, "user": user, "context": context })).await
}

async fn rule(tenant: &TestTenant, name: &str, script: &str) -> String {
    let rule = json!({ "name": name, "script": script, "enabled": false });
    tenant.post("/api/v2/rules", rule).await.must_be(201).str("id").to_owned()
}

#[tokio::test]
async fn a_rule_is_tried_without_a_login_and_nothing_is_kept() {
    let tenant = TestTenant::new().await;
    tenant.put("/api/v2/rules-configs/PLAN", json!({ "value": "gold" })).await.must_be(200);
    let body = "console.log('seen', user.email); user.n = 1; context.idToken['https://a.example/plan'] = configuration.PLAN;
        context.idToken.sub = 'forged'; callback(null, user, context);";
    let tried = tries(&tenant, body).await.must_be(200).body;
    assert_eq!(tried["user"], json!({ "user_id": "auth0|1", "email": "ann@example.com", "n": 1 }));
    assert_eq!(tried["context"]["idToken"]["https://a.example/plan"], "gold");
    assert_eq!(tried["logs"][0], "seen ann@example.com");
    assert!(tried["logs"][1].as_str().unwrap().starts_with("sub was not set: "), "{tried}");
    assert!(tried["stats"]["action_duration_ms"].is_number() && tried["error"].is_null());
    let denied =
        tries(&tenant, "callback(new UnauthorizedError('Not on Sundays.'));").await.must_be(200).body;
    assert_eq!((&denied["denied"], &denied["user"]), (&json!("Not on Sundays."), &Value::Null));
    assert_eq!(tenant.get("/api/v2/rules").await.body, json!([]));
    tenant.flush_logs().await;
    let log = tenant.get("/api/v2/logs?per_page=100").await.body.to_string();
    assert!(!log.contains("rules/try") && !log.contains("ann@example.com"), "{log}");
}

#[tokio::test]
async fn what_fails_at_a_login_fails_when_it_is_tried() {
    let tenant = TestTenant::new().await;
    for (body, name) in [
        ("while (true) {}", "ProcessorLimitError"),
        ("const all = []; while (true) all.push('x'.repeat(100000) + all.length);", "MemoryLimitError"),
        ("return new Promise(() => {});", "StalledError"),
        ("throw new TypeError('odd');", "TypeError"),
        ("callback('odd');", "Error"),
        ("callback(null);", "TypeError"),
        ("context.me = context; callback(null, user, context);", "TypeError"),
        ("context.d = 'x'.repeat(9 << 20); callback(null, user, context);", "RangeError"),
        ("context.redirect = { url: 'javascript:1' }; callback(null, user, context);", "TypeError"),
        ("context.primaryUser = 'auth0|2'; callback(null, user, context);", "TypeError"),
        ("context.accessToken = { scope: 7 }; callback(null, user, context);", "TypeError"),
        ("require('fs');", "Error"),
        ("this is no code", "SyntaxError"),
    ] {
        let tried = tries(&tenant, body).await.must_be(200).body;
        assert_eq!(tried["error"]["name"], name, "{body}: {tried}");
        assert!(tried["user"].is_null() && tried["error"]["message"].is_string(), "{body}: {tried}");
    }
}

#[tokio::test]
async fn what_is_no_trial_is_refused() {
    let tenant = TestTenant::new().await;
    let script = "function () {}";
    for bad in [
        json!({}),
        json!({ "script": script, "user": {} }),
        json!({ "script": "", "user": {}, "context": {} }),
        json!({ "script": script, "user": [], "context": {} }),
        json!({ "script": script, "user": {}, "context": "{}" }),
        json!({ "script": script, "user": null, "context": {} }),
        json!({ "script": 7, "user": {}, "context": {} }),
        json!({ "script": "é".repeat(60_000), "user": {}, "context": {} }),
        json!({ "script": script, "user": {}, "context": {}, "configuration": {} }),
    ] {
        assert_eq!(code(&tenant.post(TRY, bad.clone()).await.must_be(400)), "invalid_body", "{bad}");
    }
    let huge = json!({ "script": script, "user": { "x": "x".repeat(2 << 20) }, "context": {} });
    tenant.post(TRY, huge).await.must_be(413);
    let not_json = tenant.as_owner().form(TRY, "{").await;
    assert_eq!(not_json.status, 400);
    let reader = tenant.allowed(&["read:rules", "create:rules", "create:actions"]);
    reader.post(TRY, json!({ "script": script, "user": {}, "context": {} })).await.must_be(403);
}

#[tokio::test]
async fn all_rules_move_at_once() {
    let tenant = TestTenant::new().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        ids.push(rule(&tenant, name, "function () {}").await);
    }
    let [a, b, c] = [&ids[0], &ids[1], &ids[2]];
    for wanted in [[c, a, b], [b, a, c], [b, a, c]] {
        tenant.put(ORDER, json!({ "rules": wanted })).await.must_be(204);
        let rules = tenant.get("/api/v2/rules").await.body;
        let ids: Vec<&str> =
            rules.as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect();
        assert_eq!(ids, wanted);
    }
    for wrong in [
        json!([]),
        json!([a, b]),
        json!([a, b, c, c]),
        json!([a, b, "rul_none"]),
        json!([a, b, c, "rul_none"]),
    ] {
        assert_eq!(tenant.put(ORDER, json!({ "rules": wrong })).await.status, 409, "{wrong}");
    }
    for bad in [json!({}), json!({ "rules": "a" }), json!({ "rules": [7] })] {
        tenant.put(ORDER, bad).await.must_be(400);
    }
    tenant.allowed(&["read:rules"]).put(ORDER, json!({ "rules": [a, b, c] })).await.must_be(403);
    // They are not those of another tenant.
    assert_eq!(tenant.other().put(ORDER, json!({ "rules": [a, b, c] })).await.status, 409);
}

#[tokio::test]
async fn a_rule_becomes_a_draft_with_the_settings_that_it_names() {
    let tenant = TestTenant::new().await;
    for key in ["A", "B", "C"] {
        tenant
            .put(&format!("/api/v2/rules-configs/{key}"), json!({ "value": format!("hush {key}") }))
            .await
            .must_be(200);
    }
    let script = "function (user, context, callback) { user.plan = configuration.A + configuration['C'] + configuration.GONE; callback(null, user, context); }";
    let id = rule(&tenant, "Plans", script).await;
    let path = format!("/api/x/rules/{id}/action");
    let shown = tenant.get(&path).await.must_be(200).body;
    assert_eq!((&shown["name"], &shown["secrets"]), (&json!("Plans"), &json!(["A", "C"])));
    let names = |untranslated: &Value| {
        untranslated.as_array().unwrap().iter().map(|one| one["name"].clone()).collect::<Value>()
    };
    assert_eq!(names(&shown["untranslated"]), json!(["user.plan", "configuration.GONE"]));
    assert!(
        shown["code"].as_str().unwrap().contains(script) && !shown.to_string().contains("hush"),
        "{shown}"
    );
    assert_eq!(tenant.get("/api/v2/actions/actions").await["actions"], json!([]), "it was only shown");

    let made = tenant.post(&path, json!({ "name": "Plans at login" })).await.must_be(201).body;
    assert_eq!((&made["name"], &made["code"]), (&json!("Plans at login"), &shown["code"]));
    assert_eq!(made["supported_triggers"][0]["id"], "post-login");
    assert_eq!((&made["untranslated"], &made["deployed_version"]), (&shown["untranslated"], &Value::Null));
    let secrets: Value =
        made["secrets"].as_array().unwrap().iter().map(|secret| secret["name"].clone()).collect();
    assert_eq!(secrets, json!(["A", "C"]));
    tenant.flush_logs().await;
    let log = tenant.get("/api/v2/logs?per_page=100").await.body.to_string();
    assert!(!made.to_string().contains("hush") && !log.contains("hush"), "{log}");
    assert!(log.contains("Create an action from a rule"), "{log}");
    assert_eq!(tenant.get(&format!("/api/v2/rules/{id}")).await["script"], script, "the rule stays");

    assert_eq!(tenant.post(&path, json!({ "name": "Plans at login" })).await.status, 409);
    for bad in [json!({ "name": 7 }), json!({ "code": "x" }), json!({ "name": "x".repeat(256) })] {
        tenant.post(&path, bad).await.must_be(400);
    }
    tenant.post("/api/x/rules/rul_none/action", json!({})).await.must_be(404);
    tenant.other().get(&path).await.must_be(404);
    // Who could not write rules would see what settings say.
    tenant.allowed(&["read:rules", "create:actions"]).post(&path, json!({})).await.must_be(403);
    tenant.allowed(&["update:rules"]).post(&path, json!({})).await.must_be(403);
}

#[tokio::test]
async fn a_rule_that_does_not_name_its_settings_takes_all_and_one_that_is_too_long_stays() {
    let tenant = TestTenant::new().await;
    tenant.put("/api/v2/rules-configs/A", json!({ "value": "a" })).await.must_be(200);
    let id =
        rule(&tenant, "any", "function (user, context, callback) { const key = 'A'; configuration[key]; }")
            .await;
    assert_eq!(tenant.get(&format!("/api/x/rules/{id}/action")).await["secrets"], json!(["A"]));
    let long = format!("function () {{ /* {} */ }}", "x".repeat(101_000));
    let id = rule(&tenant, "long", &long).await;
    tenant.post(&format!("/api/x/rules/{id}/action"), json!({})).await.must_be(400);
}

#[tokio::test]
async fn a_rule_that_asks_for_more_settings_than_an_action_has_secrets_stays() {
    let tenant = TestTenant::new().await;
    let set = async |n: usize| {
        let path = format!("/api/v2/rules-configs/K{n}");
        tenant.put(&path, json!({ "value": "v" })).await.must_be(200);
    };
    for n in 0..30 {
        set(n).await;
    }
    let script = "function (user, context, callback) { const key = 'K0'; configuration[key]; }";
    let path = format!("/api/x/rules/{}/action", rule(&tenant, "many", script).await);
    let told = async || tenant.get(&path).await.must_be(200)["untranslated"].to_string();
    assert!(!told().await.contains("more settings"));
    tenant.post(&path, json!({ "name": "thirty" })).await.must_be(201);

    set(30).await;

    assert!(told().await.contains("more settings than an action has secrets"), "{}", told().await);
    let refusal = tenant.post(&path, json!({ "name": "more" })).await.must_be(400);
    assert!(refusal.str("message").starts_with("The rule asks for too many settings"), "{}", refusal.text());
}
