//! `/api/v2/keys/encryption`: the keys that seal secrets, and a root of the customer's own.

use base64::{Engine, engine::general_purpose::STANDARD};
use jose::{OaepHash, PublicKey, rsa_aes_wrap};
use serde_json::{Value, json};
use testkit::{TestClient, TestTenant};

use crate::api::v2::text;

const PATH: &str = "/api/v2/keys/encryption";
const API: &str = "https://api.example";
const SECRET: &str = "a secret to sign with";

#[tokio::test]
async fn a_root_and_a_master_key_from_the_start() {
    let tenant = TestTenant::new().await;
    let keys = tenant.get(PATH).await.must_be(200).body;
    assert_eq!(states(&keys), [("environment-root-key", "active"), ("tenant-master-key", "active")]);
    let root = of_type(&keys, "environment-root-key");
    let master = of_type(&keys, "tenant-master-key");
    assert_eq!((&root["parent_kid"], &master["parent_kid"]), (&Value::Null, &root["kid"]));
    let mut members: Vec<&String> = master.as_object().unwrap().keys().collect();
    members.sort_unstable();
    assert_eq!(members, ["created_at", "kid", "parent_kid", "public_key", "state", "type", "updated_at"]);
    let one = format!("{PATH}/{}", text(master, "kid"));
    assert_eq!(tenant.get(&one).await.must_be(200).body, *master);
    let page = tenant.get(&format!("{PATH}?include_totals=true")).await.must_be(200);
    assert_eq!(page.members(), ["start", "limit", "total", "keys"]);
    assert_eq!((&page["total"], page["keys"].as_array().unwrap().len()), (&json!(2), 2));
}

#[tokio::test]
async fn a_customers_root_from_creation_to_destruction() {
    let scene = Scene::new().await;
    let tenant = &scene.tenant;
    let first_master = of_type(&tenant.get(PATH).await.body, "tenant-master-key")["kid"].clone();

    let made = tenant.post(PATH, json!({ "type": "customer-provided-root-key" })).await.must_be(201);
    assert_eq!((made.str("type"), made.str("state")), ("customer-provided-root-key", "pre-activation"));
    let root = made.str("kid").to_owned();
    scene.still_works().await;

    let wrapped = wrapped(tenant, &root, OaepHash::Sha256, &[7; 32]).await;
    tenant.later(1);
    let imported =
        tenant.post(&format!("{PATH}/{root}"), json!({ "wrapped_key": wrapped })).await.must_be(201);
    assert_eq!((imported.str("kid"), imported.str("state")), (root.as_str(), "active"));
    let keys = tenant.get(PATH).await.body;
    let active = active_master(&keys);
    assert_eq!(active["parent_kid"], json!(root));
    assert_ne!(active["kid"], first_master);
    scene.still_works().await;

    tenant.delete(&format!("{PATH}/{root}")).await.must_be(204);
    let keys = tenant.get(PATH).await.body;
    let environment = of_type(&keys, "environment-root-key");
    assert_eq!(active_master(&keys)["parent_kid"], environment["kid"]);
    assert_eq!(tenant.get(&format!("{PATH}/{root}")).await["state"], "destroyed");
    scene.still_works().await;
}

#[tokio::test]
async fn material_wrapped_with_either_hash_is_taken() {
    for hash in [OaepHash::Sha1, OaepHash::Sha256] {
        let tenant = TestTenant::new().await;
        let root = tenant.post(PATH, json!({ "type": "customer-provided-root-key" })).await.must_be(201);
        let wrapped = wrapped(&tenant, root.str("kid"), hash, &[9; 32]).await;
        let path = format!("{PATH}/{}", root.str("kid"));
        tenant.post(&path, json!({ "wrapped_key": wrapped })).await.must_be(201);
    }
}

#[tokio::test]
async fn rekeying_seals_everything_anew() {
    let scene = Scene::new().await;
    let before = scene.stored().await;

    for _ in 0..3 {
        scene.tenant.later(1);
        scene.tenant.post(&format!("{PATH}/rekey"), json!({})).await.must_be(204);
        let after = scene.stored().await;
        assert_ne!(after, before);
        scene.still_works().await;
    }

    let keys = scene.tenant.get(PATH).await.body;
    let active = active_master(&keys);
    assert_eq!(states(&keys).iter().filter(|state| **state == ("tenant-master-key", "destroyed")).count(), 3);
    // What is sealed names the key that it is sealed under, and no other.
    for sealed in scene.stored().await {
        assert!(sealed.contains(text(active, "kid")), "{sealed}");
    }
}

#[tokio::test]
async fn what_cannot_be_imported() {
    let tenant = TestTenant::new().await;
    let root = tenant.post(PATH, json!({ "type": "customer-provided-root-key" })).await.must_be(201);
    let path = format!("{PATH}/{}", root.str("kid"));
    tenant.post(&path, json!({ "wrapped_key": "AAAA" })).await.must_be(400);
    let good = wrapped(&tenant, root.str("kid"), OaepHash::Sha256, &[7; 32]).await;
    let short = wrapped(&tenant, root.str("kid"), OaepHash::Sha256, &[7; 16]).await;
    for body in [
        json!({}),
        json!({ "wrapped_key": 7 }),
        json!({ "wrapped_key": "" }),
        json!({ "wrapped_key": "!!!" }),
        json!({ "wrapped_key": "AAAA" }),
        json!({ "wrapped_key": good[..good.len() / 2] }),
        json!({ "wrapped_key": good.replacen(&good[..1], if good.starts_with('A') { "B" } else { "A" }, 1) }),
        json!({ "wrapped_key": "A".repeat(100_000) }),
        json!({ "wrapped_key": short }),
        // Wrapped for a wrapping key that another one has replaced.
        json!({ "wrapped_key": good }),
    ] {
        tenant.post(&path, body).await.must_be(400);
    }
    assert_eq!(tenant.get(&path).await["state"], "pre-activation");
    let fresh = wrapped(&tenant, root.str("kid"), OaepHash::Sha256, &[7; 32]).await;
    tenant.post(&path, json!({ "wrapped_key": fresh })).await.must_be(201);
    // Once is enough.
    tenant.post(&path, json!({ "wrapped_key": fresh })).await.must_be(400);
    tenant.post(&format!("{path}/wrapping-key"), json!({})).await.must_be(400);
}

