//! `/authorize`: what comes back to the application, what is a page, and what nobody hears of.

mod consent;
mod fapi;
mod hostile;
mod modes;
mod prompt;
mod pushed;
mod routes;

use http::Method;
use serde_json::json;
use testkit::{Browser, CALLBACK, TestTenant, challenge, claims, form};

#[tokio::test]
async fn a_refusal_goes_back_to_an_application_that_is_trusted() {
    let tenant = TestTenant::new().await;
    let spa = tenant.spa(json!({})).await;
    tenant.api(json!({ "identifier": "urn:nobody", "subject_type_authorization": { "user": { "policy": "deny_all" } } })).await;
    let mut browser = Browser::new(&tenant);
    let short = &challenge()[1..];
    for (more, error) in [
        (vec![("response_type", "")], "invalid_request"),
        (vec![("response_type", "token")], "unauthorized_client"),
        (vec![("response_type", "code id_token")], "unauthorized_client"),
        (vec![("response_type", "code code")], "unsupported_response_type"),
        (vec![("response_type", "none")], "unsupported_response_type"),
        (vec![("response_mode", "okta_post_message")], "invalid_request"),
        (vec![("code_challenge", "")], "invalid_request"),
        (vec![("code_challenge", short)], "invalid_request"),
        (vec![("code_challenge_method", "plain")], "invalid_request"),
        (vec![("code_challenge_method", "")], "invalid_request"),
        (vec![("audience", "https://nobody.example")], "access_denied"),
        (vec![("audience", "urn:nobody")], "access_denied"),
        (vec![("prompt", "none login")], "invalid_request"),
        (vec![("prompt", "create")], "invalid_request"),
        (vec![("prompt", "none")], "login_required"),
        (vec![("max_age", "-1")], "invalid_request"),
        (vec![("organization", "org_1")], "invalid_request"),
        (vec![("request", "e30.e30.")], "request_not_supported"),
        (vec![("request_uri", "urn:x")], "request_uri_not_supported"),
    ] {
        let answer = browser.get(&spa.authorize(&more)).await;
        let back = answer.location().replace('#', "?");
        assert!(back.starts_with(&format!("{CALLBACK}?error=")), "{more:?}");
        assert_eq!(answer.parameter("error").unwrap(), error, "{more:?}");
        assert_eq!(answer.parameter("state").unwrap(), "s t&te");
        assert_eq!(answer.parameter("iss").unwrap(), "https://idp.example/");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let answer = browser.get(&spa.authorize(&[("audience", "https://nobody.example")])).await;
    assert_eq!(answer.parameter("error_description").unwrap(), "Service not found: https://nobody.example");
}

#[tokio::test]
async fn a_client_that_demands_what_is_not_served_gets_nothing_less() {
    let tenant = TestTenant::new().await;
    for (body, error) in [
        (json!({ "grant_types": ["refresh_token"] }), "unauthorized_client"),
        (json!({ "organization_usage": "require" }), "invalid_request"),
    ] {
        let spa = tenant.spa(body.clone()).await;
        let answer = Browser::new(&tenant).get(&spa.authorize(&[])).await;
        assert_eq!(answer.parameter("error").unwrap(), error, "{body}");
    }
    // Whoever demands that requests are pushed may have been impersonated.
    let spa = tenant.spa(json!({ "require_pushed_authorization_requests": true })).await;
    let answer = Browser::new(&tenant).get(&spa.authorize(&[])).await.must_be(400);
    assert_eq!(answer.header("location"), "");
}

#[tokio::test]
async fn the_first_callback_is_meant_where_none_is_named() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let first = "com.app:/first?x=1";
    let spa = tenant.spa(json!({ "callbacks": [first, CALLBACK] })).await;
    tenant.consented(&ann, &spa, "https://idp.example/userinfo", "openid profile email offline_access").await;
    let mut browser = Browser::new(&tenant);
    let page = browser.login_page(&spa, &[("redirect_uri", "")]).await;
    let shown = browser.get(&page).await;
    assert!(shown.header("content-security-policy").contains("form-action 'self' com.app:;"));
    let back = browser.fill_in(&page, "ann@example.com", testkit::PASSWORD).await;
    assert!(back.location().starts_with("com.app:/first?x=1&code="), "{}", back.location());
    // It need not be named again, but must not be another.
    let code = back.parameter("code").unwrap();
    let mut body = spa.redeems(&code);
    tenant.asked(body.clone()).await.must_be(403);
    body.as_object_mut().unwrap().remove("redirect_uri");
    tenant.asked(body).await.must_be(200);

    let none = tenant.spa(json!({ "callbacks": [] })).await;
    browser.get(&none.authorize(&[("redirect_uri", "")])).await.must_be(400);
}

