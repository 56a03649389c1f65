//! `/api/v2/network-acls`, and what the rules do before every door.

use axum::{body::Body, extract::Request};
use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, PROXY, TestTenant};
use web::Connection;

const PATH: &str = "/api/v2/network-acls";

fn acl(priority: u32, action: &str, rule: Value) -> Value {
    let mut whole = json!({ "action": { action: true }, "scope": "authentication" });
    for (name, value) in rule.as_object().unwrap() {
        whole[name] = value.clone();
    }
    json!({ "description": format!("{action} {priority}"), "active": true, "priority": priority, "rule": whole })
}

/// A call of the tenant from somewhere.
async fn call(tenant: &TestTenant, peer: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(Method::GET).uri(path).header("host", tenant.domain());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    let peer = std::net::SocketAddr::new(peer.parse().unwrap(), 50_000);
    request.extensions_mut().insert(Connection { peer, tls: true, certificate: None });
    tenant.server().send(request).await
}

const JWKS: &str = "/.well-known/jwks.json";

#[tokio::test]
async fn one_is_made_read_listed_replaced_changed_and_deleted() {
    let tenant = TestTenant::new().await;
    let body = acl(10, "block", json!({ "match": { "asns": [9453] }, "scope": "tenant" }));
    let made = tenant.post(PATH, body.clone()).await.must_be(201);
    assert!(made.str("id").starts_with("acl_") && made.str("id").len() == 26);
    let one = format!("{PATH}/{}", made.str("id"));
    let read = tenant.get(&one).await.must_be(200);
    assert_eq!(
        (&read["rule"], &read["deleted_at"], read["tenant_id"].is_string()),
        (&body["rule"], &Value::Null, true)
    );
    let listed = tenant.get(&format!("{PATH}?include_totals=true")).await.must_be(200);
    assert_eq!(listed["network_acls"], json!([made.body]));
    let other = acl(2, "allow", json!({ "not_match": { "ipv4_cidrs": ["10.0.0.0/8"] } }));
    let replaced = tenant.put(&one, other.clone()).await.must_be(200);
    assert_eq!((&replaced["rule"], &replaced["created_at"]), (&other["rule"], &made["created_at"]));
    // A patch of the action alone watches, and forgets no condition.
    let watched = json!({ "rule": { "action": { "log": true }, "scope": "authentication" } });
    let patched = tenant.patch(&one, watched).await.must_be(200);
    assert_eq!(patched["rule"]["not_match"], other["rule"]["not_match"]);
    tenant.other().get(&one).await.must_be(404);
    assert_eq!(tenant.delete(&one).await.must_be(200).body, json!({ "code": 204, "object": "" }));
    tenant.delete(&one).await.must_be(404);
    let gone = tenant.get(&one).await.must_be(404);
    assert_eq!(gone["message"], json!("NetworkACL with this ID was not found"));
    tenant.get(&format!("{PATH}/acl_invalid_id")).await.must_be(400);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let tenant = TestTenant::new().await;
    let here = || json!({ "match": { "ipv4_cidrs": ["10.0.0.0/8"] } });
    for body in [
        json!({}),
        acl(1, "explode", here()),
        acl(1, "redirect", here()),
        acl(1, "block", json!({})),
        acl(1, "block", json!({ "match": { "ipv4_cidrs": [] } })),
        acl(1, "block", json!({ "match": { "ipv4_cidrs": ["10.0.0.0/40"] } })),
        acl(1, "block", json!({ "match": { "ipv4_cidrs": vec!["10.0.0.1"; 21] } })),
        acl(1, "block", json!({ "match": { "asns": ["x"] } })),
        acl(1, "block", json!({ "match": { "auth0_managed": ["auth0.totally_made_up"] } })),
        acl(1, "block", json!({ "match": { "user_agents": ["a\0"] } })),
        acl(1, "block", json!({ "scope": "everything", "match": { "user_agents": ["a"] } })),
        json!({ "description": "two", "active": true, "rule": {
            "action": { "block": true, "allow": true }, "scope": "tenant", "match_all": true } }),
        json!({ "description": "x", "active": "yes", "rule": {} }),
    ] {
        let answer = tenant.post(PATH, body.clone()).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{body}");
    }
    let missing = tenant.post(PATH, acl(1, "redirect", here())).await;
    assert_eq!(
        missing["message"],
        json!("Payload validation error: Action type of `redirect` requires a `redirect_uri`")
    );
}

