//! The outside issuers that clients trust, by the client.

use std::sync::Arc;

use model::FederatedCredential;
use schema::Resource;

use super::Snapshot;
use crate::{Result, documents::Document, federation::Trust};

impl Snapshot {
    /// The outside issuers whose tokens prove the client.
    pub fn trusts(&self, client_id: &str) -> &[Arc<Trust>] {
        self.trusts.get(client_id).map_or(&[], |trusts| trusts)
    }

    pub(super) fn put_trust(&mut self, document: Document) -> Result<()> {
        let trust = Arc::new(Trust::new(FederatedCredential::view(&document.body)?)?);
        let client: Arc<str> = trust.view.client_id.as_str().into();
        let trusts = self.trusts(&client).iter().cloned().chain([trust]).collect();
        self.remember(&FederatedCredential::NOUN, document.id, (client.clone(), "".into()));
        self.trusts.insert(client, Arc::new(trusts));
        Ok(())
    }

    pub(super) fn forget_trust(&mut self, id: &str) {
        let Some((client, _)) = self.forget(&FederatedCredential::NOUN, id) else { return };
        let left: Vec<_> = self.trusts(&client).iter().filter(|trust| trust.view.id != id).cloned().collect();
        match left.is_empty() {
            true => drop(self.trusts.remove(&client)),
            false => drop(self.trusts.insert(client, Arc::new(left))),
        }
    }
}
