//! `/api/v2/roles`, who has them, and what they and people are permitted.

mod effective;
mod hostile;
mod members;
mod tokens;

use http::Method;
use serde_json::{Value, json};
use testkit::{Answer, TestTenant};

use super::{each, refused, text};

const API: &str = "https://api.example";
const MISSING: &str = "The role does not exist.";

#[tokio::test]
async fn the_life_of_a_role() {
    let tenant = TestTenant::new().await;
    let made = tenant.post("/api/v2/roles", json!({ "name": "Reader" })).await.must_be(200);
    let id = made.str("id").to_owned();
    assert!(id.len() == 20 && id.starts_with("rol_"), "{id}");
    assert_eq!(made.body, json!({ "id": id, "name": "Reader", "type": "tenant", "description": null }));
    let path = format!("/api/v2/roles/{id}");
    assert_eq!(tenant.get(&path).await.must_be(200).body["description"], "");
    let changed = tenant.patch(&path, json!({ "description": "Only looks" })).await.must_be(200);
    assert_eq!((&changed["name"], &changed["description"]), (&json!("Reader"), &json!("Only looks")));
    assert_eq!(tenant.get(&path).await.must_be(200).body, changed.body);
    assert_eq!(tenant.delete(&path).await.must_be(200).body, json!({}));
    refused(&tenant.get(&path).await, 404, MISSING, Some("inexistent_role"));
    refused(&tenant.delete(&path).await, 404, MISSING, Some("inexistent_role"));
}

#[tokio::test]
async fn a_name_is_one_roles() {
    let tenant = TestTenant::new().await;
    role(&tenant, "Reader").await;
    let writer = role(&tenant, "Writer").await;
    let again = tenant.post("/api/v2/roles", json!({ "name": "Reader" })).await;
    refused(&again, 409, "The role already exists.", None);
    tenant.patch(&format!("/api/v2/roles/{writer}"), json!({ "name": "Reader" })).await.must_be(409);
    role(&tenant.other(), "Reader").await;
}

#[tokio::test]
async fn a_role_of_an_organization_goes_with_it() {
    let tenant = TestTenant::new().await;
    let acme = text(&tenant.organization("acme").await, "id").to_owned();
    let made = tenant
        .post("/api/v2/roles", json!({ "name": "R", "type": "organization", "owner_id": acme }))
        .await
        .must_be(200);
    assert_eq!((&made["type"], &made["owner_id"]), (&json!("organization"), &json!(acme)));
    let path = format!("/api/v2/roles/{}", made.str("id"));
    for body in [
        json!({ "name": "S", "type": "organization" }),
        json!({ "name": "S", "owner_id": acme }),
        json!({ "name": "S", "type": "tenant", "owner_id": acme }),
        json!({ "name": "S", "type": "else" }),
    ] {
        tenant.post("/api/v2/roles", body).await.must_be(400);
    }
    let none = json!({ "name": "S", "type": "organization", "owner_id": "org_0000000000000000" });
    tenant.post("/api/v2/roles", none).await.must_be(404);
    tenant.patch(&path, json!({ "type": "tenant" })).await.must_be(400);
    tenant.patch(&path, json!({ "owner_id": "org_0000000000000000" })).await.must_be(400);
    tenant.delete(&format!("/api/v2/organizations/{acme}")).await.must_be(204);
    tenant.get(&path).await.must_be(404);
}

#[tokio::test]
async fn roles_are_listed_in_pages_and_by_name() {
    let tenant = TestTenant::new().await;
    assert_eq!(tenant.get("/api/v2/roles").await.must_be(200).body, json!([]));
    for name in ["Reader", "Writer", "Chief reader"] {
        role(&tenant, name).await;
    }
    let all = tenant.get("/api/v2/roles").await.must_be(200).body;
    assert_eq!(each(&all, "name"), ["Reader", "Writer", "Chief reader"]);
    let page = tenant.get("/api/v2/roles?include_totals=true&per_page=2&page=1").await.must_be(200);
    assert_eq!(each(&page["roles"], "name"), ["Chief reader"]);
    assert_eq!((&page["start"], &page["limit"], &page["total"]), (&json!(2), &json!(2), &json!(3)));
    let found = tenant.get("/api/v2/roles?name_filter=READ").await.must_be(200).body;
    assert_eq!(each(&found, "name"), ["Reader", "Chief reader"]);
    let found = tenant.get("/api/v2/roles?type=organization").await.must_be(200).body;
    assert_eq!(found, json!([]));
    for query in
        ["per_page=101", "per_page=-1", "page=x", "include_totals=maybe", "name_filter=a&name_filter=b"]
    {
        tenant.get(&format!("/api/v2/roles?{query}")).await.must_be(400);
    }
}

