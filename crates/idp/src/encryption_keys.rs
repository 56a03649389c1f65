//! The tenant's sealing keys as the Management API shows them. The environment's root key is the server's
//! master key; below it, or below a root that the customer brought, stands one active tenant master key,
//! under which the tenant's secrets are sealed.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use jose::{OaepHash, PrivateKey};
use model::{EncryptionKey, NOUNS};
use schema::{Noun, Object, Resource};
use serde_json::{Value, json};
use store::{SealingKey, SealingRing, Write};
use zeroize::Zeroizing;

use crate::{Change, Code, Document, Error, Result, Tenant, clock::iso, id};

const CUSTOMER_ROOT: &str = "customer-provided-root-key";
const ENVIRONMENT_ROOT: &str = "environment-root-key";
const TENANT_MASTER: &str = "tenant-master-key";
/// Bits of the RSA key that wraps a customer's key on its way to us.
const WRAPPING_BITS: usize = 3072;

/// A root key of the customer's own, still without material.
pub async fn create(tenant: &Tenant) -> Result<Object> {
    let now = tenant.clock().now_ms();
    let (kid, body) = document(CUSTOMER_ROOT, "pre-activation", Value::Null, now);
    tenant.commit(vec![Change::create::<EncryptionKey>(kid, body.clone())]).await?;
    Ok(body)
}

/// The public key with which the customer wraps the material of this root.
pub async fn wrapping_key(tenant: &Tenant, kid: &str) -> Result<Object> {
    let root = awaiting_material(tenant, kid).await?;
    let key = tokio::task::spawn_blocking(|| PrivateKey::generate_rsa(WRAPPING_BITS)).await??;
    let mut body = root.body.clone();
    body.insert("wrapping_key".into(), json!(BASE64.encode(key.to_pkcs8()?.as_slice())));
    tenant.commit(vec![Change::replace::<EncryptionKey>(&root, body)]).await?;
    let mut answer = Object::new();
    answer.insert("public_key".into(), json!(key.public().to_spki_pem()));
    answer.insert("algorithm".into(), json!("CKM_RSA_AES_KEY_WRAP"));
    Ok(answer)
}

/// Takes the wrapped material of a customer's root, and puts a new tenant master key below it.
pub async fn import(tenant: &Tenant, kid: &str, wrapped_key: &str) -> Result<Object> {
    let root = awaiting_material(tenant, kid).await?;
    let refused = || {
        Code::InvalidRequest.refuse("Invalid input. Wrapped key material is invalid or unsupported key type.")
    };
    let Some(wrapping) = root.body.get("wrapping_key").and_then(Value::as_str) else { return refused() };
    let wrapping = PrivateKey::from_pkcs8(jose::KeyKind::Rsa, &Zeroizing::new(BASE64.decode(wrapping)?))?;
    let Ok(wrapped) = BASE64.decode(wrapped_key) else { return refused() };
    let unwrap = |hash| jose::rsa_aes_unwrap(&wrapping, hash, &wrapped).ok();
    let Some(material) = unwrap(OaepHash::Sha256).or_else(|| unwrap(OaepHash::Sha1)) else {
        return refused();
    };
    let Ok(material) = <&[u8; 32]>::try_from(material.as_slice()) else { return refused() };

    let mut body = root.body.clone();
    body.shift_remove("wrapping_key");
    body.insert("wrapped".into(), json!(wrap(&tenant.0.vault.root, tenant.name(), kid, material)?));
    body.insert("state".into(), json!("active"));
    touch(tenant, &mut body);
    let customer = SealingKey::from_bytes(kid, material)?;
    rekey_below(tenant, Some(&customer), vec![Change::replace::<EncryptionKey>(&root, body.clone())]).await?;
    Ok(body)
}

/// Destroys a key that the customer brought; what it protected moves below the environment's root.
pub async fn destroy(tenant: &Tenant, kid: &str) -> Result<()> {
    let Some(key) = tenant.read(&EncryptionKey::NOUN, kid).await? else { return not_found() };
    if text(&key.body, "type") != CUSTOMER_ROOT {
        return Code::InvalidRequest.refuse("Only a customer provided root key can be deleted.");
    }
    let was_active = text(&key.body, "state") == "active";
    let mut body = key.body.clone();
    destroyed(tenant, &mut body);
    let change = Change::replace::<EncryptionKey>(&key, body);
    match was_active {
        true => rekey_below(tenant, None, vec![change]).await,
        false => tenant.commit(vec![change]).await,
    }
}

/// A new tenant master key below the active root; everything sealed is sealed anew under it.
pub async fn rekey(tenant: &Tenant) -> Result<()> {
    let customer = tenant
        .all(&EncryptionKey::NOUN)
        .await?
        .into_iter()
        .find(|key| text(&key.body, "type") == CUSTOMER_ROOT && text(&key.body, "state") == "active");
    let customer = customer
        .map(|key| open_key(&tenant.0.vault.root, tenant.name(), &key.id, text(&key.body, "wrapped")));
    rekey_below(tenant, customer.transpose()?.as_ref(), Vec::new()).await
}

