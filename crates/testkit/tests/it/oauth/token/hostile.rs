//! Bodies that nobody sends in good faith. Each is refused in the endpoint's own words, none is a surprise.

use axum::body::Body;
use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, TestClient, TestTenant};

use super::{API, REFUSED, client_credentials::form};

const PARAMETERS: [&str; 8] = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "audience",
    "resource",
    "scope",
    "organization",
];
const MOST: usize = 1024 * 1024;

#[tokio::test]
async fn a_parameter_that_is_no_text() {
    let (tenant, m2m) = scene().await;
    for name in PARAMETERS {
        for value in [json!(7), json!(true), json!(["a"]), json!({ "a": "b" }), json!(1e300), json!([])] {
            let answer = tenant.asked(m2m.asks_with(API, json!({ name: value }))).await;
            refused(&answer, 400, &format!("{name} = {value}"));
            assert_eq!(answer["error"], "invalid_request");
        }
    }
}

#[tokio::test]
async fn a_parameter_given_twice() {
    let (tenant, m2m) = scene().await;
    let asked = m2m.asks_for(API);
    for name in ["grant_type", "client_id", "client_secret", "audience"] {
        let value = asked[name].as_str().unwrap();
        let pair = form(&json!({ name: value }));
        let twice = [
            ("application/x-www-form-urlencoded", format!("{}&{pair}", form(&asked))),
            ("application/json", asked.to_string().replacen('{', &format!("{{\"{name}\":\"{value}\","), 1)),
        ];
        for (media, body) in twice {
            let answer = send(&tenant, media, body).await;
            refused(&answer, 400, name);
            assert_eq!(answer["error_description"], format!("Duplicate parameter: {name}"));
        }
    }
}

#[tokio::test]
async fn a_parameter_that_is_too_long() {
    let (tenant, m2m) = scene().await;
    for name in PARAMETERS {
        let mut asked = m2m.asks_for(API);
        asked[name] = json!("x".repeat(100 * 1024));
        for (media, body) in both(&asked) {
            refused(&send(&tenant, media, body).await, 400, name);
        }
    }
    // What is not read may be long.
    let asked = m2m.asks_with(API, json!({ "note": "x".repeat(100 * 1024) }));
    for (media, body) in both(&asked) {
        assert_eq!(send(&tenant, media, body).await.status, 200);
    }
}

#[tokio::test]
async fn a_body_that_is_too_large() {
    let (tenant, m2m) = scene().await;
    for (media, body) in both(&m2m.asks_with(API, json!({ "note": "" }))) {
        let place = body.find("\"note\":\"").map_or(body.len(), |at| at + "\"note\":\"".len());
        let padded = |len: usize| {
            let mut body = body.clone();
            body.insert_str(place, &"x".repeat(len - body.len()));
            body
        };
        assert_eq!(send(&tenant, media, padded(MOST)).await.status, 200, "{media}");
        refused(&send(&tenant, media, padded(MOST + 1)).await, 413, media);
        refused(&send(&tenant, media, padded(4 * MOST)).await, 413, media);
    }
}

#[tokio::test]
async fn a_body_that_is_too_deep() {
    let (tenant, m2m) = scene().await;
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{}1{}", open.repeat(10_000), close.repeat(10_000));
        let inside = m2m.asks_for(API).to_string().replacen('{', &format!("{{\"note\":{deep},"), 1);
        refused(&send(&tenant, "application/json", inside).await, 400, open);
        refused(&send(&tenant, "application/json", deep).await, 400, open);
        refused(&send(&tenant, "application/json", open.repeat(100_000)).await, 400, open);
    }
}

#[tokio::test]
async fn a_parameter_with_nul() {
    let (tenant, m2m) = scene().await;
    for name in PARAMETERS {
        let mut asked = m2m.asks_for(API);
        asked[name] = json!(format!("{}\0", asked[name].as_str().unwrap_or("x")));
        for (media, body) in both(&asked) {
            refused(&send(&tenant, media, body).await, 400, name);
        }
    }
}

