//! `/api/v2/resource-servers`

use serde_json::{Value, json};
use testkit::{TestTenant, claims};

use super::{each, refused, text};
use crate::keys::{rsa_pem, thumbprint};

const PATH: &str = "/api/v2/resource-servers";
const SYSTEM: &str = "/api/v2/resource-servers/https%3A%2F%2Fidp.example%2Fapi%2Fv2%2F";

#[tokio::test]
async fn the_least_that_makes_an_api() {
    let tenant = TestTenant::new().await;

    let sent = json!({ "name": "Orders", "scopes": [{ "value": "test:scope" }], "identifier": "urn:orders" });
    let made = tenant.post(PATH, sent).await.must_be(201);

    let id = made.str("id");
    assert!(id.len() == 24 && id.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f')), "{id}");
    assert_eq!(
        made.body,
        json!({
            "id": id, "name": "Orders", "identifier": "urn:orders", "allow_offline_access": false,
            "skip_consent_for_verifiable_first_party_clients": false,
            "subject_type_authorization": {
                "client": { "policy": "require_client_grant" }, "user": { "policy": "allow_all" },
            },
            "token_lifetime": 86_400, "token_lifetime_for_web": 7_200, "signing_alg": "RS256",
            "scopes": [{ "value": "test:scope" }],
        })
    );
}

#[tokio::test]
async fn what_is_not_said_stays_absent() {
    let tenant = TestTenant::new().await;
    let made = tenant.post(PATH, json!({ "identifier": "x" })).await.must_be(201);
    for name in ["name", "scopes", "enforce_policies", "token_dialect", "signing_secret", "is_system"] {
        assert!(!made.members().contains(&name), "{name}");
    }
}

#[tokio::test]
async fn by_id_or_by_identifier() {
    let tenant = TestTenant::new().await;
    for identifier in ["https://api.example", "a b/c?d=e&f#g%20", "日本"] {
        let made = tenant.api(json!({ "identifier": identifier })).await;
        let encoded: String = identifier.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let (by_id, by_name) = (format!("{PATH}/{}", text(&made, "id")), format!("{PATH}/{encoded}"));
        assert_eq!(tenant.get(&by_id).await.must_be(200).body, made);
        assert_eq!(tenant.get(&by_name).await.must_be(200).body, made);
        let renamed = tenant.patch(&by_name, json!({ "name": "Renamed" })).await.must_be(200);
        assert_eq!((&renamed["name"], &renamed["id"]), (&json!("Renamed"), &made["id"]));
        tenant.delete(&by_name).await.must_be(204);
        let gone = tenant.get(&by_id).await;
        refused(&gone, 404, "The resource server does not exist", Some("inexistent_resource_server"));
        tenant.delete(&by_name).await.must_be(204);
    }
}

#[tokio::test]
async fn an_identifier_is_one_apis_for_ever() {
    let tenant = TestTenant::new().await;
    let made = tenant.api(json!({})).await;
    let words = "A resource server with the same identifier already exists.";
    refused(&tenant.post(PATH, json!({ "identifier": "https://api.example" })).await, 409, words, None);
    tenant.post(PATH, json!({ "identifier": "https://api.example/" })).await.must_be(201);
    tenant.other().post(PATH, json!({ "identifier": "https://api.example" })).await.must_be(201);

    let path = format!("{PATH}/{}", text(&made, "id"));
    let answer = tenant.patch(&path, json!({ "identifier": "https://new.example" })).await;
    let words = "Payload validation error: 'Additional properties not allowed: identifier'.";
    refused(&answer, 400, words, Some("invalid_body"));
    tenant.post(PATH, json!({ "identifier": "x".repeat(601) })).await.must_be(400);
    tenant.post(PATH, json!({ "identifier": "" })).await.must_be(400);
}

#[tokio::test]
async fn scopes_are_replaced_as_a_whole() {
    let tenant = TestTenant::new().await;
    let made = tenant.api(json!({})).await;
    let path = format!("{PATH}/{}", text(&made, "id"));
    let scopes = json!([{ "value": "read:c", "description": "" }, { "value": "read:a", "description": "d" }]);
    let answer = tenant.patch(&path, json!({ "scopes": scopes })).await.must_be(200);
    assert_eq!(answer["scopes"], scopes);
    let answer = tenant.patch(&path, json!({ "scopes": [] })).await.must_be(200);
    assert_eq!(answer["scopes"], json!([]));
}

#[tokio::test]
async fn scopes_that_cannot_be() {
    let tenant = TestTenant::new().await;
    let reserved = [
        "address",
        "created_at",
        "email",
        "email_verified",
        "family_name",
        "given_name",
        "identities",
        "name",
        "nickname",
        "offline_access",
        "openid",
        "phone",
        "picture",
        "profile",
    ];
    let long = "x".repeat(281);
    let others = ["", "two words", long.as_str(), "tab\tbed", "n\0l"];
    for value in reserved.into_iter().chain(others) {
        let sent = json!({ "identifier": "x", "scopes": [{ "value": value }] });
        let answer = tenant.post(PATH, sent).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{value}");
    }
    let twice = json!([{ "value": "a" }, { "value": "a", "description": "d" }]);
    tenant.post(PATH, json!({ "identifier": "x", "scopes": twice })).await.must_be(400);
    let many = |n: i32| (0..n).map(|i| json!({ "value": format!("s{i}") })).collect::<Vec<_>>();
    tenant.post(PATH, json!({ "identifier": "x", "scopes": many(1001) })).await.must_be(400);
    tenant.post(PATH, json!({ "identifier": "x", "scopes": many(1000) })).await.must_be(201);
}

#[tokio::test]
async fn lifetimes_have_bounds() {
    let tenant = TestTenant::new().await;
    for (sent, stored) in [
        (json!({ "token_lifetime": 0 }), Some((0, 0))),
        (json!({ "token_lifetime": 600 }), Some((600, 600))),
        (json!({ "token_lifetime": 2_592_000 }), Some((2_592_000, 7_200))),
        (json!({ "token_lifetime": 600, "token_lifetime_for_web": 60 }), Some((600, 60))),
        (json!({ "token_lifetime": 600, "token_lifetime_for_web": 601 }), None),
        (json!({ "token_lifetime": 2_592_001 }), None),
        (json!({ "token_lifetime": -1 }), None),
        (json!({ "token_lifetime": "600" }), None),
        (json!({ "token_lifetime": 1.5 }), None),
    ] {
        let mut body = sent.clone();
        body["identifier"] = json!(sent.to_string());
        let answer = tenant.post(PATH, body).await;
        match stored {
            None => {
                assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{sent}")
            }
            Some((lifetime, for_web)) => {
                assert_eq!(answer["token_lifetime"], lifetime, "{sent}");
                assert_eq!(answer["token_lifetime_for_web"], for_web, "{sent}");
            }
        }
    }
}

#[tokio::test]
async fn a_secret_to_sign_with() {
    let tenant = TestTenant::new().await;
    let secret = "0123456789abcdef";
    let made = tenant.api(json!({ "signing_alg": "HS256", "signing_secret": secret })).await;
    assert_eq!(made["signing_secret"], secret);
    let path = format!("{PATH}/{}", text(&made, "id"));
    let kept = tenant.patch(&path, json!({ "signing_alg": "RS256" })).await.must_be(200);
    assert_eq!((&kept["signing_alg"], &kept["signing_secret"]), (&json!("RS256"), &json!(secret)));
    tenant.patch(&path, json!({ "signing_secret": "0123456789abcde" })).await.must_be(400);

    // It needs no more than to be read, and no less.
    let reader = tenant.with_token(tenant.token_with(&["read:resource_servers"]).await);
    assert_eq!(reader.get(&path).await.must_be(200)["signing_secret"], secret);
    let writer = tenant.with_token(tenant.token_with(&["update:resource_servers"]).await);
    assert_eq!(writer.patch(&path, json!({ "name": "n" })).await.must_be(200)["signing_secret"], Value::Null);
}

#[tokio::test]
async fn the_key_that_tokens_are_encrypted_to_is_shown_by_its_thumbprint() {
    let tenant = TestTenant::new().await;
    let key = json!({ "alg": "RSA-OAEP-256", "pem": rsa_pem() });
    let encryption = json!({ "format": "compact-nested-jwe", "encryption_key": key });
    let made = tenant.api(json!({ "token_encryption": encryption })).await;
    let expected = json!({ "alg": "RSA-OAEP-256", "kid": thumbprint(), "thumbprint_sha256": thumbprint() });
    assert_eq!(made["token_encryption"]["encryption_key"], expected);
    let bad =
        json!({ "format": "compact-nested-jwe", "encryption_key": { "alg": "RSA-OAEP-256", "pem": "x" } });
    tenant.post(PATH, json!({ "identifier": "x", "token_encryption": bad })).await.must_be(400);
}

#[tokio::test]
async fn the_management_api_is_guarded() {
    let tenant = TestTenant::new().await;
    let api = tenant.get(SYSTEM).await.must_be(200);
    assert_eq!(
        (&api["is_system"], &api["identifier"]),
        (&json!(true), &json!("https://idp.example/api/v2/"))
    );
    assert_eq!((&api["token_lifetime"], &api["signing_alg"]), (&json!(86_400), &json!("RS256")));
    assert_eq!(api["scopes"].as_array().unwrap().len(), model::MANAGEMENT_SCOPES.len());
    for patch in [
        json!({ "name": "Mine" }),
        json!({ "scopes": [] }),
        json!({ "signing_alg": "HS256", "signing_secret": "0123456789abcdef" }),
        json!({ "token_dialect": "rfc9068_profile" }),
        json!({ "token_lifetime": 60, "name": "Mine" }),
    ] {
        tenant.patch(SYSTEM, patch).await.must_be(400);
    }
    tenant.delete(SYSTEM).await.must_be(400);
    assert_eq!(tenant.get(SYSTEM).await.body, api.body);

    let shorter = tenant.patch(SYSTEM, json!({ "token_lifetime": 60 })).await.must_be(200);
    assert_eq!((&shorter["token_lifetime"], &shorter["token_lifetime_for_web"]), (&json!(60), &json!(60)));
    let token = claims(&tenant.token_with(&["read:clients"]).await);
    assert_eq!(token["exp"].as_i64().unwrap() - token["iat"].as_i64().unwrap(), 60);
}

#[tokio::test]
async fn policies_merge() {
    let tenant = TestTenant::new().await;
    let made = tenant.api(json!({})).await;
    let path = format!("{PATH}/{}", text(&made, "id"));
    let patch = json!({ "subject_type_authorization": { "client": { "policy": "deny_all" } } });
    let answer = tenant.patch(&path, patch).await.must_be(200);
    let merged = json!({ "client": { "policy": "deny_all" }, "user": { "policy": "allow_all" } });
    assert_eq!(answer["subject_type_authorization"], merged);
}

#[tokio::test]
async fn lists() {
    let tenant = TestTenant::new().await;
    for identifier in ["urn:a", "urn:b", "urn:c"] {
        tenant.later(1);
        tenant.api(json!({ "identifier": identifier })).await;
    }
    let all = tenant.get(PATH).await.must_be(200);
    assert_eq!(each(&all.body, "identifier"), ["https://idp.example/api/v2/", "urn:a", "urn:b", "urn:c"]);
    assert!(
        all.header("link").starts_with("<http://idp.example/api/v2/resource-servers?page=0&per_page=50>")
    );
    let page = tenant.get(&format!("{PATH}?include_totals=true&page=1&per_page=2")).await.must_be(200);
    assert_eq!(page.members(), ["total", "start", "limit", "length", "resource_servers"]);
    assert_eq!((&page["total"], &page["start"]), (&json!(4), &json!(2)));
    assert_eq!(each(&page["resource_servers"], "identifier"), ["urn:b", "urn:c"]);
    for query in
        ["identifiers[]=urn:c&identifiers[]=urn:a&identifiers[]=urn:x", "identifiers=urn:a&identifiers=urn:c"]
    {
        let found = tenant.get(&format!("{PATH}?{query}")).await.must_be(200);
        assert_eq!(each(&found.body, "identifier"), ["urn:a", "urn:c"], "{query}");
    }
    let some = tenant.get(&format!("{PATH}?fields=identifier&per_page=1&page=1")).await.must_be(200);
    assert_eq!(some.body, json!([{ "identifier": "urn:a" }]));
    tenant.get(&format!("{PATH}?{}", "identifiers[]=x&".repeat(11))).await.must_be(400);
    // No checkpoints here.
    tenant.get(&format!("{PATH}?take=5")).await.must_be(400);
}