#[tokio::test]
async fn what_cannot_be_made_or_destroyed() {
    let tenant = TestTenant::new().await;
    for body in
        [json!({}), json!({ "type": "tenant-master-key" }), json!({ "type": "x" }), json!({ "kid": "x" })]
    {
        tenant.post(PATH, body).await.must_be(400);
    }
    for key in tenant.get(PATH).await.items() {
        tenant.delete(&format!("{PATH}/{}", text(key, "kid"))).await.must_be(400);
    }
    tenant.get(&format!("{PATH}/unknown")).await.must_be(404);
    tenant.post(&format!("{PATH}/unknown"), json!({ "wrapped_key": "AAAA" })).await.must_be(404);
    tenant.post(&format!("{PATH}/unknown/wrapping-key"), json!({})).await.must_be(404);
    // A root that never had material is just marked.
    let root = tenant.post(PATH, json!({ "type": "customer-provided-root-key" })).await.must_be(201);
    tenant.delete(&format!("{PATH}/{}", root.str("kid"))).await.must_be(204);
    assert_eq!(tenant.get(&format!("{PATH}/{}", root.str("kid"))).await["state"], "destroyed");
}

/// A tenant with secrets of every kind.
struct Scene {
    tenant: TestTenant,
    m2m: TestClient,
}

impl Scene {
    async fn new() -> Scene {
        let tenant = TestTenant::new().await;
        let m2m = tenant.client_of_an_api().await;
        tenant
            .api(json!({ "identifier": "urn:hmac", "signing_alg": "HS256", "signing_secret": SECRET }))
            .await;
        tenant.grant(json!({ "client_id": m2m.id, "audience": "urn:hmac", "scope": [] })).await;
        Scene { tenant, m2m }
    }

    /// Secrets are read and keys sign: here, and in a process that knows nothing but the store.
    async fn still_works(&self) {
        let elsewhere = self.tenant.server().another_node().await.tenant("default");
        for tenant in [&self.tenant, &elsewhere] {
            let client = tenant.get(&format!("/api/v2/clients/{}", self.m2m.id)).await.must_be(200);
            assert_eq!(client["client_secret"], json!(self.m2m.secret));
            let api = tenant.get("/api/v2/resource-servers/urn:hmac").await.must_be(200);
            assert_eq!(api["signing_secret"], SECRET);
            tenant.asked(self.m2m.asks_for(API)).await.must_be(200);
            tenant.asked(self.m2m.asks_for("urn:hmac")).await.must_be(200);
        }
        let tokens =
            [self.tenant.token(self.m2m.asks_for(API)).await, elsewhere.token(self.m2m.asks_for(API)).await];
        // Their clocks differ, their keys do not.
        assert_eq!(testkit::header(&tokens[0]), testkit::header(&tokens[1]));
    }

    /// Every sealed value as it is stored.
    async fn stored(&self) -> Vec<String> {
        let mut sealed = Vec::new();
        let documents = self.tenant.store().documents();
        for (kind, names) in [
            ("clients", &["client_secret"][..]),
            ("resource-servers", &["signing_secret"]),
            ("keys/signing", &["rsa", "p256", "ed25519"]),
        ] {
            for document in documents.all("default", kind).await.unwrap() {
                let secrets = names.iter().filter_map(|name| document.body.get(*name)?.as_str());
                sealed.extend(secrets.map(str::to_owned));
            }
        }
        assert!(sealed.len() >= 10, "{}", sealed.len());
        sealed
    }
}

/// Material, wrapped with a new wrapping key as a customer would.
async fn wrapped(tenant: &TestTenant, root: &str, hash: OaepHash, material: &[u8]) -> String {
    let answer = tenant.post(&format!("{PATH}/{root}/wrapping-key"), json!({})).await.must_be(201);
    assert_eq!(answer.members(), ["public_key", "algorithm"]);
    assert_eq!(answer.str("algorithm"), "CKM_RSA_AES_KEY_WRAP");
    let key = PublicKey::from_pem(answer.str("public_key")).unwrap();
    STANDARD.encode(rsa_aes_wrap(&key, hash, material).unwrap())
}

fn states(keys: &Value) -> Vec<(&str, &str)> {
    let mut states: Vec<_> =
        keys.as_array().unwrap().iter().map(|key| (text(key, "type"), text(key, "state"))).collect();
    states.sort_unstable();
    states
}

fn of_type<'a>(keys: &'a Value, kind: &str) -> &'a Value {
    keys.as_array().unwrap().iter().find(|key| key["type"] == kind).unwrap()
}

fn active_master(keys: &Value) -> &Value {
    let is_active = |key: &&Value| key["type"] == "tenant-master-key" && key["state"] == "active";
    let active: Vec<&Value> = keys.as_array().unwrap().iter().filter(is_active).collect();
    assert_eq!(active.len(), 1);
    active[0]
}
