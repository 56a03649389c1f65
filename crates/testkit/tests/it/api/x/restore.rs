//! `GET /api/x/deleted` and `POST /api/x/restore/{kind}/{id}`

use serde_json::{Value, json};
use testkit::TestTenant;

use super::{code, refuses_queries};

const API: &str = "https://api.example";
const DAY: i64 = 24 * 3_600_000;

#[tokio::test]
async fn a_client_comes_back_as_it_was() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let path = format!("/api/v2/clients/{}", m2m.id);
    let key = json!({ "credential_type": "public_key", "pem": crate::keys::rsa_pem() });
    tenant.post(&format!("{path}/credentials"), key).await.must_be(201);
    let before = tenant.get(&path).await.must_be(200).body;
    let grants = tenant.get("/api/v2/client-grants").await.body;
    let credentials = tenant.get(&format!("{path}/credentials")).await.body;
    tenant.later(5_000);
    tenant.delete(&path).await.must_be(204);
    assert_eq!(tenant.get(&path).await.status, 404);
    assert_eq!(tenant.asked(m2m.asks_for(API)).await.status, 401);
    assert_eq!(tenant.get("/api/v2/client-grants").await.body, json!([]));
    let found = tenant.get("/api/x/deleted").await.must_be(200);
    let one = json!({
        "kind": "clients", "id": m2m.id, "name": "Nightly import", "deleted_at": "2026-07-01T12:00:05.250Z",
        "expires_at": "2026-07-08T12:00:05.250Z",
    });
    assert_eq!(found.body, json!({ "deleted": [one] }));

    let back = tenant.post(&restore("clients", &m2m.id), json!({})).await.must_be(200);

    assert_eq!(back.str("client_secret"), m2m.secret);
    assert_eq!(tenant.get(&path).await.must_be(200).body, before);
    assert_eq!(tenant.get("/api/v2/client-grants").await.body, grants);
    assert_eq!(tenant.get(&format!("{path}/credentials")).await.body, credentials);
    tenant.token(m2m.asks_for(API)).await;
    assert_eq!(tenant.get("/api/x/deleted").await.body, json!({ "deleted": [] }));
    assert_eq!(tenant.post(&restore("clients", &m2m.id), json!({})).await.status, 404);
    let history = tenant.get(&format!("/api/x/history/clients/{}", m2m.id)).await.must_be(200);
    assert_eq!(history["entries"][0]["summary"], "Restore what was deleted");
    // And once more.
    tenant.delete(&path).await.must_be(204);
    tenant.post(&restore("clients", &m2m.id), json!({})).await.must_be(200);
}

#[tokio::test]
async fn an_api_comes_back_with_the_grants_whose_clients_are_there() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let gone = tenant.client(json!({})).await;
    tenant.grant(json!({ "client_id": gone.id, "audience": API, "scope": [] })).await;
    let api = tenant.get("/api/v2/resource-servers/https%3A%2F%2Fapi.example").await.must_be(200).body;
    let id = api["id"].as_str().unwrap();
    tenant.delete("/api/v2/resource-servers/https%3A%2F%2Fapi.example").await.must_be(204);
    tenant.delete(&format!("/api/v2/clients/{}", gone.id)).await.must_be(204);

    let back = tenant.post(&restore("resource-servers", id), json!({})).await.must_be(200);

    assert_eq!(back.body, api);
    tenant.token(m2m.asks_for(API)).await;
    let grants = tenant.get("/api/v2/client-grants").await.body;
    assert_eq!((grants.as_array().unwrap().len(), &grants[0]["client_id"]), (1, &json!(m2m.id)));
}

