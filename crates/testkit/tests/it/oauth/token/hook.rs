//! The hook `credentials-exchange`: the manner of before actions.

use serde_json::{Value, json};
use testkit::{TestClient, TestTenant, claims};

use super::API;

async fn with(script: &str) -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let hook = json!({ "name": "my hook", "triggerId": "credentials-exchange", "script": script });
    let hook = tenant.post("/api/v2/hooks", hook).await;
    let path = format!("/api/v2/hooks/{}", hook.str("id"));
    tenant.post(&format!("{path}/secrets"), json!({ "KEY": "secret" })).await;
    tenant.patch(&path, json!({ "enabled": true })).await.must_be(200);
    (tenant, m2m)
}

/// A hook with this body.
fn body(body: &str) -> String {
    format!("module.exports = function (client, scope, audience, context, cb) {{ {body} }};")
}

#[tokio::test]
async fn a_hook_gives_scopes_and_claims_with_a_namespace() {
    let script = body(
        "const token = { scope, plain: 1, sub: 'forged', 'https://auth0.com/x': 1 };
        token.scope.push('extra');
        token['https://a.example/seen'] = [client, audience, context.webtask.secrets.KEY];
        cb(null, token);",
    );
    let (tenant, m2m) = with(&script).await;
    let answer = tenant.asked(m2m.asks_for(API)).await.must_be(200);
    assert_eq!(answer["scope"], "read:a write:b extra");
    let said = claims(answer.str("access_token"));
    let client = json!({ "id": m2m.id, "name": "Nightly import", "tenant": "default", "metadata": {} });
    assert_eq!(said["https://a.example/seen"], json!([client, API, "secret"]));
    assert_eq!((&said["plain"], &said["https://auth0.com/x"]), (&Value::Null, &Value::Null));
    assert_eq!(
        (&said["scope"], &said["sub"]),
        (&json!("read:a write:b extra"), &json!(format!("{}@clients", m2m.id)))
    );
}

#[tokio::test]
async fn a_hook_gives_nothing_of_the_management_api_that_was_not_granted() {
    let (tenant, _) =
        with(&body("cb(null, { scope: ['read:hooks', 'create:clients', 'update:hooks'] });")).await;
    let client = tenant.client(json!({ "name": "hooks", "app_type": "non_interactive" })).await;
    let audience = tenant.management_audience();
    let scope = json!(["read:clients", "read:hooks", "update:hooks"]);
    tenant.grant(json!({ "client_id": client.id, "audience": audience, "scope": scope })).await;
    let answer = tenant.asked(client.asks_for(&audience)).await.must_be(200);
    assert_eq!(answer["scope"], "read:hooks update:hooks");
}

#[tokio::test]
async fn without_scope_the_token_has_none() {
    let (tenant, m2m) = with(&body("cb(null, {});")).await;
    let answer = tenant.asked(m2m.asks_for(API)).await.must_be(200);
    assert_eq!(answer.members(), ["access_token", "expires_in", "token_type"]);
}

#[tokio::test]
async fn a_hook_may_refuse_or_fail() {
    let failed = "The tenant's own code for this request failed.";
    for (script, status, error, description) in [
        (body("cb(new InvalidScopeError('no scope'));"), 400, "invalid_scope", "no scope"),
        (body("cb(new InvalidRequestError('no'));"), 400, "invalid_request", "no"),
        (body("cb(new ServerError('broken'));"), 500, "server_error", "broken"),
        (body("cb(new Error('private'));"), 500, "server_error", failed),
        (body("throw new Error('private');"), 500, "server_error", failed),
        (body("cb(null, 'text');"), 500, "server_error", failed),
        (body("cb(null, { scope: [1] });"), 500, "server_error", failed),
        (body("cb(null, { scope: ['a b'] });"), 500, "server_error", failed),
        (body(""), 500, "server_error", failed),
    ] {
        let (tenant, m2m) = with(&script).await;
        let answer = tenant.asked(m2m.asks_for(API)).await.must_be(status);
        assert_eq!((answer.str("error"), answer.str("error_description")), (error, description), "{script}");
    }
}