#[tokio::test]
async fn text_that_is_not_utf_8() {
    let (tenant, m2m) = scene().await;
    let mut raw = m2m.asks_for(API).to_string().into_bytes();
    let at = raw.iter().position(|byte| *byte == b'h').unwrap();
    raw[at] = 0xff;
    refused(&send(&tenant, "application/json", raw).await, 400, "a raw byte");
    let lone = m2m.asks_for(API).to_string().replacen("https", "\\ud800", 1);
    refused(&send(&tenant, "application/json", lone).await, 400, "half a surrogate pair");
    for bad in ["scope=%ff", "scope=%C3%28", "%ff=x", "scope=%ED%A0%80"] {
        let body = format!("{}&{bad}", form(&m2m.asks_for(API)));
        refused(&send(&tenant, "application/x-www-form-urlencoded", body).await, 400, bad);
    }
}

#[tokio::test]
async fn json_that_is_no_object_or_no_json() {
    let (tenant, m2m) = scene().await;
    let asked = m2m.asks_for(API).to_string();
    for body in [
        "",
        "null",
        "[]",
        "7",
        "\"text\"",
        "{",
        "{\"grant_type\"",
        "{}{}",
        "{'grant_type':'x'}",
        "\u{feff}{}",
        "NaN",
        &asked[..asked.len() - 1],
        &format!("{asked},"),
        &format!("[{asked}]"),
    ] {
        refused(&send(&tenant, "application/json", body.to_owned()).await, 400, body);
    }
    let empty = send(&tenant, "application/json", "{}").await;
    assert_eq!(empty["error_description"], "Missing required parameter: grant_type");
}

#[tokio::test]
async fn a_form_that_says_nothing() {
    let (tenant, m2m) = scene().await;
    let many = "a=b&".repeat(10_000) + &form(&m2m.asks_for(API));
    for body in ["", "&&&", "=", "grant_type", "=client_credentials", &many, "%", "%%%=%%"] {
        refused(&send(&tenant, "application/x-www-form-urlencoded", body.to_owned()).await, 400, body);
    }
}

#[tokio::test]
async fn a_type_that_is_not_read() {
    let (tenant, m2m) = scene().await;
    for media in ["text/plain", "multipart/form-data; boundary=x", "application/xml", "text/json"] {
        let answer = send(&tenant, media, m2m.asks_for(API).to_string()).await;
        refused(&answer, 415, media);
        assert_eq!(answer["error"], "invalid_request");
    }
    // Without a type it is taken for a form, and JSON is none.
    let headers: [(&str, &str); 0] = [];
    let body = m2m.asks_for(API).to_string();
    let answer = tenant.without_token().send(Method::POST, "/oauth/token", &headers, body).await;
    refused(&answer, 400, "no type");
}

#[tokio::test]
async fn a_method_that_asks_for_nothing() {
    let (tenant, m2m) = scene().await;
    let query = form(&m2m.asks_for(API));
    for method in [Method::GET, Method::PUT, Method::DELETE, Method::PATCH, Method::HEAD] {
        let path = format!("/oauth/token?{query}");
        let answer = tenant.without_token().send(method.clone(), &path, &[], Body::empty()).await;
        assert!(matches!(answer.status, 404 | 405), "{method}: {}", answer.status);
    }
    // What stands in the query is not read.
    let path = format!("/oauth/token?{query}");
    refused(&tenant.without_token().form(&path, "").await, 400, "a query");
}

async fn scene() -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    (tenant, m2m)
}

async fn send(tenant: &TestTenant, media: &str, body: impl Into<Body>) -> Answer {
    tenant.without_token().send(Method::POST, "/oauth/token", &[("content-type", media)], body).await
}

fn both(asked: &Value) -> [(&'static str, String); 2] {
    [("application/json", asked.to_string()), ("application/x-www-form-urlencoded", form(asked))]
}

#[track_caller]
fn refused(answer: &Answer, status: u16, about: &str) {
    let about: String = about.chars().take(80).collect();
    assert_eq!(answer.status, status, "{about}: {}", answer.text());
    assert_eq!(answer.members(), ["error", "error_description"], "{about}");
    assert_eq!(answer.header("cache-control"), REFUSED, "{about}");
    assert!(answer.text().len() < 500, "{about}");
}
