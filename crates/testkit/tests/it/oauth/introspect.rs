//! `POST /oauth/introspect`

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, Browser, TestClient, TestTenant, claims};

const API: &str = "https://api.example";

/// What a client is told of a token.
async fn told(tenant: &TestTenant, client: &TestClient, token: &str) -> Answer {
    let body = json!({ "client_id": client.id, "client_secret": client.secret, "token": token });
    tenant.without_token().post("/oauth/introspect", body).await.must_be(200)
}

/// Whether its own client is told that the token is active.
async fn is_active(tenant: &TestTenant, client: &TestClient, token: &str) -> bool {
    told(tenant, client, token).await["active"] == true
}

#[tokio::test]
async fn a_good_token_is_told_as_it_is() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let token = tenant.token(m2m.asks_for(API)).await;

    let answer = told(&tenant, &m2m, &token).await;

    let said = claims(&token);
    let mut expected = json!({ "active": true, "client_id": m2m.id, "token_type": "Bearer" });
    expected.as_object_mut().unwrap().extend(said.as_object().unwrap().clone());
    assert_eq!(answer.body, expected);
    assert_eq!(answer["scope"], "read:a write:b");
    assert_eq!(answer.header("cache-control"), "no-store");
    // As a form and by HTTP Basic, as RFC 7662 has it.
    use base64::{Engine, engine::general_purpose::STANDARD};
    let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", m2m.id, m2m.secret)));
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("authorization", basic.as_str())];
    let form = format!("token={token}&token_type_hint=access_token");
    let answer = tenant.without_token().send(Method::POST, "/oauth/introspect", &headers, form).await;
    assert_eq!(answer.must_be(200)["active"], true);
}

#[tokio::test]
async fn each_dialect_and_algorithm_is_known_again() {
    let tenant = TestTenant::new().await;
    for (n, algorithm) in ["RS256", "PS256", "ES256", "EdDSA", "HS256"].into_iter().enumerate() {
        for dialect in ["access_token", "rfc9068_profile"] {
            let audience = format!("https://{n}.{dialect}.example");
            let body = json!({ "identifier": audience, "signing_alg": algorithm, "token_dialect": dialect });
            tenant.api(body).await;
            let client = tenant.client(json!({})).await;
            let grant = json!({ "client_id": client.id, "audience": audience, "scope": ["read:a"] });
            tenant.grant(grant).await;
            let token = tenant.token(client.asks_for(&audience)).await;
            assert!(is_active(&tenant, &client, &token).await, "{algorithm} {dialect}");
            let revoke = json!({ "client_id": client.id, "client_secret": client.secret, "token": token });
            tenant.without_token().post("/oauth/revoke", revoke).await.must_be(200);
            assert!(!is_active(&tenant, &client, &token).await, "{algorithm} {dialect}");
            // What is issued later in the same second is another token, and good.
            let token = tenant.token(client.asks_for(&audience)).await;
            assert!(is_active(&tenant, &client, &token).await, "{algorithm} {dialect}");
        }
    }
}

#[tokio::test]
async fn it_is_told_to_those_it_concerns() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let token = tenant.token(m2m.asks_for(API)).await;
    let stranger = tenant.client(json!({ "name": "Stranger" })).await;
    assert_eq!(told(&tenant, &stranger, &token).await.body, json!({ "active": false }));
    // The client that the API is.
    let linked =
        json!({ "name": "Orders", "app_type": "resource_server", "resource_server_identifier": API });
    let linked = tenant.post("/api/v2/clients", linked).await.must_be(201);
    let linked = TestClient {
        id: linked.str("client_id").to_owned(),
        secret: linked.str("client_secret").to_owned(),
        body: Value::Null,
    };
    assert_eq!(told(&tenant, &linked, &token).await["client_id"], m2m.id);
    // One that may call it.
    tenant.grant(json!({ "client_id": stranger.id, "audience": API, "scope": [] })).await;
    assert_eq!(told(&tenant, &stranger, &token).await["client_id"], m2m.id);
}

#[tokio::test]
async fn who_asks_has_to_prove_it() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let token = tenant.token(m2m.asks_for(API)).await;
    let spa = tenant.spa(json!({})).await;
    for (body, status) in [
        (json!({ "token": token }), 401),
        (json!({ "token": token, "client_id": m2m.id }), 401),
        (json!({ "token": token, "client_id": m2m.id, "client_secret": "x" }), 401),
        (json!({ "token": token, "client_id": spa.id }), 401),
        (json!({ "client_id": m2m.id, "client_secret": m2m.secret }), 400),
        (json!({ "client_id": m2m.id, "client_secret": m2m.secret, "token": "" }), 400),
        (json!({ "client_id": m2m.id, "client_secret": m2m.secret, "token": ["a"] }), 400),
        (json!({ "client_id": m2m.id, "client_secret": m2m.secret, "token": "a\0" }), 400),
        (json!({ "client_id": m2m.id, "client_secret": m2m.secret, "token": "x".repeat(20_000) }), 400),
    ] {
        tenant.without_token().post("/oauth/introspect", body).await.must_be(status);
    }
    let twice = format!("token={token}&token={token}&client_id={}&client_secret={}", m2m.id, m2m.secret);
    tenant.without_token().form("/oauth/introspect", twice).await.must_be(400);
    assert_eq!(tenant.without_token().get("/oauth/introspect").await.status, 405);
}

