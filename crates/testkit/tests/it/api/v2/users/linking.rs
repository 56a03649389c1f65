//! One person's accounts become another's, and an account becomes a person again.

use serde_json::{Value, json};
use testkit::TestTenant;

use super::{DATABASE, MISSING, made, path, person, refused};

#[tokio::test]
async fn linked_and_alone_again() {
    let tenant = TestTenant::new().await;
    let ann =
        made(&tenant, json!({ "user_id": "ann", "email": "ann@example.com", "user_metadata": { "a": 1 } }))
            .await;
    let ann = ann.must_be(201).str("user_id").to_owned();
    let body = json!({ "user_id": "bob", "email": "bob@example.com", "given_name": "Bob", "app_metadata": { "b": 2 } });
    let bob = made(&tenant, body).await.must_be(201).str("user_id").to_owned();
    let identities = format!("{}/identities", path(&ann));

    let linked =
        tenant.post(&identities, json!({ "provider": "auth0", "user_id": "auth0|bob" })).await.must_be(201);
    assert_eq!(linked.items().len(), 2);
    assert_eq!(linked.items()[1]["profileData"]["email"], "bob@example.com");
    assert_eq!(linked.items()[1]["user_id"], "bob");
    refused(&tenant.get(&path(&bob)).await, 404, MISSING, Some("inexistent_user"));
    let now = tenant.get(&path(&ann)).await.must_be(200);
    assert_eq!(now["identities"][0].get("profileData"), None);
    assert_eq!((&now["user_metadata"], &now["app_metadata"]), (&json!({ "a": 1 }), &Value::Null));

    // Either way in leads to the one person.
    for email in ["ann@example.com", "bob@example.com"] {
        let person = idp::user::by_login(&tenant, DATABASE, email).await.unwrap().unwrap();
        assert_eq!(person.user_id, ann, "{email}");
    }
    assert_eq!(idp::user::by_id(&tenant, &bob).await.unwrap().unwrap().user_id, ann);
    assert_eq!(made(&tenant, json!({ "email": "bob@example.com" })).await.status, 409);
    assert_eq!(made(&tenant, json!({ "user_id": "bob", "email": "x@example.com" })).await.status, 409);

    let alone = tenant.delete(&format!("{identities}/auth0/bob")).await.must_be(200);
    assert_eq!(alone.items().len(), 1);
    let again = tenant.get(&path(&bob)).await.must_be(200);
    assert_eq!((&again["email"], &again["given_name"]), (&json!("bob@example.com"), &json!("Bob")));
    assert_eq!((&again["app_metadata"], &again["identities"][0].get("profileData")), (&Value::Null, &None));
    assert_eq!(
        idp::user::by_login(&tenant, DATABASE, "bob@example.com").await.unwrap().unwrap().user_id,
        bob
    );
}

#[tokio::test]
async fn what_cannot_be_linked() {
    let tenant = TestTenant::new().await;
    let (ann, bob) = (person(&tenant, "ann@example.com").await, person(&tenant, "bob@example.com").await);
    let cid = person(&tenant.other(), "cid@example.com").await;
    let identities = format!("{}/identities", path(&ann));
    for (body, status) in [
        (json!({}), 400),
        (json!({ "provider": "auth0" }), 400),
        (json!({ "user_id": bob }), 400),
        (json!({ "provider": 7, "user_id": bob }), 400),
        (json!({ "provider": "auth0", "user_id": ann }), 400),
        (json!({ "provider": "auth0", "user_id": "nobody" }), 404),
        (json!({ "provider": "google-oauth2", "user_id": bob }), 404),
        (json!({ "provider": "auth0", "user_id": cid }), 404),
        (json!({ "provider": "auth0", "user_id": bob, "connection_id": "con_nothing" }), 400),
        (json!({ "provider": "auth0", "user_id": bob, "more": true }), 400),
        (json!({ "link_with": 7 }), 400),
        (json!({ "link_with": "x".repeat(20_000) }), 400),
    ] {
        let answer = tenant.post(&identities, body.clone()).await;
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
    }
    tenant.post(&identities, json!({ "provider": "auth0", "user_id": bob })).await.must_be(201);
    let again = tenant.post(&identities, json!({ "provider": "auth0", "user_id": bob })).await;
    refused(&again, 409, "Specified identity already exists.", Some("identity_conflict"));
    let (_, account) = ann.split_once('|').unwrap();
    assert_eq!(tenant.delete(&format!("{identities}/auth0/{account}")).await.status, 400);
    assert_eq!(tenant.delete(&format!("{identities}/auth0/nobody")).await.status, 400);
    tenant
        .post(&format!("{}/identities", path("auth0|nobody")), json!({ "provider": "auth0", "user_id": ann }))
        .await
        .must_be(404);
}

#[tokio::test]
async fn a_further_account_is_changed_by_the_name_of_its_connection() {
    let tenant = TestTenant::new().await;
    let ann = person(&tenant, "ann@example.com").await;
    let body = json!({ "email": "ann@work.example" }).as_object().unwrap().clone();
    let new =
        idp::user::NewUser { connection: "codes".into(), provider: "email".into(), body, beside: Vec::new() };
    let work = idp::user::create(&tenant, new).await.unwrap();
    tenant
        .post(&format!("{}/identities", path(&ann)), json!({ "provider": "email", "user_id": work.user_id }))
        .await
        .must_be(201);
    let changed = tenant
        .patch(&path(&ann), json!({ "connection": "codes", "email": "ann@new.example" }))
        .await
        .must_be(200);
    assert_eq!(
        (&changed["email"], &changed["identities"][1]["profileData"]["email"]),
        (&json!("ann@example.com"), &json!("ann@new.example"))
    );
    assert_eq!(
        tenant.patch(&path(&ann), json!({ "connection": "none", "email": "a@example.com" })).await.status,
        400
    );
    assert_eq!(
        tenant
            .patch(&path(&ann), json!({ "connection": "codes", "password": "another$12$12X" }))
            .await
            .status,
        400
    );
}
