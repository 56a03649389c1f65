//! What scripts of other origins may read, and what a login widget on such a page finds out.

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Browser, TestClient, TestTenant};

const APP: &str = "https://app.example";
const EVIL: &str = "https://evil.example";

async fn ask(tenant: &TestTenant, method: Method, path: &str, origin: &str, body: &Value) -> Answer {
    let headers = [("origin", origin), ("content-type", "application/json")];
    tenant.without_token().send(method, path, &headers, body.to_string()).await
}

async fn spa(tenant: &TestTenant) -> TestClient {
    tenant.spa(json!({ "cross_origin_authentication": true, "web_origins": ["https://*.pages.example"], "allowed_origins": ["http://localhost:3000"] })).await
}

fn allowed(answer: &Answer) -> Option<&str> {
    answer.headers.get("access-control-allow-origin").map(|value| value.to_str().unwrap())
}

#[tokio::test]
async fn a_browser_may_always_ask_beforehand() {
    let tenant = TestTenant::new().await;
    for (path, cookies) in [
        ("/oauth/token", None),
        ("/oauth/revoke", None),
        ("/userinfo", None),
        ("/user/ssodata", Some("true")),
    ] {
        let headers = [
            ("origin", EVIL),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", "auth0-client,dpop"),
        ];
        let answer = tenant.without_token().send(Method::OPTIONS, path, &headers, "").await.must_be(204);
        assert_eq!(allowed(&answer), Some(EVIL), "{path}");
        let sent = answer.header("access-control-allow-headers");
        assert!(["auth0-client", "dpop", "authorization"].iter().all(|name| sent.contains(name)), "{sent}");
        let with =
            answer.headers.get("access-control-allow-credentials").map(|value| value.to_str().unwrap());
        assert_eq!(with, cookies, "{path}");
        assert!(answer.header("vary").contains("origin"));
    }
}

#[tokio::test]
async fn an_answer_is_for_the_origins_of_its_client() {
    let tenant = TestTenant::new().await;
    let spa = spa(&tenant).await;
    let body = spa.redeems("no-such-code");
    for origin in [APP, "http://localhost:3000", "https://a.pages.example"] {
        let answer = ask(&tenant, Method::POST, "/oauth/token", origin, &body).await.must_be(403);
        assert_eq!(allowed(&answer), Some(origin));
        assert!(answer.header("access-control-expose-headers").contains("dpop-nonce"));
        assert_eq!(answer.headers.get("access-control-allow-credentials"), None);
        let revoked = json!({ "client_id": body["client_id"], "token": "x" });
        let answer = ask(&tenant, Method::POST, "/oauth/revoke", origin, &revoked).await.must_be(200);
        assert_eq!(allowed(&answer), Some(origin));
    }
    for origin in [
        EVIL,
        "null",
        "http://app.example",
        "https://app.example:8443",
        "https://app.example.evil.example",
        "https://a.b.pages.example",
        "https://pages.example",
        "*",
    ] {
        let answer = ask(&tenant, Method::POST, "/oauth/token", origin, &body).await;
        assert_eq!(allowed(&answer), None, "{origin}");
        assert!(answer.header("vary").contains("origin"));
    }
    // Another tenant's client of the same name is not this one's.
    let other = tenant.other();
    let answer = ask(&other, Method::POST, "/oauth/token", APP, &body).await;
    assert_eq!(allowed(&answer), None);
}

