//! Who has which role, and what comes of it.

use serde_json::json;
use testkit::TestTenant;

use super::{API, deleted, each, permissions, refused, role, text};

#[tokio::test]
async fn a_role_is_given_from_either_side() {
    let tenant = TestTenant::new().await;
    let (ann, bob) = (tenant.person("ann@acme.example").await, tenant.person("bob@acme.example").await);
    let (reader, writer) = (role(&tenant, "Reader").await, role(&tenant, "Writer").await);
    let members = format!("/api/v2/roles/{reader}/users");
    let of_ann = format!("/api/v2/users/{}/roles", ann.user_id.replace('|', "%7C"));

    assert_eq!(tenant.get(&members).await.must_be(200).body, json!([]));
    let both = json!({ "users": [ann.user_id, bob.user_id] });
    tenant.post(&members, json!({ "users": [ann.user_id] })).await.must_be(200);
    tenant.later(1);
    assert_eq!(tenant.post(&members, both.clone()).await.must_be(200).body, json!({}));
    tenant.post(&members, both).await.must_be(200);
    tenant.post(&of_ann, json!({ "roles": [writer, reader] })).await.must_be(204);

    let shown = tenant.get(&format!("{of_ann}?include_totals=true")).await.must_be(200).body;
    let one = |id: &str, name: &str| json!({ "id": id, "name": name, "description": "" });
    let roles = json!([one(&reader, "Reader"), one(&writer, "Writer")]);
    assert_eq!(shown, json!({ "roles": roles, "start": 0, "limit": 50, "total": 2 }));
    let shown = tenant.get(&members).await.must_be(200).body;
    assert_eq!(each(&shown, "email"), ["ann@acme.example", "bob@acme.example"]);
    let picture = &shown[0]["picture"];
    let ann_shown =
        json!({ "user_id": ann.user_id, "email": ann.email, "picture": picture, "name": "Ann Example" });
    assert_eq!(shown[0], ann_shown);

    deleted(&tenant, &of_ann, json!({ "roles": [reader] })).await.must_be(204);
    deleted(&tenant, &of_ann, json!({ "roles": [reader] })).await.must_be(204);
    assert_eq!(each(&tenant.get(&of_ann).await.must_be(200).body, "id"), [writer.as_str()]);
    assert_eq!(each(&tenant.get(&members).await.must_be(200).body, "email"), ["bob@acme.example"]);
    tenant.delete(&format!("/api/v2/roles/{writer}")).await.must_be(200);
    assert_eq!(tenant.get(&of_ann).await.must_be(200).body, json!([]));
}

#[tokio::test]
async fn the_users_of_a_role_come_by_checkpoint() {
    let tenant = TestTenant::new().await;
    let reader = role(&tenant, "Reader").await;
    let members = format!("/api/v2/roles/{reader}/users");
    for name in ["a", "b", "c"] {
        tenant.later(1);
        let person = tenant.person(&format!("{name}@acme.example")).await;
        tenant.post(&members, json!({ "users": [person.user_id] })).await.must_be(200);
    }
    let first = tenant.get(&format!("{members}?take=2")).await.must_be(200).body;
    assert_eq!(each(&first["users"], "email"), ["a@acme.example", "b@acme.example"]);
    let next = text(&first, "next");
    let second = tenant.get(&format!("{members}?take=2&from={next}")).await.must_be(200).body;
    assert_eq!(each(&second["users"], "email"), ["c@acme.example"]);
    assert_eq!(second.get("next"), None);
    let page =
        tenant.get(&format!("{members}?include_totals=true&per_page=1&page=1")).await.must_be(200).body;
    assert_eq!(each(&page["users"], "email"), ["b@acme.example"]);
    assert_eq!((&page["start"], &page["total"]), (&json!(1), &json!(3)));
    for query in ["take=0", "take=101", "from=x", "per_page=1000"] {
        tenant.get(&format!("{members}?{query}")).await.must_be(400);
    }
}

#[tokio::test]
async fn permissions_of_somebody_say_where_they_come_from() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let ann = tenant.person("ann@acme.example").await;
    let reader = role(&tenant, "Reader").await;
    let of_ann = format!("/api/v2/users/{}/permissions", ann.user_id);
    tenant.post(&format!("/api/v2/roles/{reader}/permissions"), permissions(&["read:a"])).await.must_be(201);
    tenant
        .post(&format!("/api/v2/roles/{reader}/users"), json!({ "users": [ann.user_id] }))
        .await
        .must_be(200);
    assert_eq!(tenant.post(&of_ann, permissions(&["read:a", "write:b"])).await.must_be(201).body, json!({}));

    let shown = tenant.get(&format!("{of_ann}?include_totals=true")).await.must_be(200).body;
    let direct = json!({ "source_id": "", "source_name": "", "source_type": "DIRECT" });
    let through = json!({ "source_id": reader, "source_name": "Reader", "source_type": "ROLE" });
    assert_eq!(shown["total"], 2);
    assert_eq!(each(&shown["permissions"], "permission_name"), ["read:a", "write:b"]);
    assert_eq!(shown["permissions"][0]["resource_server_identifier"], API);
    let mut sources = shown["permissions"][0]["sources"].as_array().unwrap().clone();
    sources.sort_by_key(|source| source["source_type"].to_string());
    assert_eq!(sources, [direct.clone(), through]);
    assert_eq!(shown["permissions"][1]["sources"], json!([direct]));

    deleted(&tenant, &of_ann, permissions(&["read:a", "write:b"])).await.must_be(204);
    assert_eq!(each(&tenant.get(&of_ann).await.must_be(200).body, "permission_name"), ["read:a"]);
}

#[tokio::test]
async fn nobody_has_more_roles_than_fifty() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@acme.example").await;
    let of_ann = format!("/api/v2/users/{}/roles", ann.user_id);
    let mut roles = Vec::new();
    for n in 0..51 {
        roles.push(role(&tenant, &format!("Role {n}")).await);
    }
    tenant.post(&of_ann, json!({ "roles": roles[..50] })).await.must_be(204);
    tenant.post(&of_ann, json!({ "roles": roles[..50] })).await.must_be(204);
    let more = tenant.post(&of_ann, json!({ "roles": [roles[50]] })).await;
    refused(&more, 400, "A user can have 50 roles at most.", Some("operation_not_supported"));
    let members = format!("/api/v2/roles/{}/users", roles[50]);
    tenant.post(&members, json!({ "users": [ann.user_id] })).await.must_be(400);
}

#[tokio::test]
async fn what_is_not_kept_of_people_yet_is_empty() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@acme.example").await;
    let of_ann = format!("/api/v2/users/{}", ann.user_id);
    for (part, name) in [("organizations", "organizations"), ("authentication-methods", "authenticators")] {
        assert_eq!(tenant.get(&format!("{of_ann}/{part}")).await.must_be(200).body, json!([]));
        let totals = tenant.get(&format!("{of_ann}/{part}?include_totals=true")).await.must_be(200).body;
        assert_eq!((&totals[name], &totals["total"]), (&json!([]), &json!(0)));
        tenant.get(&format!("/api/v2/users/auth0%7Cnobody/{part}")).await.must_be(404);
    }
    assert_eq!(tenant.get(&format!("{of_ann}/enrollments")).await.must_be(200).body, json!([]));
    tenant.get("/api/v2/users/auth0%7Cnobody/enrollments").await.must_be(404);
}
