//! What roles come to in tokens: an API that enforces policies hears what a person may do, and no more.

use serde_json::{Value, json};
use testkit::{Answer, Browser, TestClient, TestTenant, claims};

use super::{API, permissions, role};

#[tokio::test]
async fn a_token_has_what_is_asked_for_and_permitted() {
    let tenant = TestTenant::new().await;
    let rules = json!({ "enforce_policies": true, "token_dialect": "access_token_authz" });
    tenant.api(rules).await;
    let ann = tenant.person("ann@acme.example").await;
    let spa = tenant.spa(json!({})).await;
    let reader = role(&tenant, "Reader").await;
    tenant.post(&format!("/api/v2/roles/{reader}/permissions"), permissions(&["read:a"])).await.must_be(201);
    let of_ann = format!("/api/v2/users/{}", ann.user_id);

    // Nothing yet.
    assert_eq!(token(&tenant, &spa, "openid read:a write:b").await, (json!("openid"), json!([])));
    tenant.post(&format!("{of_ann}/roles"), json!({ "roles": [reader] })).await.must_be(204);
    assert_eq!(
        token(&tenant, &spa, "openid read:a write:b").await,
        (json!("openid read:a"), json!(["read:a"]))
    );
    // All permissions are told, whichever were asked for.
    tenant.post(&format!("{of_ann}/permissions"), permissions(&["write:b"])).await.must_be(201);
    assert_eq!(
        token(&tenant, &spa, "openid read:a").await,
        (json!("openid read:a"), json!(["read:a", "write:b"]))
    );
    // Once the role is gone so is what it gave.
    tenant.delete(&format!("/api/v2/roles/{reader}")).await.must_be(200);
    assert_eq!(
        token(&tenant, &spa, "openid read:a write:b").await,
        (json!("openid write:b"), json!(["write:b"]))
    );
}

#[tokio::test]
async fn a_refreshed_token_has_what_is_permitted_now() {
    let tenant = TestTenant::new().await;
    let dialect = json!({ "enforce_policies": true, "token_dialect": "access_token_authz", "allow_offline_access": true });
    tenant.api(dialect).await;
    let ann = tenant.person("ann@acme.example").await;
    let spa = tenant.spa(json!({})).await;
    let path = format!("/api/v2/users/{}/permissions", ann.user_id);
    tenant.post(&path, permissions(&["read:a"])).await.must_be(201);
    let mut browser = Browser::new(&tenant);
    let page =
        browser.login_page(&spa, &[("audience", API), ("scope", "openid offline_access read:a")]).await;
    let code = code_of(&browser.fill_in(&page, "ann@acme.example", testkit::PASSWORD).await);
    let first = tenant.asked(spa.redeems(&code)).await.must_be(200);
    assert_eq!(claims(first.str("access_token"))["scope"], "openid offline_access read:a");

    super::deleted(&tenant, &path, permissions(&["read:a"])).await.must_be(204);
    let second = tenant.asked(spa.refreshes(first.str("refresh_token"))).await.must_be(200);
    let said = claims(second.str("access_token"));
    assert_eq!((&said["scope"], &said["permissions"]), (&json!("openid offline_access"), &json!([])));
}

#[tokio::test]
async fn an_api_that_does_not_enforce_looks_nothing_up() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({ "token_dialect": "access_token_authz" })).await;
    tenant.person("ann@acme.example").await;
    let spa = tenant.spa(json!({})).await;
    assert_eq!(token(&tenant, &spa, "openid read:a").await, (json!("openid read:a"), Value::Null));
}

/// The scope and the permissions of Ann's token.
async fn token(tenant: &TestTenant, client: &TestClient, scope: &str) -> (Value, Value) {
    let mut browser = Browser::new(tenant);
    let page = browser.login_page(client, &[("audience", API), ("scope", scope)]).await;
    let code = code_of(&browser.fill_in(&page, "ann@acme.example", testkit::PASSWORD).await);
    let answer = tenant.asked(client.redeems(&code)).await.must_be(200);
    let claims = claims(answer.str("access_token"));
    (claims["scope"].clone(), claims["permissions"].clone())
}

fn code_of(answer: &Answer) -> String {
    answer.parameter("code").unwrap_or_else(|| panic!("no code: {}", answer.location()))
}
