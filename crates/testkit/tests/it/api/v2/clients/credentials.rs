//! `/clients/{client_id}/credentials`: the life of a credential.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::Method;
use serde_json::{Value, json};
use testkit::{TestClient, TestTenant};

use crate::{
    api::v2::{each, refused, text},
    keys::{certificate, p256_pem, rsa_pem, thumbprint},
};

const API: &str = "https://api.example";

#[tokio::test]
async fn from_a_secret_to_a_key_and_back() {
    let tenant = TestTenant::new().await;
    tenant.api(json!({})).await;
    let m2m = tenant.client(json!({ "token_endpoint_auth_method": "client_secret_post" })).await;
    tenant.grant(json!({ "client_id": m2m.id, "audience": API, "scope": [] })).await;
    let client = format!("/api/v2/clients/{}", m2m.id);
    tenant.patch(&client, json!({ "jwt_configuration": { "alg": "RS256" } })).await.must_be(200);

    let made = created(&tenant, &m2m, json!({ "credential_type": "public_key", "pem": rsa_pem() })).await;
    let credential = format!("{client}/credentials/{}", text(&made, "id"));

    let methods = json!({ "private_key_jwt": { "credentials": [{ "id": made["id"] }] } });
    // One way or the other, never both.
    let only = json!({ "client_authentication_methods": methods });
    tenant.patch(&client, only).await.must_be(400);
    let to_key = json!({ "client_authentication_methods": methods, "token_endpoint_auth_method": null });
    let by_key = tenant.patch(&client, to_key).await.must_be(200);
    assert_eq!(by_key["client_authentication_methods"], methods);
    for hidden in ["client_secret", "token_endpoint_auth_method"] {
        assert!(!by_key.members().contains(&hidden), "{hidden}");
        assert_eq!(tenant.get(&client).await[hidden], Value::Null);
    }
    tenant.asked(m2m.asks_for(API)).await.must_be(401);
    tenant.delete(&credential).await.must_be(400);
    tenant.get(&credential).await.must_be(200);

    let back =
        json!({ "client_authentication_methods": null, "token_endpoint_auth_method": "client_secret_basic" });
    let by_secret = tenant.patch(&client, back).await.must_be(200);
    assert_eq!(by_secret["client_secret"], json!(m2m.secret));
    assert!(!by_secret.members().contains(&"client_authentication_methods"));
    // The secret is as it was, and its place is the one that the client is registered for now.
    tenant.asked(m2m.asks_for(API)).await.must_be(401);
    let pair = STANDARD.encode(format!("{}:{}", m2m.id, m2m.secret));
    let headers = [("authorization", format!("Basic {pair}"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    let form = format!("grant_type=client_credentials&audience={API}");
    tenant.without_token().send(Method::POST, "/oauth/token", &headers, form).await.must_be(200);

    tenant.delete(&credential).await.must_be(204);
    tenant.delete(&credential).await.must_be(204);
    tenant.get(&credential).await.must_be(404);
}

#[tokio::test]
async fn a_public_key() {
    let (tenant, client) = scene().await;
    let sent = json!({
        "credential_type": "public_key", "name": "Testing Credentials 1", "pem": rsa_pem(),
        "expires_at": "2033-05-13T09:33:13Z",
    });

    let made = created(&tenant, &client, sent).await;

    let id = text(&made, "id");
    assert!(id.len() == 27 && id.starts_with("cred_"), "{id}");
    let now = "2026-07-01T12:00:00.250Z";
    let expected = json!({
        "id": id, "credential_type": "public_key", "kid": thumbprint(), "alg": "RS256",
        "name": "Testing Credentials 1", "created_at": now, "updated_at": now,
        "expires_at": "2033-05-13T09:33:13.000Z",
    });
    assert_eq!(made, expected);
    let path = format!("/api/v2/clients/{}/credentials", client.id);
    assert_eq!(tenant.get(&path).await.must_be(200).body, json!([expected]));
    assert_eq!(tenant.get(&format!("{path}/{id}")).await.must_be(200).body, expected);
}

#[tokio::test]
async fn keys_beyond_rsa_sign_with_their_own_algorithm() {
    let (tenant, client) = scene().await;
    let ed = jose::PrivateKey::generate(jose::KeyKind::Ed25519).unwrap().public().to_spki_pem();
    for (pem, alg) in [(p256_pem(), "ES256"), (ed, "EdDSA")] {
        let made = created(&tenant, &client, json!({ "credential_type": "public_key", "pem": pem })).await;
        assert_eq!(made["alg"], alg);
    }
}

#[tokio::test]
async fn a_way_to_prove_itself_takes_credentials_of_its_kind() {
    let (tenant, client) = scene().await;
    let key = created(&tenant, &client, json!({ "credential_type": "public_key", "pem": rsa_pem() })).await;
    let certificate = json!({ "credential_type": "x509_cert", "pem": certificate().pem() });
    let certificate = created(&tenant, &client, certificate).await;
    let path = format!("/api/v2/clients/{}", client.id);
    for (method, credential, status) in [
        ("private_key_jwt", &certificate, 400),
        ("tls_client_auth", &certificate, 400),
        ("self_signed_tls_client_auth", &key, 400),
        ("self_signed_tls_client_auth", &certificate, 200),
        ("private_key_jwt", &key, 200),
    ] {
        let methods = json!({ method: { "credentials": [{ "id": credential["id"] }] } });
        let answer = tenant.patch(&path, json!({ "client_authentication_methods": methods })).await;
        assert_eq!(answer.status, status, "{method}: {}", answer.text());
    }
    let key = json!({ "credential_type": "public_key", "pem": rsa_pem() });
    let three = json!({ "private_key_jwt": { "credentials": [key, key, key] } });
    let body = json!({ "name": "Three", "client_authentication_methods": three });
    tenant.post("/api/v2/clients", body).await.must_be(400);
}

#[tokio::test]
async fn a_certificate_by_thumbprint_or_by_name() {
    let (tenant, client) = scene().await;
    let pem = certificate().pem();
    let made = created(&tenant, &client, json!({ "credential_type": "x509_cert", "pem": pem })).await;
    assert_eq!(made["thumbprint_sha256"], json!(certificate().x5t_s256()));
    assert_eq!(text(&made, "expires_at").split_once('-').unwrap().0, "2039");

    let made = created(&tenant, &client, json!({ "credential_type": "cert_subject_dn", "pem": pem })).await;
    assert_eq!(made["subject_dn"], "CN=client.example");
    assert_eq!(made["pem"], Value::Null);
}

#[tokio::test]
async fn a_key_that_expires_with_its_certificate() {
    let (tenant, client) = scene().await;
    let sent =
        |pem: String| json!({ "credential_type": "public_key", "pem": pem, "parse_expiry_from_cert": true });
    let made = created(&tenant, &client, sent(certificate().pem())).await;
    assert_eq!(text(&made, "expires_at").split_once('-').unwrap().0, "2039");
    assert_eq!(made["kid"], json!(thumbprint()));
    // A bare key has no expiry, and two would be one too many.
    refusal(&tenant, &client, sent(rsa_pem())).await;
    let mut both = sent(certificate().pem());
    both["expires_at"] = json!("2033-05-13T09:33:13Z");
    refusal(&tenant, &client, both).await;
}

#[tokio::test]
async fn what_is_no_credential() {
    let (tenant, client) = scene().await;
    for body in [
        json!({}),
        json!({ "credential_type": "public_key" }),
        json!({ "credential_type": "password", "pem": rsa_pem() }),
        json!({ "credential_type": "public_key", "pem": "" }),
        json!({ "credential_type": "public_key", "pem": "no key" }),
        json!({ "credential_type": "public_key", "pem": p256_pem(), "alg": "RS256" }),
        json!({ "credential_type": "public_key", "pem": rsa_pem(), "alg": "ES256" }),
        json!({ "credential_type": "public_key", "pem": format!("{}{}", rsa_pem(), "x".repeat(5000)) }),
        json!({ "credential_type": "public_key", "pem": rsa_pem().replace("MII", "MIJ") }),
        json!({ "credential_type": "public_key", "pem": rsa_pem(), "alg": "HS256" }),
        json!({ "credential_type": "public_key", "pem": rsa_pem(), "kid": "short" }),
        json!({ "credential_type": "public_key", "pem": rsa_pem(), "expires_at": "tomorrow" }),
        json!({ "credential_type": "public_key", "pem": rsa_pem(), "id": "cred_chosen" }),
        json!({ "credential_type": "public_key", "pem": rsa_pem(), "client_id": "another" }),
        json!({ "credential_type": "x509_cert", "pem": rsa_pem() }),
        json!({ "credential_type": "cert_subject_dn", "pem": certificate().pem(), "subject_dn": "CN=x" }),
        json!({ "credential_type": "cert_subject_dn" }),
    ] {
        refusal(&tenant, &client, body).await;
    }
    let path = format!("/api/v2/clients/{}/credentials", client.id);
    assert_eq!(tenant.get(&path).await.body, json!([]));
}

#[tokio::test]
async fn the_same_key_twice_and_no_third() {
    let (tenant, client) = scene().await;
    let sent = |name: &str| json!({ "credential_type": "public_key", "name": name, "pem": rsa_pem() });
    let first = created(&tenant, &client, sent("a")).await;
    let second = created(&tenant, &client, sent("b")).await;
    assert_eq!(first["kid"], second["kid"]);
    assert_ne!(first["id"], second["id"]);
    let path = format!("/api/v2/clients/{}/credentials", client.id);
    tenant.post(&path, sent("c")).await.must_be(403);
    tenant.delete(&format!("{path}/{}", text(&first, "id"))).await.must_be(204);
    tenant.post(&path, sent("c")).await.must_be(201);
    assert_eq!(each(&tenant.get(&path).await.body, "name").len(), 2);
}

#[tokio::test]
async fn only_the_expiry_can_be_changed() {
    let (tenant, client) = scene().await;
    let made = created(&tenant, &client, json!({ "credential_type": "public_key", "pem": rsa_pem() })).await;
    let path = format!("/api/v2/clients/{}/credentials/{}", client.id, text(&made, "id"));
    tenant.later(1000);

    let changed =
        tenant.patch(&path, json!({ "expires_at": "2030-01-01T00:00:00+01:00" })).await.must_be(200);

    assert_eq!(changed["expires_at"], "2029-12-31T23:00:00.000Z");
    assert_eq!(changed["created_at"], "2026-07-01T12:00:00.250Z");
    assert_eq!(changed["updated_at"], "2026-07-01T12:00:01.250Z");
    let gone = tenant.patch(&path, json!({ "expires_at": null })).await.must_be(200);
    assert_eq!(gone["expires_at"], Value::Null);
    for name in ["name", "pem", "kid", "alg", "credential_type", "nope"] {
        let answer = tenant.patch(&path, json!({ name: "x" })).await;
        let words = format!("Payload validation error: 'Additional properties not allowed: {name}'.");
        refused(&answer, 400, &words, Some("invalid_body"));
    }
}

#[tokio::test]
async fn credentials_belong_to_one_client() {
    let (tenant, client) = scene().await;
    let another = tenant.client(json!({})).await;
    let made = created(&tenant, &client, json!({ "credential_type": "public_key", "pem": rsa_pem() })).await;
    let theirs = format!("/api/v2/clients/{}/credentials/{}", another.id, text(&made, "id"));
    tenant.get(&theirs).await.must_be(404);
    tenant.patch(&theirs, json!({ "expires_at": null })).await.must_be(404);
    tenant.delete(&theirs).await.must_be(204);
    let methods = json!({ "private_key_jwt": { "credentials": [{ "id": made["id"] }] } });
    let patch = json!({ "client_authentication_methods": methods });
    tenant.patch(&format!("/api/v2/clients/{}", another.id), patch).await.must_be(400);
    tenant
        .get(&format!("/api/v2/clients/{}/credentials/{}", client.id, text(&made, "id")))
        .await
        .must_be(200);
    let unknown = tenant.get("/api/v2/clients/nobody/credentials").await;
    refused(&unknown, 404, "The client does not exist", Some("inexistent_client"));
}

async fn scene() -> (TestTenant, TestClient) {
    let tenant = TestTenant::new().await;
    let client = tenant.client(json!({})).await;
    (tenant, client)
}

async fn created(tenant: &TestTenant, client: &TestClient, body: Value) -> Value {
    let path = format!("/api/v2/clients/{}/credentials", client.id);
    tenant.post(&path, body).await.must_be(201).body
}

async fn refusal(tenant: &TestTenant, client: &TestClient, body: Value) {
    let path = format!("/api/v2/clients/{}/credentials", client.id);
    let answer = tenant.post(&path, body.clone()).await;
    assert_eq!((answer.status, &answer["errorCode"]), (400, &json!("invalid_body")), "{body}");
}
