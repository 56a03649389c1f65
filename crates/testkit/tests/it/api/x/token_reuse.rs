//! `/api/x/resource-servers/{id}/token-reuse`, and what it does at the token endpoint

use serde_json::{Value, json};
use testkit::{Answer, TestClient, TestTenant, claims};

const API: &str = "https://api.example";

struct Setting {
    tenant: TestTenant,
    client: TestClient,
    path: String,
}

/// A client of an API whose tokens live for 1,000 seconds and are handed out again while half of that is left.
async fn reusing(api: Value) -> Setting {
    let tenant = TestTenant::new().await;
    let client = tenant.client_of_an_api().await;
    let id =
        tenant.get(&format!("/api/v2/resource-servers?identifiers={API}")).await.items()[0]["id"].clone();
    let path = id.as_str().unwrap().to_owned();
    let mut body = json!({ "token_lifetime": 1_000, "token_lifetime_for_web": 1_000 });
    body.as_object_mut().unwrap().extend(api.as_object().unwrap().clone());
    tenant.patch(&format!("/api/v2/resource-servers/{path}"), body).await.must_be(200);
    let setting = json!({ "enabled": true, "minimum_remaining_percent": 50 });
    tenant.put(&format!("/api/x/resource-servers/{path}/token-reuse"), setting).await.must_be(200);
    Setting { tenant, client, path }
}

impl Setting {
    async fn asks(&self, more: Value) -> Answer {
        self.tenant.asked(self.client.asks_with(API, more)).await.must_be(200)
    }

    /// Whether the next answer is the token of the one before.
    async fn gives_again(&self, before: &Answer) -> bool {
        let next = self.asks(json!({})).await;
        let is_same = next["access_token"] == before["access_token"];
        assert_eq!(next.header("x-countersign-token-reused") == "1", is_same);
        is_same
    }
}

#[tokio::test]
async fn a_token_is_handed_out_again_while_enough_of_it_is_left() {
    for dialect in ["access_token", "rfc9068_profile"] {
        let setting = reusing(json!({ "token_dialect": dialect })).await;
        let first = setting.asks(json!({})).await;
        assert_eq!((&first["expires_in"], first.header("x-countersign-token-reused")), (&json!(1_000), ""));
        setting.tenant.later(500_000);
        let second = setting.asks(json!({})).await;
        assert_eq!(second["access_token"], first["access_token"], "{dialect}");
        assert_eq!((&second["expires_in"], second.header("x-countersign-token-reused")), (&json!(500), "1"));
        let event = second.header("x-countersign-log-id").to_owned();
        let event = setting.tenant.get(&format!("/api/v2/logs/{event}")).await;
        assert_eq!(event["details"]["trace"]["reused"], true);
        assert_eq!(event["details"]["access_token_jti"], claims(first.str("access_token"))["jti"]);
        setting.tenant.later(1_000);
        assert!(!setting.gives_again(&first).await);
    }
}

#[tokio::test]
async fn it_is_off_unless_it_is_switched_on() {
    let setting = reusing(json!({})).await;
    let path = format!("/api/x/resource-servers/{}/token-reuse", setting.path);
    let first = setting.asks(json!({})).await;
    setting.tenant.put(&path, json!({ "enabled": false })).await.must_be(200);
    let shown = json!({ "enabled": false, "minimum_remaining_percent": 50 });
    assert_eq!(setting.tenant.get(&path).await.body, shown);
    setting.tenant.later(1_000);
    assert!(!setting.gives_again(&first).await);
    for body in [
        json!({}),
        json!({ "enabled": "true" }),
        json!({ "enabled": true, "minimum_remaining_percent": 0 }),
        json!({ "enabled": true, "minimum_remaining_percent": 100 }),
        json!({ "enabled": true, "minimum_remaining_percent": 1.5 }),
        json!({ "enabled": true, "x": 1 }),
    ] {
        let answer = setting.tenant.put(&path, body.clone()).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{body}");
    }
    setting
        .tenant
        .put("/api/x/resource-servers/none/token-reuse", json!({ "enabled": true }))
        .await
        .must_be(404);
    let reads = setting.tenant.allowed(&["read:resource_servers"]);
    reads.get(&path).await.must_be(200);
    assert_eq!(reads.put(&path, json!({ "enabled": true })).await.status, 403);
    // Auth0's own operations do not know it.
    let api = setting.tenant.get(&format!("/api/v2/resource-servers/{}", setting.path)).await;
    assert!(!api.text().contains("reuse"));
}

#[tokio::test]
async fn whoever_asks_for_something_else_gets_something_else() {
    let setting = reusing(json!({})).await;
    let all = setting.asks(json!({})).await;
    setting.tenant.later(1_000);
    let less = setting.asks(json!({ "scope": "read:a" })).await;
    assert_ne!(all["access_token"], less["access_token"]);
    // Both are kept.
    setting.tenant.later(1_000);
    assert!(setting.gives_again(&all).await);
    let again = setting.asks(json!({ "scope": "read:a" })).await;
    assert_eq!(again["access_token"], less["access_token"]);
    let other = setting.tenant.client(json!({ "name": "Other" })).await;
    let grant = json!({ "client_id": other.id, "audience": API, "scope": ["read:a", "write:b"] });
    setting.tenant.grant(grant).await;
    let other = setting.tenant.asked(other.asks_for(API)).await.must_be(200);
    assert_ne!(other["access_token"], all["access_token"]);
}

#[tokio::test]
async fn no_change_is_outlived() {
    let setting = reusing(json!({})).await;
    let tenant = &setting.tenant;
    let grants = tenant.get(&format!("/api/v2/client-grants?audience={API}")).await;
    let grant = format!("/api/v2/client-grants/{}", grants.items()[0]["id"].as_str().unwrap());
    let (client, api) = (
        format!("/api/v2/clients/{}", setting.client.id),
        format!("/api/v2/resource-servers/{}", setting.path),
    );
    let revoke = "/api/x/revocations";
    for n in 0..8 {
        tenant.later(10_000);
        let before = setting.asks(json!({})).await;
        tenant.later(10_000);
        assert!(setting.gives_again(&before).await, "{n}");
        match n {
            0 => {
                tenant
                    .patch(&grant, json!({ "scope": ["read:a", "write:b"], "organization_usage": "allow" }))
                    .await
            }
            1 => tenant.patch(&client, json!({ "description": "Another" })).await,
            2 => tenant.patch(&api, json!({ "name": "Another" })).await,
            3 => tenant.patch("/api/v2/tenants/settings", json!({ "friendly_name": "Another" })).await,
            4 => tenant.post("/api/v2/keys/signing/rotate", json!({})).await,
            5 => tenant.post(revoke, json!({ "token": before["access_token"] })).await,
            6 => tenant.post(revoke, json!({ "kind": "client", "subject": setting.client.id })).await,
            _ => tenant.post(revoke, json!({ "kind": "tenant" })).await,
        };
        assert!(!setting.gives_again(&before).await, "{n}");
    }
}

/// What is only explained is not kept, and not handed out.
#[tokio::test]
async fn nothing_explained_is_issued() {
    let setting = reusing(json!({ "token_dialect": "rfc9068_profile" })).await;
    let body = json!({ "client_id": setting.client.id, "audience": API });
    setting.tenant.post("/api/x/explain-token", body).await.must_be(200);
    assert_eq!(setting.asks(json!({})).await.header("x-countersign-token-reused"), "");
}