#[tokio::test]
async fn who_is_logged_in_is_told_to_the_applications_own_pages() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    let spa = spa(&tenant).await;
    let mut browser = Browser::new(&tenant);
    let path = format!("/user/ssodata?client_id={}", spa.id);
    let told = browser.send(Method::GET, &path, &[("origin", APP)], "").await.must_be(200);
    assert_eq!(told.body, json!({ "sso": false }));
    browser.log_in(&spa, "ann@example.com").await;
    let told = browser.send(Method::GET, &path, &[("origin", APP)], "").await.must_be(200);
    assert_eq!((&told["sso"], &told["lastUsedUserID"]), (&json!(true), &json!(ann.user_id)));
    assert_eq!(allowed(&told), Some(APP));
    assert_eq!(told.header("access-control-allow-credentials"), "true");
    assert_eq!(told.header("cache-control"), "no-store");
    for (path, origin) in [
        (path.as_str(), EVIL),
        ("/user/ssodata", APP),
        ("/user/ssodata?client_id=x", APP),
        (path.as_str(), "null"),
    ] {
        let refused = browser.send(Method::GET, path, &[("origin", origin)], "").await.must_be(403);
        assert!(refused.start().contains("is not allowed."), "{}", refused.start());
        assert_eq!(allowed(&refused), None);
    }
}

#[tokio::test]
async fn a_widget_finds_out_what_it_may_show() {
    let tenant = TestTenant::new().await;
    let spa = spa(&tenant).await;
    let script = tenant.without_token().get(&format!("/client/{}.js?t123", spa.id)).await.must_be(200);
    assert!(script.header("content-type").starts_with("application/x-javascript"));
    let text = script.text();
    let settings = text.strip_prefix("Auth0.setClient(").and_then(|rest| rest.strip_suffix(");")).unwrap();
    let settings: Value = serde_json::from_str(settings).unwrap();
    assert_eq!(settings["id"], spa.id);
    let database = &settings["strategies"][0]["connections"][0];
    assert_eq!(settings["strategies"][0]["name"], "auth0");
    assert_eq!(database["name"], "Username-Password-Authentication");
    assert_eq!((&database["showSignup"], &database["showForgot"]), (&json!(true), &json!(true)));
    for unknown in ["nobody.js", &spa.id.clone(), "..%2f.js", "%00.js"] {
        tenant.without_token().get(&format!("/client/{unknown}")).await.must_be(404);
    }
    let challenge = tenant.without_token().post("/usernamepassword/challenge", json!({ "state": "x" })).await;
    assert_eq!(challenge.must_be(200).body, json!({ "required": false }));
}

#[tokio::test]
async fn a_login_from_a_page_of_somebody_elses_is_refused() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = spa(&tenant).await;
    let closed = tenant.spa(json!({ "name": "closed" })).await;
    let good = json!({
        "client_id": spa.id, "username": "ann@example.com", "password": testkit::PASSWORD,
        "realm": "Username-Password-Authentication",
        "credential_type": "http://auth0.com/oauth/grant-type/password-realm",
    });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let path = "/co/authenticate";
    let answer = ask(&tenant, Method::POST, path, APP, &good).await.must_be(200);
    assert!(answer["login_ticket"].is_string() && allowed(&answer) == Some(APP));
    for (origin, body) in
        [(EVIL, good.clone()), ("null", good.clone()), (APP, with("client_id", json!(closed.id)))]
    {
        let refused = ask(&tenant, Method::POST, path, origin, &body).await.must_be(403);
        assert_eq!(allowed(&refused), None, "{origin} {body}");
    }
    tenant.without_token().post(path, good.clone()).await.must_be(403);
    for (name, value, status) in [
        ("password", json!("wrong"), 403),
        ("username", json!("bob@example.com"), 403),
        ("password", json!(""), 400),
        ("password", json!(["a"]), 400),
        ("username", json!("a\0b"), 400),
        ("username", json!({}), 400),
        ("realm", json!("nowhere"), 400),
        ("realm", Value::Null, 400),
        ("credential_type", json!("x"), 400),
        ("credential_type", json!(1), 400),
    ] {
        let body = with(name, value);
        let refused = ask(&tenant, Method::POST, path, APP, &body).await;
        assert_eq!(refused.status, status, "{body}: {}", refused.start());
        assert!(!refused.text().contains("login_ticket"));
    }
}
