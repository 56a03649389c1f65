//! `GET /oauth/token-status`: what an API polls instead of asking about each token.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, TestTenant, claims, header};

const API: &str = "https://api.example";
const PATH: &str = "/oauth/token-status";

/// What an API does with a token and the answer, as `docs/revocation.md` tells it.
fn is_refused(status: &Answer, token: &str) -> bool {
    let (claims, header) = (claims(token), header(token));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let client = text(claims.get("azp").unwrap_or(&claims["client_id"]));
    let signed = token.rsplit_once('.').unwrap().0;
    let id = match claims.get("jti") {
        Some(jti) => text(jti),
        None => BASE64.encode(jose::sha256(signed.as_bytes())),
    };
    let (sub, aud) = (text(&claims["sub"]), text(&claims["aud"]));
    let names = [
        "tenant".to_owned(),
        format!("client:{client}"),
        format!("api:{aud}"),
        format!("grant:{sub} {aud}"),
        format!("key:{}", text(&header["kid"])),
        format!("token:{id}"),
    ];
    names.iter().any(|name| {
        let up_to = &status["refused"][BASE64.encode(jose::sha256(name.as_bytes()))];
        up_to.as_i64().is_some_and(|up_to| claims["iat"].as_i64().unwrap() <= up_to)
    })
}

async fn status(tenant: &TestTenant) -> Answer {
    tenant.without_token().get(PATH).await.must_be(200)
}

#[tokio::test]
async fn an_api_that_polls_refuses_what_introspection_calls_inactive() {
    let tenant = TestTenant::new().await;
    let empty = status(&tenant).await;
    assert_eq!(empty.body, json!({ "revision": 0, "refused": {} }));
    let m2m = tenant.client_of_an_api().await;
    let kid = tenant.get("/api/v2/keys/signing").await.items()[0]["kid"].clone();
    let grants = tenant.get("/api/v2/client-grants?audience=https://api.example").await;
    let grant = grants.items()[0]["id"].clone();
    for body in [
        json!({ "kind": "client", "subject": m2m.id }),
        json!({ "kind": "client_grant", "subject": grant }),
        json!({ "kind": "resource_server", "subject": API }),
        json!({ "kind": "key", "subject": kid }),
        json!({ "kind": "tenant" }),
        Value::Null,
    ] {
        tenant.later(5_000);
        let token = tenant.token(m2m.asks_for(API)).await;
        assert!(!is_refused(&status(&tenant).await, &token), "{body}");
        let asked = if body.is_null() { json!({ "token": token }) } else { body.clone() };
        tenant.post("/api/x/revocations", asked).await.must_be(201);
        let answer = status(&tenant).await;
        assert!(is_refused(&answer, &token), "{body}");
        // Issued after it, though within the same second.
        let next = tenant.token(m2m.asks_for(API)).await;
        assert!(next != token && !is_refused(&answer, &next), "{body}");
        assert!(answer.bytes.len() < 600, "{}", answer.bytes.len());
        // It gives nothing away.
        for hidden in [m2m.id.as_str(), API, kid.as_str().unwrap()] {
            assert!(!answer.text().contains(hidden));
        }
    }
}

#[tokio::test]
async fn what_is_known_is_not_told_again() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let revoke = async |n: usize| {
        for _ in 0..n {
            tenant.later(1_000);
            let token = tenant.token(m2m.asks_for(API)).await;
            tenant.post("/api/x/revocations", json!({ "token": token })).await.must_be(201);
        }
    };
    revoke(3).await;
    let first = status(&tenant).await;
    assert_eq!(first["refused"].as_object().unwrap().len(), 3);
    assert_eq!(first.header("cache-control"), "public, max-age=1");
    let etag = first.header("etag").to_owned();
    let known = async |tag: &str| {
        let headers = [("if-none-match", tag)];
        tenant.without_token().send(Method::GET, PATH, &headers, String::new()).await
    };
    for tag in [etag.clone(), format!("W/{etag}"), format!("\"x\", {etag}")] {
        let answer = known(&tag).await.must_be(304);
        assert!(answer.bytes.is_empty() && answer.header("etag") == etag);
    }
    tenant.later(120_000);
    revoke(1).await;
    assert_eq!(known(&etag).await.must_be(200)["refused"].as_object().unwrap().len(), 4);
    let since = format!("{PATH}?since={}", first["revision"]);
    let news = tenant.without_token().get(&since).await.must_be(200);
    // The last minute before is told again.
    assert_eq!(news["refused"].as_object().unwrap().len(), 4);
    let since = format!("{PATH}?since={}", news["revision"]);
    let news = tenant.without_token().get(&since).await.must_be(200);
    assert_eq!(news["refused"].as_object().unwrap().len(), 1);
    for query in
        ["since=x", "since=-1", "since=", "since=1&since=2", "since=99999999999999999999", "since=%ff"]
    {
        tenant.without_token().get(&format!("{PATH}?{query}")).await.must_be(400);
    }
    tenant.without_token().get(&format!("{PATH}?since={}", i64::MAX)).await.must_be(200);
}

#[tokio::test]
async fn what_can_refuse_nothing_more_is_forgotten() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let token = tenant.token(m2m.asks_for(API)).await;
    tenant.post("/api/x/revocations", json!({ "token": token })).await.must_be(201);
    tenant.post("/api/x/revocations", json!({ "kind": "client", "subject": m2m.id })).await.must_be(201);
    let sweep = async || idp::revocation::sweep(&tenant.server().tenants().all()).await.unwrap();
    sweep().await;
    assert_eq!(status(&tenant).await["refused"].as_object().unwrap().len(), 2);
    tenant.later(86_400_000 + 600_000);
    sweep().await;
    assert_eq!(status(&tenant).await["refused"].as_object().unwrap().len(), 1);
    tenant.later(30 * 86_400_000);
    sweep().await;
    assert_eq!(status(&tenant).await["refused"], json!({}));
    assert_eq!(tenant.get("/api/x/revocations").await["revocations"], json!([]));
}

/// On another node and after a restart; the node follows when it asks the store, which it does each second.
#[tokio::test]
async fn other_nodes_and_the_next_start_know_it() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let token = tenant.token(m2m.asks_for(API)).await;
    let node = tenant.server().another_node().await;
    tenant.post("/api/x/revocations", json!({ "token": token })).await.must_be(201);
    node.tenants().refresh().await.unwrap();
    assert!(is_refused(&status(&node.tenant("default")).await, &token));
    let started = tenant.server().another_node().await;
    assert_eq!(status(&started.tenant("default")).await.body, status(&tenant).await.body);
    assert_eq!(status(&tenant.other()).await["refused"], json!({}));
}
