//! Workload identity: a client trusts outside issuers, and a token of theirs stands for its secret (RFC 7521 §4.2,
//! RFC 7523). What such a token must be is decided here; who is asking, and what for, is not.

mod check;
mod declaration;
mod issuers;
mod rule;

use std::sync::Arc;

use jose::KeySet;
use model::FederatedCredential;
use outbound::Outbound;

pub use self::check::{Fault, Presented, Refusal, explain, prove};
pub use self::declaration::fault;
pub(crate) use self::issuers::Issuers;
use self::issuers::Source;
pub use self::rule::matches;
use crate::Result;

/// An issuer that a client trusts, and the keys that were written down for it.
pub struct Trust {
    pub view: FederatedCredential,
    keys: Option<Arc<KeySet>>,
}

impl Trust {
    pub fn new(view: FederatedCredential) -> Result<Trust> {
        let keys = view.jwks.as_ref().map(KeySet::strict).transpose()?.map(Arc::new);
        Ok(Trust { view, keys })
    }

    /// Where its keys come from, if they are not here.
    fn source(&self) -> Source {
        match &self.view.jwks_uri {
            Some(url) => Source::At(url.clone()),
            None => Source::Discovery(self.view.issuer.clone()),
        }
    }
}

impl crate::Tenants {
    /// With another way to the outside: what the operator allowed.
    pub fn reaching(self, outbound: Outbound) -> Self {
        self.0.outbound.store(Arc::new(outbound));
        self
    }
}