#[tokio::test]
async fn a_grant_comes_back_with_its_organizations_or_says_what_is_missing() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let client = tenant.client(json!({})).await;
    let body = json!({ "client_id": client.id, "audience": API, "scope": ["read:a"], "organization_usage": "require" });
    let grant = tenant.grant(body).await;
    let id = grant["id"].as_str().unwrap();
    let (kept, lost) = (tenant.organization("kept").await, tenant.organization("lost").await);
    for organization in [&kept, &lost] {
        let path = format!("/api/v2/organizations/{}/client-grants", organization["id"].as_str().unwrap());
        tenant.post(&path, json!({ "grant_id": id })).await.must_be(201);
    }
    let path = format!("/api/v2/client-grants/{id}");
    tenant.delete(&path).await.must_be(204);
    tenant.delete(&format!("/api/v2/organizations/{}", lost["id"].as_str().unwrap())).await.must_be(204);
    tenant.delete(&format!("/api/v2/clients/{}", client.id)).await.must_be(204);

    let without = tenant.post(&restore("client-grants", id), json!({})).await;
    assert_eq!(
        (without.status, &without["message"]),
        (409, &json!("The grant's client does not exist; restore that first."))
    );
    tenant.post(&restore("clients", &client.id), json!({})).await.must_be(200);
    let names = tenant.get("/api/x/deleted?kind=client-grants").await["deleted"].clone();
    assert_eq!(names[0]["name"], format!("{} → {API}", client.id));
    assert_eq!(tenant.post(&restore("client-grants", id), json!({})).await.must_be(200).body, grant);
    let organizations = tenant.get(&format!("{path}/organizations")).await.must_be(200);
    assert_eq!(organizations["organizations"].as_array().unwrap().len(), 1);
    let organization = json!({ "organization": kept["id"] });
    tenant.token(client.asks_with(API, organization)).await;
}

#[tokio::test]
async fn what_took_its_place_stays() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let api = tenant.get("/api/v2/resource-servers/https%3A%2F%2Fapi.example").await.must_be(200).body;
    let grants = tenant.get("/api/v2/client-grants").await.body;
    let grant = grants[0]["id"].as_str().unwrap();
    tenant.delete(&format!("/api/v2/client-grants/{grant}")).await.must_be(204);
    tenant.grant(json!({ "client_id": m2m.id, "audience": API, "scope": [] })).await;
    let again = tenant.post(&restore("client-grants", grant), json!({})).await;
    assert_eq!((again.status, &again["message"]), (409, &json!("client_grant already exists")));

    let path = format!("/api/v2/resource-servers/{}", api["id"].as_str().unwrap());
    tenant.delete(&path).await.must_be(204);
    tenant.api(json!({ "name": "New" })).await;
    let again = tenant.post(&restore("resource-servers", api["id"].as_str().unwrap()), json!({})).await;
    let words = "A resource server with the same identifier already exists.";
    assert_eq!((again.status, &again["message"]), (409, &json!(words)));
    assert_eq!(tenant.get("/api/v2/resource-servers/https%3A%2F%2Fapi.example").await["name"], "New");
    // Nothing of it was done, so that it can still be done.
    assert_eq!(tenant.get("/api/x/deleted").await["deleted"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn after_a_week_it_is_gone() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    tenant.delete(&format!("/api/v2/clients/{}", client.id)).await.must_be(204);
    let all = std::slice::from_ref(&*tenant);
    tenant.later(7 * DAY - 1);
    management_api::forget_deleted(all).await.unwrap();
    assert_eq!(tenant.get("/api/x/deleted").await["deleted"].as_array().unwrap().len(), 1);
    tenant.later(1);
    assert_eq!(tenant.get("/api/x/deleted").await.body, json!({ "deleted": [] }));
    assert_eq!(tenant.post(&restore("clients", &client.id), json!({})).await.status, 404);
    let stored = async || tenant.store().documents().all("default", "deleted").await.unwrap().len();
    assert_eq!(stored().await, 1);
    management_api::forget_deleted(all).await.unwrap();
    assert_eq!(stored().await, 0);
}

#[tokio::test]
async fn secrets_stay_sealed_even_when_the_keys_turn() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    tenant.delete(&format!("/api/v2/clients/{}", client.id)).await.must_be(204);
    let stored = async || {
        let kept = tenant.store().documents().all("default", "deleted").await.unwrap();
        Value::Object(kept[0].body.clone()).to_string()
    };
    let before = stored().await;
    assert!(!before.contains(&client.secret) && !before.contains("client_secret"), "{before}");
    for _ in 0..2 {
        tenant.post("/api/v2/keys/encryption/rekey", json!({})).await.must_be(204);
        tenant.later(120_000);
    }
    assert_ne!(stored().await, before);
    let back = tenant.post(&restore("clients", &client.id), json!({})).await.must_be(200);
    assert_eq!(back.str("client_secret"), client.secret);
    let log = tenant.get("/api/v2/logs?per_page=100").await.must_be(200).text();
    assert!(!log.contains(&client.secret));
}

