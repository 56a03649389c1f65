//! What people may do with a token of their own, and callers with few scopes.

use model::{SigningAlgorithm, TokenDialect};
use serde_json::json;
use testkit::{Caller, TestTenant};

use super::{made, path, person, refused};

/// Somebody who holds a token for the Management API in their own name.
fn themselves(tenant: &TestTenant, user_id: &str, scope: &str) -> Caller {
    let snapshot = tenant.snapshot();
    let signer = snapshot.keys.signer(SigningAlgorithm::RS256, TokenDialect::AccessToken.typ()).unwrap();
    let now = tenant.clock().now();
    let claims = json!({
        "iss": tenant.issuer(tenant.domain()), "sub": user_id, "aud": tenant.management_audience(), "iat": now,
        "exp": now + 600, "scope": scope, "azp": "shop",
    });
    tenant.with_token(signer.sign(&serde_json::to_vec(&claims).unwrap()).unwrap())
}

const MISMATCH: &str = "User to be acted on does not match subject in bearer token.";

#[tokio::test]
async fn people_read_and_change_themselves_only() {
    let tenant = TestTenant::new().await;
    let (ann, bob) = (person(&tenant, "ann@example.com").await, person(&tenant, "bob@example.com").await);
    let caller =
        themselves(&tenant, &ann, "read:current_user update:current_user_metadata delete:current_user");
    assert_eq!(caller.get(&path(&ann)).await.must_be(200).str("email"), "ann@example.com");
    let changed = caller.patch(&path(&ann), json!({ "user_metadata": { "a": 1 } })).await.must_be(200);
    assert_eq!(changed["user_metadata"], json!({ "a": 1 }));
    for patch in [
        json!({ "app_metadata": { "role": "admin" } }),
        json!({ "user_metadata": {}, "email_verified": true }),
        json!({ "blocked": false }),
        json!({ "password": "another$12$12X" }),
        json!({ "verify_email": true }),
    ] {
        assert_eq!(caller.patch(&path(&ann), patch.clone()).await.status, 403, "{patch}");
    }
    for answer in [
        caller.get(&path(&bob)).await,
        caller.patch(&path(&bob), json!({ "user_metadata": {} })).await,
        caller.delete(&path(&bob)).await,
        caller.get(&path("auth0|nobody")).await,
    ] {
        refused(&answer, 403, MISMATCH, Some("insufficient_scope"));
    }
    caller.get("/api/v2/users").await.must_be(403);
    caller.get("/api/v2/users-by-email?email=bob@example.com").await.must_be(403);
    caller.delete(&path(&ann)).await.must_be(204);
    tenant.get(&path(&ann)).await.must_be(404);
}

#[tokio::test]
async fn people_link_who_agrees() {
    let tenant = TestTenant::new().await;
    let (ann, bob) = (person(&tenant, "ann@example.com").await, person(&tenant, "bob@example.com").await);
    let caller = themselves(&tenant, &ann, "update:current_user_identities");
    let identities = format!("{}/identities", path(&ann));
    let named = json!({ "provider": "auth0", "user_id": bob.clone() });
    assert_eq!(caller.post(&identities, named).await.status, 400);
    let id_token = |aud: &str, sub: &str, exp: i64, more: serde_json::Value| {
        let snapshot = tenant.snapshot();
        let signer = snapshot.keys.signer(SigningAlgorithm::RS256, TokenDialect::AccessToken.typ()).unwrap();
        let mut claims = json!({ "iss": tenant.issuer(tenant.domain()), "sub": sub, "aud": aud, "exp": tenant.clock().now() + exp });
        claims.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        signer.sign(&serde_json::to_vec(&claims).unwrap()).unwrap()
    };
    for bad in [
        id_token("another", &bob, 600, json!({})),
        id_token("shop", &bob, 0, json!({})),
        id_token("shop", &bob, 600, json!({ "azp": "shop" })),
        id_token("shop", &bob, 600, json!({ "iss": "https://else.example/" })),
        "no token".to_owned(),
        format!("{}x", id_token("shop", &bob, 600, json!({}))),
    ] {
        assert_eq!(caller.post(&identities, json!({ "link_with": bad.clone() })).await.status, 400, "{bad}");
    }
    let good = json!({ "link_with": id_token("shop", &bob, 600, json!({})) });
    assert_eq!(caller.post(&identities, good.clone()).await.must_be(201).items().len(), 2);
    assert_eq!(caller.post(&identities, good).await.status, 409);
    assert_eq!(
        caller.post(&format!("{}/identities", path(&bob)), json!({ "link_with": "x" })).await.status,
        403
    );
}

#[tokio::test]
async fn some_change_the_metadata_of_applications_only() {
    let tenant = TestTenant::new().await;
    let ann = person(&tenant, "ann@example.com").await;
    let caller = tenant.allowed(&["update:users_app_metadata"]);
    caller.patch(&path(&ann), json!({ "app_metadata": { "a": 1 } })).await.must_be(200);
    for patch in
        [json!({ "user_metadata": {} }), json!({ "blocked": true }), json!({ "password": "another$12$12X" })]
    {
        assert_eq!(caller.patch(&path(&ann), patch.clone()).await.status, 403, "{patch}");
    }
}

#[tokio::test]
async fn tokens_of_providers_are_shown_to_few() {
    let tenant = TestTenant::new().await;
    let body = json!({ "email": "ann@example.com" }).as_object().unwrap().clone();
    let new = idp::user::NewUser {
        connection: "google".into(),
        provider: "google-oauth2".into(),
        body,
        beside: Vec::new(),
    };
    let user = idp::user::create(&tenant, new).await.unwrap();
    let changed = idp::user::change(&tenant, &user.user_id, |body| {
        body["identities"][0]["access_token"] = json!("ya29.secret");
        Ok(())
    });
    changed.await.unwrap();
    let few = tenant.allowed(&["read:users"]).get(&path(&user.user_id)).await.must_be(200);
    assert!(!few.text().contains("ya29") && few["identities"][0]["isSocial"] == true, "{}", few.text());
    let all =
        tenant.allowed(&["read:users", "read:user_idp_tokens"]).get(&path(&user.user_id)).await.must_be(200);
    assert_eq!(all["identities"][0]["access_token"], "ya29.secret");
    // The provider says what its people are called.
    let named = tenant.patch(&path(&user.user_id), json!({ "name": "Ann" })).await;
    assert_eq!(named.status, 400);
    assert!(
        named.text().contains("The following user attributes cannot be updated: name."),
        "{}",
        named.text()
    );
    tenant
        .patch(&path(&user.user_id), json!({ "app_metadata": { "a": 1 }, "blocked": true }))
        .await
        .must_be(200);
    made(&tenant, json!({ "email": "ann@example.com" })).await.must_be(201);
}
