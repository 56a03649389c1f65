//! `POST /api/x/test-token`

use serde_json::{Value, json};
use testkit::{TestTenant, claims};

const PATH: &str = "/api/x/test-token";
const API: &str = "https://api.example";

#[tokio::test]
async fn it_is_the_token_that_the_client_would_get() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let theirs = tenant.asked(m2m.asks_with(API, json!({ "scope": "read:a" }))).await.must_be(200);
    let body = json!({ "client_id": m2m.id, "audience": API, "scope": "read:a" });

    let test = tenant.allowed(&["create:test_tokens"]).post(PATH, body).await.must_be(200);

    let members = ["access_token", "token_type", "expires_in", "scope", "duration_ms", "log_id"];
    assert_eq!(test.members(), members);
    assert_eq!(claims(test.str("access_token")), claims(theirs.str("access_token")));
    assert_eq!((&test["expires_in"], &test["scope"]), (&json!(86_400), &json!("read:a")));
    assert!(test["duration_ms"].as_f64().unwrap() > 0.0);
    let event = tenant.get(&format!("/api/v2/logs/{}", test.str("log_id"))).await.must_be(200);
    assert_eq!((&event["type"], &event["client_id"]), (&json!("seccft"), &json!(m2m.id)));
    let by = json!({ "by": { "name": "Owner of the data folder", "client_id": "owner" } });
    assert_eq!(event["details"]["test"], by);
    assert!(event["details"]["trace"]["client_grant"].is_string());
    assert!(!event.text().contains(test.str("access_token")));
    // Nothing else is written, and nothing is counted.
    let log = tenant.get("/api/v2/logs?q=type:seccft").await.must_be(200);
    assert_eq!(log.items().len(), 2);
    assert_eq!(tenant.get("/api/v2/logs?per_page=1").await.items()[0]["log_id"], test["log_id"]);
    let used = tenant.get(&format!("/api/x/last-used?client_ids={}", m2m.id)).await.must_be(200);
    assert_eq!(used["clients"][&m2m.id]["issued_24h"], 1);
}

#[tokio::test]
async fn it_is_refused_as_the_client_would_be() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let web = tenant.client(json!({ "grant_types": ["authorization_code"] })).await;
    for (body, status, code, words) in [
        (
            json!({ "client_id": m2m.id, "audience": "urn:x" }),
            403,
            "access_denied",
            "Service not enabled within domain: urn:x",
        ),
        (
            json!({ "client_id": m2m.id, "audience": API, "scope": "nope" }),
            403,
            "access_denied",
            "Client has not been granted scopes: nope",
        ),
        (
            json!({ "client_id": m2m.id, "audience": API, "organization": "org_1" }),
            403,
            "access_denied",
            "The client grant does not allow the use of organizations.",
        ),
        (
            json!({ "client_id": web.id, "audience": API }),
            403,
            "unauthorized_client",
            "Grant type 'client_credentials' not allowed for the client.",
        ),
    ] {
        let answer = tenant.post(PATH, body.clone()).await;
        let expected =
            json!({ "statusCode": status, "error": "Forbidden", "message": words, "errorCode": code });
        assert_eq!((answer.status, &answer.body), (status, &expected), "{body}");
        let event = tenant.get("/api/v2/logs?per_page=1").await.items()[0].clone();
        assert_eq!((&event["type"], &event["description"]), (&json!("feccft"), &json!(words)));
        assert_eq!(event["details"]["test"]["by"]["client_id"], "owner");
    }
    let stats = tenant.get("/api/x/stats/tokens?group_by=reason").await.must_be(200);
    assert_eq!(stats["series"], json!([]));
}

#[tokio::test]
async fn it_needs_its_own_scope_and_a_client_of_this_tenant() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let body = json!({ "client_id": m2m.id, "audience": API });
    // No client can be granted the scope: it is no permission of the Management API.
    let scopes = ["create:test_tokens", "read:clients", "read:client_keys", "create:clients"];
    let client = tenant.token_with(&scopes).await;
    assert_eq!(tenant.with_token(client).post(PATH, body.clone()).await.status, 403);
    assert_eq!(tenant.without_token().post(PATH, body.clone()).await.status, 401);
    let other = tenant.other().post(PATH, body).await;
    assert_eq!((other.status, &other["errorCode"]), (404, &json!("inexistent_client")));
    for body in [
        json!({}),
        json!({ "audience": API }),
        json!({ "client_id": 7 }),
        json!({ "client_id": "" }),
        json!({ "client_id": null }),
        json!({ "client_id": m2m.id, "audience": ["a"] }),
        json!({ "client_id": m2m.id, "client_secret": "x" }),
        json!({ "client_id": m2m.id, "audience": "a\0" }),
        json!({ "client_id": m2m.id, "scope": "x".repeat(20_000) }),
    ] {
        let answer = tenant.post(PATH, body.clone()).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{body}");
    }
}

/// A client that proves itself with a key has no use for its secret; what it would get can be seen all the same.
#[tokio::test]
async fn a_client_with_a_key() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let pem = crate::keys::rsa_pem();
    let credentials: Value = json!([{ "credential_type": "public_key", "pem": pem }]);
    let methods = json!({ "private_key_jwt": { "credentials": credentials } });
    let client = tenant.client(json!({ "client_authentication_methods": methods })).await;
    tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": ["read:a"] })).await;
    tenant.post(PATH, json!({ "client_id": client.id, "audience": API })).await.must_be(200);
    assert_eq!(tenant.asked(client.asks_for(API)).await.status, 401);
}
