//! An outside issuer on loopback: its discovery document, its keys, its tokens, and what may go wrong with it.

use std::sync::{Arc, Mutex};

use jose::{Algorithm, KeyKind, PrivateKey, Signer};
use outbound::scratch::{Reply, ScratchServer};
use serde_json::{Value, json};
use testkit::TestTenant;

pub struct Issuer {
    pub server: ScratchServer,
    said: Arc<Mutex<Said>>,
}

/// What it answers.
pub struct Said {
    pub document: Reply,
    pub keys: Reply,
}

impl Issuer {
    /// An issuer with this key, which the tenant's server may reach.
    pub async fn reached_by(tenant: &TestTenant, key: &Key) -> Issuer {
        let nothing = Said { document: Reply::status(404), keys: Reply::json(set(&[key]).to_string()) };
        let said = Arc::new(Mutex::new(nothing));
        let answers = said.clone();
        let server = ScratchServer::start(move |path| {
            let said = answers.lock().unwrap();
            match path {
                "/.well-known/openid-configuration" => said.document.clone(),
                "/keys" => said.keys.clone(),
                _ => Reply::status(404),
            }
        })
        .await;
        let issuer = Issuer { server, said };
        let document = json!({ "issuer": issuer.name(), "jwks_uri": issuer.server.url("/keys") });
        issuer.says(|said| said.document = Reply::json(document.to_string()));
        drop(tenant.server().tenants().clone().reaching(issuer.server.outbound()));
        issuer
    }

    pub fn name(&self) -> String {
        self.server.url("")
    }

    pub fn says(&self, change: impl FnOnce(&mut Said)) {
        change(&mut self.said.lock().unwrap());
    }

    pub fn publishes(&self, keys: &[&Key]) {
        self.says(|said| said.keys = Reply::json(set(keys).to_string()));
    }
}

/// A key and its name.
pub struct Key {
    pub kid: &'static str,
    algorithm: Algorithm,
    private: Arc<PrivateKey>,
}

impl Key {
    pub fn new(kid: &'static str) -> Key {
        Key::of(kid, Algorithm::ES256)
    }

    pub fn of(kid: &'static str, algorithm: Algorithm) -> Key {
        let kind = algorithm.key_kind().unwrap_or(KeyKind::P256);
        Key { kid, algorithm, private: Arc::new(PrivateKey::generate(kind).unwrap()) }
    }

    pub fn jwk(&self) -> Value {
        let mut jwk = serde_json::to_value(self.private.public().jwk()).unwrap();
        jwk["kid"] = json!(self.kid);
        jwk
    }

    pub fn signs(&self, claims: &Value) -> String {
        self.signs_as(claims, "JWT")
    }

    pub fn private(&self) -> &PrivateKey {
        &self.private
    }

    pub fn signs_as(&self, claims: &Value, typ: &str) -> String {
        let signer = Signer::new(self.algorithm, self.private.clone(), self.kid, typ).unwrap();
        signer.sign(claims.to_string().as_bytes()).unwrap()
    }
}

pub fn set(keys: &[&Key]) -> Value {
    json!({ "keys": keys.iter().map(|key| key.jwk()).collect::<Vec<_>>() })
}
