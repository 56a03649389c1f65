//! What comes back for each response type, in each mode, and who may read it.

use jose::{b64url_encode, sha256};
use serde_json::{Value, json};
use testkit::{Answer, Browser, CALLBACK, TestClient, TestTenant, claims};

const TYPES: [&str; 7] =
    ["code", "token", "id_token", "token id_token", "code id_token", "token code", "id_token code token"];

/// Ann, logged in, and an application that may ask for everything.
async fn scene() -> (TestTenant, TestClient, Browser) {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    let spa = json!({
        "grant_types": ["authorization_code", "implicit", "refresh_token"],
        "web_origins": ["https://app.example"],
    });
    let spa = tenant.spa(spa).await;
    let mut browser = Browser::new(&tenant);
    browser.log_in(&spa, "ann@example.com").await;
    (tenant, spa, browser)
}

/// What an answer in this mode holds, by name.
fn fields(answer: &Answer, mode: &str) -> Value {
    match mode {
        "query" | "fragment" => {
            let mark = if mode == "query" { '?' } else { '#' };
            let (to, fields) = answer.location().split_once(mark).unwrap();
            assert_eq!(to, CALLBACK);
            let pairs = web::form(fields.as_bytes()).unwrap();
            pairs.into_iter().map(|(name, value)| (name, json!(value))).collect()
        }
        "form_post" => {
            let html = answer.text();
            assert!(
                html.contains(&format!("<form id=\"answer\" method=\"post\" action=\"{CALLBACK}\" hidden>")),
                "{html}"
            );
            let inputs = html.split("type=\"hidden\" name=\"").skip(1);
            inputs
                .map(|input| {
                    let (name, rest) = input.split_once("\" value=\"").unwrap();
                    let value = rest.split_once('"').unwrap().0.replace("&#38;", "&");
                    (name.to_owned(), json!(value))
                })
                .collect()
        }
        _ => {
            let html = answer.text();
            let message = html.split_once("var message = ").unwrap().1.split_once(";\n").unwrap().0;
            let message: Value = serde_json::from_str(message).unwrap();
            assert_eq!(message["type"], "authorization_response");
            assert!(html.contains("postMessage(message, \"https://app.example\")"), "{html}");
            message["response"].clone()
        }
    }
}

#[tokio::test]
async fn every_response_type_comes_back_in_every_mode() {
    let (tenant, spa, mut browser) = scene().await;
    for response_type in TYPES {
        let words: Vec<&str> = response_type.split(' ').collect();
        let usual = if response_type == "code" { "query" } else { "fragment" };
        for mode in ["", "fragment", "form_post", "web_message"] {
            let asked = [("response_type", response_type), ("response_mode", mode), ("prompt", "none")];
            let answer = browser.get(&spa.authorize(&asked)).await;
            let fields = fields(&answer, if mode.is_empty() { usual } else { mode });
            let what = format!("{response_type} {mode} {fields}");
            assert_eq!(fields["state"], "s t&te", "{what}");
            assert_eq!(fields["iss"], "https://idp.example/", "{what}");
            for (word, name) in [("code", "code"), ("token", "access_token"), ("id_token", "id_token")] {
                assert_eq!(fields[name].is_string(), words.contains(&word), "{what}");
            }
            assert!(fields["refresh_token"].is_null() && fields["error"].is_null(), "{what}");
            if words.contains(&"token") {
                assert_eq!(
                    (&fields["token_type"], &fields["expires_in"]),
                    (&json!("Bearer"), &json!("7200"))
                );
            }
            if let Some(id_token) = fields["id_token"].as_str() {
                let said = claims(id_token);
                assert_eq!(said["nonce"], "n0nce");
                for (claim, of) in [("at_hash", "access_token"), ("c_hash", "code")] {
                    let half = |text: &str| b64url_encode(&sha256(text.as_bytes())[..16]);
                    assert_eq!(said[claim].as_str(), fields[of].as_str().map(half).as_deref(), "{what}");
                }
            }
            if let Some(code) = fields["code"].as_str() {
                tenant.asked(spa.redeems(code)).await.must_be(200);
                tenant.asked(spa.redeems(code)).await.must_be(403);
            }
        }
    }
}

