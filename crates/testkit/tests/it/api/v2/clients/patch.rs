//! `PATCH /clients/{id}`: what merges, what is replaced, what `null` takes away, who may.

use serde_json::{Value, json};
use testkit::{Answer, TestClient, TestTenant};

use crate::api::v2::refused;

#[tokio::test]
async fn metadata_merges_key_by_key() {
    let (tenant, client) = scene(json!({ "client_metadata": { "bar": "baz", "foo": "zoo" } })).await;

    let patch = json!({ "bar": null, "foo": "newZoo", "newBar": "newBaz" });
    let answer = patched(&tenant, &client, json!({ "client_metadata": patch })).await.must_be(200);
    assert_eq!(answer["client_metadata"], json!({ "foo": "newZoo", "newBar": "newBaz" }));

    let patch = json!({ "client_metadata": { "foo": null, "newBar": null } });
    let answer = patched(&tenant, &client, patch).await.must_be(200);
    assert_eq!(answer["client_metadata"], json!({}));
}

#[tokio::test]
async fn metadata_stays_small_in_all() {
    let ten: serde_json::Map<_, _> = (0..10).map(|i| (format!("k{i}"), json!("v"))).collect();
    let (tenant, client) = scene(json!({ "client_metadata": ten })).await;
    let answer = patched(&tenant, &client, json!({ "client_metadata": { "k10": "v" } })).await;
    assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")));
    let swap = json!({ "client_metadata": { "k10": "v", "k0": null } });
    patched(&tenant, &client, swap).await.must_be(200);
}

#[tokio::test]
async fn the_jwt_configuration_merges_and_lists_are_replaced() {
    let (tenant, client) = scene(json!({ "callbacks": ["https://a.example", "https://b.example"] })).await;
    let patch = json!({ "jwt_configuration": { "alg": "RS256" }, "callbacks": ["https://c.example"] });
    let answer = patched(&tenant, &client, patch).await.must_be(200);
    let merged = json!({ "lifetime_in_seconds": 36_000, "secret_encoded": false, "alg": "RS256" });
    assert_eq!(answer["jwt_configuration"], merged);
    assert_eq!(answer["callbacks"], json!(["https://c.example"]));
}

#[tokio::test]
async fn null_takes_away_what_may_be_absent() {
    let (tenant, client) = scene(json!({ "token_endpoint_auth_method": "client_secret_post" })).await;
    let answer = patched(&tenant, &client, json!({ "token_endpoint_auth_method": null })).await.must_be(200);
    assert!(!answer.members().contains(&"token_endpoint_auth_method"));
    for never in ["name", "is_first_party", "grant_types", "client_secret"] {
        let answer = patched(&tenant, &client, json!({ never: null })).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{never}");
    }
}

#[tokio::test]
async fn lifetimes_of_refresh_tokens_were_decided_at_creation() {
    let (tenant, client) = scene(json!({})).await;
    let patch = json!({ "token_endpoint_auth_method": "client_secret_post" });
    let answer = patched(&tenant, &client, patch).await.must_be(200);
    assert_eq!(answer["refresh_token"]["token_lifetime"], 2_592_000);
}

#[tokio::test]
async fn what_is_not_named_stays() {
    let (tenant, client) = scene(json!({ "description": "d" })).await;
    let before = shown(&tenant, &client).await.body;
    patched(&tenant, &client, json!({})).await.must_be(200);
    assert_eq!(shown(&tenant, &client).await.body, before);
    let mut after = patched(&tenant, &client, json!({ "name": "Renamed" })).await.must_be(200).body;
    let mut expected = before;
    expected["name"] = json!("Renamed");
    assert_eq!(shown(&tenant, &client).await.body, expected);
    // A write names the certificate's subject where a read calls it deprecated.
    assert_eq!(after["signing_keys"][0]["subject"].take(), "/CN=idp.example");
    after["signing_keys"][0]["subject"] = json!("deprecated");
    assert_eq!(after, expected);
}

