//! Tenants of a test double: those of a server that keeps nothing, whose keys are no secret and whose clocks can be set.

use std::sync::Arc;

use store::{SealingRing, Store};

use super::{Tenants, hosts::Loaded};
use crate::{Clock, Result, Tenant, keys::KeySource};

impl Tenants {
    /// As [`Tenants::open`], but that what signs is known to everybody, and that the clock of each tenant can be set.
    pub async fn open_double(store: Store, root: SealingRing, base_domain: &str) -> Result<Tenants> {
        let clock = Clock::settable();
        Tenants::beside(store, root, clock, KeySource::Published, base_domain, None).opened().await
    }

    /// Removes a tenant with all that there is of it.
    pub async fn remove(&self, tenant: &Tenant) -> Result<()> {
        let _one_at_a_time = self.0.loading.lock().await;
        // First out of reach, so that what waits in memory is the last of it.
        let mut by_name = self.0.loaded.load().by_name.clone();
        by_name.remove(tenant.name());
        self.0.loaded.store(Arc::new(Loaded::of(by_name)));
        self.0.logs.flush().await;
        self.0.counts.penalties.forget(tenant.name());
        self.0.counts.usage.forget_tenant(tenant.name());
        Ok(self.0.store.tenants().remove(tenant.name()).await?)
    }
}
