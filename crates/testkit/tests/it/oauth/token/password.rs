//! The password grants: a person's name and password for tokens.

use http::Method;
use schema::Resource;
use serde_json::{Value, json};
use testkit::{Answer, Asker, Browser, PASSWORD, TestClient, TestTenant, claims};

use super::API;

const REALM: &str = "http://auth0.com/oauth/grant-type/password-realm";
const DATABASE: &str = "Username-Password-Authentication";

/// A tenant with somebody in it, and an application that may ask for passwords.
async fn scene(client: Value) -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    tenant.person("ann@example.com").await;
    tenant.api(json!({ "allow_offline_access": true })).await;
    let mut usual = json!({
        "name": "Console", "app_type": "regular_web", "oidc_conformant": true,
        "grant_types": ["password", REALM, "refresh_token"],
    });
    usual.as_object_mut().unwrap().extend(client.as_object().cloned().unwrap());
    let client = tenant.client(usual).await;
    (tenant, client)
}

fn asks(client: &TestClient, more: Value) -> Value {
    let mut body = json!({
        "grant_type": REALM, "realm": DATABASE, "client_id": client.id, "client_secret": client.secret,
        "username": "ann@example.com", "password": PASSWORD, "audience": API,
        "scope": "openid profile offline_access read:a",
    });
    body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
    body
}

fn refused(answer: &Answer, status: u16, error: &str, description: &str) {
    assert_eq!(answer.status, status, "{}", answer.start());
    assert_eq!((&answer["error"], &answer["error_description"]), (&json!(error), &json!(description)));
}

#[tokio::test]
async fn a_password_stands_for_its_person() {
    let (tenant, client) = scene(json!({})).await;
    let answer = tenant.asked(asks(&client, json!({}))).await.must_be(200);
    assert_eq!(answer["scope"], "openid profile offline_access read:a");
    assert_eq!((&answer["token_type"], &answer["expires_in"]), (&json!("Bearer"), &json!(86_400)));
    let token = claims(answer.str("access_token"));
    assert_eq!((&token["gty"], &token["azp"]), (&json!("password"), &json!(client.id)));
    assert_eq!(token["aud"], json!([API, "https://idp.example/userinfo"]));
    let id_token = claims(answer.str("id_token"));
    assert_eq!((&id_token["sub"], &id_token["name"]), (&token["sub"], &json!("Ann Example")));
    // No browser is there: there is no session that anything could end with.
    for absent in ["sid", "auth_time", "nonce", "at_hash"] {
        assert_eq!(id_token[absent], Value::Null, "{absent}");
    }
    let refreshed = json!({
        "grant_type": "refresh_token", "client_id": client.id, "client_secret": client.secret,
        "refresh_token": answer["refresh_token"],
    });
    let refreshed = tenant.asked(refreshed).await.must_be(200);
    assert_eq!(claims(refreshed.str("access_token"))["gty"], json!(["refresh_token", "password"]));

    tenant.flush_logs().await;
    let logged = tenant.get("/api/v2/logs?q=type:sepft").await.items()[0].clone();
    assert_eq!((&logged["user_id"], &logged["client_id"]), (&token["sub"], &json!(client.id)));
    assert!(!tenant.get("/api/v2/logs").await.text().contains(PASSWORD));
}

#[tokio::test]
async fn whoever_asks_for_nothing_gets_all_that_the_api_has() {
    let (tenant, client) = scene(json!({})).await;
    for scope in [json!(null), json!("")] {
        let answer = tenant.asked(asks(&client, json!({ "scope": scope }))).await.must_be(200);
        assert_eq!(answer["scope"], "read:a write:b");
        assert_eq!((&answer["id_token"], &answer["refresh_token"]), (&Value::Null, &Value::Null));
    }
    let answer = tenant.asked(asks(&client, json!({ "scope": "read:a delete:all online_access" }))).await;
    assert_eq!(answer.must_be(200)["scope"], "read:a");
}

#[tokio::test]
async fn without_a_realm_the_tenant_chooses_the_database() {
    let (tenant, client) = scene(json!({})).await;
    let body = || {
        let mut body = asks(&client, json!({ "grant_type": "password" }));
        body.as_object_mut().unwrap().remove("realm");
        body
    };
    let unset = "Authorization server not configured with default connection.";
    refused(&tenant.asked(body()).await, 500, "server_error", unset);
    tenant.patch("/api/v2/tenants/settings", json!({ "default_directory": "gone" })).await.must_be(200);
    refused(&tenant.asked(body()).await, 500, "server_error", unset);
    tenant.patch("/api/v2/tenants/settings", json!({ "default_directory": DATABASE })).await.must_be(200);
    tenant.asked(body()).await.must_be(200);
}

#[tokio::test]
async fn who_is_not_let_in_is_not_told_why() {
    let (tenant, client) = scene(json!({})).await;
    let wrong = "Wrong email or password.";
    for more in [
        json!({ "password": "wrong" }),
        json!({ "username": "nobody@example.com" }),
        json!({ "username": "ann@example.com\u{200b}" }),
        json!({ "username": "x".repeat(10_000) }),
        json!({ "password": "x".repeat(10_000) }),
        json!({ "username": "' or 1=1 --" }),
    ] {
        refused(&tenant.asked(asks(&client, more)).await, 403, "invalid_grant", wrong);
    }
    let ann = idp::user::by_login(&tenant, DATABASE, "ann@example.com").await.unwrap().unwrap();
    tenant.block(&ann.user_id).await;
    let blocked = tenant.asked(asks(&client, json!({}))).await;
    assert_eq!((blocked.status, &blocked["error_description"]), (403, &json!("user is blocked")));
    // Whoever does not know the password does not hear of it.
    let answer = tenant.asked(asks(&client, json!({ "password": "wrong" }))).await;
    refused(&answer, 403, "invalid_grant", wrong);
}

