//! `/oauth/par` (RFC 9126) and signed requests (RFC 9101): what is asked behind the browser's back, or where it cannot be
//! changed on the way.

use http::Method;
use jsonwebtoken::Algorithm;
use serde_json::{Value, json};
use testkit::{Answer, Browser, CALLBACK, STARTED, TestClient, TestTenant, challenge, form};

use crate::keys::{rsa, rsa_pem, signed};

const NOW: i64 = STARTED.div_euclid(1000);

async fn scene(client: Value) -> (TestTenant, TestClient, Browser) {
    let tenant = TestTenant::new().await;
    let settings = json!({ "pushed_authorization_requests_supported": true });
    tenant.patch("/api/v2/tenants/settings", settings).await.must_be(200);
    let mut web = json!({ "app_type": "regular_web", "token_endpoint_auth_method": "client_secret_post" });
    web.as_object_mut().unwrap().extend(client.as_object().unwrap().clone());
    let client = tenant.spa(web).await;
    let browser = Browser::new(&tenant);
    (tenant, client, browser)
}

/// The answer to a request that is pushed by whoever has this secret, with more parameters, or others.
async fn push(tenant: &TestTenant, client: &TestClient, secret: &str, more: &[(&str, &str)]) -> Answer {
    let query = client.authorize(more);
    let body = format!("{}&{}", query.split_once('?').unwrap().1, form(&[("client_secret", secret)]));
    let media = [("content-type", "application/x-www-form-urlencoded")];
    tenant.without_token().send(Method::POST, "/oauth/par", &media, body).await
}

fn brought(client: &TestClient, uri: &str) -> String {
    format!("/authorize?{}", form(&[("client_id", &client.id), ("request_uri", uri)]))
}

#[tokio::test]
async fn what_was_pushed_is_good_once_and_for_half_a_minute() {
    let body = json!({ "require_pushed_authorization_requests": true });
    let (tenant, client, mut browser) = scene(body).await;
    browser.get(&client.authorize(&[])).await.must_be(400);
    let pushed = push(&tenant, &client, &client.secret, &[("ext-a", "1"), ("other", "2")]).await.must_be(201);
    assert_eq!((pushed.members(), &pushed["expires_in"]), (vec!["request_uri", "expires_in"], &json!(30)));
    assert_eq!(pushed.header("cache-control"), "no-store");
    let uri = pushed.str("request_uri").to_owned();
    assert!(uri.starts_with("urn:ietf:params:oauth:request_uri:"));
    // What stands beside it counts for nothing; what was kept are our parameters and those for customers' code.
    let address = format!("{}&redirect_uri=https%3A%2F%2Fevil.example&scope=openid", brought(&client, &uri));
    let page = browser.get(&address).await.location().to_owned();
    let state = page.split_once("state=").unwrap().1;
    let login = idp::login::read(&tenant, state, &browser.visitor()).await.unwrap().unwrap();
    assert_eq!(login.callback, CALLBACK);
    assert_eq!(login.asked.scope.as_deref(), Some("openid profile email offline_access"));
    assert_eq!(login.asked.rest.keys().collect::<Vec<_>>(), ["ext-a"]);
    browser.get(&address).await.must_be(400);

    let late = push(&tenant, &client, &client.secret, &[]).await;
    tenant.later(30_000);
    browser.get(&brought(&client, late.str("request_uri"))).await.must_be(400);
    // Of another application, or another tenant, it is none, and stays good.
    let fresh = push(&tenant, &client, &client.secret, &[]).await.str("request_uri").to_owned();
    let other = tenant.spa(json!({ "name": "Other" })).await;
    browser.get(&brought(&other, &fresh)).await.must_be(400);
    let there = tenant.other();
    Browser::new(&there).get(&brought(&client, &fresh)).await.must_be(400);
    assert!(browser.get(&brought(&client, &fresh)).await.location().starts_with("/u/login?state="));
}

#[tokio::test]
async fn only_the_application_itself_pushes_and_only_what_is_good() {
    let (tenant, client, _) = scene(json!({})).await;
    assert_eq!(push(&tenant, &client, "wrong", &[]).await.must_be(401)["error"], "access_denied");
    let public = tenant.spa(json!({ "name": "Public" })).await;
    push(&tenant, &public, "", &[]).await.must_be(401);
    let long = "x".repeat(4097);
    for more in [
        ("redirect_uri", "https://evil.example/"),
        ("response_type", "nothing"),
        ("request_uri", "urn:ietf:params:oauth:request_uri:x"),
        ("response_mode", "web_message"),
        ("audience", long.as_str()),
    ] {
        let refused = push(&tenant, &client, &client.secret, &[more]).await;
        assert!(refused.must_be(400)["error"].is_string(), "{more:?}");
    }
    let extra: Vec<String> = (0..11).map(|n| format!("ext-{n}")).collect();
    let extra: Vec<(&str, &str)> = extra.iter().map(|name| (name.as_str(), "x")).collect();
    push(&tenant, &client, &client.secret, &extra).await.must_be(400);
    let anonymous = tenant.without_token();
    let media = ("content-type", "application/x-www-form-urlencoded");
    for (headers, body, status) in [
        (vec![("content-type", "application/json")], "{}".to_owned(), 415),
        (vec![media], format!("{}{}", "client_id=a&x=", "x".repeat(10 * 1024)), 413),
        (vec![media], "client_id=a&client_id=b".to_owned(), 400),
        (vec![media], "client_id=%00".to_owned(), 400),
        (vec![media], "client_id=%ff".to_owned(), 400),
        (vec![media], String::new(), 401),
    ] {
        let answer = anonymous.send(Method::POST, "/oauth/par", &headers, body).await;
        assert!(answer.must_be(status)["error"].is_string());
    }
    let off = json!({ "pushed_authorization_requests_supported": false });
    tenant.patch("/api/v2/tenants/settings", off).await.must_be(200);
    push(&tenant, &client, &client.secret, &[]).await.must_be(400);
}

