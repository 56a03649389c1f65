//! Actions at the trigger `credentials-exchange`: what they see, what they may change, and what becomes of a token when
//! they refuse or fail.

use serde_json::{Value, json};
use testkit::{Answer, TestClient, TestTenant, claims};

use super::API;

/// Deploys these bodies of handlers as actions, and binds them in this order.
async fn bound(tenant: &TestTenant, bodies: &[&str]) {
    let mut bindings = Vec::new();
    for (n, body) in bodies.iter().enumerate() {
        let code = format!("exports.onExecuteCredentialsExchange = async (event, api) => {{ {body} }};");
        let name = format!("action {n}");
        let trigger = json!({ "id": "credentials-exchange", "version": "v2" });
        let secrets = json!([{ "name": "KEY", "value": format!("secret {n}") }]);
        let action =
            json!({ "name": name, "supported_triggers": [trigger], "code": code, "secrets": secrets });
        let action = tenant.post("/api/v2/actions/actions", action).await.must_be(201);
        let id = action.str("id").to_owned();
        tenant.post(&format!("/api/v2/actions/actions/{id}/deploy"), json!({})).await.must_be(200);
        bindings.push(json!({ "display_name": name, "ref": { "type": "action_id", "value": id } }));
    }
    let path = "/api/v2/actions/triggers/credentials-exchange/bindings";
    tenant.patch(path, json!({ "bindings": bindings })).await.must_be(200);
}

async fn with(bodies: &[&str]) -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    bound(&tenant, bodies).await;
    (tenant, m2m)
}

/// What the token endpoint answers under this action.
async fn answered(body: &str) -> Answer {
    let (tenant, m2m) = with(&[body]).await;
    tenant.asked(m2m.asks_for(API)).await
}

/// The claims of a token under this action.
async fn said(body: &str) -> Value {
    claims(answered(body).await.must_be(200).str("access_token"))
}

async fn last(tenant: &TestTenant, kind: &str) -> Value {
    tenant.flush_logs().await;
    let logs = tenant.get(&format!("/api/v2/logs?q=type:{kind}")).await.must_be(200);
    logs.body[0].clone()
}

#[tokio::test]
async fn an_action_sees_the_request_and_no_credential() {
    let (tenant, m2m) = with(&["api.accessToken.setCustomClaim('https://a.example/event', event);"]).await;
    tenant
        .patch(&format!("/api/v2/clients/{}", m2m.id), json!({ "client_metadata": { "tier": "gold" } }))
        .await
        .must_be(200);
    let more = json!({ "scope": "read:a", "colour": "blue", "deep": { "n": [1] }, "subject_token": "x", "password": "x" });
    let token = tenant.token(m2m.asks_with(API, more)).await;
    let expected = json!({
        "accessToken": { "customClaims": {}, "scope": ["read:a"] },
        "client": { "client_id": m2m.id, "metadata": { "tier": "gold" }, "name": "Nightly import" },
        "request": {
            "body": {
                "grant_type": "client_credentials", "client_id": m2m.id, "audience": API, "scope": "read:a",
                "colour": "blue", "deep": { "n": [1] },
            },
            "geoip": {}, "hostname": "idp.example", "ip": "203.0.113.7", "method": "POST",
        },
        "resource_server": { "identifier": API },
        "tenant": { "id": "default" },
        "transaction": { "requested_scopes": ["read:a"], "target_scopes": ["read:a"] },
        "secrets": { "KEY": "secret 0" },
    });
    assert_eq!(claims(&token)["https://a.example/event"], expected);
}

#[tokio::test]
async fn claims_are_set_in_order_and_seen_by_the_next_action() {
    let first = "api.accessToken.setCustomClaim('https://a.example/tier', 'gold'); \
        api.accessToken.setCustomClaim('gone', 1); api.accessToken.setCustomClaim('email', 'm@a.example');";
    let second = "api.accessToken.setCustomClaim('seen', event.accessToken.customClaims); \
        api.accessToken.setCustomClaim('gone', null); \
        api.accessToken.setCustomClaim('key', event.secrets.KEY);";
    let (tenant, m2m) = with(&[first, second]).await;
    let said = claims(&tenant.token(m2m.asks_for(API)).await);
    let seen = json!({ "https://a.example/tier": "gold", "gone": 1, "email": "m@a.example" });
    assert_eq!((&said["seen"], &said["key"], &said["gone"]), (&seen, &json!("secret 1"), &Value::Null));
    assert_eq!((&said["email"], &said["gty"]), (&json!("m@a.example"), &json!("client-credentials")));

    tenant.flush_logs().await;
    let event = last(&tenant, "seccft").await;
    let id = event["details"]["actions"]["executions"][0].as_str().unwrap();
    let execution = idp::actions::execution(&tenant, id).unwrap();
    assert_eq!(
        (&execution["trigger_id"], &execution["status"]),
        (&json!("credentials-exchange"), &json!("final"))
    );
    assert_eq!(execution["results"][1]["action_name"], "action 1");
    assert_eq!(idp::actions::execution(&tenant.other(), id), None);
}

