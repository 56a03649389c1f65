//! What nobody asks in good faith: never a redirect to a place that is not the application's.

use serde_json::json;
use testkit::{Browser, CALLBACK, TestTenant, form};

#[tokio::test]
async fn an_unknown_client_is_a_page() {
    let tenant = TestTenant::new().await;
    let spa = tenant.spa(json!({})).await;
    let foreign = tenant.other().spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    for id in ["nobody", &foreign.id, &spa.id.to_lowercase(), "<script>alert(1)</script>", "\"'&"] {
        let answer = browser.get(&spa.authorize(&[("client_id", id)])).await.must_be(400);
        assert!(answer.header("content-type").starts_with("text/html"));
        assert!(answer.text().contains("Unknown client"));
        assert!(!answer.text().contains("<script>"), "{}", answer.text());
        assert_eq!(answer.header("location"), "");
    }
    browser.get(&spa.authorize(&[("client_id", "")])).await.must_be(400);
    browser.get("/authorize").await.must_be(400);
}

#[tokio::test]
async fn a_placeholder_in_a_callback_stands_for_nothing_and_is_named() {
    let tenant = TestTenant::new().await;
    let callbacks = json!([
        "https://{organization_name}.app.example/cb",
        "https://{custom_domain.metadata.public_app}.example/cb",
    ]);
    let spa = tenant.spa(json!({ "callbacks": callbacks, "organization_usage": "allow" })).await;
    let mut browser = Browser::new(&tenant);
    for uri in [
        "https://acme.app.example/cb",
        "https://{organization_name}.app.example/cb",
        "https://%7Borganization_name%7D.app.example/cb",
        "https://evil.example/cb",
    ] {
        let refused = browser.get(&spa.authorize(&[("redirect_uri", uri)])).await.must_be(403);
        assert_eq!(refused.header("location"), "");
        assert!(refused.text().contains("Those with a placeholder such as {organization_name}"), "{uri}");
    }
    // None of them is where somebody goes who names none.
    browser.get(&spa.authorize(&[("redirect_uri", "")])).await.must_be(400);
}

#[tokio::test]
async fn a_callback_is_compared_byte_for_byte() {
    let tenant = TestTenant::new().await;
    let callbacks = json!([CALLBACK, "javascript:alert(1)", "https://*.wild.example/cb"]);
    let spa = tenant.spa(json!({ "callbacks": callbacks })).await;
    let mut browser = Browser::new(&tenant);
    for uri in [
        "https://app.example/callback/",
        "https://app.example/Callback",
        "https://app.example/callback?x",
        "https://app.example/callback?",
        "https://app.example/callback%2F..",
        "https://app.example/callback/../callback",
        "https://APP.example/callback",
        "https://app.example:443/callback",
        "https://app.example:8443/callback",
        "http://app.example/callback",
        "https://app.example.evil.example/callback",
        "https://app.example@evil.example/callback",
        "https://evil.example/?https://app.example/callback",
        "https://evil.example\\@app.example/callback",
        "//app.example/callback",
        "/callback",
        "app.example/callback",
        " https://app.example/callback",
        "https://app.example/callback ",
        "https://аpp.example/callback",
        "javascript:alert(1)",
        "https://a.b.wild.example/cb",
        "https://*.wild.example/cb",
        "https://wild.example/cb",
        "https://evil.example/.wild.example/cb",
        "https://evil.example%2f.wild.example/cb",
        "https://evil.example\\.wild.example/cb",
        "https://evil@a.wild.example/cb",
        "https://a.wild.example:444/cb",
        "http://a.wild.example/cb",
        "https://a.wild.example.evil.example/cb",
        "https://xn--pp-7kc.example/callback",
        "https:app.example/callback",
        "https:///app.example/callback",
        "https://app.example\t/callback",
        "HTTPS://app.example/callback",
    ] {
        let answer = browser.get(&spa.authorize(&[("redirect_uri", uri)])).await.must_be(403);
        assert!(answer.text().contains("is not in the list of allowed callback URLs"), "{uri}");
        assert_eq!(answer.header("location"), "", "{uri}");
    }
    let answer = browser.get(&spa.authorize(&[("redirect_uri", "https://a-1.wild.example/cb")])).await;
    assert!(answer.location().starts_with("/u/login?"));
    // What follows a hash is never sent anywhere.
    let answer =
        browser.get(&spa.authorize(&[("redirect_uri", "https://app.example/callback#@evil.example")])).await;
    assert!(answer.location().starts_with("/u/login?"));
}

#[tokio::test]
async fn a_parameter_comes_once_and_is_short() {
    let tenant = TestTenant::new().await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    let url = spa.authorize(&[]);
    for (name, value) in [
        ("client_id", spa.id.as_str()),
        ("redirect_uri", CALLBACK),
        ("redirect_uri", "https://evil.example"),
        ("state", "other"),
        ("scope", "openid"),
        ("response_type", "token"),
        ("code_challenge_method", "plain"),
    ] {
        let answer = browser.get(&format!("{url}&{}", form(&[(name, value)]))).await.must_be(400);
        assert!(answer.text().contains(&format!("Duplicate parameter: {name}")));
    }
    for name in ["client_id", "redirect_uri", "state", "nonce", "scope", "audience", "login_hint", "max_age"]
    {
        let long = "x".repeat(4097);
        browser.get(&spa.authorize(&[(name, &long)])).await.must_be(400);
        let answer = browser.get(&format!("{url}&{name}=%00")).await.must_be(400);
        assert_eq!(answer.header("location"), "");
        browser.get(&format!("{url}&{name}=%ff")).await.must_be(400);
    }
    // What is not read may come twice.
    let answer = browser.get(&format!("{url}&ext-a=1&ext-a=2")).await;
    assert!(answer.location().starts_with("/u/login?"));
}

#[tokio::test]
async fn a_state_comes_back_as_it_went_and_breaks_nothing() {
    let tenant = TestTenant::new().await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    for state in ["a\r\nSet-Cookie: a=b", "&code=stolen", "#", "é😀", "%0d%0a", " ", "\t", "<script>"] {
        let answer = browser.get(&spa.authorize(&[("state", state), ("prompt", "none")])).await;
        assert_eq!(answer.parameter("state").unwrap(), state);
        assert_eq!(answer.parameter("code"), None);
        assert_eq!(answer.header("set-cookie"), "");
    }
}