#[tokio::test]
async fn what_the_server_writes_cannot_be_changed() {
    let (tenant, client) = scene(json!({})).await;
    for name in ["client_id", "tenant", "global", "signing_keys", "external_client_id", "nope"] {
        let answer = patched(&tenant, &client, json!({ name: "x" })).await;
        let words = format!("Payload validation error: 'Additional properties not allowed: {name}'.");
        refused(&answer, 400, &words, Some("invalid_body"));
    }
    patched(&tenant, &client, json!({ "grant_types": ["client_credentials"] })).await.must_be(200);
    let public = json!({ "token_endpoint_auth_method": "none" });
    patched(&tenant, &client, public).await.must_be(400);
    let unknown = tenant.patch("/api/v2/clients/nobody", json!({ "name": "x" })).await;
    refused(&unknown, 404, "The client does not exist", Some("inexistent_client"));
}

#[tokio::test]
async fn a_secret_of_ones_own() {
    let (tenant, client) = scene(json!({})).await;
    tenant.api(json!({})).await;
    tenant.grant(json!({ "client_id": client.id, "audience": "https://api.example", "scope": [] })).await;
    let secret = "a+custom/secret=of,fifty,characters,or,a,few,more==";

    let answer = patched(&tenant, &client, json!({ "client_secret": secret })).await.must_be(200);

    assert_eq!(answer["client_secret"], secret);
    tenant.asked(client.asks_for("https://api.example")).await.must_be(401);
    let renewed = TestClient { secret: secret.into(), ..client };
    tenant.asked(renewed.asks_for("https://api.example")).await.must_be(200);
}

#[tokio::test]
async fn each_part_wants_its_scope() {
    let (tenant, client) = scene(json!({ "jwt_configuration": { "alg": "RS256" } })).await;
    let secret = json!({ "client_secret": "0123456789abcdef0123456789abcdef" });
    let name = json!({ "name": "Renamed" });
    let methods = json!({ "client_authentication_methods": null });
    let vault = json!({ "token_vault_privileged_access": null });
    let scopes = [
        "update:clients",
        "update:client_keys",
        "update:client_credentials",
        "update:client_token_vault_privileged_access",
    ];
    for (i, scope) in scopes.into_iter().enumerate() {
        let caller = tenant.with_token(tenant.token_with(&[scope]).await);
        for (j, patch) in [&name, &secret, &methods, &vault].into_iter().enumerate() {
            let answer = caller.patch(&format!("/api/v2/clients/{}", client.id), patch.clone()).await;
            match i == j {
                true => assert_eq!(answer.status, 200, "{scope} {patch}"),
                false => {
                    let words = format!("Insufficient scope, expected any of: {}", scopes[j]);
                    refused(&answer, 403, &words, Some("insufficient_scope"));
                }
            }
        }
    }
}

#[tokio::test]
async fn a_third_partys_client_stays_theirs() {
    let strict = json!({ "is_first_party": false, "third_party_security_mode": "strict" });
    let (tenant, client) = scene(strict).await;
    patched(&tenant, &client, json!({ "is_first_party": true })).await.must_be(400);
    patched(&tenant, &client, json!({ "is_first_party": false })).await.must_be(200);
}

#[tokio::test]
async fn an_organization_to_stand_for_must_exist() {
    let (tenant, client) = scene(json!({})).await;
    let default = |id: &Value| json!({ "default_organization": { "organization_id": id, "flows": ["client_credentials"] } });
    patched(&tenant, &client, default(&json!("org_unknown"))).await.must_be(400);
    let acme = tenant.organization("acme").await;
    patched(&tenant, &client, default(&acme["id"])).await.must_be(200);
    let gone = patched(&tenant, &client, json!({ "default_organization": null })).await.must_be(200);
    assert_eq!(gone["default_organization"], Value::Null);
}

async fn scene(body: Value) -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    let mut sent = json!({ "name": "x" });
    sent.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
    let body = tenant.post("/api/v2/clients", sent).await.must_be(201).body;
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let client = TestClient { id: text("client_id"), secret: text("client_secret"), body };
    (tenant, client)
}

async fn patched(tenant: &TestTenant, client: &TestClient, patch: Value) -> Answer {
    tenant.patch(&format!("/api/v2/clients/{}", client.id), patch).await
}

async fn shown(tenant: &TestTenant, client: &TestClient) -> Answer {
    tenant.get(&format!("/api/v2/clients/{}", client.id)).await.must_be(200)
}
