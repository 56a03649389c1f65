//! When somebody is asked to log in, and when a session answers.

use serde_json::json;
use testkit::{Browser, TestTenant, claims};

#[tokio::test]
async fn a_session_answers_unless_something_newer_is_wanted() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    browser.log_in(&spa, "ann@example.com").await;
    tenant.later(100_000);
    for (more, answers) in [
        (vec![], true),
        (vec![("prompt", "none")], true),
        (vec![("prompt", "login")], false),
        (vec![("prompt", "select_account")], false),
        (vec![("max_age", "100")], true),
        (vec![("max_age", "99")], false),
        (vec![("max_age", "0")], false),
        (vec![("max_age", "1000"), ("prompt", "none")], true),
        (vec![("screen_hint", "signup")], true),
    ] {
        let answer = browser.get(&spa.authorize(&more)).await;
        assert_eq!(answer.parameter("code").is_some(), answers, "{more:?}");
        assert_eq!(answer.location().starts_with("/u/login?"), !answers, "{more:?}");
    }
    for max_age in ["0", "99"] {
        let answer = browser.get(&spa.authorize(&[("prompt", "none"), ("max_age", max_age)])).await;
        assert_eq!(answer.parameter("error").unwrap(), "login_required");
    }
}

#[tokio::test]
async fn whoever_logs_in_again_has_a_new_session_and_time() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    let page = browser.login_page(&spa, &[("max_age", "600")]).await;
    let first = browser.fill_in(&page, "ann@example.com", testkit::PASSWORD).await.parameter("code").unwrap();
    let first = claims(tenant.asked(spa.redeems(&first)).await.must_be(200).str("id_token"));
    let mut old = browser.clone();
    let cookie = browser.cookie("auth0").unwrap().to_owned();
    tenant.later(5_000);
    let page = browser.login_page(&spa, &[("prompt", "login")]).await;
    let code = browser.fill_in(&page, "ann@example.com", testkit::PASSWORD).await.parameter("code").unwrap();
    let second = claims(tenant.asked(spa.redeems(&code)).await.must_be(200).str("id_token"));
    assert_eq!(second["auth_time"].as_i64().unwrap(), first["auth_time"].as_i64().unwrap() + 5);
    assert_ne!(second["sid"], first["sid"]);
    assert_ne!(browser.cookie("auth0").unwrap(), cookie);
    // The old cookie opens nothing any more.
    let answer = old.get(&spa.authorize(&[("prompt", "none")])).await;
    assert_eq!(answer.parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn a_session_ends_with_disuse_and_with_time() {
    const HOUR: i64 = 3_600_000;
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    let silent = spa.authorize(&[("prompt", "none")]);
    browser.log_in(&spa, "ann@example.com").await;
    tenant.later(73 * HOUR);
    assert_eq!(browser.get(&silent).await.parameter("error").unwrap(), "login_required");

    browser.log_in(&spa, "ann@example.com").await;
    for _ in 0..2 {
        tenant.later(71 * HOUR);
        assert!(browser.get(&silent).await.parameter("code").is_some());
    }
    tenant.later(27 * HOUR);
    assert_eq!(browser.get(&silent).await.parameter("error").unwrap(), "login_required");

    let settings = json!({ "idle_session_lifetime": 1, "session_lifetime": 2 });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
    browser.log_in(&spa, "ann@example.com").await;
    tenant.later(HOUR);
    assert_eq!(browser.get(&silent).await.parameter("error").unwrap(), "login_required");
}

#[tokio::test]
async fn nobody_is_logged_in_who_is_blocked_or_gone() {
    let tenant = TestTenant::new().await;
    let spa = tenant.spa(json!({})).await;
    let silent = spa.authorize(&[("prompt", "none")]);
    for (email, is_deleted) in [("ann@example.com", false), ("bob@example.com", true)] {
        let user = tenant.person(email).await;
        let mut browser = Browser::new(&tenant);
        browser.log_in(&spa, email).await;
        assert!(browser.get(&silent).await.parameter("code").is_some());
        match is_deleted {
            true => tenant.forget(&user.user_id).await,
            false => tenant.block(&user.user_id).await,
        }
        assert_eq!(browser.get(&silent).await.parameter("error").unwrap(), "login_required");
    }
}

#[tokio::test]
async fn a_session_is_of_one_tenant() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    browser.log_in(&spa, "ann@example.com").await;
    let other = tenant.other();
    let spa = other.spa(json!({})).await;
    let mut there = Browser::new(&other);
    there.plant("auth0", browser.cookie("auth0").unwrap());
    let answer = there.get(&spa.authorize(&[("prompt", "none")])).await;
    assert_eq!(answer.parameter("error").unwrap(), "login_required");
}
