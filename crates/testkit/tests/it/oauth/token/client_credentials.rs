//! What a machine is answered that may have a token, and what the token says.

use axum::body::Body;
use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::{Value, json};
use testkit::{BASE_DOMAIN, OTHER, STARTED, TestClient, TestTenant, claims, header};

use super::API;

const NOW: i64 = STARTED / 1000;

#[tokio::test]
async fn the_whole_answer() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;

    let answer = tenant.asked(m2m.asks_for(API)).await.must_be(200);

    assert_eq!(answer.members(), ["access_token", "scope", "expires_in", "token_type"]);
    assert_eq!(answer["scope"], "read:a write:b");
    assert_eq!(answer["expires_in"], 86_400);
    assert_eq!(answer["token_type"], "Bearer");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("pragma"), "no-cache");
}

#[tokio::test]
async fn the_claims_of_the_usual_dialect() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;

    let token = tenant.token(m2m.asks_for(API)).await;

    let said = claims(&token);
    let expected = json!({
        "iss": "https://idp.example/", "sub": format!("{}@clients", m2m.id), "aud": API, "iat": NOW,
        "exp": NOW + 86_400, "scope": "read:a write:b", "gty": "client-credentials", "azp": m2m.id,
    });
    assert_eq!(said, expected);
    assert_eq!(names(&said), names(&expected));
    let header = header(&token);
    assert_eq!(names(&header), ["alg", "typ", "kid"]);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("RS256"), &json!("JWT")));
}

#[tokio::test]
async fn permissions_are_listed_where_the_api_enforces_policies() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client(json!({})).await;
    for (i, (dialect, enforced, listed)) in [
        ("access_token", true, false),
        ("access_token_authz", false, false),
        ("access_token_authz", true, true),
        ("rfc9068_profile", true, false),
        ("rfc9068_profile_authz", true, true),
    ]
    .into_iter()
    .enumerate()
    {
        let audience = format!("https://api{i}.example");
        let api = json!({ "identifier": audience, "token_dialect": dialect, "enforce_policies": enforced });
        tenant.api(api).await;
        let scope = json!(["read:a", "write:b"]);
        tenant.grant(json!({ "client_id": m2m.id, "audience": audience, "scope": scope })).await;

        let said = claims(&tenant.token(m2m.asks_for(&audience)).await);

        let expected = if listed { scope } else { Value::Null };
        assert_eq!(said["permissions"], expected, "{dialect}, enforced: {enforced}");
        assert_eq!(said["scope"], "read:a write:b");
    }
}

#[tokio::test]
async fn the_claims_of_rfc_9068() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({ "token_dialect": "rfc9068_profile", "token_lifetime": 600 })).await;
    let m2m = tenant.client(json!({})).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": API, "scope": ["read:a"] })).await;

    let answer = tenant.asked(m2m.asks_for(API)).await.must_be(200);

    assert_eq!(answer["expires_in"], 600);
    let token = answer.str("access_token");
    let mut said = claims(token);
    let jti = said.as_object_mut().unwrap().remove("jti").unwrap();
    let jti = jti.as_str().unwrap();
    assert!(jti.len() == 22 && jti.chars().all(|c| c.is_ascii_alphanumeric()), "{jti}");
    let expected = json!({
        "iss": "https://idp.example/", "sub": format!("{}@clients", m2m.id), "aud": API, "iat": NOW,
        "exp": NOW + 600, "scope": "read:a", "client_id": m2m.id,
    });
    assert_eq!(said, expected);
    assert_eq!(header(token)["typ"], "at+jwt");
}

#[tokio::test]
async fn each_token_of_rfc_9068_has_a_number_of_its_own() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({ "token_dialect": "rfc9068_profile_authz" })).await;
    let m2m = tenant.client(json!({})).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": API, "scope": [] })).await;

    let first = claims(&tenant.token(m2m.asks_for(API)).await);
    let second = claims(&tenant.token(m2m.asks_for(API)).await);

    assert_ne!(first["jti"], second["jti"]);
}

#[tokio::test]
async fn a_form_is_read_like_json() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;

    let by_json = tenant.token(m2m.asks_for(API)).await;
    let by_form = tenant.without_token().form("/oauth/token", form(&m2m.asks_for(API))).await.must_be(200);

    assert_eq!(by_form.str("access_token"), by_json);
}

#[tokio::test]
async fn a_type_with_parameters_or_none_at_all_will_do() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let (json, form) = (m2m.asks_for(API).to_string(), form(&m2m.asks_for(API)));
    for (headers, body) in [
        (&[("content-type", "application/json; charset=utf-8")][..], &json),
        (&[("content-type", "Application/JSON")][..], &json),
        (&[("content-type", "application/x-www-form-urlencoded;charset=UTF-8")][..], &form),
        (&[][..], &form),
    ] {
        let answer = tenant.without_token().send(Method::POST, "/oauth/token", headers, body.clone()).await;
        assert_eq!(answer.status, 200, "{headers:?}");
    }
}

#[tokio::test]
async fn the_secret_may_come_in_the_header() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let form = format!("grant_type=client_credentials&audience={API}");
    let json =
        json!({ "grant_type": "client_credentials", "audience": API, "client_id": m2m.id }).to_string();

    for (media, body) in [("application/x-www-form-urlencoded", form), ("application/json", json)] {
        let answer = basic(&tenant, &m2m.id, &m2m.secret, media, body).await.must_be(200);
        assert_eq!(claims(answer.str("access_token"))["azp"], json!(m2m.id));
    }
}

