//! From the link that a first start prints to somebody who administers, and out again.

use http::Method;
use model::Role;
use serde_json::json;
use testkit::{BUILT_IN, Browser, OTHER, PASSWORD, TestTenant};

#[tokio::test]
async fn the_first_administrator_sets_up_signs_in_and_logs_out() {
    let tenant = TestTenant::new().await;
    let code = tenant.invitation(None, &[Role::Admin], None).await;
    let mut browser = Browser::new(&tenant);

    let short = browser.get(&format!("/setup?code={code}")).await;
    assert_eq!(short.location(), format!("{BUILT_IN}/u/setup?code={code}"));
    let page = browser.get(short.location()).await.must_be(200);
    assert!(page.text().contains("Set up your server"), "{}", page.text());
    let done = browser.set_up(&code, "ana@acme.example").await;
    assert_eq!(done.location(), "/dashboard/?welcome=1&environment=staging");
    let cookie = done.header("set-cookie");
    assert!(cookie.contains("Path=/tenants/administrators/") && cookie.contains("HttpOnly"), "{cookie}");

    // Once somebody administers there is nothing to set up, and the code is spent.
    browser.get("/tenants/administrators/u/setup").await.must_be(404);
    browser.set_up(&code, "eve@acme.example").await.must_be(404);

    let tokens = browser.dashboard_tokens(&tenant).await;
    assert_eq!((&tokens["expires_in"], &tokens["refresh_token_expires_in"]), (&json!(600), &json!(43_200)));
    let caller = tenant.with_token(tokens.str("access_token"));
    let me = caller.get("/api/x/me").await.must_be(200).body;
    assert_eq!((&me["email"], &me["roles"]), (&json!("ana@acme.example"), &json!(["admin"])));
    caller.get("/api/v2/clients").await.must_be(200);
    let made = caller.post("/api/v2/clients", json!({ "name": "Billing" })).await.must_be(201).body;
    tenant.flush_logs().await;
    let log = tenant.get("/api/v2/logs?q=type:sapi").await.must_be(200);
    let event = log.items().iter().find(|event| event["description"] == "Create a client").unwrap();
    assert_eq!(event["user_name"], json!("ana@acme.example"));
    assert_eq!(event["client_id"], json!("dashboard"));
    let history = format!("/api/x/history/clients/{}", made["client_id"].as_str().unwrap());
    let history = caller.get(&history).await.must_be(200).body;
    assert_eq!(history["entries"][0]["actor"]["name"], json!("ana@acme.example"));

    // The same person, for the other tenant of this server.
    let other = tenant.server().tenant(OTHER);
    let audience = other.management_audience();
    let back = browser.authorize_dashboard(&tenant, &[("audience", &audience), ("prompt", "none")]).await;
    let code = back.parameter("code").unwrap();
    let body = json!({
        "grant_type": "authorization_code", "client_id": "dashboard", "code": code, "code_verifier": testkit::VERIFIER,
        "redirect_uri": "https://idp.example/dashboard/callback",
    });
    let token = tenant.without_token().post(&format!("{BUILT_IN}/oauth/token"), body).await.must_be(200);
    let there = format!("Bearer {}", token.str("access_token"));
    let there = [("authorization", there.as_str())];
    let path = format!("/tenants/{OTHER}/api/v2/clients");
    tenant.as_owner().send(Method::GET, &path, &there, "").await.must_be(200);
    tenant.as_owner().send(Method::GET, "/api/v2/clients", &there, "").await.must_be(401);

    let out =
        format!("{BUILT_IN}/v2/logout?client_id=dashboard&returnTo=https%3A%2F%2Fidp.example%2Fdashboard%2F");
    assert_eq!(browser.get(&out).await.location(), "https://idp.example/dashboard/");
    let again = browser.authorize_dashboard(&tenant, &[("prompt", "none")]).await;
    assert_eq!(again.parameter("error").as_deref(), Some("login_required"));
    // What the session gave ends with it.
    let refresh = json!({
        "grant_type": "refresh_token", "client_id": "dashboard", "refresh_token": tokens.str("refresh_token"),
    });
    tenant.without_token().post(&format!("{BUILT_IN}/oauth/token"), refresh).await.must_be(403);
}