#[tokio::test]
async fn a_refusal_comes_back_as_the_answer_would() {
    let (_, spa, mut browser) = scene().await;
    let mut nobody = browser.clone();
    nobody.get("/v2/logout").await;
    for (response_type, mode) in [
        ("code", "query"),
        ("token", "fragment"),
        ("id_token", "form_post"),
        ("code", "web_message"),
        ("token id_token", "web_message"),
    ] {
        let asked = [("response_type", response_type), ("response_mode", mode), ("prompt", "none")];
        let answer = nobody.get(&spa.authorize(&asked)).await;
        let fields = fields(&answer, mode);
        assert_eq!(fields["error"], "login_required", "{mode}");
        assert_eq!(fields["error_description"], "Login required");
        // Clients that wait for a message wait for their own.
        assert_eq!(fields["state"], "s t&te");
    }
    for asked in [
        [("response_type", "token"), ("response_mode", "query")],
        [("response_type", "code id_token"), ("response_mode", "query")],
        [("response_type", "id_token"), ("nonce", "")],
        [("scope", "openid offline_access online_access"), ("response_type", "code")],
        [("dpop_jkt", "short"), ("response_type", "code")],
        [("connection", "nobody"), ("response_type", "code")],
        [("invitation", "x"), ("response_type", "code")],
        [("authorization_details", "[]"), ("response_type", "code")],
    ] {
        let answer = browser.get(&spa.authorize(&asked)).await;
        let error = answer.parameter("error").unwrap();
        assert!(error.starts_with("invalid_"), "{asked:?} {error}");
        assert!(answer.parameter("code").is_none() && answer.parameter("access_token").is_none());
    }
}

#[tokio::test]
async fn only_pages_of_the_application_are_told() {
    let (tenant, spa, mut browser) = scene().await;
    let asked = [("response_mode", "web_message"), ("prompt", "none")];
    let evil = "</script><script>alert(1)</script>\u{2028}'\"";
    let told = browser.get(&spa.authorize(&[asked[0], asked[1], ("state", evil)])).await.must_be(200);
    assert_eq!(told.text().matches("<script").count(), 1, "{}", told.text());
    assert_eq!(fields(&told, "web_message")["state"], evil);
    let policy = told.header("content-security-policy");
    let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0;
    assert!(told.text().contains(&format!("<script nonce=\"{nonce}\">")));
    assert!(policy.contains("frame-ancestors https://app.example;"), "{policy}");
    assert!(policy.starts_with("default-src 'none'; script-src 'nonce-"), "{policy}");
    assert_eq!((told.header("x-frame-options"), told.header("cache-control")), ("", "no-store"));

    let posted = browser.get(&spa.authorize(&[("response_mode", "form_post"), ("prompt", "none")])).await;
    let policy = posted.header("content-security-policy");
    assert!(policy.contains("form-action https://app.example; frame-ancestors 'none'"), "{policy}");

    // A callback is not enough: nobody is told who did not say so.
    for origins in
        [json!([]), json!(["https://app.example:8443", "https://evil.example", "http://app.example"])]
    {
        let body = json!({ "web_origins": origins });
        tenant.patch(&format!("/api/v2/clients/{}", spa.id), body).await.must_be(200);
        let refused = browser.get(&spa.authorize(&asked)).await.must_be(403);
        assert!(refused.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert!(!refused.text().contains("postMessage"));
    }
}

#[tokio::test]
async fn what_is_asked_once_is_not_told_twice() {
    let (_, spa, mut browser) = scene().await;
    // Mix-up (RFC 9207): every answer says whose it is, refusals too.
    for more in [vec![("prompt", "none")], vec![("prompt", "none"), ("max_age", "0")]] {
        let answer = browser.get(&spa.authorize(&more)).await;
        assert_eq!(answer.parameter("iss").unwrap(), "https://idp.example/");
    }
    let other = browser.get(&spa.authorize(&[("id_token_hint", "x.y.z"), ("prompt", "none")])).await;
    assert_eq!(other.parameter("error").unwrap(), "login_required");
}