#[tokio::test]
async fn the_first_rule_that_means_a_request_decides() {
    let tenant = TestTenant::new().await;
    let add = async |body: Value| drop(tenant.post(PATH, body).await.must_be(201));
    add(acl(5, "allow", json!({ "match": { "ipv4_cidrs": ["198.51.100.7"] } }))).await;
    add(acl(
        9,
        "block",
        json!({ "match": { "ipv4_cidrs": ["198.51.100.0/24"], "ipv6_cidrs": ["2001:db8::/32"] } }),
    ))
    .await;
    let elsewhere = json!({ "action": { "redirect": true, "redirect_uri": "https://example.com/away" },
        "match": { "user_agents": ["badbot/1.0"] } });
    add(acl(9, "redirect", elsewhere)).await;
    let status = async |peer: &str, headers: &[(&str, &str)]| call(&tenant, peer, JWKS, headers).await.status;
    assert_eq!(status("198.51.100.7", &[]).await, 200);
    assert_eq!(status("198.51.100.8", &[]).await, 403);
    assert_eq!(status("::ffff:198.51.100.8", &[]).await, 403);
    assert_eq!(status("2001:db8::1", &[]).await, 403);
    assert_eq!(status("203.0.113.9", &[]).await, 200);
    // Through a proxy that is trusted it is the sender who counts; whoever else forwards is himself.
    assert_eq!(status(PROXY, &[("x-forwarded-for", "198.51.100.8")]).await, 403);
    assert_eq!(status("198.51.100.8", &[("x-forwarded-for", "198.51.100.7")]).await, 403);
    assert_eq!(status("198.51.100.8", &[("auth0-forwarded-for", "198.51.100.7")]).await, 403);
    let away = call(&tenant, "203.0.113.9", JWKS, &[("user-agent", "badbot/1.0")]).await;
    assert_eq!((away.status, away.header("location")), (307, "https://example.com/away"));
    let blocked = call(&tenant, "198.51.100.8", JWKS, &[]).await;
    assert_eq!(blocked["error"], json!("access_denied"));
    // It stands before the Authentication API only, and before this tenant only.
    assert_eq!(call(&tenant, "198.51.100.8", "/api/v2/clients", &[]).await.status, 401);
    assert_eq!(call(&tenant.other(), "198.51.100.8", JWKS, &[]).await.status, 200);
    assert_eq!(call(&tenant, "198.51.100.8", "/healthz", &[]).await.status, 200);
    let logged = tenant.get("/api/v2/logs?q=type:acls_summary").await.must_be(200);
    assert_eq!(logged.items().len(), 3, "one for each rule");
}

#[tokio::test]
async fn a_rule_that_watches_lets_later_ones_decide_and_one_that_is_off_does_nothing() {
    let tenant = TestTenant::new().await;
    let everybody = || json!({ "match_all": true, "scope": "tenant" });
    let mut off = acl(1, "block", everybody());
    off["active"] = json!(false);
    tenant.post(PATH, off).await.must_be(201);
    tenant.post(PATH, acl(2, "log", everybody())).await.must_be(201);
    assert_eq!(call(&tenant, "198.51.100.8", JWKS, &[]).await.status, 200);
    // What this server cannot know of a request never applies, in either direction.
    tenant
        .post(PATH, acl(3, "block", json!({ "not_match": { "geo_country_codes": ["US"] } })))
        .await
        .must_be(201);
    tenant
        .post(PATH, acl(3, "block", json!({ "match": { "asns": [1], "ipv4_cidrs": ["0.0.0.0/0"] } })))
        .await
        .must_be(201);
    assert_eq!(call(&tenant, "198.51.100.8", JWKS, &[]).await.status, 200);
    let made = tenant.post(PATH, acl(4, "block", everybody())).await.must_be(201);
    assert_eq!(call(&tenant, "198.51.100.8", JWKS, &[]).await.status, 403);
    let refused = tenant.get("/api/v2/clients").await.must_be(403);
    assert_eq!(refused["statusCode"], json!(403));
    // Whoever sits at the machine can still mend it.
    let token = format!("Bearer {}", tenant.owner_token());
    let mend = [("authorization", token.as_str())];
    let one = format!("{PATH}/{}", made.str("id"));
    assert_eq!(call(&tenant, "127.0.0.1", &one, &mend).await.status, 200);
    let pretended = [("authorization", token.as_str()), ("x-forwarded-for", "127.0.0.1")];
    assert_eq!(call(&tenant, PROXY, &one, &pretended).await.status, 403);
}
