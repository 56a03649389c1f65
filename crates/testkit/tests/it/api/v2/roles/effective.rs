//! What people have in effect, whichever way it came to them.

use serde_json::json;
use testkit::TestTenant;

use super::{API, each, permissions, role, text};

#[tokio::test]
async fn it_says_which_way_it_came() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let ann = tenant.person("ann@acme.example").await;
    let (reader, writer) = (role(&tenant, "Reader").await, role(&tenant, "Writer").await);
    let of_ann = format!("/api/v2/users/{}", ann.user_id.replace('|', "%7C"));
    tenant.post(&format!("/api/v2/roles/{reader}/permissions"), permissions(&["read:a"])).await.must_be(201);
    let both = permissions(&["read:a", "write:b"]);
    tenant.post(&format!("/api/v2/roles/{writer}/permissions"), both.clone()).await.must_be(201);
    tenant.post(&format!("{of_ann}/permissions"), permissions(&["read:a"])).await.must_be(201);
    tenant.post(&format!("{of_ann}/roles"), json!({ "roles": [writer, reader] })).await.must_be(204);

    let roles = tenant.get(&format!("{of_ann}/effective-roles?take=1")).await.must_be(200);
    let rest = tenant.get(&format!("{of_ann}/effective-roles?take=1&from={}", roles.str("next"))).await;
    let (first, second) = (&roles["roles"][0], &rest["roles"][0]);
    let mut names = [text(first, "name"), text(second, "name")];
    names.sort_unstable();
    assert_eq!((names, rest.body.get("next")), (["Reader", "Writer"], None));
    assert_eq!((&first["sources"], &first["description"]), (&json!(["direct"]), &json!("")));

    let path = format!("{of_ann}/effective-permissions?resource_server_identifier={API}");
    let held = tenant.get(&path).await.must_be(200);
    assert_eq!(each(&held["permissions"], "permission_name"), ["read:a", "write:b"]);
    assert_eq!(held["permissions"][0]["sources"], json!(["direct", "roles"]));
    assert_eq!(held["permissions"][1]["sources"], json!(["roles"]));
    assert_eq!(held["permissions"][0]["resource_server_identifier"], API);
    let none = format!("{of_ann}/effective-permissions?resource_server_identifier=urn:other");
    assert_eq!(tenant.get(&none).await.must_be(200).body, json!({ "permissions": [] }));

    let from =
        format!("{of_ann}/effective-permissions/sources/effective-roles?resource_server_identifier={API}");
    let of_b = tenant.get(&format!("{from}&permission_name=write:b")).await.must_be(200);
    assert_eq!(each(&of_b["roles"], "id"), [writer.as_str()]);
    let of_a = tenant.get(&format!("{from}&permission_name=read:a")).await.must_be(200);
    assert_eq!(of_a["roles"].as_array().map(Vec::len), Some(2));
    let nothing = tenant.get(&format!("{from}&permission_name=fly")).await.must_be(200);
    assert_eq!(nothing.body, json!({ "roles": [] }));

    // There are no groups that a role could come from.
    let groups = format!("{of_ann}/effective-roles/sources/groups?role_id=");
    assert_eq!(tenant.get(&format!("{groups}{reader}")).await.must_be(200).body, json!({ "groups": [] }));
    tenant.get(&format!("{groups}rol_nobody")).await.must_be(404);
}

#[tokio::test]
async fn what_is_asked_wrongly_or_by_nobody_is_refused() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@acme.example").await;
    let other = tenant.other();
    let eve = other.person("eve@evil.example").await;
    let parts = [
        "effective-roles",
        "effective-roles/sources/groups?role_id=rol_1",
        "effective-permissions?resource_server_identifier=urn:x",
        "effective-permissions/sources/effective-roles?resource_server_identifier=urn:x&permission_name=a",
    ];
    for part in parts {
        for user_id in ["auth0%7Cnobody", &eve.user_id] {
            tenant.get(&format!("/api/v2/users/{user_id}/{part}")).await.must_be(404);
        }
        let strange = tenant.with_token(&tenant.token_with(&["read:clients"]).await);
        strange.get(&format!("/api/v2/users/{}/{part}", ann.user_id)).await.must_be(403);
        // What is needed has to be there.
        if let Some((path, _)) = part.split_once('?') {
            tenant.get(&format!("/api/v2/users/{}/{path}", ann.user_id)).await.must_be(400);
        }
    }
    for page in ["take=0", "take=101", "take=x", "from=%00", "from=!!", "per_page=1"] {
        let path = format!("/api/v2/users/{}/effective-roles?{page}", ann.user_id);
        assert_eq!(tenant.get(&path).await.status, 400, "{page}");
    }
}

#[tokio::test]
async fn each_has_a_scope_of_its_own() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@acme.example").await;
    let role = role(&tenant, "Reader").await;
    let all = [
        ("effective-roles".to_owned(), "read:user_effective_roles"),
        (format!("effective-roles/sources/groups?role_id={role}"), "read:user_role_source_groups"),
        (
            "effective-permissions?resource_server_identifier=urn:x".to_owned(),
            "read:user_effective_permissions",
        ),
        (
            "effective-permissions/sources/effective-roles?resource_server_identifier=urn:x&permission_name=a".to_owned(),
            "read:user_permission_source_roles",
        ),
    ];
    for (part, own) in &all {
        let path = format!("/api/v2/users/{}/{part}", ann.user_id.replace('|', "%7C"));
        tenant.allowed(&[own]).get(&path).await.must_be(200);
        let mut others = vec!["read:users", "read:roles", "read:role_members"];
        others.extend(all.iter().map(|(_, scope)| *scope).filter(|scope| scope != own));
        tenant.allowed(&others).get(&path).await.must_be(403);
    }
}
