//! `/v2/logout` and `/oidc/logout`: the session ends, and the browser goes nowhere it may not.

use http::Method;
use serde_json::json;
use testkit::{Answer, Browser, TestClient, TestTenant, form};

async fn scene() -> (TestTenant, TestClient, Browser, Answer) {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    let code = browser.log_in(&spa, "ann@example.com").await;
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
    (tenant, spa, browser, tokens)
}

#[tokio::test]
async fn the_session_ends_wherever_the_browser_goes() {
    let (_, spa, browser, _) = scene().await;
    let old = browser.cookie("auth0").unwrap().to_owned();
    for (more, status) in [
        (vec![], 200),
        (vec![("client_id", spa.id.as_str())], 302),
        (vec![("client_id", spa.id.as_str()), ("returnTo", "https://evil.example/")], 400),
        (vec![("client_id", "nobody")], 400),
        (vec![("returnTo", "https://app.example/")], 400),
    ] {
        let mut browser = browser.clone();
        let answer = browser.get(&format!("/v2/logout?{}&federated", form(&more))).await.must_be(status);
        assert_eq!(browser.cookie("auth0"), None);
        if status == 302 {
            assert_eq!(answer.location(), "https://app.example/");
        } else {
            assert_eq!(answer.header("location"), "");
        }
    }
    let mut thief = browser.clone();
    thief.plant("auth0", &old);
    let answer = thief.get(&spa.authorize(&[("prompt", "none")])).await;
    assert_eq!(answer.parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn the_browser_goes_only_where_it_may() {
    let (tenant, spa, mut browser, _) = scene().await;
    let settings = json!({ "allowed_logout_urls": ["https://tenant.example/bye"] });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
    for (client, to, allowed) in [
        (true, "https://app.example/", true),
        (true, "https://app.example", true),
        (true, "https://APP.example/?a=b", true),
        (true, "https://app.example/x", false),
        (true, "https://app.example.evil.example/", false),
        (true, "https://app.example@evil.example/", false),
        (true, "https://evil.example\\@app.example/", false),
        (true, "https://evil.example#https://app.example/", false),
        (true, "//evil.example/", false),
        (true, "/", false),
        (true, "javascript:alert(1)//https://app.example/", false),
        (true, "https://tenant.example/bye", false),
        (false, "https://tenant.example/bye", true),
        (false, "https://app.example/", false),
    ] {
        let id = if client { spa.id.as_str() } else { "" };
        let path = format!("/v2/logout?{}", form(&[("client_id", id), ("returnTo", to)]));
        let answer = browser.get(&path).await;
        assert_eq!(answer.status, if allowed { 302 } else { 400 }, "{to}");
        assert_eq!(answer.header("location").is_empty(), !allowed, "{to}");
    }
    let twice = format!("/v2/logout?client_id={0}&client_id={0}", spa.id);
    browser.get(&twice).await.must_be(400);
    browser.get("/v2/logout?returnTo=%00").await.must_be(400);
}

#[tokio::test]
async fn an_application_ends_the_session_it_knows() {
    let (tenant, _, mut browser, tokens) = scene().await;
    let hint = tokens.str("id_token");
    // Also a token that has ended says whose it was.
    tenant.later(36_000_001);
    let asked =
        [("id_token_hint", hint), ("post_logout_redirect_uri", "https://app.example/"), ("state", "s&t")];
    let path = format!("/oidc/logout?{}", form(&asked));
    assert_eq!(browser.get(&path).await.location(), "https://app.example/?state=s%26t");
    assert_eq!(browser.cookie("auth0"), None);
    let posted = browser.form("/oidc/logout", &asked).await;
    assert_eq!(posted.location(), "https://app.example/?state=s%26t");

    let other = tenant.spa(json!({ "allowed_logout_urls": ["https://evil.example/"] })).await;
    for asked in [
        vec![("id_token_hint", "x.y.z")],
        vec![("id_token_hint", tokens.str("access_token"))],
        vec![("id_token_hint", hint), ("client_id", other.id.as_str())],
        vec![("id_token_hint", hint), ("logout_hint", "another session")],
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "https://evil.example/")],
        vec![("post_logout_redirect_uri", "https://app.example/")],
    ] {
        let answer = browser.get(&format!("/oidc/logout?{}", form(&asked))).await.must_be(400);
        assert_eq!(answer.header("location"), "");
    }
    let foreign = tenant.other().without_token();
    foreign.get(&path).await.must_be(400);
    foreign.send(Method::PUT, "/oidc/logout", &[], "").await.must_be(405);
}

#[tokio::test]
async fn a_token_of_another_session_ends_none_without_asking() {
    let (tenant, spa, mut browser, tokens) = scene().await;
    let silent = spa.authorize(&[("prompt", "none")]);
    let path = |hint: &str| format!("/oidc/logout?{}", form(&[("id_token_hint", hint)]));
    let stale = path(tokens.str("id_token"));
    // Somebody else, whom a link with the token reaches.
    tenant.person("ben@example.com").await;
    let mut other = Browser::new(&tenant);
    other.log_in(&spa, "ben@example.com").await;
    assert!(other.get(&stale).await.location().starts_with("/u/logout?state="));
    assert!(other.get(&silent).await.parameter("code").is_some());
    // The same person, who has logged in anew.
    let page = browser.get(&spa.authorize(&[("prompt", "login")])).await.location().to_owned();
    let code = browser.fill_in(&page, "ann@example.com", testkit::PASSWORD).await.parameter("code").unwrap();
    let fresh = tenant.asked(spa.redeems(&code)).await.must_be(200);
    assert!(browser.get(&stale).await.location().starts_with("/u/logout?state="));
    assert!(browser.get(&silent).await.parameter("code").is_some());
    // What came of a refresh token names no session, but it names her.
    let refreshed = tenant.asked(spa.refreshes(fresh.str("refresh_token"))).await.must_be(200);
    assert!(other.get(&path(refreshed.str("id_token"))).await.location().starts_with("/u/logout?state="));
    browser.get(&path(refreshed.str("id_token"))).await.must_be(200);
    assert_eq!(browser.get(&silent).await.parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn a_code_ends_with_its_session() {
    let (tenant, spa, mut browser, _) = scene().await;
    let code = browser.get(&spa.authorize(&[("prompt", "none")])).await.parameter("code").unwrap();
    let again = browser.get(&spa.authorize(&[("prompt", "none")])).await.parameter("code").unwrap();
    browser.get("/v2/logout").await.must_be(200);
    assert_eq!(tenant.asked(spa.redeems(&code)).await.must_be(403)["error"], "invalid_grant");
    assert_eq!(tenant.asked(spa.redeems(&again)).await.must_be(403)["error"], "invalid_grant");
    // And where an administrator ends them all.
    let code = browser.log_in(&spa, "ann@example.com").await;
    let ann = idp::user::by_email(&tenant, "ann@example.com").await.unwrap().remove(0);
    let user = ann.user_id.replace('|', "%7C");
    tenant.delete(&format!("/api/v2/users/{user}/sessions")).await.must_be(202);
    assert_eq!(tenant.asked(spa.redeems(&code)).await.must_be(403)["error"], "invalid_grant");
    let code = browser.log_in(&spa, "ann@example.com").await;
    tenant.delete(&format!("/api/v2/users/{user}/refresh-tokens")).await.must_be(202);
    assert_eq!(tenant.asked(spa.redeems(&code)).await.must_be(403)["error"], "invalid_grant");
}