#[tokio::test]
async fn the_parameters_may_come_in_a_form() {
    let tenant = TestTenant::new().await;
    let spa = tenant.spa(json!({})).await;
    let query = spa.authorize(&[]);
    let fields = query.split_once('?').unwrap().1.to_owned();
    let browser = tenant.without_token();
    let answer = browser.form("/authorize", fields.clone()).await;
    assert!(answer.location().starts_with("/u/login?state="));
    for media in ["application/json", "text/plain", "multipart/form-data; boundary=x"] {
        let headers = [("content-type", media)];
        browser.send(Method::POST, "/authorize", &headers, fields.clone()).await.must_be(400);
    }
}

#[tokio::test]
async fn of_the_management_api_people_may_have_what_concerns_themselves() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let audience = tenant.management_audience();
    let scope = "openid read:clients read:current_user update:current_user_metadata delete:users";
    tenant.consented(&ann, &spa, &audience, scope).await;
    let mut browser = Browser::new(&tenant);
    let page = browser.login_page(&spa, &[("audience", &audience), ("scope", scope)]).await;
    let code = browser.fill_in(&page, "ann@example.com", testkit::PASSWORD).await.parameter("code").unwrap();
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
    assert_eq!(tokens["scope"], "openid read:current_user update:current_user_metadata");
    tenant.with_token(tokens.str("access_token")).get("/api/v2/clients").await.must_be(403);
    // An ID token opens nothing.
    tenant.with_token(tokens.str("id_token")).get("/api/v2/clients").await.must_be(401);
}

#[tokio::test]
async fn an_api_that_wants_permissions_finds_none() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let api =
        json!({ "enforce_policies": true, "token_dialect": "rfc9068_profile_authz", "token_lifetime": 60 });
    tenant.api(api).await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    let more = [("audience", "https://api.example"), ("scope", "openid read:a offline_access")];
    let page = browser.login_page(&spa, &more).await;
    let code = browser.fill_in(&page, "ann@example.com", testkit::PASSWORD).await.parameter("code").unwrap();
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
    // Nor is it one that lets tokens be refreshed.
    assert_eq!((&tokens["scope"], &tokens["refresh_token"]), (&json!("openid"), &json!(null)));
    assert_eq!(tokens["expires_in"], 60);
    let token = claims(tokens.str("access_token"));
    assert_eq!((&token["client_id"], &token["permissions"]), (&json!(spa.id), &json!([])));
    assert!(token["jti"].is_string() && token["azp"].is_null());
    assert_eq!(testkit::header(tokens.str("access_token"))["typ"], "at+jwt");
}

#[tokio::test]
async fn paths_and_cookies_stay_below_the_prefix() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = tenant.spa(json!({})).await;
    let prefix = "/tenants/administrators";
    let send = async |method: Method, path: &str, cookie: &str, body: String| {
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("host", tenant.domain())
            .header("cookie", cookie)
            .header("content-type", "application/x-www-form-urlencoded")
            .extension(web::PathPrefix(prefix.to_owned()))
            .body(body.into())
            .unwrap();
        tenant.server().send(request).await
    };
    let begun = send(Method::GET, &spa.authorize(&[]), "", String::new()).await;
    let page = begun.location().strip_prefix(prefix).unwrap().to_owned();
    let device = begun.header("set-cookie");
    assert!(device.contains("; Path=/tenants/administrators/;"), "{device}");
    let device = device.split(';').next().unwrap();
    let shown = send(Method::GET, &page, device, String::new()).await.must_be(200);
    assert!(shown.text().contains(&format!("action=\"{prefix}{page}\"")), "{}", shown.text());
    let state = page.split_once("state=").unwrap().1;
    let fields = form(&[("state", state), ("username", "ann@example.com"), ("password", testkit::PASSWORD)]);
    let done = send(Method::POST, &page, device, fields).await;
    assert!(done.parameter("code").is_some());
    assert!(done.header("set-cookie").starts_with("auth0="));
    assert!(done.header("set-cookie").contains("; Path=/tenants/administrators/;"));
    let gone = send(Method::GET, "/v2/logout", device, String::new()).await.must_be(200);
    assert!(gone.header("set-cookie").contains("; Path=/tenants/administrators/;"));
}
