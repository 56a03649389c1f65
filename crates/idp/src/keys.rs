//! The tenant's signing keys. One generation holds an RSA key, which gives the `kid` and the certificate
//! that Auth0's operations speak of, and beside it a P-256 and an Ed25519 key for the algorithms that only
//! we offer; they are rotated and revoked together. One generation signs (current), one is published ahead
//! (next), one is still believed (previous).

mod published;

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use jose::{Certificate, Jwk, KeyKind, PrivateKey, Signer, VerifyingKey};
use model::{SigningAlgorithm, SigningKey, TokenDialect};
use schema::{Object, Resource};
use serde_json::{Value, json};

pub use self::published::KeySource;
use crate::{
    Change, Code, Document, Error, Result, Tenant,
    clock::iso,
    id, key_policy,
    revocation::{self, Subject},
    tenants::without_port,
};

/// How many revoked keys stay on the list.
const REVOKED_KEPT: usize = 3;
const YEARS: u32 = 15;

/// Where a generation of keys stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It signs.
    Current,
    /// It signs after the next rotation.
    Next,
    /// It signed before the last one, and is still believed.
    Previous,
}

/// The keys of a tenant, parsed.
#[derive(Default)]
pub struct KeyRing {
    /// Current first, then next, then previous; revoked ones are not here.
    generations: Vec<Generation>,
    /// Ready to sign, one for each algorithm and token type.
    signers: Vec<(SigningAlgorithm, &'static str, Signer)>,
}

struct Generation {
    state: KeyState,
    certificate: Certificate,
    /// The certificate as PEM and as PKCS #7, printed once.
    printed: (Arc<str>, Arc<str>),
    keys: Vec<(String, Arc<PrivateKey>)>,
}

impl KeyRing {
    pub(crate) async fn load(tenant: &Tenant) -> Result<KeyRing> {
        let mut documents = tenant.readable(&SigningKey::NOUN).await?;
        documents.retain(|document| !is(document, "revoked"));
        documents.sort_by_key(|document| [is(document, "previous"), is(document, "next")]);
        let generations = documents.iter().map(Generation::read).collect::<Result<Vec<_>>>()?;
        if tenant.0.key_source != KeySource::Published {
            generations.iter().try_for_each(Generation::is_secret)?;
        }
        let signers = generations.first().map(Generation::signers).transpose()?.unwrap_or_default();
        Ok(KeyRing { generations, signers })
    }

    /// What signs tokens of this algorithm and type now.
    pub fn signer(&self, algorithm: SigningAlgorithm, typ: &str) -> Option<&Signer> {
        self.signers.iter().find(|(a, t, _)| *a == algorithm && *t == typ).map(|(_, _, signer)| signer)
    }

    /// The key that a token names, if tokens signed with it are still believed.
    pub fn verifying_key(&self, kid: &str, algorithm: jose::Algorithm) -> Option<VerifyingKey> {
        let kind = algorithm.key_kind()?;
        let mut keys = self.generations.iter().flat_map(|generation| &generation.keys);
        let (_, key) = keys.find(|(k, key)| k == kid && key.kind() == kind)?;
        VerifyingKey::public(algorithm, key.public().clone()).ok()
    }

    /// The private key that a token names, if it could have signed it with this algorithm.
    pub(crate) fn private(&self, kid: &str, algorithm: jose::Algorithm) -> Option<&Arc<PrivateKey>> {
        let mut keys = self.generations.iter().flat_map(|generation| &generation.keys);
        keys.find(|(k, key)| k == kid && algorithm.key_kind() == Some(key.kind())).map(|(_, key)| key)
    }

    /// Where the key stands that a token names, if tokens signed with it are still believed.
    pub fn state(&self, kid: &str) -> Option<KeyState> {
        let has = |generation: &&Generation| generation.keys.iter().any(|(k, _)| k == kid);
        self.generations.iter().find(has).map(|generation| generation.state)
    }

