//! What only its holder may know is nowhere to be read: not in the store, not in a log, not when printed.

use std::fs;

use model::{Client, EncryptionKey, LogStream, ResourceServer, SigningKey};
use schema::Resource;
use serde_json::{Value, json};
use store::Location;
use testkit::TestTenant;

/// A tenant with a secret of each kind, and those secrets.
async fn scene() -> (TestTenant, Vec<String>) {
    let tenant = TestTenant::new().await;
    let m2m = tenant.client_of_an_api().await;
    let mut secrets = vec![m2m.secret.clone()];
    let path = format!("/api/v2/clients/{}", m2m.id);
    let rotated = tenant.post(&format!("{path}/rotate-secret"), json!({})).await.must_be(200);
    secrets.push(rotated.str("client_secret").to_owned());
    let chosen = json!({ "client_secret": "a-client-secret-that-somebody-chose" });
    tenant.patch(&path, chosen.clone()).await.must_be(200);
    secrets.push(chosen["client_secret"].as_str().unwrap().to_owned());
    let signing = "a-signing-secret-that-somebody-chose";
    tenant.api(json!({ "identifier": "urn:h", "signing_alg": "HS256", "signing_secret": signing })).await;
    secrets.push(signing.to_owned());
    let root = tenant.post("/api/v2/keys/encryption", json!({ "type": "customer-provided-root-key" })).await;
    let wrapping = format!("/api/v2/keys/encryption/{}/wrapping-key", root.str("kid"));
    tenant.post(&wrapping, json!({})).await.must_be(201);
    for (kind, sink) in sinks() {
        tenant.post("/api/v2/log-streams", json!({ "type": kind, "sink": sink })).await.must_be(200);
        secrets.extend(chosen_in(&sink));
    }
    tenant.flush_logs().await;
    // The private keys, as the tenant itself reads them.
    for (noun, names) in [
        (&SigningKey::NOUN, &["rsa", "p256", "ed25519"][..]),
        (&EncryptionKey::NOUN, &["wrapping_key"]),
        (&Client::NOUN, &["client_secret"]),
        (&ResourceServer::NOUN, &["signing_secret"]),
    ] {
        for document in tenant.all(noun).await.unwrap() {
            let found = names.iter().filter_map(|name| document.body.get(*name).and_then(Value::as_str));
            secrets.extend(found.map(str::to_owned));
        }
    }
    assert!(secrets.len() >= 4 + 6 + 1 + 3 + 7, "{}", secrets.len());
    (tenant, secrets)
}