#[tokio::test]
async fn the_servers_own_claims_are_out_of_reach() {
    let names = [
        "iss",
        "sub",
        "aud",
        "iat",
        "exp",
        "scope",
        "azp",
        "gty",
        "permissions",
        "org_id",
        "jti",
        "cnf",
        "client_id",
        "https://auth0.com/a",
        "https://x.webtask.io/a",
        "urn:auth0:a",
    ];
    let body = format!("for (const name of {names:?}) api.accessToken.setCustomClaim(name, 'forged');");
    let said = said(&body).await;
    assert!(!said.to_string().contains("forged"), "{said}");
    assert_eq!(said["scope"], "read:a write:b");
}

#[tokio::test]
async fn tokens_for_the_management_api_take_only_names_with_a_namespace() {
    let (tenant, _) = with(&[
        "for (const name of ['plain', 'https://a.example/x']) api.accessToken.setCustomClaim(name, 1);",
    ])
    .await;
    let said = claims(&tenant.token_with(&["read:clients"]).await);
    assert_eq!((&said["plain"], &said["https://a.example/x"]), (&Value::Null, &json!(1)));
}

#[tokio::test]
async fn an_action_may_refuse() {
    for (code, status, error, reason) in [
        ("'invalid_scope', 'not now'", 400, "invalid_scope", "not now"),
        ("'invalid_request', 'never'", 400, "invalid_request", "never"),
        ("'server_error', 'broken'", 500, "server_error", "broken"),
        ("'invalid_request'", 400, "invalid_request", ""),
        ("'access_denied', 'x'", 500, "server_error", "The tenant's own code for this request failed."),
    ] {
        let answer =
            answered(&format!("api.access.deny({code}); api.accessToken.setCustomClaim('a', 1);")).await;
        let answer = answer.must_be(status);
        assert_eq!((answer.str("error"), answer.str("error_description")), (error, reason), "{code}");
    }
    let (tenant, m2m) =
        with(&["api.access.deny('invalid_request', 'no');", "throw new Error('must not run');"]).await;
    tenant.asked(m2m.asks_for(API)).await.must_be(400);
    let event = last(&tenant, "feccft").await;
    assert_eq!(event["description"], "no");
    assert!(event["details"]["actions"]["executions"][0].is_string());
}

#[tokio::test]
async fn an_action_that_fails_fails_the_request_and_says_why_in_the_log() {
    let (tenant, m2m) = with(&["console.log('here', event.secrets.KEY.length); null.x;"]).await;
    let answer = tenant.asked(m2m.asks_for(API)).await.must_be(500);
    assert_eq!(answer.str("error"), "server_error");
    assert!(!answer.text().contains("null"), "{}", answer.text());
    let event = last(&tenant, "actions_execution_failed").await;
    assert!(event["description"].as_str().unwrap().starts_with("action 0: "), "{event}");
    assert_eq!(event["details"]["error"]["name"], "TypeError");
    assert_eq!(event["details"]["actions"]["console"][0]["lines"], json!(["here 8"]));
    let id = event["details"]["actions"]["executions"][0].as_str().unwrap();
    let execution = idp::actions::execution(&tenant, id).unwrap();
    assert_eq!(
        (&execution["status"], &execution["results"][0]["error"]["id"]),
        (&json!("partial"), &json!("TypeError"))
    );
    assert_eq!(last(&tenant, "feccft").await["details"]["actions"]["executions"][0], id);

    for body in [
        "while (true) {}",
        "await new Promise(() => {});",
        "await new Promise((resolve) => setTimeout(resolve, 3e4));",
        "api.accessToken.setCustomClaim('a', 'x'.repeat(102400));",
        "api.accessToken.setCustomClaim(7, 1);",
        "api.accessToken.setCustomClaim('a', 1n);",
        "api.transaction.setTargetScopes('read:a');",
    ] {
        assert_eq!(answered(body).await.must_be(500).str("error"), "server_error", "{body}");
    }
}

