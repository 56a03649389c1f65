//! `/api/v2/client-grants`

use serde_json::{Value, json};
use testkit::{TestClient, TestTenant};

use super::{each, refused, text};

const PATH: &str = "/api/v2/client-grants";
const API: &str = "https://api.example";

#[tokio::test]
async fn a_grant_as_it_is_made_and_read() {
    let (tenant, client) = scene().await;

    let sent = json!({ "client_id": client.id, "audience": API, "scope": ["read:a"] });
    let made = tenant.post(PATH, sent).await.must_be(201);

    let id = made.str("id");
    assert!(id.len() == 20 && id.starts_with("cgr_"), "{id}");
    let expected = json!({
        "id": id, "client_id": client.id, "audience": API, "scope": ["read:a"], "subject_type": "client",
    });
    assert_eq!(made.body, expected);
    assert_eq!(tenant.get(&format!("{PATH}/{id}")).await.must_be(200).body, expected);
}

#[tokio::test]
async fn one_grant_for_each_client_api_and_subject() {
    let (tenant, client) = scene().await;
    let sent = json!({ "client_id": client.id, "audience": API, "scope": [] });
    tenant.post(PATH, sent.clone()).await.must_be(201);
    let again = tenant.post(PATH, sent).await;
    assert_eq!(again.status, 409);
    assert!(again.str("message").contains("already exists"), "{}", again.text());

    let of_users = json!({ "client_id": client.id, "audience": API, "scope": [], "subject_type": "user" });
    tenant.post(PATH, of_users.clone()).await.must_be(201);
    tenant.post(PATH, of_users).await.must_be(409);
    // Both are still what they were.
    tenant.asked(client.asks_for(API)).await.must_be(200);
    assert_eq!(tenant.get(PATH).await.items().len(), 2);
}

#[tokio::test]
async fn both_ends_must_exist() {
    let (tenant, client) = scene().await;
    let answer = tenant.post(PATH, json!({ "client_id": client.id, "audience": "urn:x", "scope": [] })).await;
    refused(&answer, 404, "Resource server not found", Some("inexistent_resource_server"));
    let answer = tenant.post(PATH, json!({ "client_id": "nobody", "audience": API, "scope": [] })).await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    let unknown = tenant.get(&format!("{PATH}/cgr_unknown")).await;
    refused(&unknown, 404, "The grant does not exist.", Some("inexistent_client_grant"));
    tenant.delete(&format!("{PATH}/cgr_unknown")).await.must_be(204);
}

#[tokio::test]
async fn bodies_that_are_refused() {
    let (tenant, client) = scene().await;
    for more in [
        json!({ "client_id": null }),
        json!({ "client_id": "" }),
        json!({ "client_id": 7 }),
        json!({ "audience": null }),
        json!({ "audience": "" }),
        json!({ "audience": [API] }),
        json!({ "scope": "read:a" }),
        json!({ "scope": [""] }),
        json!({ "scope": ["read:a write:b"] }),
        json!({ "scope": ["x".repeat(281)] }),
        json!({ "scope": [1] }),
        json!({ "organization_usage": "required" }),
        json!({ "subject_type": "robot" }),
        json!({ "allow_all_scopes": "yes" }),
        json!({ "default_for": "third_party_clients" }),
        json!({ "id": "cgr_chosen" }),
        json!({ "is_system": true }),
    ] {
        let mut body = json!({ "client_id": client.id, "audience": API, "scope": [] });
        for (name, value) in more.as_object().unwrap() {
            match value {
                Value::Null => drop(body.as_object_mut().unwrap().remove(name)),
                value => body[name] = value.clone(),
            }
        }
        let answer = tenant.post(PATH, body).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{more}");
    }
}

#[tokio::test]
async fn some_clients_cannot_be_granted_anything() {
    let (tenant, _) = scene().await;
    let express = json!({ "name": "x", "app_type": "express_configuration" });
    let made = tenant.post("/api/v2/clients", express).await.must_be(201);
    let sent = json!({ "client_id": made["client_id"], "audience": API, "scope": [] });
    let words = "Client of type express_configuration cannot be used";
    refused(&tenant.post(PATH, sent).await, 400, words, Some("validation_error"));
}

#[tokio::test]
async fn all_scopes_and_back() {
    let (tenant, client) = scene().await;
    let made = tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": ["read:a"] })).await;
    let path = format!("{PATH}/{}", text(&made, "id"));

    let all = tenant.patch(&path, json!({ "allow_all_scopes": true })).await.must_be(200);
    assert_eq!((&all["allow_all_scopes"], all.members().contains(&"scope")), (&json!(true), false));
    assert_eq!(tenant.asked(client.asks_for(API)).await["scope"], "read:a write:b");

    let back =
        tenant.patch(&path, json!({ "allow_all_scopes": false, "scope": ["write:b"] })).await.must_be(200);
    assert_eq!((&back["allow_all_scopes"], &back["scope"]), (&json!(false), &json!(["write:b"])));
    assert_eq!(tenant.asked(client.asks_for(API)).await["scope"], "write:b");
}

#[tokio::test]
async fn only_what_is_granted_can_be_changed() {
    let (tenant, client) = scene().await;
    let made = tenant.grant(json!({ "client_id": client.id, "audience": API, "scope": [] })).await;
    let path = format!("{PATH}/{}", text(&made, "id"));
    for name in ["client_id", "audience", "subject_type", "default_for", "id", "is_system"] {
        let answer = tenant.patch(&path, json!({ name: "x" })).await;
        let words = format!("Payload validation error: 'Additional properties not allowed: {name}'.");
        refused(&answer, 400, &words, Some("invalid_body"));
    }
    let patch = json!({ "scope": ["read:a"], "organization_usage": "allow", "allow_any_organization": true });
    let answer = tenant.patch(&path, patch).await.must_be(200);
    assert_eq!(
        answer.body,
        json!({ "id": made["id"], "client_id": client.id, "audience": API, "scope": ["read:a"],
            "subject_type": "client", "organization_usage": "allow", "allow_any_organization": true })
    );
}