#[tokio::test]
async fn a_secret_of_any_characters_survives_either_way() {
    let tenant = TestTenant::new().await;
    let secret = "ä +%&=:\"\\/€ 🔑 ".repeat(4);
    let m2m = tenant.client(json!({ "client_secret": secret })).await;
    tenant.api(json!({})).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": API, "scope": [] })).await;
    assert_eq!(m2m.secret, secret);

    tenant.asked(m2m.asks_for(API)).await.must_be(200);
    tenant.without_token().form("/oauth/token", form(&m2m.asks_for(API))).await.must_be(200);
    // RFC 6749 §2.3.1: both parts are form-encoded before they are joined.
    let encoded: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let body = format!("grant_type=client_credentials&audience={API}");
    basic(&tenant, &m2m.id, &encoded, "application/x-www-form-urlencoded", body).await.must_be(200);
}

#[tokio::test]
async fn what_nobody_knows_is_ignored() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let more = json!({ "team": ["a", { "b": 1 }], "__proto__": null, "prompt": 7 });

    let answer = tenant.asked(m2m.asks_with(API, more)).await.must_be(200);

    assert_eq!(answer.str("access_token"), tenant.token(m2m.asks_for(API)).await);
}

#[tokio::test]
async fn identical_requests_of_one_second_share_a_token() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let first = tenant.token(m2m.asks_for(API)).await;

    tenant.later(749);
    assert_eq!(tenant.token(m2m.asks_for(API)).await, first);
    let narrowed = tenant.token(m2m.asks_with(API, json!({ "scope": "read:a" }))).await;
    assert_ne!(narrowed, first);
    assert_eq!(tenant.token(m2m.asks_for(API)).await, first);

    tenant.later(1);
    let second = tenant.token(m2m.asks_for(API)).await;
    assert_ne!(second, first);
    assert_eq!(claims(&second)["iat"], NOW + 1);
}

#[tokio::test]
async fn a_change_shows_in_the_next_token_of_the_same_second() {
    let tenant = TestTenant::new().await;
    let api = tenant.api(json!({})).await;
    let m2m = tenant.client(json!({})).await;
    let grant = tenant.grant(json!({ "client_id": m2m.id, "audience": API, "scope": ["read:a"] })).await;
    let before = tenant.token(m2m.asks_for(API)).await;

    let path = format!("/api/v2/client-grants/{}", grant["id"].as_str().unwrap());
    tenant.patch(&path, json!({ "scope": ["write:b"] })).await.must_be(200);
    let after = tenant.token(m2m.asks_for(API)).await;
    assert_ne!(after, before);
    assert_eq!(claims(&after)["scope"], "write:b");

    let path = format!("/api/v2/resource-servers/{}", api["id"].as_str().unwrap());
    tenant.patch(&path, json!({ "token_lifetime": 60 })).await.must_be(200);
    let answer = tenant.asked(m2m.asks_for(API)).await;
    assert_eq!(answer["expires_in"], 60);
    assert_eq!(claims(answer.str("access_token"))["exp"], NOW + 60);
}

#[tokio::test]
async fn the_lifetime_for_browsers_never_applies() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({ "token_lifetime": 3600, "token_lifetime_for_web": 60 })).await;
    let m2m = tenant.client(json!({})).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": API, "scope": [] })).await;

    assert_eq!(tenant.asked(m2m.asks_for(API)).await["expires_in"], 3600);
}

#[tokio::test]
async fn the_issuer_is_the_host_that_was_asked_if_it_is_the_tenants() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let other = tenant.other();
    let theirs = other.client_of_an_api().await;
    for (asked, client, issuer) in [
        ("idp.example", &m2m, "https://idp.example/"),
        ("IDP.Example:443", &m2m, "https://idp.example/"),
        ("localhost:8080", &m2m, "https://idp.example/"),
        ("other.idp.example", &theirs, "https://other.idp.example/"),
    ] {
        let headers = [("host", asked), ("content-type", "application/json")];
        let body = client.asks_for(API).to_string();
        let answer = tenant.without_token().send(Method::POST, "/oauth/token", &headers, body).await;
        assert_eq!(claims(answer.must_be(200).str("access_token"))["iss"], issuer, "{asked}");
    }
    assert_eq!((tenant.domain(), other.name()), (BASE_DOMAIN, OTHER));
}

fn names(object: &Value) -> Vec<&String> {
    object.as_object().unwrap().keys().collect()
}

pub(super) fn form(members: &Value) -> String {
    let pairs = members.as_object().unwrap().iter().map(|(name, value)| (name, value.as_str().unwrap()));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

pub(super) async fn basic(
    tenant: &TestTenant,
    id: &str,
    secret: &str,
    media: &str,
    body: impl Into<Body>,
) -> testkit::Answer {
    let authorization = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let headers = [("authorization", authorization.as_str()), ("content-type", media)];
    tenant.without_token().send(Method::POST, "/oauth/token", &headers, body).await
}

/// A client and an API that it may call with these scopes.
pub(super) async fn granted(tenant: &TestTenant, scope: Value) -> TestClient {
    tenant.api(json!({})).await;
    let client = tenant.client(json!({})).await;
    tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": scope })).await;
    client
}