#[tokio::test]
async fn target_scopes_are_cut_to_what_was_granted() {
    for (body, scope) in [
        ("api.transaction.removeTargetScope('read:a');", "write:b"),
        ("api.transaction.addTargetScope('everything');", "read:a write:b"),
        ("api.transaction.setTargetScopes(['write:b', 'read:a', 'other']);", "read:a write:b"),
        ("api.transaction.setTargetScopes([]).transaction.addTargetScope('write:b');", "write:b"),
    ] {
        assert_eq!(said(body).await["scope"], scope, "{body}");
    }
    let answer = answered("api.transaction.clearTargetScopes();").await.must_be(200);
    assert_eq!(answer.members(), ["access_token", "expires_in", "token_type"]);
    // More than was asked for may be given, but never more than was granted.
    let (tenant, m2m) = with(&["api.transaction.addTargetScope('write:b');"]).await;
    let answer = tenant.asked(m2m.asks_with(API, json!({ "scope": "read:a" }))).await.must_be(200);
    assert_eq!(answer["scope"], "read:a write:b");
}

#[tokio::test]
async fn what_is_cached_is_there_the_next_time_and_for_this_tenant_only() {
    let body = "const before = api.cache.get('n')?.value ?? '0'; api.cache.set('n', String(Number(before) + 1)); \
        api.accessToken.setCustomClaim('n', before);";
    let (tenant, m2m) = with(&[body]).await;
    for expected in ["0", "1", "2"] {
        assert_eq!(claims(&tenant.token(m2m.asks_for(API)).await)["n"], expected);
    }
    let other = tenant.other();
    let m2m = other.client_of_an_api().await;
    bound(&other, &[body]).await;
    assert_eq!(claims(&other.token(m2m.asks_for(API)).await)["n"], "0");
}

#[tokio::test]
async fn what_is_no_longer_bound_no_longer_runs() {
    let (tenant, m2m) = with(&["api.access.deny('invalid_request', 'no');"]).await;
    tenant.asked(m2m.asks_for(API)).await.must_be(400);
    bound(&tenant, &[]).await;
    tenant.asked(m2m.asks_for(API)).await.must_be(200);
}

#[tokio::test]
async fn an_explanation_runs_the_code_and_leaves_nothing_behind() {
    let body = "const before = api.cache.get('n')?.value ?? '0'; api.cache.set('n', '1'); \
        api.accessToken.setCustomClaim('n', before); \
        if (event.accessToken.scope.length < 2) throw new Error('fewer');";
    let (tenant, m2m) = with(&[body]).await;
    let explain = async |scope: &str| {
        let asked = json!({ "client_id": m2m.id, "audience": API, "scope": scope });
        tenant.post("/api/x/explain-token", asked).await.must_be(200)
    };
    let explained = explain("read:a write:b").await;
    assert_eq!((&explained["allowed"], &explained["trace"]["actions"]), (&json!(true), &json!(["action 0"])));
    assert_eq!(explain("read:a").await["allowed"], false);
    assert_eq!(claims(&tenant.token(m2m.asks_for(API)).await)["n"], "0");
    assert_eq!(last(&tenant, "actions_execution_failed").await, Value::Null);
}

#[tokio::test]
async fn what_an_action_refuses_after_a_while_costs_no_quota() {
    let (tenant, m2m) = with(&[
        "await new Promise((resolve) => setTimeout(resolve, 300)); api.access.deny('invalid_scope', 'no');",
    ])
    .await;
    let quota = json!({ "token_quota": { "client_credentials": { "per_hour": 1 } } });
    tenant.patch(&format!("/api/v2/clients/{}", m2m.id), quota).await.must_be(200);
    let told = async || tenant.server().tenants().exchange_counts().await.unwrap();
    for _ in 0..3 {
        let meanwhile = async {
            for _ in 0..5 {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                told().await;
            }
        };
        let (refused, ()) = tokio::join!(tenant.asked(m2m.asks_for(API)), meanwhile);
        refused.must_be(400);
        told().await;
    }
}
