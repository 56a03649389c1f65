//! What the targets share: a server in process, with a client that proves itself in every way there is.

#![cfg(feature = "server")]

use std::sync::{Arc, OnceLock};

use http::Method;
use jose::{Algorithm, KeyKind, PrivateKey, Signer};
use serde_json::{Value, json};
use testkit::{Answer, TestClient, TestTenant};
use tokio::runtime::{Builder, Runtime};

/// The API that the client may call.
pub const API: &str = "https://api.example";
/// The issuer that the client trusts.
pub const ISSUER: &str = "https://issuer.example";

/// A tenant and its client.
pub struct Scene {
    runtime: Runtime,
    pub tenant: TestTenant,
    pub client: TestClient,
    /// Signs for the trusted issuer.
    outside: Signer,
}

impl Scene {
    /// The one scene of this process.
    pub fn get() -> &'static Scene {
        static SCENE: OnceLock<Scene> = OnceLock::new();
        SCENE.get_or_init(Scene::new)
    }

    fn new() -> Scene {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
        let key = Arc::new(PrivateKey::generate(KeyKind::Ed25519).expect("a key can be made"));
        let outside = Signer::new(Algorithm::EdDSA, key.clone(), "k", "JWT").expect("the key fits");
        let mut jwk = serde_json::to_value(key.public().jwk()).expect("a key is JSON");
        jwk["kid"] = json!("k");
        let trust = json!({
            "issuer": ISSUER, "jwks": { "keys": [jwk] }, "single_use": false,
            "rules": [
                { "claim": "sub", "operator": "matches", "value": "repo:acme/*:ref:refs/heads/*" },
                { "claim": "/a/b", "operator": "one_of", "value": ["x", "y"] },
            ],
        });
        let (tenant, client) = runtime.block_on(async {
            let tenant = TestTenant::new().await;
            let client = tenant.client_of_an_api().await;
            let path = format!("/api/x/clients/{}/federated-credentials", client.id);
            tenant.post(&path, trust).await.must_be(201);
            (tenant, client)
        });
        Scene { runtime, tenant, client, outside }
    }

    /// Sends a body to the token endpoint.
    pub fn asks(&self, media: &str, body: Vec<u8>) -> Answer {
        let headers = [("content-type", media)];
        let caller = self.tenant.without_token();
        self.runtime.block_on(caller.send(Method::POST, "/oauth/token", &headers, body))
    }

    /// Shows claims that the trusted issuer signed.
    pub fn claims(&self, claims: &[u8]) -> Option<Answer> {
        let assertion = self.outside.sign(claims).ok()?;
        let body: Value = json!({
            "grant_type": "client_credentials", "client_id": self.client.id, "audience": API,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        });
        Some(self.asks("application/json", body.to_string().into_bytes()))
    }

    /// Reads something of the Management API, as its owner.
    pub fn reads(&self, path: &str) -> Answer {
        self.runtime.block_on(self.tenant.get(path))
    }
}

/// A refusal in the form that callers know, and nothing that failed inside.
pub fn is_answered(answer: &Answer) {
    assert!(answer.status < 500, "{}", answer.text());
    if answer.status != 200 {
        assert!(answer["error"].is_string() && answer["error_description"].is_string(), "{}", answer.text());
    }
}
