//! `/api/x/clients/{client_id}/federated-credentials`: what a client may trust, and what is said of a token.

use serde_json::{Value, json};
use testkit::{STARTED, TestClient, TestTenant};

use super::code;
use crate::issuer::{Issuer, Key, set};

const GITHUB: &str = "https://token.actions.githubusercontent.com";

fn github() -> Value {
    json!({
        "issuer": GITHUB,
        "rules": [{ "claim": "sub", "operator": "equals", "value": "repo:acme/orders:environment:production" }],
    })
}

/// The same, and more, or something else.
fn with(more: Value) -> Value {
    let mut body = github();
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn scene() -> (TestTenant, TestClient, String) {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    let path = format!("/api/x/clients/{}/federated-credentials", client.id);
    (tenant, client, path)
}

#[tokio::test]
async fn from_the_first_to_the_last() {
    let (tenant, _, path) = scene().await;
    assert_eq!(tenant.get(&path).await.must_be(200).body, json!({ "federated_credentials": [] }));

    let made = tenant.post(&path, with(json!({ "name": "Deployments" }))).await.must_be(201).body;

    let id = made["id"].as_str().unwrap().to_owned();
    assert!(id.len() == 26 && id.starts_with("fed_"), "{id}");
    let now = "2026-07-01T12:00:00.250Z";
    let expected = json!({
        "id": id, "issuer": GITHUB, "rules": github()["rules"], "name": "Deployments", "single_use": true,
        "audience": "https://idp.example/", "created_at": now, "updated_at": now,
    });
    assert_eq!(made, expected);
    assert_eq!(tenant.get(&path).await.must_be(200).body, json!({ "federated_credentials": [expected] }));
    let one = format!("{path}/{id}");
    tenant.later(1000);
    let keys = set(&[&Key::new("a")]);
    let patched = tenant.patch(&one, json!({ "jwks": keys, "audience": "us" })).await.must_be(200).body;
    assert_eq!((&patched["jwks"], &patched["audience"]), (&keys, &json!("us")));
    assert_eq!(patched["updated_at"], "2026-07-01T12:00:01.250Z");
    let patched = tenant.patch(&one, json!({ "jwks": null })).await.must_be(200).body;
    assert_eq!(patched["jwks"], Value::Null);
    assert_eq!(tenant.get(&one).await.must_be(200).body, patched);
    tenant.delete(&one).await.must_be(204);
    tenant.delete(&one).await.must_be(204);
    tenant.get(&one).await.must_be(404);
}

#[tokio::test]
async fn what_cannot_be_trusted() {
    let (tenant, _, path) = scene().await;
    let made = tenant.post(&path, github()).await.must_be(201).str("id").to_owned();
    let rule = |claim: &str, operator: &str, value: Value| json!({ "rules": [{ "claim": claim, "operator": operator, "value": value }] });
    let mut private = Key::new("a").jwk();
    private["d"] = json!("AA");
    for bad in [
        json!({ "issuer": "http://issuer.example" }),
        json!({ "issuer": "https://" }),
        json!({ "issuer": "issuer.example" }),
        json!({ "issuer": "HTTPS://issuer.example" }),
        json!({ "issuer": "https://issuer.example?x" }),
        json!({ "issuer": "https://issuer.example#x" }),
        json!({ "issuer": "https://user@issuer.example" }),
        json!({ "issuer": "https://issuer.exаmple" }),
        json!({ "issuer": "https://issuer.example " }),
        json!({ "issuer": "https://issuer.example/\u{0}" }),
        json!({ "issuer": format!("https://issuer.example/{}", "a".repeat(512)) }),
        json!({ "issuer": 7 }),
        json!({ "issuer": null }),
        json!({ "audience": "" }),
        json!({ "audience": "a\nb" }),
        json!({ "audience": ["a"] }),
        json!({ "jwks_uri": "http://issuer.example/keys" }),
        json!({ "jwks_uri": "file:///etc/passwd" }),
        json!({ "jwks_uri": "https://issuer.example/keys", "jwks": set(&[&Key::new("a")]) }),
        json!({ "jwks": {} }),
        json!({ "jwks": "keys" }),
        json!({ "jwks": { "keys": [] } }),
        json!({ "jwks": { "keys": [private] } }),
        json!({ "jwks": { "keys": [{ "kty": "oct", "k": "AA" }] } }),
        json!({ "jwks": { "keys": vec![Key::new("a").jwk(); 400] } }),
        json!({ "rules": [] }),
        json!({ "rules": {} }),
        json!({ "rules": vec![github()["rules"][0].clone(); 21] }),
        json!({ "rules": [{ "claim": "sub", "operator": "equals" }] }),
        json!({ "rules": [{ "claim": "sub", "operator": "equals", "value": "x", "more": 1 }] }),
        rule("sub", "contains", json!("x")),
        rule("sub", "equals", json!("")),
        rule("sub", "equals", json!(["x"])),
        rule("sub", "equals", json!(7)),
        rule("sub", "equals", json!("x\u{0}")),
        rule("sub", "equals", json!("x".repeat(1025))),
        rule("sub", "one_of", json!("x")),
        rule("sub", "one_of", json!([])),
        rule("sub", "one_of", json!(["x", 7])),
        rule("sub", "matches", json!("*")),
        rule("sub", "matches", json!("*:main")),
        rule("sub", "matches", json!("repo:**")),
        rule("sub", "matches", json!("repo:acme")),
        rule("sub", "matches", json!(["repo:*"])),
        rule("", "equals", json!("x")),
        // Anybody's main branch.
        rule("ref", "equals", json!("refs/heads/main")),
        json!({ "single_use": "yes" }),
        json!({ "id": "fed_chosen" }),
        json!({ "client_id": "another" }),
        json!({ "created_at": "now" }),
    ] {
        let answer = tenant.post(&path, with(bad.clone())).await;
        assert_eq!((answer.status, code(&answer)), (400, "invalid_body"), "{bad}: {}", answer.start());
        let answer = tenant.patch(&format!("{path}/{made}"), bad.clone()).await;
        assert_eq!((answer.status, code(&answer)), (400, "invalid_body"), "{bad}: {}", answer.start());
    }
    for body in [json!({}), json!({ "issuer": GITHUB }), json!({ "rules": github()["rules"] })] {
        tenant.post(&path, body).await.must_be(400);
    }
    assert_eq!(tenant.get(&path).await["federated_credentials"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_client_trusts_twenty_and_they_go_and_come_with_it() {
    let (tenant, client, path) = scene().await;
    for _ in 0..20 {
        tenant.post(&path, github()).await.must_be(201);
    }
    let answer = tenant.post(&path, github()).await.must_be(403);
    assert_eq!(code(&answer), "too_many_entities");
    tenant.delete(&format!("/api/v2/clients/{}", client.id)).await.must_be(204);
    tenant.get(&path).await.must_be(404);
    tenant.post(&path, github()).await.must_be(404);
    tenant.post(&format!("/api/x/restore/clients/{}", client.id), json!({})).await.must_be(200);
    assert_eq!(tenant.get(&path).await["federated_credentials"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn each_needs_its_scope_and_its_own_client() {
    let (tenant, client, path) = scene().await;
    let id = tenant.post(&path, github()).await.must_be(201).str("id").to_owned();
    let (one, test) = (format!("{path}/{id}"), format!("{path}/{id}/test"));
    let reader = tenant.allowed(&["read:client_credentials"]);
    reader.get(&one).await.must_be(200);
    reader.post(&test, json!({ "token": "x" })).await.must_be(200);
    reader.post(&path, github()).await.must_be(403);
    reader.patch(&one, json!({})).await.must_be(403);
    reader.delete(&one).await.must_be(403);
    tenant.allowed(&["read:clients"]).get(&one).await.must_be(403);

    let another = tenant.client(json!({})).await;
    let (ours, theirs) = (tenant.clone(), tenant.other());
    let foreign = theirs.client(json!({})).await;
    for (tenant, path) in [
        (&ours, format!("/api/x/clients/{}/federated-credentials/{id}", another.id)),
        (&ours, format!("/api/x/clients/{}/federated-credentials/fed_nothing", client.id)),
        (&theirs, format!("/api/x/clients/{}/federated-credentials/{id}", foreign.id)),
        (&theirs, one.clone()),
    ] {
        tenant.get(&path).await.must_be(404);
        tenant.patch(&path, json!({ "name": "x" })).await.must_be(404);
        tenant.post(&format!("{path}/test"), json!({ "token": "x" })).await.must_be(404);
        assert!(matches!(tenant.delete(&path).await.status, 204 | 404), "{path}");
    }
    ours.get(&one).await.must_be(200);
}

#[tokio::test]
async fn a_test_says_which_step_fails() {
    let (tenant, client, path) = scene().await;
    let key = Key::new("first");
    let issuer = Issuer::reached_by(&tenant, &key).await;
    let id =
        tenant.post(&path, with(json!({ "issuer": issuer.name() }))).await.must_be(201).str("id").to_owned();
    let test = format!("{path}/{id}/test");
    let now = STARTED / 1000;
    let good = json!({
        "iss": issuer.name(), "sub": "repo:acme/orders:environment:production", "aud": "https://idp.example/",
        "iat": now, "exp": now + 60, "jti": "1",
    });
    let steps = ["form", "issuer", "algorithm", "time", "audience", "signature", "rules"];
    for (claim, value, step) in [
        ("x", json!(1), None),
        ("iss", json!("https://elsewhere.example"), Some("issuer")),
        ("exp", json!(now - 1), Some("time")),
        ("aud", json!("https://idp.example"), Some("audience")),
        ("sub", json!("repo:evil/orders:environment:production"), Some("rules")),
    ] {
        let mut claims = good.clone();
        claims[claim] = value;
        let answer = tenant.post(&test, json!({ "token": key.signs(&claims) })).await.must_be(200);
        let checks = answer["checks"].as_array().unwrap();
        assert_eq!(checks.iter().map(|check| check["name"].as_str().unwrap()).collect::<Vec<_>>(), steps);
        let failed: Vec<&str> = checks
            .iter()
            .filter(|check| check["ok"] == json!(false))
            .map(|check| check["name"].as_str().unwrap())
            .collect();
        assert_eq!(failed, step.into_iter().collect::<Vec<_>>(), "{claim}");
        assert_eq!(answer["valid"], json!(step.is_none()));
    }
    let forged = Key::new("first").signs(&good);
    let answer = tenant.post(&test, json!({ "token": forged })).await.must_be(200);
    assert_eq!(answer["checks"][5]["message"], "The signature is not that of the issuer's key.");
    for token in ["x", "a.b.c", "\u{1F600}"] {
        let answer = tenant.post(&test, json!({ "token": token })).await.must_be(200);
        assert_eq!((&answer["valid"], &answer["checks"][0]["name"]), (&json!(false), &json!("form")));
    }
    for body in
        [json!({}), json!({ "token": 7 }), json!({ "token": "x\u{0}" }), json!({ "token": "x", "more": 1 })]
    {
        tenant.post(&test, body).await.must_be(400);
    }
    // Trying does not use a token up.
    tenant.post(&test, json!({ "token": key.signs(&good) })).await.must_be(200);
    assert!(client.id.len() > 1);
}
