//! `POST /clients`

use serde_json::{Value, json};
use testkit::TestTenant;

use crate::{api::v2::refused, keys::rsa_pem};

const PATH: &str = "/api/v2/clients";

#[tokio::test]
async fn a_name_is_enough() {
    let tenant = TestTenant::new().await;

    let made = tenant.post(PATH, json!({ "name": "Nightly import" })).await.must_be(201);

    let id = made.str("client_id");
    assert!(id.len() == 32 && id.chars().all(|c| c.is_ascii_alphanumeric()), "{id}");
    let secret = made.str("client_secret");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    assert!(secret.len() == 64 && secret.chars().all(is_plain), "{secret}");
    let mut rest = made.body.clone();
    for own in ["client_id", "client_secret", "signing_keys"] {
        rest.as_object_mut().unwrap().remove(own).unwrap();
    }
    assert_eq!(
        rest,
        json!({
            "tenant": "default", "global": false, "is_token_endpoint_ip_header_trusted": false,
            "name": "Nightly import", "is_first_party": true, "sso_disabled": false, "cross_origin_auth": false,
            "cross_origin_authentication": false,
            "oidc_conformant": false, "encrypted": true, "callback_url_template": false,
            "custom_login_page_on": true,
            "refresh_token": {
                "expiration_type": "non-expiring", "leeway": 0, "infinite_token_lifetime": true,
                "infinite_idle_token_lifetime": true, "token_lifetime": 2_592_000,
                "idle_token_lifetime": 1_296_000, "rotation_type": "non-rotating",
            },
            "jwt_configuration": { "lifetime_in_seconds": 36_000, "secret_encoded": false },
            "grant_types": ["authorization_code", "implicit", "refresh_token", "client_credentials"],
        })
    );
}

#[tokio::test]
async fn what_depends_on_the_kind() {
    let tenant = TestTenant::new().await;
    let four = json!(["authorization_code", "implicit", "refresh_token", "client_credentials"]);
    let three = json!(["authorization_code", "implicit", "refresh_token"]);
    let none = json!([]);
    let short = (2_592_000, 1_296_000);
    let long = (31_557_600, 2_592_000);
    for (sent, grants, (lifetime, idle)) in [
        (json!({ "app_type": "native" }), &four, short),
        (json!({ "app_type": "spa" }), &four, short),
        (json!({ "app_type": "regular_web" }), &four, short),
        (json!({ "app_type": "non_interactive" }), &four, short),
        (json!({ "app_type": "sso_integration" }), &four, short),
        (json!({ "token_endpoint_auth_method": "client_secret_post" }), &four, long),
        (json!({ "token_endpoint_auth_method": "client_secret_basic", "app_type": "spa" }), &four, long),
        (json!({ "token_endpoint_auth_method": "none" }), &three, short),
        (json!({ "token_endpoint_auth_method": "none", "app_type": "non_interactive" }), &three, short),
        (json!({ "is_first_party": false, "third_party_security_mode": "permissive" }), &four, short),
        (json!({ "app_type": "resource_server" }), &none, short),
    ] {
        let made = tenant.post(PATH, over(sent.clone())).await.must_be(201);
        assert_eq!(&made["grant_types"], grants, "{sent}");
        assert_eq!(made["refresh_token"]["token_lifetime"], lifetime, "{sent}");
        assert_eq!(made["refresh_token"]["idle_token_lifetime"], idle, "{sent}");
        // Nobody said how it proves itself, so nothing is said about it.
        assert_eq!(made["token_endpoint_auth_method"], sent["token_endpoint_auth_method"], "{sent}");
        assert!(made["client_secret"].is_string(), "{sent}");
    }
}

#[tokio::test]
async fn a_client_that_is_an_api() {
    let tenant = TestTenant::new().await;
    let made = tenant.post(PATH, over(json!({ "app_type": "resource_server" }))).await.must_be(201);
    assert_eq!(made["oidc_conformant"], true);
    assert_eq!(made["jwt_configuration"]["alg"], "RS256");
    assert_eq!(made["jwt_configuration"]["lifetime_in_seconds"], Value::Null);
}

#[tokio::test]
async fn a_client_of_a_third_party() {
    let tenant = TestTenant::new().await;
    let sent = json!({ "is_first_party": false, "third_party_security_mode": "strict" });
    let made = tenant.post(PATH, over(sent)).await.must_be(201);
    assert_eq!(made["grant_types"], json!(["authorization_code"]));
    assert_eq!(made["oidc_conformant"], true);
    assert_eq!(made["jwt_configuration"]["alg"], "RS256");
    assert_eq!(made["jwt_configuration"]["lifetime_in_seconds"], 3600);
    assert_eq!(made["refresh_token"]["expiration_type"], "expiring");
    assert_eq!(made["refresh_token"]["infinite_idle_token_lifetime"], false);
    assert_eq!(made["redirection_policy"], "open_redirect_protection");
    let id = made.str("client_id");
    assert!(id.len() == 26 && id.starts_with("tpc_"), "{id}");
}

