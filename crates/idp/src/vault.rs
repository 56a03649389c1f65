//! The tenant's own sealing keys: secrets in its documents are sealed under its current master key, which
//! is itself kept wrapped by the server's master key.

use std::sync::Arc;

use arc_swap::ArcSwap;
use schema::{Noun, Object};
use store::SealingRing;
use zeroize::Zeroizing;

use crate::{Result, Tenant, error::Error};

pub(crate) struct Vault {
    /// The server's master key; it only ever wraps.
    pub root: Arc<SealingRing>,
    /// The tenant's keys: the current one and those that old values are still sealed under.
    pub ring: ArcSwap<SealingRing>,
}

impl Vault {
    /// Seals each secret of a document that is about to be stored.
    pub fn seal(&self, tenant: &str, noun: &Noun, id: &str, document: &mut Object) -> Result<()> {
        let ring = self.ring.load();
        schema::each_secret(noun.fields, document, &mut |path, text| {
            *text = ring.seal(&context(tenant, noun, id, path), text.as_bytes())?;
            Ok(())
        })
    }

    /// A key of the tenant for another purpose, the same on every node until the tenant's key is turned.
    pub fn derived(&self, tenant: &str, purpose: &str) -> [u8; 32] {
        self.ring.load().derived(&format!("{tenant}/{purpose}"))
    }

    /// The name of the current key, and a key of it for another purpose.
    pub fn named(&self, tenant: &str, purpose: &str) -> (String, [u8; 32]) {
        let ring = self.ring.load();
        (ring.current_id().to_owned(), ring.derived(&format!("{tenant}/{purpose}")))
    }

    /// The same of the key of this name, while it opens what it sealed.
    pub fn derived_of(&self, id: &str, tenant: &str, purpose: &str) -> Option<[u8; 32]> {
        self.ring.load().derived_of(id, &format!("{tenant}/{purpose}"))
    }

    /// Whether every key that a stored document is sealed under is known here.
    pub fn knows_keys_of(&self, noun: &Noun, document: &mut Object) -> bool {
        let ring = self.ring.load();
        let knows = &mut |_: &str, text: &mut String| if ring.has_key_of(text) { Ok(()) } else { Err(()) };
        schema::each_secret(noun.fields, document, knows).is_ok()
    }

    /// Opens each secret of a stored document.
    pub fn open(&self, tenant: &str, noun: &Noun, id: &str, document: &mut Object) -> Result<()> {
        let ring = self.ring.load();
        schema::each_secret(noun.fields, document, &mut |path, text| {
            let plain: Zeroizing<Vec<u8>> = ring.open(&context(tenant, noun, id, path), text)?;
            *text = String::from_utf8(plain.to_vec())
                .map_err(|_| Error::Internal(anyhow::anyhow!("{path} is no text")))?;
            Ok(())
        })
    }
}

impl Tenant {
    /// Seals a text that is no field of a document, for the place where it is to lie.
    pub(crate) fn seal(&self, place: &str, text: &str) -> Result<String> {
        Ok(self.0.vault.ring.load().seal(&format!("{}/{place}", self.name()), text.as_bytes())?)
    }

    /// Opens a text that was sealed for a place.
    pub(crate) async fn unseal(&self, place: &str, sealed: &str) -> Result<String> {
        // Another node may have sealed it a moment ago, under a key that is new.
        if !self.0.vault.ring.load().has_key_of(sealed) {
            self.load_vault().await?;
        }
        let plain = self.0.vault.ring.load().open(&format!("{}/{place}", self.name()), sealed)?;
        let no_text = |_| Error::Internal(anyhow::anyhow!("{place} is no text"));
        String::from_utf8(plain.to_vec()).map_err(no_text)
    }
}

/// What a sealed value is bound to, so that it cannot be moved.
fn context(tenant: &str, noun: &Noun, id: &str, path: &str) -> String {
    format!("{tenant}/{}/{id}/{path}", noun.path)
}
