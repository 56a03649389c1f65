//! `/api/v2/users`: what is known of people, and who may say so.

mod hostile;
mod linking;
mod own;
mod search;

use serde_json::{Value, json};
use testkit::{Answer, TestTenant};

use super::{each, refused, text};

const DATABASE: &str = "Username-Password-Authentication";
const PASSWORD: &str = "passpass$12$12";
const MISSING: &str = "The user does not exist.";

/// Somebody in the database, and what else the body says.
async fn made(tenant: &TestTenant, body: Value) -> Answer {
    let mut usual = json!({ "connection": DATABASE, "password": PASSWORD });
    if let (Value::Object(usual), Value::Object(body)) = (&mut usual, body) {
        usual.extend(body);
    }
    tenant.post("/api/v2/users", usual).await
}

/// Somebody with this address; answers their identifier.
async fn person(tenant: &TestTenant, email: &str) -> String {
    made(tenant, json!({ "email": email })).await.must_be(201).str("user_id").to_owned()
}

fn path(user_id: &str) -> String {
    format!("/api/v2/users/{}", user_id.replace('|', "%7C"))
}

#[tokio::test]
async fn the_life_of_a_person() {
    let tenant = TestTenant::new().await;
    let ann = made(&tenant, json!({ "user_id": "ann", "email": "Ann@Example.com", "username": "Annie" }))
        .await
        .must_be(201);
    assert_eq!(
        ann.body,
        json!({
            "user_id": "auth0|ann", "email": "ann@example.com", "username": "annie", "email_verified": false,
            "name": "ann@example.com", "nickname": "ann",
            "picture": "https://s.gravatar.com/avatar/8b2aff4dfbc30dd6d4c43d6a6ea22dbf?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fan.png",
            "identities": [{ "connection": DATABASE, "user_id": "ann", "provider": "auth0", "isSocial": false }],
            "created_at": "2026-07-01T12:00:00.250Z", "updated_at": "2026-07-01T12:00:00.250Z",
        })
        .as_object()
        .map(|expected| Value::Object(expected.iter().map(|(name, value)| {
            // The picture's hash is held against a recorded one elsewhere.
            let value = if name == "picture" { ann["picture"].clone() } else { value.clone() };
            (name.clone(), value)
        }).collect()))
        .unwrap()
    );
    let path = path("auth0|ann");
    assert_eq!(tenant.get(&path).await.must_be(200).body, ann.body);
    tenant.later(1_000);
    let changed = tenant.patch(&path, json!({ "given_name": "Ann", "nickname": null })).await.must_be(200);
    assert_eq!((&changed["given_name"], &changed["nickname"]), (&json!("Ann"), &Value::Null));
    assert_eq!(changed["updated_at"], "2026-07-01T12:00:01.250Z");
    assert_eq!(tenant.get(&format!("{path}?fields=email,user_id")).await.members(), ["user_id", "email"]);
    let without = tenant.get(&format!("{path}?fields=email,identities&include_fields=false")).await;
    assert!(!without.members().contains(&"identities") && without.members().contains(&"name"));
    tenant.delete(&path).await.must_be(204);
    refused(&tenant.get(&path).await, 404, MISSING, Some("inexistent_user"));
    tenant.delete(&path).await.must_be(204);
    // The names are free again.
    made(&tenant, json!({ "user_id": "ann", "email": "ann@example.com", "username": "annie" }))
        .await
        .must_be(201);
}

#[tokio::test]
async fn nobody_has_what_another_logs_in_with() {
    let tenant = TestTenant::new().await;
    made(&tenant, json!({ "user_id": "ann", "email": "ann@example.com", "username": "annie" }))
        .await
        .must_be(201);
    for body in [
        json!({ "email": "ANN@example.com" }),
        json!({ "email": "other@example.com", "username": "ANNIE" }),
        json!({ "email": "other@example.com", "user_id": "ann" }),
    ] {
        refused(&made(&tenant, body).await, 409, "The user already exists.", Some("user_exists"));
    }
    let bob = person(&tenant, "bob@example.com").await;
    let answer = tenant.patch(&path(&bob), json!({ "email": "ann@example.com" })).await;
    refused(&answer, 409, "The user already exists.", Some("user_exists"));
    made(&tenant.other(), json!({ "email": "ann@example.com" })).await.must_be(201);
}