#[tokio::test]
async fn part_of_a_jwt_configuration_brings_no_lifetime() {
    let tenant = TestTenant::new().await;
    let made = tenant.post(PATH, over(json!({ "jwt_configuration": { "alg": "RS256" } }))).await.must_be(201);
    assert_eq!(made["jwt_configuration"], json!({ "alg": "RS256", "secret_encoded": false }));
}

#[tokio::test]
async fn machines_cannot_be_public() {
    let tenant = TestTenant::new().await;
    let sent = json!({ "token_endpoint_auth_method": "none", "grant_types": ["client_credentials"] });
    let answer = tenant.post(PATH, over(sent)).await;
    assert_eq!((answer.status, answer.str("message")), (400, "Invalid grant types: client_credentials"));
}

#[tokio::test]
async fn bodies_that_are_refused() {
    let tenant = TestTenant::new().await;
    for (body, reason) in [
        (json!({}), "'Missing required property: name'."),
        (json!({ "name": "x", "nope": 1, "nor": 2 }), "'Additional properties not allowed: nope,nor'."),
        (json!({ "name": "x", "client_id": "chosen" }), "'Additional properties not allowed: client_id'."),
        (json!({ "name": "x", "tenant": "other" }), "'Additional properties not allowed: tenant'."),
        (json!({ "name": "x", "global": true }), "'Additional properties not allowed: global'."),
    ] {
        let answer = tenant.post(PATH, body).await;
        let words = format!("Payload validation error: {reason}");
        refused(&answer, 400, &words, Some("invalid_body"));
    }
    for body in [
        json!({ "name": "" }),
        json!({ "name": "<b>x</b>" }),
        json!({ "name": 7 }),
        json!({ "name": null }),
        json!({ "name": "x", "description": "x".repeat(141) }),
        json!({ "name": "x", "app_type": "robot" }),
        json!({ "name": "x", "grant_types": ["client_credential"] }),
        json!({ "name": "x", "client_metadata": { "k": 1 } }),
        json!({ "name": "x", "client_metadata": { "k": "x".repeat(256) } }),
        json!({ "name": "x", "client_metadata": (0..11).map(|i| (i.to_string(), json!("v"))).collect::<serde_json::Map<_, _>>() }),
        json!({ "name": "x", "default_organization": { "organization_id": "org_unknown", "flows": ["client_credentials"] } }),
        json!({ "name": "x", "default_organization": { "organization_id": "org_unknown" } }),
        json!({ "name": "x", "client_authentication_methods": {} }),
        json!({ "name": "a\u{0}b" }),
    ] {
        let answer = tenant.post(PATH, body.clone()).await;
        assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{body}");
        assert!(answer.str("message").starts_with("Payload validation error: '"), "{}", answer.text());
    }
}

#[tokio::test]
async fn no_two_clients_share_an_alias() {
    let tenant = TestTenant::new().await;
    let sent = over(json!({ "client_aliases": ["urn:a", "urn:b"] }));
    tenant.post(PATH, sent.clone()).await.must_be(201);

    refused(&tenant.post(PATH, sent.clone()).await, 409, "Another client exists with the same alias.", None);

    tenant.other().post(PATH, sent).await.must_be(201);
}

#[tokio::test]
async fn whoever_makes_a_client_is_told_its_secret() {
    let tenant = TestTenant::new().await;
    let token = tenant.token_with(&["create:clients"]).await;
    let made = tenant.with_token(token).post(PATH, json!({ "name": "x" })).await.must_be(201);
    assert_eq!(made.str("client_secret").len(), 64);
}

#[tokio::test]
async fn credentials_that_come_along_are_shown_whole_and_only_now() {
    let tenant = TestTenant::new().await;
    let credentials = json!([{ "credential_type": "public_key", "name": "First", "pem": rsa_pem() }]);
    let sent = over(
        json!({ "client_authentication_methods": { "private_key_jwt": { "credentials": credentials } } }),
    );
    let made = tenant.post(PATH, sent.clone()).await.must_be(201);

    // The secret is there too, although it proves nothing for now.
    assert!(made["client_secret"].is_string());
    assert_eq!(made["token_endpoint_auth_method"], Value::Null);
    let place = "/client_authentication_methods/private_key_jwt/credentials/0";
    let shown = made.body.pointer(place).unwrap();
    assert_eq!((&shown["name"], &shown["alg"]), (&json!("First"), &json!("RS256")));
    assert_eq!((&shown["kid"], &shown["pem"]), (&json!(crate::keys::thumbprint()), &Value::Null));
    let again = tenant.get(&format!("{PATH}/{}", made.str("client_id"))).await.must_be(200);
    assert_eq!(again.body.pointer(place).unwrap(), &json!({ "id": shown["id"] }));
    assert_eq!(again["client_secret"], Value::Null);

    let token = tenant.token_with(&["create:clients"]).await;
    let answer = tenant.with_token(token).post(PATH, sent).await;
    let words = "Insufficient scope, expected any of: create:client_credentials";
    refused(&answer, 403, words, Some("insufficient_scope"));
}

fn over(sent: Value) -> Value {
    let mut body = json!({ "name": "x" });
    body.as_object_mut().unwrap().extend(sent.as_object().unwrap().clone());
    body
}