/// Where log events are sent, and what lets the server in there.
fn sinks() -> [(&'static str, Value); 6] {
    [
        (
            "http",
            json!({ "httpEndpoint": "https://a.example", "httpAuthorization": "a-secret-authorization",
                "httpCustomHeaders": [{ "header": "x-key", "value": "a-secret-custom-header" }] }),
        ),
        ("datadog", json!({ "datadogApiKey": "a-secret-of-datadog", "datadogRegion": "us" })),
        (
            "splunk",
            json!({ "splunkDomain": "a.example", "splunkPort": "8088", "splunkToken": "a-secret-of-splunk",
                "splunkSecure": true }),
        ),
        ("sumo", json!({ "sumoSourceAddress": "https://a.example/a-secret-of-sumo-logic" })),
        ("segment", json!({ "segmentWriteKey": "a-secret-of-segment" })),
        (
            "mixpanel",
            json!({ "mixpanelRegion": "eu", "mixpanelProjectId": "1", "mixpanelServiceAccountUsername": "u",
                "mixpanelServiceAccountPassword": "a-secret-of-mixpanel" }),
        ),
    ]
}

/// The texts of a body that look like secrets.
fn chosen_in(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => text
            .rsplit('/')
            .next()
            .filter(|text| text.starts_with("a-secret"))
            .map(str::to_owned)
            .into_iter()
            .collect(),
        Value::Array(items) => items.iter().flat_map(chosen_in).collect(),
        Value::Object(members) => members.values().flat_map(chosen_in).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

#[tokio::test]
async fn no_document_holds_a_plain_secret() {
    let (tenant, secrets) = scene().await;
    for kind in [
        "clients",
        "resource-servers",
        "keys/signing",
        "keys/encryption",
        "clients/credentials",
        "log-streams",
    ] {
        for document in tenant.store().documents().all("default", kind).await.unwrap() {
            let body = Value::Object(document.body).to_string();
            assert!(secrets.iter().all(|secret| !body.contains(secret)), "{kind} {}", document.id);
        }
    }
}

#[tokio::test]
async fn no_file_of_the_store_holds_a_plain_secret() {
    let (tenant, secrets) = scene().await;
    let Location::Sqlite { dir } = tenant.server().location() else { return };
    let mut looked_at = 0;
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let content = fs::read(entry.path()).unwrap();
        looked_at += content.len();
        for secret in &secrets {
            let found = content.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{:?} {}", entry.file_name(), &secret[..8]);
        }
        // Nor the keys in binary.
        for key in secrets.iter().filter_map(|secret| decoded(secret)) {
            let middle = &key[key.len() / 2..key.len() / 2 + 16];
            assert!(!content.windows(16).any(|window| window == middle), "{:?}", entry.file_name());
        }
    }
    assert!(looked_at > 100_000);
}

#[tokio::test]
async fn nothing_that_is_held_in_memory_prints_a_secret() {
    let (tenant, secrets) = scene().await;
    let mut printed = vec![format!("{:?}", *tenant), format!("{:?}", tenant.server().tenants())];
    let snapshot = tenant.snapshot();
    for document in tenant.all(&Client::NOUN).await.unwrap() {
        let held = snapshot.client(&document.id).unwrap();
        printed.push(format!("{:?}", held.view));
        printed.push(format!("{:?}", Client::view(&document.body).unwrap()));
    }
    for document in tenant.all(&ResourceServer::NOUN).await.unwrap() {
        printed.push(format!("{:?}", ResourceServer::view(&document.body).unwrap()));
    }
    for document in tenant.all(&SigningKey::NOUN).await.unwrap() {
        printed.push(format!("{:?}", SigningKey::view(&document.body).unwrap()));
    }
    for stream in snapshot.log_streams.values() {
        printed.push(format!("{stream:?}"));
    }
    let secret = secrets[0].clone();
    let request = idp::token::Request { client_secret: Some(secret.into()), ..Default::default() };
    printed.push(format!("{request:?}"));
    for text in &printed {
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{}", &text[..200.min(text.len())]);
    }
}

/// A document that was read has its secrets opened, and so must not print them.
#[tokio::test]
async fn a_document_that_was_read_prints_no_secret() {
    let (tenant, secrets) = scene().await;
    for noun in
        [&Client::NOUN, &ResourceServer::NOUN, &SigningKey::NOUN, &EncryptionKey::NOUN, &LogStream::NOUN]
    {
        for document in tenant.all(noun).await.unwrap() {
            let text = format!("{document:?}");
            assert!(secrets.iter().all(|secret| !text.contains(secret)), "a document of {}", noun.path);
        }
    }
}

#[tokio::test]
async fn a_sealed_value_cannot_be_moved() {
    let tenant = TestTenant::new().await;
    let [a, b] = [tenant.client(json!({})).await, tenant.client(json!({})).await];
    let documents = tenant.store().documents();
    let stored = async |id: &str| documents.read("default", "clients", id).await.unwrap().unwrap();
    let (from, to) = (stored(&a.id).await, stored(&b.id).await);
    let mut body = to.body.clone();
    body.insert("client_secret".into(), from.body["client_secret"].clone());
    let (kind, id, version) = ("clients", to.id, to.version);
    let moved = store::Write::Replace { kind, id, body, keys: Vec::new(), known: None, version, updated: 0 };
    documents.commit("default", vec![moved]).await.unwrap();

    assert!(tenant.read(&Client::NOUN, &b.id).await.is_err());
    // Whoever asks hears nothing of why.
    let answer = tenant.get(&format!("/api/v2/clients/{}", b.id)).await.must_be(500);
    let words = json!({ "statusCode": 500, "error": "Internal Server Error", "message": "Internal error" });
    assert_eq!(answer.body, words);
}

fn decoded(secret: &str) -> Option<Vec<u8>> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.decode(secret).ok().filter(|key| key.len() > 48)
}