#[tokio::test]
async fn permissions_are_scopes_of_apis() {
    let tenant = TestTenant::new().await;
    tenant
        .api(json!({ "scopes": [{ "value": "read:a", "description": "Read A" }, { "value": "write:b" }] }))
        .await;
    let path = format!("/api/v2/roles/{}/permissions", role(&tenant, "Reader").await);
    for name in ["write:b", "read:a", "read:a"] {
        assert_eq!(tenant.post(&path, permissions(&[name])).await.must_be(201).body, json!({}));
    }
    let shown = tenant.get(&format!("{path}?include_totals=true")).await.must_be(200).body;
    let permission = |name: &str, description: &str| {
        json!({
            "permission_name": name, "description": description, "resource_server_name": "Orders",
            "resource_server_identifier": API,
        })
    };
    let both = json!([permission("read:a", "Read A"), permission("write:b", "")]);
    assert_eq!(shown, json!({ "permissions": both, "start": 0, "limit": 50, "total": 2 }));
    let second = tenant.get(&format!("{path}?per_page=1&page=1")).await.must_be(200).body;
    assert_eq!(each(&second, "permission_name"), ["write:b"]);

    let unknown = tenant.post(&path, permissions(&["read:a", "burn"])).await;
    refused(
        &unknown,
        400,
        "The permission burn does not exist on https://api.example.",
        Some("inexistent_permission"),
    );
    let elsewhere = json!({ "resource_server_identifier": "urn:none", "permission_name": "read:a" });
    tenant.post(&path, json!({ "permissions": [elsewhere] })).await.must_be(404);

    deleted(&tenant, &path, permissions(&["write:b"])).await.must_be(204);
    deleted(&tenant, &path, permissions(&["write:b", "never:was"])).await.must_be(204);
    assert_eq!(each(&tenant.get(&path).await.must_be(200).body, "permission_name"), ["read:a"]);
}

#[tokio::test]
async fn a_permission_goes_with_its_scope_and_its_api_and_does_not_come_back() {
    let tenant = TestTenant::new().await;
    let api = tenant.api(json!({})).await;
    let role = role(&tenant, "Reader").await;
    let path = format!("/api/v2/roles/{role}/permissions");
    tenant.post(&path, permissions(&["read:a", "write:b"])).await.must_be(201);
    let api_path = format!("/api/v2/resource-servers/{}", text(&api, "id"));
    let names = async || {
        let shown = tenant.get(&path).await.must_be(200).body;
        each(&shown, "permission_name").iter().map(|name| (*name).to_owned()).collect::<Vec<_>>()
    };

    tenant.patch(&api_path, json!({ "scopes": [{ "value": "read:a" }] })).await.must_be(200);
    assert_eq!(names().await, ["read:a"]);
    let back = json!({ "scopes": [{ "value": "read:a" }, { "value": "write:b" }] });
    tenant.patch(&api_path, back).await.must_be(200);
    assert_eq!(names().await, ["read:a"]);
    tenant.delete(&api_path).await.must_be(204);
    assert!(names().await.is_empty());
    tenant.api(json!({})).await;
    assert!(names().await.is_empty());
}

/// Makes a role, and answers its identifier.
async fn role(tenant: &TestTenant, name: &str) -> String {
    tenant.later(1);
    tenant.post("/api/v2/roles", json!({ "name": name })).await.must_be(200).str("id").to_owned()
}

fn permissions(names: &[&str]) -> Value {
    let one = |name: &&str| json!({ "resource_server_identifier": API, "permission_name": name });
    json!({ "permissions": names.iter().map(one).collect::<Vec<_>>() })
}

/// Deletes what a body names.
async fn deleted(tenant: &TestTenant, path: &str, body: Value) -> Answer {
    tenant.as_owner().json(Method::DELETE, path, body).await
}