#[tokio::test]
async fn what_is_missing_or_means_nothing_is_said() {
    let (tenant, client) = scene(json!({})).await;
    for (more, status, error, description) in [
        (json!({ "username": "" }), 400, "invalid_request", "Missing required parameter: username"),
        (json!({ "password": null }), 400, "invalid_request", "Missing required parameter: password"),
        (json!({ "realm": null }), 400, "invalid_request", "Missing required parameter: realm"),
        (json!({ "username": 7 }), 400, "invalid_request", "username must be a string"),
        (json!({ "password": { "a": 1 } }), 400, "invalid_request", "password must be a string"),
        (
            json!({ "username": "a\u{0}b" }),
            400,
            "invalid_request",
            "username holds a character that is not allowed",
        ),
        (json!({ "password": "x".repeat(20_000) }), 400, "invalid_request", "password is too long"),
        (json!({ "realm": "nowhere" }), 403, "invalid_request", "Unknown realm nowhere"),
        (json!({ "audience": "urn:none" }), 403, "access_denied", "Service not found: urn:none"),
        (json!({ "client_secret": "wrong" }), 401, "access_denied", "Unauthorized"),
        (
            json!({ "organization": "org_x" }),
            400,
            "invalid_request",
            "parameter organization is not allowed for this client",
        ),
        (json!({ "scope": "openid online_access offline_access" }), 200, "", ""),
    ] {
        let answer = tenant.asked(asks(&client, more.clone())).await;
        match status {
            200 => drop(answer.must_be(200)),
            _ => refused(&answer, status, error, description),
        }
    }
    let twice = format!("grant_type=password&username=a&username=b&password=x&client_id={}", client.id);
    let answer = tenant.without_token().form("/oauth/token", twice).await;
    refused(&answer, 400, "invalid_request", "Duplicate parameter: username");
}

#[tokio::test]
async fn only_who_may_is_served() {
    let (tenant, client) = scene(json!({ "grant_types": ["password"] })).await;
    let answer = tenant.asked(asks(&client, json!({}))).await;
    let description = format!("Grant type '{REALM}' not allowed for the client.");
    refused(&answer, 403, "unauthorized_client", &description);

    // A database that the client may not use is as good as none, and another tenant's is none.
    let (tenant, client) = scene(json!({})).await;
    let other = tenant.other();
    other.person("ben@example.com").await;
    let answer = tenant.asked(asks(&client, json!({ "username": "ben@example.com" }))).await;
    refused(&answer, 403, "invalid_grant", "Wrong email or password.");
    let connection = tenant.snapshot().connection(DATABASE).unwrap().id.to_string();
    let path = format!("/api/v2/connections/{connection}/clients");
    let body = json!([{ "client_id": client.id, "status": false }]);
    tenant.as_owner().json(Method::PATCH, &path, body).await.must_be(204);
    let answer = tenant.asked(asks(&client, json!({}))).await;
    refused(&answer, 403, "invalid_request", &format!("Unknown realm {DATABASE}"));
}

#[tokio::test]
async fn guesses_are_counted_where_they_come_from() {
    let (tenant, client) = scene(json!({ "is_token_endpoint_ip_header_trusted": true })).await;
    let wrong = || asks(&client, json!({ "password": "wrong" }));
    let guess = async |body: Value, ip: &str| {
        Asker::at("203.0.113.99").saying(&[("auth0-forwarded-for", ip)]).asks(&tenant, body).await
    };
    for _ in 0..10 {
        guess(wrong(), "198.51.100.1").await.must_be(403);
    }
    let closed = guess(asks(&client, json!({})), "198.51.100.1").await;
    assert_eq!((closed.status, &closed["error"]), (429, &json!("too_many_attempts")));
    // The people behind other addresses are others, though one server asks for all of them.
    guess(asks(&client, json!({})), "198.51.100.2").await.must_be(200);
}

#[tokio::test]
async fn a_login_with_a_password_is_no_session() {
    let (tenant, client) = scene(json!({})).await;
    tenant.asked(asks(&client, json!({}))).await.must_be(200);
    let spa = tenant.spa(json!({})).await;
    let silent = Browser::new(&tenant).get(&spa.authorize(&[("prompt", "none")])).await;
    assert_eq!(silent.parameter("error").unwrap(), "login_required");
    let ann = idp::user::by_login(&tenant, DATABASE, "ann@example.com").await.unwrap().unwrap();
    assert_eq!(ann.logins_count, Some(1));
}

#[tokio::test]
async fn who_has_a_profile_that_is_as_long_as_one_may_be_logs_in() {
    let (tenant, client) = scene(json!({})).await;
    let user_id = tenant.get("/api/v2/users").await.items()[0]["user_id"].as_str().unwrap().to_owned();
    let long = async |length: usize| {
        let changed = idp::user::change(&tenant, &user_id, |body| {
            body.insert("user_metadata".into(), json!({ "text": "x".repeat(length) }));
            Ok(())
        });
        changed.await.unwrap();
    };
    for length in [idp::user::LONGEST, 2 * idp::user::LONGEST] {
        long(0).await;
        let document = tenant.find(&model::User::NOUN, "identity", &user_id).await.unwrap().unwrap();
        long(length - json!(document.body).to_string().len()).await;
        for _ in 0..2 {
            tenant.asked(asks(&client, json!({}))).await.must_be(200);
        }
    }
    let known = idp::user::by_id(&tenant, &user_id).await.unwrap().unwrap();
    assert_eq!(known.logins_count, Some(4));
}