async fn rekey_below(tenant: &Tenant, customer: Option<&SealingKey>, mut changes: Vec<Change>) -> Result<()> {
    let _one_at_a_time = tenant.0.rekeying.lock().await;
    // Read first: whoever turns the keys meanwhile, here or on another node, makes the commit below a conflict.
    let keys = tenant.all(&EncryptionKey::NOUN).await?;
    tenant.load_vault().await?;
    // Finishes a pass that a crash may have cut short, so that what is purged below protects nothing.
    reseal(tenant).await?;
    let now = tenant.clock().now_ms();
    let environment = keys.iter().find(|key| text(&key.body, "type") == ENVIRONMENT_ROOT);
    let parent = customer.map(|key| key.id().to_owned()).or_else(|| environment.map(|key| key.id.clone()));
    let (kid, mut body) = document(TENANT_MASTER, "active", json!(parent), now);
    let fresh = SealingKey::generate(&kid)?;
    body.insert("wrapped".into(), json!(wrap(&tenant.0.vault.root, tenant.name(), &kid, fresh.bytes())?));
    changes.push(Change::create::<EncryptionKey>(kid, body));
    let in_use = keys_in_use(tenant).await?;
    for key in keys.iter().filter(|key| text(&key.body, "type") == TENANT_MASTER) {
        let mut body = key.body.clone();
        if text(&body, "state") == "active" {
            // Its material stays for now: another node may be sealing under it at this moment.
            body.insert("state".into(), json!("destroyed"));
            touch(tenant, &mut body);
        } else if now - key.updated / 1000 < KEPT_FOR
            || in_use.contains(&key.id)
            || body.shift_remove("wrapped").is_none()
        {
            continue;
        }
        changes.push(Change::replace::<EncryptionKey>(key, body));
    }
    tenant.commit(changes).await?;
    reseal(tenant).await
}

/// How long, in milliseconds, a destroyed key's material outlives it at least: far longer than any node takes
/// to hear of the new one.
const KEPT_FOR: i64 = 60_000;

/// The keys under which anything is sealed at this moment.
async fn keys_in_use(tenant: &Tenant) -> Result<HashSet<String>> {
    let mut in_use = HashSet::new();
    for noun in sealed() {
        for mut document in tenant.0.store.documents().all(tenant.name(), noun.path).await? {
            let each = &mut |_: &str, text: &mut String| -> std::result::Result<(), ()> {
                in_use.extend(text.split('.').nth(1).map(str::to_owned));
                Ok(())
            };
            // Nothing in it can fail.
            let _ = schema::each_secret(noun.fields, &mut document.body, each);
        }
    }
    Ok(in_use)
}

/// The nouns that hold secrets.
fn sealed() -> impl Iterator<Item = &'static Noun> {
    NOUNS.iter().copied().filter(|noun| noun.has_secrets())
}

