//! `/api/x/revocations`

use serde_json::{Value, json};
use testkit::{TestTenant, claims};

const PATH: &str = "/api/x/revocations";
const API: &str = "https://api.example";

#[tokio::test]
async fn they_are_listed_newest_first() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let token = tenant.token(m2m.asks_for(API)).await;
    let one = tenant.post(PATH, json!({ "token": token })).await.must_be(201);
    assert_eq!(one.members(), ["id", "kind", "subject", "before", "created_at", "expires_at", "by"]);
    assert_eq!((&one["kind"], &one["before"]), (&json!("token"), &Value::Null));
    assert_eq!(
        (&one["by"], &one["expires_at"]),
        (&json!("Owner of the data folder"), &json!("2026-07-02T12:10:00.000Z"))
    );
    tenant.later(1_000);
    let before = "2026-07-01T11:00:00Z";
    let body = json!({ "kind": "client", "subject": m2m.id, "before": before });
    let mark = tenant.post(PATH, body).await.must_be(201);
    assert_eq!((&mark["subject"], &mark["before"]), (&json!(m2m.id), &json!("2026-07-01T11:00:00.000Z")));
    let listed = tenant.allowed(&["blacklist:tokens"]).get(PATH).await.must_be(200);
    assert_eq!(listed.body, json!({ "revocations": [mark.body, one.body] }));
    let events = tenant.get("/api/v2/logs?q=type:srrt").await;
    assert_eq!(events.items()[0]["details"]["token_id"], one["subject"]);
    assert!(!tenant.get("/api/v2/logs?per_page=100").await.text().contains(&token));
    // By its number, where it has one.
    tenant.api(json!({ "identifier": "https://b.example", "token_dialect": "rfc9068_profile" })).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": "https://b.example", "scope": [] })).await;
    let token = tenant.token(m2m.asks_for("https://b.example")).await;
    let one = tenant.post(PATH, json!({ "token": token })).await.must_be(201);
    assert_eq!(one["subject"], claims(&token)["jti"]);
}

/// The Management API believes no token that was revoked.
#[tokio::test]
async fn the_management_api_heeds_them() {
    let tenant = TestTenant::new().await;
    let token = tenant.token_with(&["read:clients"]).await;
    let caller = tenant.with_token(token.clone());
    caller.get("/api/v2/clients").await.must_be(200);
    tenant.post(PATH, json!({ "token": token })).await.must_be(201);
    assert_eq!(caller.get("/api/v2/clients").await.must_be(401)["message"], "Invalid token");
    // All of the tenant's; whoever owns the data folder gets another at once.
    let before = tenant.as_owner();
    tenant.post(PATH, json!({ "kind": "tenant" })).await.must_be(201);
    before.get("/api/v2/clients").await.must_be(401);
    tenant.get("/api/v2/clients").await.must_be(200);
}

#[tokio::test]
async fn each_kind_has_its_scope_and_must_be_there() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let theirs = tenant.other().client_of_an_api().await;
    let token = tenant.other().token(theirs.asks_for(API)).await;
    for (scope, body) in [
        ("update:clients", json!({ "kind": "resource_server", "subject": API })),
        ("update:resource_servers", json!({ "kind": "client", "subject": m2m.id })),
        ("update:client_grants", json!({ "kind": "tenant" })),
        ("update:tenant_settings", json!({ "kind": "key", "subject": "x" })),
        ("update:signing_keys", json!({ "token": "x.y.z" })),
        ("read:clients", json!({ "kind": "tenant" })),
    ] {
        let answer = tenant.allowed(&[scope]).post(PATH, body.clone()).await;
        assert_eq!((answer.status, &answer["errorCode"]), (403, &json!("insufficient_scope")), "{body}");
    }
    for kind in ["client", "client_grant", "resource_server", "key"] {
        for subject in [theirs.id.as_str(), "nobody", "é"] {
            tenant.post(PATH, json!({ "kind": kind, "subject": subject })).await.must_be(404);
        }
    }
    let by_id = json!({ "kind": "resource_server", "subject": "5fbc3c5ab3d6e1001f6e7a41" });
    let message = "The tenant has no resource server of this identifier.";
    assert_eq!(tenant.post(PATH, by_id).await.must_be(404)["message"], message);
    let unknown = tenant.post(PATH, json!({ "kind": "api", "subject": "x" })).await.must_be(400);
    assert!(
        unknown.text().contains("client, client_grant, resource_server, key, tenant"),
        "{}",
        unknown.text()
    );
    for body in [
        json!({}),
        json!({ "token": token }),
        json!({ "token": "x" }),
        json!({ "token": 7 }),
        json!({ "token": "a.b.c", "kind": "tenant" }),
        json!({ "kind": "token", "subject": "x" }),
        json!({ "kind": "everything" }),
        json!({ "kind": "client" }),
        json!({ "kind": "client", "subject": ["x"] }),
        json!({ "kind": "client", "subject": "a\0" }),
        json!({ "kind": "tenant", "subject": "default" }),
        json!({ "kind": "tenant", "before": "yesterday" }),
        json!({ "kind": "tenant", "before": 7 }),
        json!({ "kind": "tenant", "before": "2026-07-01T12:00:01Z" }),
        json!({ "kind": "tenant", "before": "2026-05-01T00:00:00Z" }),
        json!({ "kind": "tenant", "before": "-009999-01-01T00:00:00Z" }),
        json!({ "kind": "tenant", "x": 1 }),
    ] {
        let answer = tenant.post(PATH, body.clone()).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{body}");
    }
    assert_eq!(tenant.get(PATH).await["revocations"], json!([]));
}
