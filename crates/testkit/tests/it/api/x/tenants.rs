//! `/api/x/tenants` and `/api/x/me`.

use serde_json::json;
use testkit::TestTenant;

#[tokio::test]
async fn a_tenant_is_made_listed_and_changed() {
    let tenant = TestTenant::new().await;
    let body = json!({ "name": "staging", "environment": "staging" });
    let made = tenant.post("/api/x/tenants", body.clone()).await.must_be(201).body;
    assert_eq!(made["domain"], json!("staging.idp.example"));
    assert_eq!(made["audience"], json!("https://staging.idp.example/api/v2/"));

    let listed = tenant.get("/api/x/tenants").await.must_be(200).body;
    let names: Vec<_> = listed["tenants"].as_array().unwrap().iter().map(|one| one["name"].clone()).collect();
    assert_eq!(
        names,
        [json!("default"), json!("other"), json!("staging")],
        "the built-in one is no tenant to see"
    );

    tenant.patch("/api/x/tenants/staging", json!({ "environment": "production" })).await.must_be(200);
    assert_eq!(tenant.server().tenant("staging").record().environment, model::Environment::Production);
    let elsewhere = tenant.server().another_node().await;
    assert_eq!(elsewhere.tenant("staging").record().environment, model::Environment::Production);
    tenant.post("/api/x/tenants", body).await.must_be(409);
}

#[tokio::test]
async fn another_node_hears_of_a_new_environment() {
    let tenant = TestTenant::new().await;
    let elsewhere = tenant.server().another_node().await;
    tenant.patch("/api/x/tenants/default", json!({ "environment": "production" })).await.must_be(200);
    elsewhere.tenants().refresh().await.unwrap();
    assert_eq!(elsewhere.tenant("default").record().environment, model::Environment::Production);
}

#[tokio::test]
async fn what_is_no_tenant_is_refused() {
    let tenant = TestTenant::new().await;
    for body in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": "ab" }),
        json!({ "name": "UPPER" }),
        json!({ "name": "-ends-" }),
        json!({ "name": "a/b/c" }),
        json!({ "name": "x".repeat(64) }),
        json!({ "name": "nul\0nul" }),
        json!({ "name": 7 }),
        json!({ "name": "fine", "environment": "moon" }),
        json!({ "name": "fine", "extra": true }),
        json!({ "name": "fine", "domains": ["idp.example"] }),
        json!({ "name": "fine", "domains": ["login.acme.example"] }),
        json!({ "name": "fine", "domains": ["a b"] }),
    ] {
        tenant.post("/api/x/tenants", body).await.must_be(400);
    }
    tenant.post("/api/x/tenants", json!({ "name": "administrators" })).await.must_be(409);
    for (name, status) in [("administrators", 404), ("nobody", 404), ("default", 400)] {
        tenant.patch(&format!("/api/x/tenants/{name}"), json!({ "name": "moved" })).await.must_be(status);
    }
}

#[tokio::test]
async fn tenants_are_for_whoever_has_the_scope() {
    let tenant = TestTenant::new().await;
    let reader = tenant.allowed(&["read:tenants"]);
    reader.get("/api/x/tenants").await.must_be(200);
    reader.post("/api/x/tenants", json!({ "name": "staging" })).await.must_be(403);
    tenant.allowed(&["read:clients"]).get("/api/x/tenants").await.must_be(403);
    tenant.without_token().get("/api/x/tenants").await.must_be(401);
}

#[tokio::test]
async fn everybody_may_know_who_they_are() {
    let tenant = TestTenant::new().await;
    let me = tenant.allowed(&["read:clients"]).get("/api/x/me").await.must_be(200).body;
    assert_eq!(me["client_id"], json!("owner"));
    assert_eq!(me["scopes"], json!(["read:clients"]));
    tenant.without_token().get("/api/x/me").await.must_be(401);
}