/// Seals anew whatever is not sealed under the current key.
async fn reseal(tenant: &Tenant) -> Result<()> {
    for noun in sealed() {
        let stored = tenant.0.store.documents().all(tenant.name(), noun.path).await?;
        let mut changes = Vec::new();
        for document in stored {
            if is_behind(tenant, noun, &document) {
                let Document { id, body, version, .. } = tenant.open(noun, document)?;
                // What it is found by stays, also what no single field holds.
                let known = Some(schema::keys(noun.fields, &body));
                let (keys, version) = (Vec::new(), Some(version));
                changes.push(Change::Put(crate::Put { noun, id, body, keys, known, version }));
            }
        }
        for change in changes {
            match tenant.commit(vec![change]).await {
                // Whoever was faster sealed it under the current key.
                Ok(()) | Err(Error::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn is_behind(tenant: &Tenant, noun: &'static Noun, document: &store::Document) -> bool {
    let ring = tenant.0.vault.ring.load();
    let mut body = document.body.clone();
    let each = &mut |_: &str, text: &mut String| if ring.needs_reseal(text) { Err(()) } else { Ok(()) };
    schema::each_secret(noun.fields, &mut body, each).is_err()
}

/// Wraps every tenant's keys with the newest master key; answers how many.
pub async fn rewrap(store: &store::Store, root: &SealingRing) -> Result<usize> {
    let mut wrapped_keys = 0;
    for row in store.tenants().list().await? {
        let mut writes = Vec::new();
        for document in store.documents().all(&row.name, EncryptionKey::NOUN.path).await? {
            let Some(wrapped) = document.body.get("wrapped").and_then(Value::as_str) else { continue };
            if root.needs_reseal(wrapped) {
                let key = open_key(root, &row.name, &document.id, wrapped)?;
                let mut body = document.body.clone();
                body.insert("wrapped".into(), json!(wrap(root, &row.name, &document.id, key.bytes())?));
                let (kind, id, version) = (EncryptionKey::NOUN.path, document.id, document.version);
                let updated = document.updated;
                writes.push(Write::Replace {
                    kind,
                    id,
                    body,
                    keys: Vec::new(),
                    known: None,
                    version,
                    updated,
                });
            }
        }
        wrapped_keys += writes.len();
        if !writes.is_empty() {
            store.documents().commit(&row.name, writes).await?;
        }
    }
    Ok(wrapped_keys)
}

/// The documents of a tenant's first keys.
pub(crate) fn first(root: &SealingRing, tenant: &str, now_ms: i64) -> Result<Vec<Write>> {
    let (root_kid, root_body) = document(ENVIRONMENT_ROOT, "active", Value::Null, now_ms);
    let (kid, mut body) = document(TENANT_MASTER, "active", json!(root_kid), now_ms);
    body.insert("wrapped".into(), json!(wrap(root, tenant, &kid, SealingKey::generate(&kid)?.bytes())?));
    let only_once = store::Key::unique("provision", "root");
    let insert = |id: String, body, keys| Write::Insert {
        kind: EncryptionKey::NOUN.path,
        id,
        body,
        keys,
        created: now_ms * 1000,
    };
    Ok(vec![insert(root_kid, root_body, vec![only_once]), insert(kid, body, Vec::new())])
}

/// The ring of a tenant's master keys that still have material, the active one first.
pub(crate) fn ring(root: &SealingRing, tenant: &str, documents: &[store::Document]) -> Result<SealingRing> {
    let mut current = None;
    let mut older = Vec::new();
    for document in documents.iter().filter(|document| text(&document.body, "type") == TENANT_MASTER) {
        let Some(wrapped) = document.body.get("wrapped").and_then(Value::as_str) else { continue };
        let key = open_key(root, tenant, &document.id, wrapped)?;
        match text(&document.body, "state") {
            "active" => current = Some(key),
            _ => older.push(key),
        }
    }
    let current =
        current.ok_or_else(|| Error::Internal(anyhow::anyhow!("{tenant} has no active master key")))?;
    Ok(older.into_iter().fold(SealingRing::new(current), SealingRing::with_older))
}

impl Tenant {
    /// Takes up master keys that another node made.
    pub(crate) async fn load_vault(&self) -> Result<()> {
        let documents = self.0.store.documents().all(self.name(), EncryptionKey::NOUN.path).await?;
        let held = self.0.vault.ring.load();
        let with_material = documents.iter().filter(|document| document.body.contains_key("wrapped"));
        let mut masters = with_material.filter(|document| text(&document.body, "type") == TENANT_MASTER);
        let is_held = |document: &store::Document| {
            held.holds(&document.id)
                && (text(&document.body, "state") != "active" || held.current_id() == document.id)
        };
        // Wrapped anew, by a master key that this node may not have yet, they are still the same keys.
        if masters.all(is_held) {
            return Ok(());
        }
        self.0.vault.ring.store(ring(&self.0.vault.root, self.name(), &documents)?.into());
        Ok(())
    }
}

fn document(kind: &str, state: &str, parent: Value, now_ms: i64) -> (String, Object) {
    let kid = id::uuid();
    let mut body = Object::new();
    for (name, value) in [
        ("kid", json!(kid)),
        ("type", json!(kind)),
        ("state", json!(state)),
        ("created_at", json!(iso(now_ms))),
        ("updated_at", json!(iso(now_ms))),
        ("parent_kid", parent),
        ("public_key", Value::Null),
    ] {
        body.insert(name.into(), value);
    }
    (kid, body)
}

fn wrap(root: &SealingRing, tenant: &str, kid: &str, material: &[u8]) -> Result<String> {
    Ok(root.seal(&format!("{tenant}/{}/{kid}/wrapped", EncryptionKey::NOUN.path), material)?)
}

fn open_key(root: &SealingRing, tenant: &str, kid: &str, wrapped: &str) -> Result<SealingKey> {
    let material = root.open(&format!("{tenant}/{}/{kid}/wrapped", EncryptionKey::NOUN.path), wrapped)?;
    let material: &[u8; 32] = material.as_slice().try_into()?;
    Ok(SealingKey::from_bytes(kid, material)?)
}

async fn awaiting_material(tenant: &Tenant, kid: &str) -> Result<Document> {
    let Some(root) = tenant.read(&EncryptionKey::NOUN, kid).await? else { return not_found() };
    if text(&root.body, "type") != CUSTOMER_ROOT || text(&root.body, "state") != "pre-activation" {
        return Code::InvalidRequest.refuse("The key does not await any material.");
    }
    Ok(root)
}

fn destroyed(tenant: &Tenant, body: &mut Object) {
    body.insert("state".into(), json!("destroyed"));
    body.shift_remove("wrapped");
    body.shift_remove("wrapping_key");
    touch(tenant, body);
}

fn touch(tenant: &Tenant, body: &mut Object) {
    body.insert("updated_at".into(), json!(tenant.clock().iso()));
}

fn not_found<T>() -> Result<T> {
    Code::InvalidRequest.refuse("The encryption key does not exist.")
}

fn text<'a>(body: &'a Object, name: &str) -> &'a str {
    body.get(name).and_then(Value::as_str).unwrap_or_default()
}