#[tokio::test]
async fn grants_go_with_their_client_and_with_their_api() {
    let (tenant, client) = scene().await;
    let other_api = tenant.api(json!({ "identifier": "urn:other" })).await;
    let another = tenant.client(json!({})).await;
    for (client, audience) in [(&client, API), (&client, "urn:other"), (&another, API)] {
        let grant = json!({ "client_id": client.id, "audience": audience, "scope": [], "organization_usage": "allow" });
        tenant.grant(grant).await;
    }
    let acme = tenant.organization("acme").await;
    let grants = format!("/api/v2/organizations/{}/client-grants", text(&acme, "id"));
    for grant in tenant.get(PATH).await.items() {
        tenant.post(&grants, json!({ "grant_id": grant["id"] })).await.must_be(201);
    }

    tenant.delete(&format!("/api/v2/resource-servers/{}", text(&other_api, "id"))).await.must_be(204);
    assert_eq!(each(&tenant.get(PATH).await.body, "audience"), [API, API]);
    assert_eq!(tenant.get(&grants).await.items().len(), 2);

    tenant.delete(&format!("/api/v2/clients/{}", client.id)).await.must_be(204);
    assert_eq!(each(&tenant.get(PATH).await.body, "client_id"), [another.id.as_str()]);
    assert_eq!(each(&tenant.get(&grants).await.body, "client_id"), [another.id]);

    // The same can be granted again.
    tenant.api(json!({ "identifier": "urn:other" })).await;
}

#[tokio::test]
async fn lists_and_filters() {
    let (tenant, a) = scene().await;
    tenant.api(json!({ "identifier": "urn:other" })).await;
    let b = tenant.client(json!({})).await;
    for (client, audience, any, subject) in [
        (&a, API, true, "client"),
        (&a, "urn:other", false, "client"),
        (&b, API, false, "client"),
        (&b, API, false, "user"),
    ] {
        tenant.later(1);
        let grant = json!({ "client_id": client.id, "audience": audience, "scope": [], "subject_type": subject,
            "organization_usage": "allow", "allow_any_organization": any });
        tenant.grant(grant).await;
    }
    let of_third = json!({ "default_for": "third_party_clients", "audience": API, "scope": ["read:a"] });
    let made = tenant.post(PATH, of_third.clone()).await.must_be(201);
    assert_eq!((&made["default_for"], &made["client_id"]), (&json!("third_party_clients"), &Value::Null));
    tenant.post(PATH, of_third).await.must_be(409);

    for (query, n) in [
        ("", 5),
        (&format!("client_id={}", a.id), 2),
        ("audience=urn:other", 1),
        ("audience=https%3A%2F%2Fapi.example", 4),
        (&format!("client_id={}&audience=urn:other", b.id), 0),
        ("allow_any_organization=true", 1),
        ("subject_type=user", 1),
        ("subject_type=client", 4),
        ("default_for=third_party_clients", 1),
    ] {
        assert_eq!(tenant.get(&format!("{PATH}?{query}")).await.items().len(), n, "{query}");
        let page = tenant.get(&format!("{PATH}?include_totals=true&per_page=1&{query}")).await;
        assert_eq!(page.members(), ["total", "start", "limit", "length", "client_grants"]);
        assert_eq!(page["total"], n, "{query}");
        // With a checkpoint totals are ignored.
        let page = tenant.get(&format!("{PATH}?include_totals=true&take=50&{query}")).await;
        assert_eq!(
            (page.members(), page["client_grants"].as_array().unwrap().len()),
            (vec!["client_grants"], n)
        );
    }
    let first = tenant.get(&format!("{PATH}?take=3")).await;
    let rest = tenant.get(&format!("{PATH}?take=3&from={}", first.str("next"))).await;
    assert_eq!(rest["client_grants"].as_array().unwrap().len(), 2);
    assert_eq!(rest["next"], Value::Null);
}

#[tokio::test]
async fn the_organizations_of_a_grant() {
    let (tenant, client) = scene().await;
    let grant =
        json!({ "client_id": client.id, "audience": API, "scope": [], "organization_usage": "allow" });
    let grant = tenant.grant(grant).await;
    let path = format!("{PATH}/{}/organizations", text(&grant, "id"));
    assert_eq!(tenant.get(&path).await.must_be(200).body, json!({ "organizations": [] }));
    for name in ["acme", "globex"] {
        tenant.later(1);
        let organization = tenant.organization(name).await;
        let grants = format!("/api/v2/organizations/{}/client-grants", text(&organization, "id"));
        tenant.post(&grants, json!({ "grant_id": grant["id"] })).await.must_be(201);
    }
    let answer = tenant.get(&path).await.must_be(200);
    assert_eq!(each(&answer["organizations"], "name"), ["acme", "globex"]);
    let page = tenant.get(&format!("{path}?take=1&include_totals=true")).await.must_be(200);
    assert_eq!(page.members(), ["organizations", "next"]);
    tenant.get(&format!("{PATH}/cgr_unknown/organizations")).await.must_be(404);
}

async fn scene() -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let client = tenant.client(json!({})).await;
    (tenant, client)
}