#[tokio::test]
async fn metadata_is_merged_one_level_deep() {
    let tenant = TestTenant::new().await;
    let body = json!({
        "email": "ann@example.com", "user_metadata": { "a": 1, "b": { "c": 2 } }, "app_metadata": { "plan": "gold" },
    });
    let ann = made(&tenant, body).await.must_be(201);
    let path = path(ann.str("user_id"));
    for (patch, user, app) in [
        (
            json!({ "user_metadata": { "b": { "d": 3 } } }),
            json!({ "a": 1, "b": { "d": 3 } }),
            json!({ "plan": "gold" }),
        ),
        (
            json!({ "user_metadata": { "a": null, "n": [1] } }),
            json!({ "b": { "d": 3 }, "n": [1] }),
            json!({ "plan": "gold" }),
        ),
        (
            json!({ "user_metadata": {}, "app_metadata": { "x": true } }),
            json!({}),
            json!({ "plan": "gold", "x": true }),
        ),
        (json!({ "app_metadata": {} }), json!({}), Value::Null),
        (json!({ "user_metadata": { "k": "v" } }), json!({ "k": "v" }), Value::Null),
    ] {
        let now = tenant.patch(&path, patch.clone()).await.must_be(200);
        assert_eq!((&now["user_metadata"], &now["app_metadata"]), (&user, &app), "{patch}");
        assert_eq!(tenant.get(&path).await.body, now.body);
    }
}

#[tokio::test]
async fn another_address_is_not_yet_proved() {
    let tenant = TestTenant::new().await;
    let ann = made(&tenant, json!({ "email": "ann@example.com", "email_verified": true })).await.must_be(201);
    let path = path(ann.str("user_id"));
    let moved = tenant.patch(&path, json!({ "email": "ann@example.org" })).await.must_be(200);
    assert_eq!((&moved["email"], &moved["email_verified"]), (&json!("ann@example.org"), &json!(false)));
    let known =
        tenant.patch(&path, json!({ "email": "ann@example.net", "email_verified": true })).await.must_be(200);
    assert_eq!(known["email_verified"], true);
    let person = idp::user::by_login(&tenant, DATABASE, "ann@example.net").await.unwrap();
    assert_eq!(person.unwrap().user_id, ann.str("user_id"));
    assert!(idp::user::by_login(&tenant, DATABASE, "ann@example.com").await.unwrap().is_none());
}

#[tokio::test]
async fn a_password_may_come_with_metadata_and_with_no_other_name() {
    let tenant = TestTenant::new().await;
    let id = person(&tenant, "ann@example.com").await;
    let changed = tenant
        .patch(
            &path(&id),
            json!({ "password": "another$12$12X", "connection": DATABASE, "app_metadata": { "a": 1 } }),
        )
        .await
        .must_be(200);
    assert_eq!(
        (&changed["app_metadata"], &changed["last_password_reset"]),
        (&json!({ "a": 1 }), &json!("2026-07-01T12:00:00.250Z"))
    );
    let both =
        tenant.patch(&path(&id), json!({ "password": "another$12$12Y", "email": "a@example.com" })).await;
    refused(&both, 400, "Cannot update password and email simultaneously", Some("operation_not_supported"));
    // No record shows it.
    let log = tenant.get("/api/v2/logs?q=type:sapi&sort=date:-1").await.must_be(200);
    assert!(!log.text().contains("another$12$12X") && !log.text().contains(PASSWORD));
}

#[tokio::test]
async fn events_of_one_person() {
    let tenant = TestTenant::new().await;
    let ann = tenant.person("ann@example.com").await;
    tenant.person("bob@example.com").await;
    let events = tenant.get(&format!("{}/logs", path(&ann.user_id))).await.must_be(200);
    assert_eq!(each(&events.body, "type"), ["ss"]);
    let totals =
        tenant.get(&format!("{}/logs?include_totals=true&per_page=1", path(&ann.user_id))).await.must_be(200);
    assert_eq!(totals.members(), ["start", "limit", "length", "total", "logs"]);
    assert_eq!(text(&totals["logs"][0], "user_name"), "ann@example.com");
}

#[tokio::test]
async fn what_nobody_has_yet_is_said_as_it_is() {
    let tenant = TestTenant::new().await;
    let one = path(&person(&tenant, "ann@example.com").await);
    tenant
        .post(&format!("{one}/multifactor/actions/invalidate-remember-browser"), json!({}))
        .await
        .must_be(204);
    tenant.delete(&format!("{one}/multifactor/duo")).await.must_be(204);
    tenant.delete(&format!("{one}/multifactor/else")).await.must_be(400);
    tenant.delete(&format!("{one}/authenticators")).await.must_be(204);
    assert_eq!(
        tenant.get(&format!("{one}/federated-connections-tokensets")).await.must_be(200).body,
        json!([])
    );
    assert_eq!(
        tenant.get(&format!("{one}/connected-accounts")).await.must_be(200).body,
        json!({ "connected_accounts": [] })
    );
    tenant.post(&format!("{one}/recovery-code-regeneration"), json!({})).await.must_be(404);
    tenant.post(&format!("{one}/revoke-access"), json!({})).await.must_be(202);
    for (method, part) in [("delete", "multifactor/duo"), ("delete", "authenticators")] {
        let answer = tenant.delete(&format!("{}/{part}", path("auth0|nobody"))).await;
        assert_eq!(answer.status, 404, "{method} {part}");
    }
}
