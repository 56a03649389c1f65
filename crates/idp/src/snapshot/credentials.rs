//! What clients prove themselves with beside their own secret, parsed: named secrets, public keys, certificates.

use std::sync::Arc;

use jose::{Algorithm, PublicKey, VerifyingKey};
use model::{ClientCredential, ClientSecret, client::CredentialAlgorithm};
use schema::Resource;

use super::Snapshot;
use crate::{Result, Tenant, clock::milliseconds, documents::Document};

/// A secret that a client has beside its own, and when it is good.
#[derive(Clone)]
pub struct NamedSecret {
    pub id: Arc<str>,
    pub hash: [u8; 32],
    starts: Option<i64>,
    expires: Option<i64>,
}

impl NamedSecret {
    /// Whether it is good at a time, in milliseconds since 1970.
    pub fn is_good_at(&self, now: i64) -> bool {
        self.starts.is_none_or(|starts| starts <= now) && self.expires.is_none_or(|expires| now < expires)
    }
}

/// A public key or certificate that a client registered.
pub struct Credential {
    /// Without its PEM.
    pub view: ClientCredential,
    /// What verifies its assertions, if it is a public key.
    pub key: Option<VerifyingKey>,
    expires: Option<i64>,
}

impl Credential {
    /// Whether it is good at a time, in milliseconds since 1970.
    pub fn is_good_at(&self, now: i64) -> bool {
        self.expires.is_none_or(|expires| now < expires)
    }
}

impl Snapshot {
    /// The secrets that a client has beside its own, good now or not.
    pub fn secrets(&self, client_id: &str) -> &[NamedSecret] {
        if self.secrets.is_empty() {
            return &[];
        }
        self.secrets.get(client_id).map_or(&[], |secrets| secrets.as_slice())
    }

    /// A key or certificate of this client.
    pub fn credential(&self, client_id: &str, id: &str) -> Option<&Arc<Credential>> {
        self.credentials.get(id).filter(|credential| credential.view.client_id == client_id)
    }

    pub(super) fn put_secret(&mut self, tenant: &Tenant, document: Document) -> Result<()> {
        let view = ClientSecret::view(&document.body)?;
        let time = |text: &Option<String>| text.as_deref().map(milliseconds).transpose();
        let secret = NamedSecret {
            id: view.id.as_str().into(),
            hash: tenant.secrets().hash(view.secret.expose().as_bytes()),
            starts: time(&view.starts_at)?,
            expires: time(&view.expires_at)?,
        };
        let client_id: Arc<str> = view.client_id.into();
        self.remember(&ClientSecret::NOUN, document.id, (client_id.clone(), "".into()));
        Arc::make_mut(self.secrets.entry(client_id).or_default()).push(secret);
        Ok(())
    }

    pub(super) fn forget_secret(&mut self, id: &str) {
        let Some((client_id, _)) = self.forget(&ClientSecret::NOUN, id) else { return };
        let Some(secrets) = self.secrets.get_mut(&client_id) else { return };
        let secrets = Arc::make_mut(secrets);
        secrets.retain(|secret| &*secret.id != id);
        if secrets.is_empty() {
            self.secrets.remove(&client_id);
        }
    }

    pub(super) fn put_credential(&mut self, document: Document) -> Result<()> {
        let mut view = ClientCredential::view(&document.body)?;
        let pem = view.pem.take();
        let key = match (view.alg, pem) {
            (Some(alg), Some(pem)) => Some(VerifyingKey::public(algorithm(alg), PublicKey::from_pem(&pem)?)?),
            _ => None,
        };
        let expires = view.expires_at.as_deref().map(milliseconds).transpose()?;
        self.credentials.insert(document.id.into(), Arc::new(Credential { view, key, expires }));
        Ok(())
    }
}

fn algorithm(alg: CredentialAlgorithm) -> Algorithm {
    match alg {
        CredentialAlgorithm::RS256 => Algorithm::RS256,
        CredentialAlgorithm::RS384 => Algorithm::RS384,
        CredentialAlgorithm::PS256 => Algorithm::PS256,
        CredentialAlgorithm::ES256 => Algorithm::ES256,
        CredentialAlgorithm::EdDSA => Algorithm::EdDSA,
    }
}