#[tokio::test]
async fn who_may_restore_what() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    let api = tenant.api(json!({})).await;
    let api = api["id"].as_str().unwrap();
    tenant.delete(&format!("/api/v2/clients/{}", client.id)).await.must_be(204);
    tenant.delete(&format!("/api/v2/resource-servers/{api}")).await.must_be(204);
    let (clients, apis) = (tenant.allowed(&["create:clients"]), tenant.allowed(&["create:resource_servers"]));
    assert_eq!(apis.post(&restore("clients", &client.id), json!({})).await.status, 403);
    assert_eq!(clients.post(&restore("resource-servers", api), json!({})).await.status, 403);
    let seen = tenant.allowed(&["read:resource_servers"]).get("/api/x/deleted").await.must_be(200);
    assert_eq!((seen["deleted"].as_array().unwrap().len(), &seen["deleted"][0]["id"]), (1, &json!(api)));
    let refused = tenant.allowed(&["read:resource_servers"]).get("/api/x/deleted?kind=clients").await;
    assert_eq!((refused.status, code(&refused)), (403, "insufficient_scope"));
    // Deleting and restoring is no way to learn a secret.
    let back = clients.post(&restore("clients", &client.id), json!({})).await.must_be(200);
    assert!(!back.members().contains(&"client_secret"), "{}", back.text());
    apis.post(&restore("resource-servers", api), json!({})).await.must_be(200);
}

#[tokio::test]
async fn what_was_never_there() {
    let tenant = TestTenant::new().await;
    let other = tenant.other();
    let theirs = other.client(json!({})).await;
    other.delete(&format!("/api/v2/clients/{}", theirs.id)).await.must_be(204);
    for (kind, id) in [
        ("clients", theirs.id.as_str()),
        ("clients", "nobody"),
        ("clients", "'%3B--"),
        ("organizations", "x"),
        ("deleted", "x"),
        ("client-grants", &theirs.id),
        ("clients%2Fx", "x"),
    ] {
        assert_eq!(tenant.post(&restore(kind, id), json!({})).await.status, 404, "{kind} {id}");
    }
    refuses_queries(&tenant, "/api/x/deleted", &["kind=users", "kind=", "kind=deleted", "nope=1"]).await;
    assert_eq!(tenant.get("/api/x/deleted").await.body, json!({ "deleted": [] }));
    other.post(&restore("clients", &theirs.id), json!({})).await.must_be(200);
}

#[tokio::test]
async fn two_at_the_same_moment() {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    tenant.delete(&format!("/api/v2/clients/{}", m2m.id)).await.must_be(204);
    let mut both = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (tenant, path) = (tenant.clone(), restore("clients", &m2m.id));
        both.spawn(async move { tenant.post(&path, json!({})).await.status });
    }
    let statuses = both.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 404, 409].contains(status)), "{statuses:?}");
}

fn restore(kind: &str, id: &str) -> String {
    format!("/api/x/restore/{kind}/{id}")
}
