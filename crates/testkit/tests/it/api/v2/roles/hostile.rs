//! Bodies and identifiers that nobody means well with, and those of another tenant.

use serde_json::{Value, json};
use testkit::TestTenant;

use super::{API, deleted, permissions, role};

#[tokio::test]
async fn a_body_that_is_none_is_refused_in_the_api_s_words() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let ann = tenant.person("ann@acme.example").await;
    let id = role(&tenant, "Reader").await;
    for body in [
        json!({}),
        json!({ "name": "" }),
        json!({ "name": 7 }),
        json!({ "name": null }),
        json!({ "name": "x".repeat(256) }),
        json!({ "name": "n\0l" }),
        json!({ "name": "x", "description": ["a"] }),
        json!({ "name": "x", "id": "rol_chosenbymyself00" }),
        json!({ "name": "x", "surprise": 1 }),
    ] {
        refuses(&tenant, "/api/v2/roles", body).await;
    }
    let mut lists = vec![json!({}), json!([]), json!({ "users": [], "roles": [], "permissions": [] })];
    for bad in
        [json!("x"), json!(7), json!([7]), json!([null]), json!([[]]), json!([{}]), json!([""]), json!(null)]
    {
        lists.push(json!({ "users": bad, "roles": bad, "permissions": bad }));
    }
    let long = "é".repeat(601);
    for (api, name) in [(API, json!(1)), (API, json!("")), (long.as_str(), json!("a")), ("n\0", json!("a"))] {
        let one = json!({ "resource_server_identifier": api, "permission_name": name });
        lists.push(json!({ "permissions": [one] }));
    }
    for body in lists {
        refuses(&tenant, &format!("/api/v2/roles/{id}/users"), body.clone()).await;
        for path in
            [format!("/api/v2/roles/{id}/permissions"), format!("/api/v2/users/{}/permissions", ann.user_id)]
        {
            refuses(&tenant, &path, body.clone()).await;
            deleted(&tenant, &path, body.clone()).await.must_be(400);
        }
        let path = format!("/api/v2/users/{}/roles", ann.user_id);
        refuses(&tenant, &path, body.clone()).await;
        deleted(&tenant, &path, body).await.must_be(400);
    }
    let many: Vec<String> = (0..501).map(|n| format!("auth0|{n}")).collect();
    refuses(&tenant, &format!("/api/v2/roles/{id}/users"), json!({ "users": many })).await;
    // What is deleted must be named: no body names nothing.
    tenant.delete(&format!("/api/v2/users/{}/roles", ann.user_id)).await.must_be(400);
}

#[tokio::test]
async fn what_another_tenant_has_is_nothing_here() {
    let tenant = TestTenant::new().await;
    let other = tenant.other();
    tenant.api(json!({})).await;
    other.api(json!({ "identifier": "urn:theirs" })).await;
    let (ours, theirs) = (role(&tenant, "Ours").await, role(&other, "Theirs").await);
    let (ann, eve) = (tenant.person("ann@acme.example").await, other.person("eve@evil.example").await);

    for path in [
        format!("/api/v2/roles/{theirs}"),
        format!("/api/v2/roles/{theirs}/users"),
        format!("/api/v2/roles/{theirs}/permissions"),
        format!("/api/v2/users/{}/roles", eve.user_id),
        format!("/api/v2/users/{}/permissions", eve.user_id),
        format!("/api/v2/users/{}/organizations", eve.user_id),
    ] {
        let answer = tenant.get(&path).await.must_be(404);
        assert!(!answer.text().contains("eve"), "{}", answer.text());
    }
    tenant
        .post(&format!("/api/v2/roles/{theirs}/users"), json!({ "users": [ann.user_id] }))
        .await
        .must_be(404);
    tenant.post(&format!("/api/v2/roles/{ours}/users"), json!({ "users": [eve.user_id] })).await.must_be(404);
    tenant
        .post(&format!("/api/v2/users/{}/roles", ann.user_id), json!({ "roles": [theirs] }))
        .await
        .must_be(404);
    tenant.post(&format!("/api/v2/roles/{theirs}/permissions"), permissions(&["read:a"])).await.must_be(404);
    let foreign = json!({ "resource_server_identifier": "urn:theirs", "permission_name": "read:a" });
    let body = json!({ "permissions": [foreign] });
    tenant.post(&format!("/api/v2/roles/{ours}/permissions"), body).await.must_be(404);
    tenant.delete(&format!("/api/v2/roles/{theirs}")).await.must_be(404);
    other.get(&format!("/api/v2/roles/{theirs}")).await.must_be(200);

    // The same identifiers in both tenants are two things.
    other
        .post(&format!("/api/v2/roles/{theirs}/users"), json!({ "users": [eve.user_id] }))
        .await
        .must_be(200);
    deleted(&tenant, &format!("/api/v2/users/{}/roles", ann.user_id), json!({ "roles": [theirs] }))
        .await
        .must_be(204);
    let members = other.get(&format!("/api/v2/roles/{theirs}/users")).await.must_be(200).body;
    assert_eq!(members.as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn each_call_wants_its_scope() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let ann = tenant.person("ann@acme.example").await;
    let id = role(&tenant, "Reader").await;
    let roles = format!("/api/v2/users/{}/roles", ann.user_id);
    let members = format!("/api/v2/roles/{id}/users");
    let reader = tenant.with_token(&tenant.token_with(&["read:roles", "read:users"]).await);
    reader.get(&members).await.must_be(200);
    reader.get(&roles).await.must_be(200);
    reader.post(&roles, json!({ "roles": [id] })).await.must_be(403);
    reader.post(&members, json!({ "users": [ann.user_id] })).await.must_be(403);
    reader.post(&format!("/api/v2/roles/{id}/permissions"), permissions(&["read:a"])).await.must_be(403);
    reader
        .post(&format!("/api/v2/users/{}/permissions", ann.user_id), permissions(&["read:a"]))
        .await
        .must_be(403);
    reader.get("/api/v2/grants").await.must_be(403);
    reader.delete(&format!("/api/v2/roles/{id}")).await.must_be(403);
    let giver = tenant.with_token(&tenant.token_with(&["create:role_members"]).await);
    giver.post(&members, json!({ "users": [ann.user_id] })).await.must_be(200);
    giver.get(&members).await.must_be(403);
}

async fn refuses(tenant: &TestTenant, path: &str, body: Value) {
    let answer = tenant.post(path, body.clone()).await;
    assert_eq!((answer.status, &answer["statusCode"]), (400, &json!(400)), "{path} {body}");
    assert_eq!(answer["errorCode"], "invalid_body", "{path} {body}: {}", answer.text());
}