#[tokio::test]
async fn while_nobody_administers_a_login_leads_to_the_set_up() {
    let tenant = TestTenant::new().await;
    let mut browser = Browser::new(&tenant);
    let page = browser.authorize_dashboard(&tenant, &[]).await;
    let page = browser.get(page.location()).await;
    assert_eq!(page.location(), format!("{BUILT_IN}/u/setup"));
    let page = browser.get(page.location()).await.must_be(200);
    assert!(page.text().contains("Setup code"), "{}", page.text());
    let wrong = browser.set_up("no-such-code", "eve@acme.example").await.must_be(400);
    assert!(wrong.text().contains("used already"), "{}", wrong.text());
}

#[tokio::test]
async fn a_link_is_good_for_a_day() {
    let tenant = TestTenant::new().await;
    let code = tenant.invitation(None, &[Role::Admin], None).await;
    tenant.later(86_401_000);
    let mut browser = Browser::new(&tenant);
    browser.set_up(&code, "ana@acme.example").await.must_be(400);
    let stale = tenant.invitation(None, &[Role::Admin], None).await;
    let fresh = tenant.invitation(None, &[Role::Admin], None).await;
    browser.set_up(&stale, "ana@acme.example").await.must_be(400);
    browser.set_up(&fresh, "ana@acme.example").await.location();
}

#[tokio::test]
async fn a_password_that_must_not_be_chosen_leaves_the_link_good() {
    let tenant = TestTenant::new().await;
    let code = tenant.invitation(None, &[Role::Admin], None).await;
    let mut browser = Browser::new(&tenant);
    let page = format!("{BUILT_IN}/u/setup");
    for (email, password) in [
        ("ana@acme.example", "short"),
        ("ana@acme.example", "nul\0nul\0nul\0nul"),
        ("no address", PASSWORD),
        ("", PASSWORD),
        (&format!("{}@acme.example", "x".repeat(300)), PASSWORD),
    ] {
        let fields = [("code", code.as_str()), ("username", email), ("password", password)];
        browser.form(&page, &fields).await.must_be(400);
    }
    browser.set_up(&code, "ana@acme.example").await.location();
}

#[tokio::test]
async fn a_set_up_comes_from_our_own_page() {
    let tenant = TestTenant::new().await;
    let code = tenant.invitation(None, &[Role::Admin], None).await;
    let form = format!("code={code}&username=a%40b.example&password=correct+horse+battery");
    let kind = ("content-type", "application/x-www-form-urlencoded");
    for headers in [[kind, ("origin", "https://evil.example")], [kind, ("sec-fetch-site", "cross-site")]] {
        let page = format!("{BUILT_IN}/u/setup");
        tenant.without_token().send(Method::POST, &page, &headers, form.clone()).await.must_be(403);
    }
    // Other tenants have no such page.
    tenant.without_token().get("/u/setup").await.must_be(404);
}

#[tokio::test]
async fn the_dashboard_returns_to_its_own_origin_only() {
    let tenant = TestTenant::new().await;
    tenant.administrator("ana@acme.example", &[Role::Admin]).await;
    let mut browser = Browser::new(&tenant);
    for uri in [
        "https://evil.example/dashboard/callback",
        "https://idp.example.evil.example/dashboard/callback",
        "https://idp.example/dashboard/callback/",
        "https://idp.example/dashboard/callback?x=1",
        "https://idp.example/dashboard/../callback",
        "https://idp.example:8443/dashboard/callback",
        "http://idp.example/dashboard/callback",
        "https://evil@idp.example/dashboard/callback",
    ] {
        browser.authorize_dashboard(&tenant, &[("redirect_uri", uri)]).await.must_be(403);
    }
    // A dashboard of another tenant is a client like any other.
    tenant.without_token().get("/authorize?client_id=dashboard&response_type=code").await.must_be(400);
}

#[tokio::test]
async fn only_the_dashboard_gets_a_token_to_administer_with() {
    let tenant = TestTenant::new().await;
    let built_in = tenant.built_in();
    tenant.administrator("ana@acme.example", &[Role::Admin]).await;
    // Somebody who is a person of the built-in tenant and administers nothing.
    built_in.person("eve@acme.example").await;
    let mut browser = Browser::new(&tenant);
    let page = browser.authorize_dashboard(&tenant, &[]).await;
    let page = page.location().to_owned();
    let answer = browser.fill_in(&page, "eve@acme.example", PASSWORD).await;
    assert_eq!(answer.parameter("error").as_deref(), Some("access_denied"));
    // The built-in tenant's own Management API gives what concerns oneself, like any tenant's.
    let audience = built_in.management_audience();
    let own = browser.authorize_dashboard(&tenant, &[("audience", &audience), ("prompt", "none")]).await;
    assert!(own.parameter("code").is_some());
}
