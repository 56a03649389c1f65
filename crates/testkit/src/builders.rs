//! What most tests begin with: a client, an API and a grant, made through the Management API like any other.

use serde_json::{Value, json};

use crate::{Answer, TestTenant};

/// A client and its secret.
#[derive(Debug, Clone)]
pub struct TestClient {
    pub id: String,
    pub secret: String,
    /// The answer to its creation.
    pub body: Value,
}

impl TestClient {
    /// The body of a request for a token, with the secret in it.
    pub fn asks_for(&self, audience: &str) -> Value {
        json!({
            "grant_type": "client_credentials", "client_id": self.id, "client_secret": self.secret,
            "audience": audience,
        })
    }

    /// The same, and more, or something else.
    pub fn asks_with(&self, audience: &str, more: Value) -> Value {
        over(self.asks_for(audience), more)
    }
}

impl TestTenant {
    /// A client for machines, unless the body says otherwise.
    pub async fn client(&self, body: Value) -> TestClient {
        let usual = json!({
            "name": "Nightly import", "app_type": "non_interactive", "grant_types": ["client_credentials"],
        });
        let body = self.post("/api/v2/clients", over(usual, body)).await.must_be(201).body;
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        TestClient { id: text("client_id"), secret: text("client_secret"), body }
    }

    /// The API `https://api.example` with `read:a write:b`, unless the body says otherwise.
    pub async fn api(&self, body: Value) -> Value {
        let usual = json!({
            "name": "Orders", "identifier": "https://api.example",
            "scopes": [{ "value": "read:a" }, { "value": "write:b" }],
            "skip_consent_for_verifiable_first_party_clients": true,
        });
        self.post("/api/v2/resource-servers", over(usual, body)).await.must_be(201).body
    }

    /// A grant, exactly as the body says.
    pub async fn grant(&self, body: Value) -> Value {
        self.post("/api/v2/client-grants", body).await.must_be(201).body
    }

    pub async fn organization(&self, name: &str) -> Value {
        self.post("/api/v2/organizations", json!({ "name": name })).await.must_be(201).body
    }

    /// A client that may call `https://api.example` with everything there is.
    pub async fn client_of_an_api(&self) -> TestClient {
        self.client_of("https://api.example").await
    }

    /// A client that may call a new API of this name with everything there is.
    pub async fn client_of(&self, audience: &str) -> TestClient {
        self.api(json!({ "identifier": audience })).await;
        let client = self.client(json!({})).await;
        let scope = ["read:a", "write:b"];
        self.grant(json!({ "client_id": client.id, "audience": audience, "scope": scope })).await;
        client
    }

    /// The answer of the token endpoint.
    pub async fn asked(&self, body: Value) -> Answer {
        self.without_token().post("/oauth/token", body).await
    }

    /// An access token.
    pub async fn token(&self, body: Value) -> String {
        self.asked(body).await.must_be(200).str("access_token").to_owned()
    }

    /// A token for the Management API that has just these scopes, asked for by a client of its own.
    pub async fn token_with(&self, scopes: &[&str]) -> String {
        let client = self.client(json!({ "name": "Caller" })).await;
        let audience = self.management_audience();
        self.grant(json!({ "client_id": client.id, "audience": audience, "scope": scopes })).await;
        self.token(client.asks_for(&audience)).await
    }
}

/// Lays the members of one object over another.
fn over(mut usual: Value, body: Value) -> Value {
    if let (Value::Object(usual), Value::Object(body)) = (&mut usual, body) {
        usual.extend(body);
    }
    usual
}
