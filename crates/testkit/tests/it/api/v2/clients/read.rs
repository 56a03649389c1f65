//! `GET /clients/{id}`: who sees what.

use serde_json::{Value, json};
use testkit::TestTenant;

use crate::api::v2::refused;

#[tokio::test]
async fn an_unknown_client() {
    let tenant = TestTenant::new().await;
    let answer = tenant.get("/api/v2/clients/this-client-does-not-exist").await;
    refused(&answer, 404, "The client does not exist", Some("inexistent_client"));
}

#[tokio::test]
async fn each_scope_sees_its_part() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({ "description": "d" })).await;
    let path = format!("/api/v2/clients/{}", client.id);
    for (scope, sees_keys, sees_all) in [
        ("read:clients", false, true),
        ("read:client_keys", true, true),
        ("read:client_summary", false, false),
    ] {
        let token = tenant.token_with(&[scope]).await;
        let one = tenant.with_token(&token).get(&path).await.must_be(200);
        let list =
            tenant.with_token(&token).get("/api/v2/clients?app_type=non_interactive").await.must_be(200);
        let listed = list.items().iter().find(|one| one["client_id"] == json!(client.id)).unwrap();
        for shown in [&one.body, listed] {
            assert_eq!(shown["client_secret"].is_string(), sees_keys, "{scope}");
            assert_eq!(shown["signing_keys"].is_array(), sees_keys, "{scope}");
            assert_eq!(shown["grant_types"].is_array(), sees_all, "{scope}");
            assert_eq!((&shown["name"], &shown["description"]), (&json!("Nightly import"), &json!("d")));
        }
    }
    let token = tenant.token_with(&["read:client_summary"]).await;
    let mut summary = tenant.with_token(token).get(&path).await.body;
    let mut names: Vec<_> = summary.as_object_mut().unwrap().keys().cloned().collect();
    names.sort_unstable();
    assert_eq!(names, ["app_type", "client_id", "description", "name", "tenant"]);
}

#[tokio::test]
async fn fields_that_were_asked_for_and_the_certificates() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    let path = format!("/api/v2/clients/{}", client.id);

    let some = tenant.get(&format!("{path}?fields=name,client_secret,nothing")).await.must_be(200);
    assert_eq!(some.members(), ["name", "client_secret", "signing_keys"]);
    assert_eq!(some["client_secret"], json!(client.secret));
    // A list adds the tenant's name instead.
    let listed = tenant.get("/api/v2/clients?fields=name&app_type=non_interactive").await.must_be(200);
    assert_eq!(listed.body, json!([{ "name": "Nightly import", "tenant": "default" }]));

    let others =
        tenant.get(&format!("{path}?fields=name,client_secret&include_fields=false")).await.must_be(200);
    assert_eq!((&others["name"], &others["client_secret"]), (&Value::Null, &Value::Null));
    assert_eq!(others["client_id"], json!(client.id));

    let token = tenant.token_with(&["read:clients"]).await;
    let secret = tenant.with_token(token).get(&format!("{path}?fields=client_secret")).await.must_be(200);
    assert_eq!(secret.body, json!({}));
}

#[tokio::test]
async fn a_client_has_the_connections_that_it_may_use() {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    let path = format!("/api/v2/clients/{}/connections", client.id);
    let shown = tenant.get(&path).await.must_be(200).body;
    assert_eq!(shown["connections"].as_array().unwrap().len(), 1);
    assert_eq!(shown["connections"][0]["name"], "Username-Password-Authentication");
    let connection = shown["connections"][0]["id"].as_str().unwrap();
    let off = json!([{ "client_id": client.id, "status": false }]);
    tenant.patch(&format!("/api/v2/connections/{connection}/clients"), off).await.must_be(204);
    assert_eq!(tenant.get(&path).await.must_be(200).body, json!({ "connections": [] }));
    tenant.get("/api/v2/clients/nobody/connections").await.must_be(404);
}