    /// The public halves, in the order current, next, previous; those that are not RSA only on demand.
    pub fn jwks(&self, with_p256: bool, with_ed25519: bool) -> Vec<Jwk> {
        let published = |key: &PrivateKey| match key.kind() {
            KeyKind::Rsa => true,
            KeyKind::P256 => with_p256,
            KeyKind::Ed25519 => with_ed25519,
        };
        let jwks = self.generations.iter().flat_map(|generation| generation.jwks());
        jwks.filter(|(key, _)| published(key)).map(|(_, jwk)| jwk).collect()
    }

    /// The certificate of the key that signs now.
    pub fn certificate(&self) -> Option<&Certificate> {
        self.generations.first().map(|generation| &generation.certificate)
    }

    /// The same as PEM and as PKCS #7.
    pub fn printed_certificate(&self) -> Option<&(Arc<str>, Arc<str>)> {
        self.generations.first().map(|generation| &generation.printed)
    }
}

impl Generation {
    /// Refuses a key that a test double signed with: anybody could sign with it.
    fn is_secret(&self) -> Result<()> {
        match self.keys.iter().find(|(_, key)| key.kind() == KeyKind::Rsa && published::is_published(key)) {
            None => Ok(()),
            Some((kid, _)) => Err(Error::Internal(anyhow::anyhow!(
                "the signing key {kid} is one that everybody knows: its tenant was made by `countersign dev`"
            ))),
        }
    }

    fn read(document: &Document) -> Result<Generation> {
        let text = |name: &str| document.body.get(name).and_then(Value::as_str).unwrap_or_default();
        let key = |name, kind| -> Result<PrivateKey> {
            Ok(PrivateKey::from_pkcs8(kind, &zeroize::Zeroizing::new(BASE64.decode(text(name))?))?)
        };
        let rsa = key("rsa", KeyKind::Rsa)?;
        let p256 = key("p256", KeyKind::P256)?;
        let ed25519 = key("ed25519", KeyKind::Ed25519)?;
        let others = [p256, ed25519].map(|key| (key.public().jwk().thumbprint(), Arc::new(key)));
        let keys = std::iter::once((document.id.clone(), Arc::new(rsa))).chain(others).collect();
        let printed = (text("cert").into(), text("pkcs7").into());
        let state = match (is(document, "next"), is(document, "previous")) {
            (true, _) => KeyState::Next,
            (_, true) => KeyState::Previous,
            (false, false) => KeyState::Current,
        };
        Ok(Generation { state, certificate: Certificate::from_pem(text("cert"))?, printed, keys })
    }

    fn signers(&self) -> Result<Vec<(SigningAlgorithm, &'static str, Signer)>> {
        let mut signers = Vec::new();
        for algorithm in SigningAlgorithm::ASYMMETRIC {
            for typ in [TokenDialect::AccessToken.typ(), TokenDialect::Rfc9068Profile.typ()] {
                let wire = jose_algorithm(algorithm);
                for (kid, key) in self.keys.iter().filter(|(_, key)| wire.key_kind() == Some(key.kind())) {
                    signers.push((algorithm, typ, Signer::new(wire, key.clone(), kid, typ)?));
                }
            }
        }
        let rs256 = jose_algorithm(SigningAlgorithm::RS256);
        // What says that somebody is logged out, or how far a log is, is no token to log in with.
        for (kid, key) in self.keys.iter().filter(|(_, key)| Some(key.kind()) == rs256.key_kind()) {
            for typ in ["logout+jwt", crate::audit::TYP] {
                signers.push((SigningAlgorithm::RS256, typ, Signer::new(rs256, key.clone(), kid, typ)?));
            }
        }
        Ok(signers)
    }