/// A client whose requests are signed.
async fn signing(required: bool) -> (TestTenant, TestClient, Browser) {
    let credential = json!({ "credential_type": "public_key", "pem": rsa_pem(), "alg": "RS256" });
    scene(json!({ "signed_request_object": { "required": required, "credentials": [credential] } })).await
}

/// A signed request with these claims over good ones; what is `null` is left out.
fn object(client: &TestClient, header: Value, more: Value) -> String {
    let mut claims = json!({
        "iss": client.id, "aud": "https://idp.example/", "client_id": client.id, "exp": NOW + 60,
        "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid", "state": "signed",
        "code_challenge": challenge(), "code_challenge_method": "S256",
    });
    let all = claims.as_object_mut().unwrap();
    all.extend(more.as_object().unwrap().clone());
    all.retain(|_, value| !value.is_null());
    signed(rsa(), Algorithm::RS256, &header, &claims)
}

fn asked(client: &TestClient, object: &str) -> String {
    format!("/authorize?{}", form(&[("client_id", &client.id), ("request", object)]))
}

#[tokio::test]
async fn what_stands_beside_a_signed_request_does_not_count() {
    let (tenant, client, mut browser) = signing(true).await;
    let header = json!({ "alg": "RS256", "typ": "oauth-authz-req+jwt" });
    let request = object(&client, header, json!({ "max_age": 60, "jti": "one" }));
    let beside = [("redirect_uri", "https://evil.example"), ("scope", "openid email"), ("login_hint", "ann")];
    let address = format!("{}&{}", asked(&client, &request), form(&beside));
    let page = browser.get(&address).await.location().to_owned();
    let state = page.split_once("state=").unwrap().1;
    let login = idp::login::read(&tenant, state, &browser.visitor()).await.unwrap().unwrap();
    assert_eq!(login.callback, CALLBACK);
    assert_eq!(login.asked.scope.as_deref(), Some("openid"));
    assert_eq!((login.asked.max_age.as_deref(), login.asked.login_hint.as_deref()), (Some("60"), None));
    // What says by what it is known is good once.
    let again = browser.get(&asked(&client, &request)).await;
    assert_eq!(again.parameter("error").unwrap(), "invalid_request_object");
    // Nothing unsigned.
    let unsigned = browser.get(&client.authorize(&[])).await;
    assert_eq!(unsigned.parameter("error").unwrap(), "invalid_request");
    let pushed = push(&tenant, &client, &client.secret, &[]).await;
    assert_eq!(pushed.must_be(400)["error"], "invalid_request");
}

#[tokio::test]
async fn a_request_that_is_not_well_signed_asks_for_nothing() {
    let (_, client, mut browser) = signing(false).await;
    let good = json!({ "alg": "RS256", "typ": "jwt" });
    let mut refused = async |what: &str, object: String| {
        let callback = form(&[("redirect_uri", CALLBACK)]);
        let answer = browser.get(&format!("{}&{callback}", asked(&client, &object))).await;
        assert_eq!(answer.parameter("error").as_deref(), Some("invalid_request_object"), "{what}");
    };
    for more in [
        json!({ "iss": "somebody" }),
        json!({ "iss": null }),
        json!({ "client_id": "somebody" }),
        json!({ "client_id": null }),
        json!({ "aud": "https://idp.example" }),
        json!({ "aud": "https://other.idp.example/" }),
        json!({ "aud": null }),
        json!({ "exp": NOW }),
        json!({ "exp": "soon" }),
        json!({ "nbf": NOW + 60 }),
        json!({ "iat": NOW + 60 }),
        json!({ "response_type": null }),
        json!({ "jti": "" }),
        json!({ "jti": "x".repeat(65) }),
        json!({ "jti": 1 }),
        json!({ "request_uri": "urn:x" }),
        json!({ "request": "x" }),
        json!({ "state": "\0" }),
    ] {
        refused(&more.to_string(), object(&client, good.clone(), more)).await;
    }
    for header in [
        json!({ "alg": "RS256", "typ": "at+jwt" }),
        json!({ "alg": "RS256", "typ": "client-authentication+jwt" }),
        json!({ "alg": "RS256", "kid": "another" }),
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "RS256", "crit": ["x"], "x": 1 }),
    ] {
        refused(&header.to_string(), object(&client, header, json!({}))).await;
    }
    let whole = object(&client, good.clone(), json!({}));
    let (signed, signature) = whole.rsplit_once('.').unwrap();
    refused("no signature", format!("{signed}.")).await;
    refused("half a signature", format!("{signed}.{}", &signature[2..])).await;
    refused("no token", "x".to_owned()).await;
    refused("a token of five parts", "a.b.c.d.e".to_owned()).await;
    assert!(browser.get(&asked(&client, &whole)).await.location().starts_with("/u/login?state="));
}
