//! `/userinfo`: as much of a person as the token's scopes reach.

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Browser, TestClient, TestTenant};

async fn ask(tenant: &TestTenant, authorization: &str) -> Answer {
    tenant.without_token().send(Method::GET, "/userinfo", &[("authorization", authorization)], "").await
}

/// The tokens of somebody who logs in with this scope.
async fn tokens(tenant: &TestTenant, spa: &TestClient, scope: &str) -> Answer {
    let mut browser = Browser::new(tenant);
    let page = browser.login_page(spa, &[("scope", scope)]).await;
    let back = browser.fill_in(&page, "ann@example.com", testkit::PASSWORD).await;
    tenant.asked(spa.redeems(&back.parameter("code").unwrap())).await.must_be(200)
}

#[tokio::test]
async fn scopes_bring_claims() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    for (scope, members) in [
        ("openid", vec!["sub"]),
        ("openid email", vec!["sub", "email", "email_verified"]),
        ("openid nickname", vec!["sub", "nickname"]),
        ("openid profile created_at", vec!["sub", "nickname", "name", "picture", "updated_at", "created_at"]),
    ] {
        let tokens = tokens(&tenant, &spa, scope).await;
        let bearer = format!("Bearer {}", tokens.str("access_token"));
        let told = ask(&tenant, &bearer).await.must_be(200);
        assert_eq!(told.members(), members, "{scope}");
        assert_eq!(told.header("cache-control"), "no-store");
        let posted = tenant.without_token();
        let posted = posted.send(Method::POST, "/userinfo", &[("authorization", &bearer)], "").await;
        assert_eq!(posted.must_be(200).body, told.body);
    }
}

#[tokio::test]
async fn what_is_no_token_for_it() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let unspecific = tokens(&tenant, &spa, "profile").await;
    assert_eq!(unspecific["id_token"], Value::Null);
    let good = tokens(&tenant, &spa, "openid profile").await;
    let m2m = tenant.client_of_an_api().await;
    let machine = tenant.token(m2m.asks_for("https://api.example")).await;
    let other = tenant.other();
    other.person("ann@example.com").await;
    let foreign = tokens(&other, &other.spa(json!({})).await, "openid").await;
    for token in [
        unspecific.str("access_token"),
        good.str("id_token"),
        &machine,
        &tenant.owner_token(),
        foreign.str("access_token"),
        &format!("{}x", good.str("access_token")),
        "x",
        "a.b.c",
    ] {
        let answer = ask(&tenant, &format!("Bearer {token}")).await.must_be(401);
        assert_eq!(answer.text(), "Unauthorized");
        assert_eq!(answer.header("www-authenticate"), "Bearer error=\"invalid_token\"");
    }
    for authorization in ["", "Basic YTpi", "Bearer", "Bearer  "] {
        assert_eq!(ask(&tenant, authorization).await.must_be(401).header("www-authenticate"), "Bearer");
    }
    // It opens nothing else.
    let opened = tenant.with_token(good.str("access_token")).get("/api/v2/clients").await;
    assert_eq!(opened.status, 401);
    let bearer = format!("Bearer {}", good.str("access_token"));
    ask(&tenant, &bearer).await.must_be(200);
    tenant.block(&ann.user_id).await;
    ask(&tenant, &bearer).await.must_be(401);
    tenant.forget(&ann.user_id).await;
    ask(&tenant, &bearer).await.must_be(401);
    tenant.later(86_400_000);
    ask(&tenant, &bearer).await.must_be(401);
}
