//! From an application to the login page and back, to tokens, and out again.

use serde_json::{Value, json};
use testkit::{Browser, CALLBACK, PASSWORD, TestTenant, claims, header};

#[tokio::test]
async fn somebody_logs_in_and_out() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("Ann@Example.com").await;
    let spa = tenant.spa(json!({})).await;
    let api = json!({ "allow_offline_access": true });
    tenant.api(api).await;
    let mut browser = Browser::new(&tenant);

    // The application sends the browser, which is shown a page.
    let asked = [
        ("audience", "https://api.example"),
        ("scope", "openid profile email offline_access read:a delete:everything"),
        ("login_hint", "ann@example.com"),
    ];
    let page = browser.login_page(&spa, &asked).await;
    let shown = browser.get(&page).await.must_be(200);
    assert!(shown.text().contains("to continue to Shop"));
    assert!(shown.text().contains("value=\"ann@example.com\""));

    // The password is right, and the browser goes back.
    let back = browser.fill_in(&page, "ANN@example.com ", PASSWORD).await;
    assert!(back.location().starts_with(&format!("{CALLBACK}?code=")));
    assert_eq!(back.parameter("state").unwrap(), "s t&te");
    assert_eq!(back.parameter("iss").unwrap(), "https://idp.example/");
    let code = back.parameter("code").unwrap();

    // The application redeems the code.
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
    assert_eq!(
        tokens.members(),
        ["access_token", "refresh_token", "id_token", "scope", "expires_in", "token_type"]
    );
    assert_eq!(tokens["scope"], "openid profile email offline_access read:a");
    let now = tenant.clock().now();
    let id_token = claims(tokens.str("id_token"));
    for (name, value) in [
        ("iss", json!("https://idp.example/")),
        ("sub", json!(ann.user_id)),
        ("aud", json!(spa.id)),
        ("nonce", json!("n0nce")),
        ("iat", json!(now)),
        ("exp", json!(now + 36_000)),
        ("auth_time", Value::Null),
        ("email", json!("ann@example.com")),
        ("email_verified", json!(true)),
        ("name", json!("Ann Example")),
        ("nickname", json!("ann")),
        ("updated_at", json!("2026-07-01T12:00:00.250Z")),
    ] {
        assert_eq!(id_token[name], value, "{name}");
    }
    assert!(id_token["sid"].as_str().unwrap().len() >= 32);
    assert_eq!(header(tokens.str("id_token"))["typ"], "JWT");
    let access_token = claims(tokens.str("access_token"));
    assert_eq!(
        access_token,
        json!({
            "iss": "https://idp.example/", "sub": ann.user_id,
            "aud": ["https://api.example", "https://idp.example/userinfo"], "iat": now, "exp": now + 86_400,
            "scope": "openid profile email offline_access read:a", "azp": spa.id,
        })
    );

    // It asks who that is.
    let bearer = format!("Bearer {}", tokens.str("access_token"));
    let profile = browser.send(http::Method::GET, "/userinfo", &[("authorization", &bearer)], "").await;
    assert_eq!(
        profile.must_be(200).body,
        json!({
            "sub": ann.user_id, "nickname": "ann", "name": "Ann Example", "picture": ann.picture,
            "updated_at": "2026-07-01T12:00:00.250Z",
            "email": "ann@example.com", "email_verified": true,
        })
    );

    // It refreshes, and the token rotates.
    let refreshed = tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await.must_be(200);
    assert_ne!(refreshed.str("refresh_token"), tokens.str("refresh_token"));
    let id_token = claims(refreshed.str("id_token"));
    assert_eq!((&id_token["nonce"], &id_token["sid"]), (&Value::Null, &Value::Null));
    assert_eq!(id_token["auth_time"], Value::Null);

    // It asks again without a page, and need not: the session answers.
    let silent = browser.get(&spa.authorize(&[("prompt", "none")])).await;
    assert!(silent.parameter("code").is_some());

    // Everybody goes home.
    let away = format!("/v2/logout?client_id={}&returnTo=https%3A%2F%2Fapp.example%2F", spa.id);
    assert_eq!(browser.get(&away).await.location(), "https://app.example/");
    assert_eq!(browser.cookie("auth0"), None);
    let silent = browser.get(&spa.authorize(&[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").unwrap(), "login_required");
    assert_eq!(silent.parameter("state").unwrap(), "s t&te");
}

#[tokio::test]
async fn the_log_tells_the_story() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    browser.get(&spa.authorize(&[("prompt", "none")])).await;
    let page = browser.login_page(&spa, &[]).await;
    browser.fill_in(&page, "bob@example.com", PASSWORD).await.must_be(400);
    browser.fill_in(&page, "ann@example.com", "not the password").await.must_be(400);
    let code = browser.fill_in(&page, "ann@example.com", PASSWORD).await.parameter("code").unwrap();
    tenant.asked(spa.redeems("no such code")).await.must_be(403);
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
    tenant.asked(spa.refreshes("no such token")).await.must_be(403);
    tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await.must_be(200);
    tenant.asked(spa.refreshes(tokens.str("refresh_token"))).await.must_be(403);
    browser.get(&spa.authorize(&[("prompt", "none")])).await;
    browser.get("/v2/logout").await.must_be(200);

    let logs = tenant.get("/api/v2/logs?sort=date:1&per_page=100").await.must_be(200);
    let people = logs.items().iter().filter(|event| event["type"] != "sapi");
    let story: Vec<(&str, &str, &str)> = people
        .map(|event| {
            let text = |name: &str| event[name].as_str().unwrap_or_default();
            (text("type"), text("user_id"), text("user_name"))
        })
        .collect();
    let ann_is = ann.user_id.as_str();
    assert_eq!(
        story,
        [
            ("ss", ann_is, "ann@example.com"),
            ("fsa", "", ""),
            ("fu", "", "bob@example.com"),
            ("fp", ann_is, "ann@example.com"),
            ("s", ann_is, "ann@example.com"),
            ("feacft", "", ""),
            ("seacft", ann_is, "ann@example.com"),
            ("fertft", "", ""),
            ("sertft", ann_is, "ann@example.com"),
            ("ferrt", ann_is, ""),
            ("fertft", "", ""),
            ("ssa", ann_is, "ann@example.com"),
            ("slo", ann_is, "ann@example.com"),
        ]
    );
    let login = logs.items().iter().find(|event| event["type"] == "s").unwrap();
    assert_eq!(login["connection"], "Username-Password-Authentication");
    assert_eq!(login["strategy"], "auth0");
    assert_eq!(login["client_id"], spa.id);
}