    fn jwks(&self) -> impl Iterator<Item = (&PrivateKey, Jwk)> {
        self.keys.iter().map(|(kid, key)| {
            let mut jwk = key.public().jwk();
            jwk.kid = Some(kid.clone());
            jwk.r#use = Some("sig".into());
            let algorithm = match key.kind() {
                KeyKind::Rsa => {
                    jwk.x5t = Some(self.certificate.x5t());
                    jwk.x5c = Some(vec![self.certificate.der_base64()]);
                    jose::Algorithm::RS256
                }
                KeyKind::P256 => jose::Algorithm::ES256,
                KeyKind::Ed25519 => jose::Algorithm::EdDSA,
            };
            jwk.alg = Some(algorithm.as_str().into());
            (key.as_ref(), jwk)
        })
    }
}

/// The signing algorithm of an API as the token library names it.
pub fn jose_algorithm(algorithm: SigningAlgorithm) -> jose::Algorithm {
    match algorithm {
        SigningAlgorithm::HS256 => jose::Algorithm::HS256,
        SigningAlgorithm::RS256 => jose::Algorithm::RS256,
        SigningAlgorithm::RS512 => jose::Algorithm::RS512,
        SigningAlgorithm::PS256 => jose::Algorithm::PS256,
        SigningAlgorithm::ES256 => jose::Algorithm::ES256,
        SigningAlgorithm::EdDSA => jose::Algorithm::EdDSA,
    }
}

/// The document of a new generation of keys in this state.
pub fn generation(source: KeySource, domain: &str, now_ms: i64, state: &str) -> Result<(String, Object)> {
    let kid = id::signing_key();
    let rsa = source.rsa(state)?;
    let certificate = Certificate::self_signed(&rsa, without_port(domain), now_ms / 1000, YEARS)?;
    let private = |key: &PrivateKey| -> Result<String> { Ok(BASE64.encode(key.to_pkcs8()?.as_slice())) };
    let mut body = Object::new();
    let mut set = |name: &str, value: Value| body.insert(name.into(), value);
    set("kid", json!(kid));
    set("cert", json!(certificate.pem()));
    set("pkcs7", json!(certificate.pkcs7()?));
    for name in ["current", "next", "previous"] {
        set(name, json!(name == state));
    }
    set("fingerprint", json!(certificate.fingerprint()));
    set("thumbprint", json!(certificate.sha1_thumbprint()));
    set("revoked", json!(false));
    if state == "current" {
        set("current_since", json!(iso(now_ms)));
    }
    set("rsa", json!(private(&rsa)?));
    set("p256", json!(private(&PrivateKey::generate(KeyKind::P256)?)?));
    set("ed25519", json!(private(&PrivateKey::generate(KeyKind::Ed25519)?)?));
    Ok((kid, body))
}

/// Makes the next key current and the current one previous, and publishes a new next one; answers it. Refused while the
/// next key has not been published for as long as the tenant wants.
pub async fn rotate(tenant: &Tenant) -> Result<Object> {
    let documents = tenant.all(&SigningKey::NOUN).await?;
    key_policy::must_be_known(tenant, &documents).await?;
    turn(tenant, &documents, "previous").await
}

/// Two rotations at once: what signs afterwards was never published before, and what signed before is not believed any
/// more. For test doubles; whoever serves others announces a key first.
pub async fn replace(tenant: &Tenant) -> Result<()> {
    for _ in 0..2 {
        turn(tenant, &tenant.all(&SigningKey::NOUN).await?, "previous").await?;
    }
    Ok(())
}

/// The rotation, after which the key that was current stands in this state.
async fn turn(tenant: &Tenant, documents: &[Document], former: &str) -> Result<Object> {
    let now = tenant.clock().now_ms();
    let (kid, next) = generated(tenant, "next").await?;
    let mut changes = vec![Change::create::<SigningKey>(kid, next.clone())];
    for document in documents {
        let mut body = document.body.clone();
        if is(document, "next") {
            become_state(&mut body, "current");
            body.insert("current_since".into(), json!(iso(now)));
        } else if is(document, "current") {
            become_state(&mut body, former);
            body.insert("current_until".into(), json!(iso(now)));
            if former == "revoked" {
                changes.extend(lost(tenant, document, &mut body)?);
            }
        } else if is(document, "previous") && former == "previous" {
            // Only one previous key is believed.
            become_state(&mut body, "revoked");
            changes.extend(lost(tenant, document, &mut body)?);
        } else {
            continue;
        }
        changes.push(Change::replace::<SigningKey>(document, body));
    }
    changes.extend(beyond_kept(documents));
    tenant.commit(changes).await?;
    Ok(next)
}

/// Stops believing the previous key; no other can be revoked.
pub async fn revoke(tenant: &Tenant, kid: &str) -> Result<Object> {
    let Some(document) = tenant.read(&SigningKey::NOUN, kid).await? else {
        return Code::InvalidRequest.refuse("The signing key does not exist.");
    };
    if !is(&document, "previous") {
        return Code::InvalidRequest.refuse("Only the previous signing key can be revoked.");
    }
    revoke_at_once(tenant, &document).await
}

/// Stops believing a key, whichever it is: in the place of the current one the next one signs at once, whoever knows it;
/// the next one gives way to another.
pub async fn revoke_at_once(tenant: &Tenant, document: &Document) -> Result<Object> {
    let mut body = document.body.clone();
    become_state(&mut body, "revoked");
    if is(document, "revoked") {
        return Code::InvalidRequest.refuse("The signing key is revoked already.");
    }
    if is(document, "current") {
        turn(tenant, &tenant.all(&SigningKey::NOUN).await?, "revoked").await?;
        let revoked = tenant.read(&SigningKey::NOUN, &document.id).await?;
        return Ok(revoked.map_or(body, |document| document.body));
    }
    let mut changes = lost(tenant, document, &mut body)?;
    changes.push(Change::replace::<SigningKey>(document, body.clone()));
    if is(document, "next") {
        let (kid, next) = generated(tenant, "next").await?;
        changes.push(Change::create::<SigningKey>(kid, next));
    }
    tenant.commit(changes).await?;
    Ok(body)
}

/// What ends all that a generation ever signed, and when.
fn lost(tenant: &Tenant, document: &Document, body: &mut Object) -> Result<Vec<Change>> {
    body.insert("revoked_at".into(), json!(tenant.clock().iso()));
    let generation = Generation::read(document)?;
    let kids = generation.keys.iter().map(|(kid, _)| Subject::LostKey(kid));
    Ok(kids.map(|key| revocation::change(tenant, &key, None, "revocation of the key").0).collect())
}

/// A new generation in this state. An RSA key takes a tenth of a second to find; that is not for a thread that serves
/// requests.
async fn generated(tenant: &Tenant, state: &'static str) -> Result<(String, Object)> {
    let (domain, now) = (tenant.domain().to_owned(), tenant.clock().now_ms());
    tokio::task::spawn_blocking(move || generation(KeySource::Secret, &domain, now, state)).await?
}

fn become_state(body: &mut Object, state: &str) {
    for name in ["current", "next", "previous", "revoked"] {
        body.insert(name.into(), json!(name == state));
    }
}

/// Revoked keys older than those that stay on the list.
fn beyond_kept(documents: &[Document]) -> impl Iterator<Item = Change> {
    let mut revoked: Vec<&Document> = documents.iter().filter(|document| is(document, "revoked")).collect();
    let revoked_at =
        |document: &Document| document.body.get("revoked_at").and_then(Value::as_str).map(str::to_owned);
    revoked.sort_by_key(|document| revoked_at(document));
    // The previous key joins them now.
    let joining = documents.iter().filter(|document| is(document, "previous")).count();
    let surplus = (revoked.len() + joining).saturating_sub(REVOKED_KEPT);
    revoked
        .into_iter()
        .take(surplus)
        .map(|document| Change::delete::<SigningKey>(document.id.clone()))
        .collect::<Vec<_>>()
        .into_iter()
}

/// Whether a generation stands in this state.
pub(crate) fn is(document: &Document, state: &str) -> bool {
    document.body.get(state) == Some(&Value::Bool(true))
}
