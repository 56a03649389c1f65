//! What strangers send in place of a person.

use http::Method;
use serde_json::{Value, json};
use testkit::TestTenant;

use super::{DATABASE, PASSWORD, made, path, person, refused};

fn deep(levels: usize) -> Value {
    (0..levels).fold(json!("bottom"), |inner, _| json!({ "a": inner }))
}

#[tokio::test]
async fn nobody_comes_of_it() {
    let tenant = TestTenant::new().await;
    for body in [
        json!({}),
        json!({ "connection": DATABASE }),
        json!({ "connection": DATABASE, "email": "ann@example.com" }),
        json!({ "connection": DATABASE, "password": PASSWORD }),
        json!({ "connection": "nothing", "email": "ann@example.com", "password": PASSWORD }),
        json!({ "connection": 7, "email": "ann@example.com", "password": PASSWORD }),
        json!({ "connection": "x".repeat(200), "email": "ann@example.com", "password": PASSWORD }),
        json!({ "connection": "a\0", "email": "ann@example.com", "password": PASSWORD }),
    ] {
        let answer = tenant.post("/api/v2/users", body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
    }
    for body in [
        json!({ "email": 7 }),
        json!({ "email": "no address" }),
        json!({ "email": "ann@example.com\0" }),
        json!({ "email": format!("{}@example.com", "x".repeat(300)) }),
        json!({ "email": ["ann@example.com"] }),
        json!({ "email": "ann@example.com", "name": "" }),
        json!({ "email": "ann@example.com", "name": "x".repeat(301) }),
        json!({ "email": "ann@example.com", "given_name": "x".repeat(151) }),
        json!({ "email": "ann@example.com", "username": "x".repeat(129) }),
        json!({ "email": "ann@example.com", "phone_number": "0301234" }),
        json!({ "email": "ann@example.com", "phone_number": "+49a" }),
        json!({ "email": "ann@example.com", "phone_number": "+1234567890123456" }),
        json!({ "email": "ann@example.com", "picture": "no uri" }),
        json!({ "email": "ann@example.com", "blocked": "true" }),
        json!({ "email": "ann@example.com", "email_verified": 1 }),
        json!({ "email": "ann@example.com", "user_id": "x".repeat(256) }),
        json!({ "email": "ann@example.com", "user_id": "" }),
        json!({ "email": "ann@example.com", "user_id": 7 }),
        json!({ "email": "ann@example.com", "user_metadata": [] }),
        json!({ "email": "ann@example.com", "user_metadata": deep(40) }),
        json!({ "email": "ann@example.com", "user_metadata": { "a": "b\0" } }),
        json!({ "email": "ann@example.com", "user_metadata": { "a\0": 1 } }),
        json!({ "email": "ann@example.com", "app_metadata": { "identities": [] } }),
        json!({ "email": "ann@example.com", "app_metadata": "x" }),
        json!({ "email": "ann@example.com", "password": "" }),
        json!({ "email": "ann@example.com", "password": "short" }),
        json!({ "email": "ann@example.com", "password": 7 }),
        json!({ "email": "ann@example.com", "password": "x".repeat(600) }),
        json!({ "email": "ann@example.com", "verify_email": "yes" }),
        json!({ "email": "ann@example.com", "identities": [] }),
        json!({ "email": "ann@example.com", "logins_count": 7 }),
        json!({ "email": "ann@example.com", "password_hash": "x" }),
        json!({ "email": "ann@example.com", "client_id": "x" }),
        json!({ "email": "ann@example.com", "unknown": true }),
    ] {
        let answer = made(&tenant, body.clone()).await;
        assert_eq!(answer.status, 400, "{body}: {}", answer.text());
        assert!(answer.text().len() < 2_000, "{}", answer.text());
    }
    assert_eq!(tenant.get("/api/v2/users").await.must_be(200).items().len(), 0);
}

#[tokio::test]
async fn nothing_changes_by_it() {
    let tenant = TestTenant::new().await;
    let ann = person(&tenant, "ann@example.com").await;
    let before = tenant.get(&path(&ann)).await.must_be(200).body;
    for patch in [
        json!({ "user_id": "auth0|other" }),
        json!({ "identities": [] }),
        json!({ "created_at": "2020-01-01T00:00:00.000Z" }),
        json!({ "last_ip": "1.2.3.4" }),
        json!({ "email": "no address" }),
        json!({ "blocked": null }),
        json!({ "email": "a@example.com", "username": "b" }),
        json!({ "user_metadata": { "a": deep(40) } }),
        json!({ "app_metadata": { "user_id": "x" } }),
        json!({ "client_id": "unknown", "verify_email": true }),
        json!({ "password": "short" }),
        json!({ "verify_phone_number": 1 }),
    ] {
        let answer = tenant.patch(&path(&ann), patch.clone()).await;
        assert_eq!(answer.status, 400, "{patch}: {}", answer.text());
    }
    for (content_type, body, status) in [
        ("application/json", "{\"name\":", 400),
        ("application/json", "[]", 400),
        ("application/xml", "<name/>", 415),
        ("application/x-www-form-urlencoded", "name=a&name=b", 400),
    ] {
        let owner = tenant.as_owner();
        let answer = owner.send(Method::PATCH, &path(&ann), &[("content-type", content_type)], body).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
    }
    assert_eq!(tenant.get(&path(&ann)).await.body, before);
}

#[tokio::test]
async fn ids_that_are_none_and_those_of_others() {
    let tenant = TestTenant::new().await;
    let foreign = person(&tenant.other(), "ann@example.com").await;
    for id in
        [foreign.as_str(), "auth0|", "|", "x", "auth0|%27%20or%201=1", "..%2Fclients", &"x".repeat(1_500)]
    {
        let one = path(id);
        assert_eq!(tenant.get(&one).await.status, 404, "{id}");
        assert_eq!(tenant.patch(&one, json!({ "name": "Eve" })).await.status, 404, "{id}");
        tenant.delete(&one).await.must_be(204);
    }
    assert_eq!(tenant.get(&path("a%00b")).await.status, 404);
    tenant.other().get(&path(&foreign)).await.must_be(200);
}

#[tokio::test]
async fn a_profile_does_not_grow_for_ever() {
    let tenant = TestTenant::new().await;
    let words = format!("The profile is longer than {} bytes.", idp::user::LONGEST);
    let long = |length: usize| json!({ "text": "x".repeat(length) });
    let body = json!({ "email": "bob@example.com", "user_metadata": long(idp::user::LONGEST) });
    refused(&made(&tenant, body).await, 400, &words, Some("invalid_body"));

    let body = json!({ "email": "ann@example.com", "user_metadata": long(60_000) });
    let ann = path(made(&tenant, body).await.must_be(201).str("user_id"));
    let patch = json!({ "app_metadata": long(60_000) });
    refused(&tenant.patch(&ann, patch).await, 400, &words, Some("invalid_body"));
    tenant.patch(&ann, json!({ "user_metadata": { "text": "short" } })).await.must_be(200);
    tenant.patch(&ann, json!({ "app_metadata": long(60_000) })).await.must_be(200);
}

#[tokio::test]
async fn much_metadata_is_kept_and_searched_in_part() {
    let tenant = TestTenant::new().await;
    let many: serde_json::Map<String, Value> = (0..500).map(|n| (format!("k{n:03}"), json!("v"))).collect();
    let body = json!({ "email": "ann@example.com", "user_metadata": many, "app_metadata": { "long": "x".repeat(5_000) } });
    let ann = made(&tenant, body).await.must_be(201);
    assert_eq!(ann["user_metadata"].as_object().unwrap().len(), 500);
    for (q, count) in
        [("user_metadata.k000:v", 1), ("user_metadata.k499:v", 0), ("_exists_:app_metadata.long", 0)]
    {
        let found = tenant.get(&format!("/api/v2/users?q={q}")).await.must_be(200);
        assert_eq!(found.items().len(), count, "{q}");
    }
}