#[tokio::test]
async fn whatever_else_is_shown_is_not_active() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let token = tenant.token(m2m.asks_for(API)).await;
    let theirs = tenant.other().client_of_an_api().await;
    let another = tenant.other().token(theirs.asks_for(API)).await;
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, _) = signed.split_once('.').unwrap();
    let unsigned = "eyJhbGciOiJub25lIn0";
    for shown in [
        "x".to_owned(),
        ".".into(),
        "..".into(),
        "a.b.c.d.e".into(),
        "é.é.é".into(),
        format!("{signed}.{}", &signature[1..]),
        format!("{signed}."),
        format!("{header}.e30.{signature}"),
        format!("{unsigned}.{}.", signed.split_once('.').unwrap().1),
        format!("{token}.{token}"),
        another,
        format!("{}.e30.x", "A".repeat(8_000)),
    ] {
        assert_eq!(told(&tenant, &m2m, &shown).await.body, json!({ "active": false }), "{shown}");
    }
    tenant.later(86_400_000);
    assert_eq!(told(&tenant, &m2m, &token).await.body, json!({ "active": false }));
}

/// An ID token is signed by the same key, and permits nothing.
#[tokio::test]
async fn tokens_of_people() {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    tenant.api(json!({ "allow_offline_access": true })).await;
    let spa = tenant.spa(json!({})).await;
    let mut browser = Browser::new(&tenant);
    let page = browser.login_page(&spa, &[("audience", API)]).await;
    let answer = browser.fill_in(&page, "ann@example.com", testkit::PASSWORD).await;
    let code = answer.parameter("code").unwrap();
    let tokens = tenant.asked(spa.redeems(&code)).await.must_be(200);
    let api = tenant.client(json!({ "name": "Orders" })).await;
    tenant.grant(json!({ "client_id": api.id, "audience": API, "scope": [] })).await;
    assert!(is_active(&tenant, &api, tokens.str("access_token")).await);
    assert!(!is_active(&tenant, &api, tokens.str("id_token")).await);
    // Another's refresh token is nobody's business.
    assert!(!is_active(&tenant, &api, tokens.str("refresh_token")).await);
    // A public client needs no proof to let go of its own.
    let body = json!({ "client_id": spa.id, "token": tokens.str("access_token") });
    tenant.without_token().post("/oauth/revoke", body).await.must_be(200);
    assert!(!is_active(&tenant, &api, tokens.str("access_token")).await);
    let userinfo = format!("Bearer {}", tokens.str("access_token"));
    let headers = [("authorization", userinfo.as_str())];
    let answer = tenant.without_token().send(Method::GET, "/userinfo", &headers, String::new()).await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn what_is_deleted_takes_its_tokens_along_for_good() {
    let tenant = TestTenant::new().await;
    let witness = tenant.client(json!({ "name": "Witness" })).await;
    for what in ["client", "grant", "api"] {
        let audience = format!("https://{what}.example");
        let api = tenant.api(json!({ "identifier": audience })).await;
        let m2m = tenant.client(json!({})).await;
        let grant = json!({ "client_id": m2m.id, "audience": audience, "scope": ["read:a"] });
        let grant = tenant.grant(grant).await;
        tenant.grant(json!({ "client_id": witness.id, "audience": audience, "scope": [] })).await;
        let token = tenant.token(m2m.asks_for(&audience)).await;
        let others = tenant.token(witness.asks_for(&audience)).await;
        assert!(is_active(&tenant, &witness, &token).await);
        let (path, kind) = match what {
            "client" => (format!("clients/{}", m2m.id), "clients"),
            "grant" => (format!("client-grants/{}", grant["id"].as_str().unwrap()), "client-grants"),
            _ => (format!("resource-servers/{}", api["id"].as_str().unwrap()), "resource-servers"),
        };
        tenant.delete(&format!("/api/v2/{path}")).await.must_be(204);
        assert!(!is_active(&tenant, &witness, &token).await, "{what}");
        assert_eq!(is_active(&tenant, &witness, &others).await, what != "api", "{what}");
        // It comes back; its tokens do not, and new ones are good.
        let id = path.rsplit_once('/').unwrap().1;
        tenant.post(&format!("/api/x/restore/{kind}/{id}"), json!({})).await.must_be(200);
        assert!(!is_active(&tenant, &witness, &token).await, "{what}");
        let token = tenant.token(m2m.asks_for(&audience)).await;
        assert!(is_active(&tenant, &witness, &token).await, "{what}");
    }
}
