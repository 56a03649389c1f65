//! All tenants of this server: which one a host means, how they come to be, and how this node hears of what
//! other nodes and the command line changed.

mod double;
mod hosts;

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use ::actions::Sandbox;
use anyhow::Context;
use arc_swap::ArcSwap;
use model::TenantRecord;
use outbound::Outbound;
use schema::{Object, Op};
use serde::Deserialize;
use serde_json::Value;
use store::{LogQueue, LogSpool, SealingRing, Store};
use tokio::sync::Mutex;

use self::hosts::Loaded;
pub use self::hosts::{is_host, without_port};
use crate::{
    Clock, Code, Error, Outage, Result, Tenant,
    actions::Scripts,
    audit::LogKeeping,
    breached::Breaches,
    clouds::Clouds,
    credential_use::Unwritten,
    federation::Issuers,
    keys::KeySource,
    once::Once,
    provision, quota,
    snapshot::Snapshot,
    tenant::{Counts, Inner as TenantInner},
    vault::Vault,
};

/// The tenant that answers on the bare host.
pub const DEFAULT_TENANT: &str = "default";
/// The built-in tenant: the people who administer the others log in here. It has no host of its own and is
/// reached by its path on every host.
pub const ADMINISTRATORS: &str = "administrators";
/// What a tenant's name follows where a path names it.
pub(crate) const BY_PATH: &str = "/tenants/";
/// What stands before a host where a proxy asks callers for certificates, as Auth0 has it.
pub const MTLS: &str = "mtls.";

/// How many revisions of a tenant stay in the list of changes.
const CHANGES_KEPT: i64 = 10_000;

/// Every tenant, loaded.
#[derive(Clone)]
pub struct Tenants(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    store: Store,
    root: Arc<SealingRing>,
    clock: Clock,
    key_source: KeySource,
    logs: LogQueue,
    /// Host and port of the default tenant; the others are names below it.
    base_domain: String,
    /// Host and port where the dashboard answers, if that is one of its own.
    dashboard_host: Arc<OnceLock<String>>,
    loaded: ArcSwap<Loaded>,
    loading: Mutex<()>,
    secrets: jose::KeyedHash,
    counts: Arc<Counts>,
    /// How the operator keeps logs.
    pub(crate) log_keeping: OnceLock<LogKeeping>,
    /// The way to what is outside.
    pub(crate) outbound: Arc<ArcSwap<Outbound>>,
    /// What the operator has at clouds.
    pub(crate) clouds: Arc<ArcSwap<Clouds>>,
    /// Where customers' code runs; none, and it fails.
    sandbox: Arc<OnceLock<Sandbox>>,
    /// Where the operator keeps leaked passwords; nowhere, and only the list of our own is looked at.
    breaches: Breaches,
}

impl Tenants {
    /// Loads every tenant, making the default one if the store is new, and puts in order what the domain or this
    /// program's version decides. Log events that the store does not take wait in the spool, if there is one.
    pub async fn open(
        store: Store,
        root: SealingRing,
        clock: Clock,
        base_domain: &str,
        spool: Option<LogSpool>,
    ) -> Result<Tenants> {
        Tenants::beside(store, root, clock, KeySource::Secret, base_domain, spool).opened().await
    }

    async fn opened(self) -> Result<Tenants> {
        let tenants = self;
        let stored = tenants.0.store.tenants().list().await?;
        for name in [DEFAULT_TENANT, ADMINISTRATORS] {
            if stored.iter().any(|row| row.name == name) {
                continue;
            }
            let record = tenants.record(name, Object::new())?;
            match tenants.0.store.tenants().insert(name, &record).await {
                // Another node made it a moment ago.
                Ok(()) | Err(store::Error::Taken { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        tenants.refresh().await?;
        tenants.exchange_counts().await?;
        Ok(tenants)
    }

    /// Loads tenants beside a server that may be running, or only the one of this name; changes nothing. The
    /// domain is the one that the server had last.
    pub async fn attach(
        store: Store,
        root: SealingRing,
        clock: Clock,
        only: Option<&str>,
    ) -> Result<Tenants> {
        let domain = provision::last_domain(&store, DEFAULT_TENANT).await?;
        let domain = domain.context("the store has no tenant yet: start the server once")?;
        let tenants = Tenants::beside(store, root, clock, KeySource::Secret, &domain, None);
        let mut by_name = HashMap::new();
        for row in tenants.0.store.tenants().list().await? {
            if only.is_none_or(|only| only == row.name) {
                by_name.insert(row.name.clone(), tenants.load(&row.name, row.body, false).await?);
            }
        }
        tenants.0.loaded.store(Arc::new(Loaded::of(by_name)));
        Ok(tenants)
    }

    fn beside(
        store: Store,
        root: SealingRing,
        clock: Clock,
        key_source: KeySource,
        base_domain: &str,
        spool: Option<LogSpool>,
    ) -> Tenants {
        Tenants(Arc::new(Inner {
            logs: LogQueue::start(store.logs().clone(), spool),
            store,
            root: Arc::new(root),
            clock,
            key_source,
            base_domain: base_domain.to_ascii_lowercase(),
            dashboard_host: Arc::default(),
            loaded: ArcSwap::default(),
            loading: Mutex::new(()),
            secrets: jose::KeyedHash::new(&jose::random_bytes::<32>()),
            counts: Arc::default(),
            log_keeping: OnceLock::new(),
            outbound: Arc::default(),
            clouds: Arc::default(),
            sandbox: Arc::default(),
            breaches: Breaches::default(),
        }))
    }

    /// Says where customers' code is to run, once.
    pub fn run_scripts_in(&self, sandbox: Sandbox) {
        // A second place would be as good as the first.
        let _ = self.0.sandbox.set(sandbox);
    }

    /// Says at which host the dashboard answers alone, once. Refused where it is a tenant's, at whatever port: cookies, and
    /// so sessions, know no ports.
    pub fn show_dashboard_at(&self, host: &str) -> Result<()> {
        let host = host.to_ascii_lowercase();
        if let Some(tenant) = self.0.loaded.load().by_host.get(without_port(&host)) {
            let name = tenant.name();
            return Code::InvalidRequest.refuse(format!("{host} is a host of the tenant {name:?}."));
        }
        // A second host would be as good as the first.
        let _ = self.0.dashboard_host.set(host);
        Ok(())
    }

    /// Host and port of the dashboard: its own, or the default tenant's.
    pub fn dashboard_domain(&self) -> &str {
        self.0.dashboard_host.get().unwrap_or(&self.0.base_domain)
    }

    /// Whether a host is the dashboard's alone; unknown where it has none.
    pub fn is_of_dashboard(&self, host: &str) -> Option<bool> {
        let own = without_port(self.0.dashboard_host.get()?);
        Some(without_port(host).trim_end_matches('.').eq_ignore_ascii_case(own))
    }

    /// Says where the operator keeps leaked passwords, once.
    pub fn know_breaches_in(&self, folder: PathBuf) {
        // A second place would be as good as the first.
        let _ = self.0.breaches.set(Arc::new(folder));
    }

    /// The tenant that answers on this host. A name below the base domain that nobody has is nobody's; any
    /// other host is the default tenant's.
    pub fn resolve(&self, host: &str) -> Option<Tenant> {
        let loaded = self.0.loaded.load();
        if let Some(tenant) = loaded.by_host.get(host) {
            return Some(tenant.clone());
        }
        // Proxies drop ports, and people add dots; neither makes it another tenant's.
        let name = without_port(host).trim_end_matches('.');
        let named = loaded.by_host.get(name);
        if let Some(tenant) = named.or_else(|| loaded.by_host.get(name.strip_prefix(MTLS)?)) {
            return Some(tenant.clone());
        }
        let is_below =
            name.strip_suffix(without_port(&self.0.base_domain)).is_some_and(|rest| rest.ends_with('.'));
        if is_below { None } else { loaded.by_name.get(DEFAULT_TENANT).cloned() }
    }

    pub fn named(&self, name: &str) -> Option<Tenant> {
        self.0.loaded.load().by_name.get(name).cloned()
    }

    /// Host and port of the default tenant.
    pub fn base_domain(&self) -> &str {
        &self.0.base_domain
    }

    /// The tenant that a path names, and what of the path is its own: `/tenants/{name}/…`.
    pub fn by_path<'p>(&self, path: &'p str) -> Option<(Tenant, &'p str)> {
        let rest = path.strip_prefix(BY_PATH)?;
        let end = rest.find('/')?;
        Some((self.named(&rest[..end])?, &rest[end..]))
    }

    /// The built-in tenant, where administrators log in.
    pub fn administrators(&self) -> Option<Tenant> {
        self.named(ADMINISTRATORS)
    }

    /// Every tenant but the built-in one, by name.
    pub fn all(&self) -> Vec<Tenant> {
        let loaded = self.0.loaded.load();
        let mut all: Vec<Tenant> =
            loaded.by_name.values().filter(|tenant| tenant.name() != ADMINISTRATORS).cloned().collect();
        all.sort_by(|a, b| a.name().cmp(b.name()));
        all
    }

    /// Makes a tenant: its name, and what else its record says.
    pub async fn create(&self, name: &str, record: Object) -> Result<Tenant> {
        let record = self.record(name, record)?;
        if let Err(violation) = schema::check(TenantRecord::FIELDS, &record, Op::Create) {
            return Code::InvalidRequest.refuse(violation.to_string());
        }
        self.are_free(&record)?;
        if self.is_of_dashboard(&format!("{name}.{}", self.0.base_domain)) == Some(true) {
            return Code::InvalidRequest.refuse(format!("{name} would answer on the dashboard's host."));
        }
        self.0.store.tenants().insert(name, &record).await?;
        let tenant = self.load(name, record, true).await?;
        let _one_at_a_time = self.0.loading.lock().await;
        let mut by_name = self.0.loaded.load().by_name.clone();
        by_name.insert(name.to_owned(), tenant.clone());
        self.0.loaded.store(Arc::new(Loaded::of(by_name)));
        Ok(tenant)
    }

    /// Lays a patch over a tenant's record.
    pub async fn change(&self, tenant: &Tenant, patch: Object) -> Result<()> {
        if let Err(violation) = schema::check(TenantRecord::FIELDS, &patch, Op::Update) {
            return Code::InvalidRequest.refuse(violation.to_string());
        }
        let Some(mut record) = self.0.store.tenants().body(tenant.name()).await? else {
            return Err(Error::Conflict);
        };
        schema::merge(TenantRecord::FIELDS, &mut record, patch);
        let revision = self.0.store.tenants().replace(tenant.name(), &record).await?;
        tenant.catch_up(revision).await
    }

    /// A domain names one tenant.
    fn are_free(&self, record: &Object) -> Result<()> {
        let domains = record.get("domains").and_then(Value::as_array);
        for domain in domains.into_iter().flatten().filter_map(Value::as_str) {
            if !is_host(domain) {
                return Code::InvalidRequest.refuse(format!("{domain:?} is no host, or host with a port."));
            }
            let loaded = self.0.loaded.load();
            if self.is_of_dashboard(domain) == Some(true) {
                return Code::InvalidRequest.refuse(format!("{domain} is the dashboard's."));
            }
            if domain == self.0.base_domain || loaded.by_host.contains_key(domain) {
                return Code::InvalidRequest.refuse(format!("{domain} is another tenant's."));
            }
        }
        Ok(())
    }

    /// Asks the store what changed, and takes it in.
    pub async fn refresh(&self) -> Result<()> {
        self.follow(self.0.store.tenants().revisions().await?).await
    }

    /// Given the revisions of all tenants, loads those that are new, forgets those that are gone, and brings the others up to
    /// date.
    pub async fn follow(&self, revisions: Vec<(String, i64)>) -> Result<()> {
        let _one_at_a_time = self.0.loading.lock().await;
        let loaded = self.0.loaded.load_full();
        let is_known = |name: &String| loaded.by_name.contains_key(name);
        if revisions.len() != loaded.by_name.len() || !revisions.iter().all(|(name, _)| is_known(name)) {
            let mut next = HashMap::new();
            for row in self.0.store.tenants().list().await? {
                let tenant = match loaded.by_name.get(&row.name) {
                    Some(tenant) => Ok(tenant.clone()),
                    None => self.load(&row.name, row.body, true).await,
                };
                match tenant {
                    Ok(tenant) => drop(next.insert(row.name, tenant)),
                    Err(error) if [DEFAULT_TENANT, ADMINISTRATORS].contains(&row.name.as_str()) => {
                        return Err(error);
                    }
                    // One tenant that cannot be read does not stop the others; it is tried again.
                    Err(error) => tracing::error!(tenant = row.name, ?error, "the tenant cannot be loaded"),
                }
            }
            self.0.loaded.store(Arc::new(Loaded::of(next)));
        }
        for (name, revision) in revisions {
            if let Some(tenant) = self.named(&name)
                && tenant.snapshot().revision < revision
            {
                // What stops one tenant does not stop the others; it is tried again.
                if let Err(error) = tenant.catch_up(revision).await {
                    tracing::error!(tenant = name, ?error, "the tenant cannot be brought up to date");
                }
            }
        }
        Ok(())
    }

    /// How many changes are between what this node holds and these revisions of the store.
    pub fn missing(&self, revisions: &[(String, i64)]) -> i64 {
        let missing = |(name, revision): &(String, i64)| match self.named(name) {
            Some(tenant) => (revision - tenant.snapshot().revision).max(0),
            // Not even begun.
            None => revision + 1,
        };
        revisions.iter().map(missing).sum()
    }

    /// Tells other nodes what was counted here, and hears what they counted.
    pub async fn exchange_counts(&self) -> Result<()> {
        let now = self.0.clock.now();
        self.0.counts.penalties.exchange(&self.0.store, now).await?;
        for warning in self.0.counts.usage.exchange(&self.0.store, now).await? {
            if let Some(tenant) = self.named(&warning.span.tenant) {
                tenant.log(quota::warning(&warning));
            }
        }
        Ok(())
    }

    /// What is to be written into the logs of all tenants.
    pub fn logs(&self) -> &LogQueue {
        &self.0.logs
    }

    /// What this node knows of its store.
    pub fn outage(&self) -> &Outage {
        &self.0.counts.outage
    }

    /// Writes when secrets and keys were used last, as far as this node knows.
    pub async fn write_credential_uses(&self) {
        for tenant in self.0.loaded.load_full().by_name.values() {
            if let Err(error) = tenant.write_credential_uses().await {
                tracing::warn!(tenant = tenant.name(), ?error, "last uses of credentials are lost");
            }
        }
    }

    /// Writes what the log queues still hold.
    pub async fn close(&self) {
        self.write_credential_uses().await;
        self.0.logs.close().await;
    }

    pub fn store(&self) -> &Store {
        &self.0.store
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The way to what is outside.
    pub(crate) fn outbound(&self) -> Arc<Outbound> {
        self.0.outbound.load_full()
    }

    fn record(&self, name: &str, mut record: Object) -> Result<Object> {
        record.insert("name".into(), Value::from(name));
        record.entry("domains").or_insert_with(|| Value::Array(Vec::new()));
        record.entry("environment").or_insert_with(|| Value::from("development"));
        record.insert("created_at".into(), Value::from(crate::clock::iso(self.0.clock.now_ms())));
        Ok(record)
    }

    async fn revision(&self, name: &str) -> Result<i64> {
        let revisions = self.0.store.tenants().revisions().await?;
        Ok(revisions.into_iter().find(|(n, _)| n == name).map_or(0, |(_, revision)| revision))
    }

    /// Forgets which documents changed long ago; a node that lags further behind reads everything anew.
    pub async fn forget_old_changes(&self) -> Result<()> {
        for (name, revision) in self.0.store.tenants().revisions().await? {
            self.0.store.documents().forget_changes(&name, revision - CHANGES_KEPT).await?;
        }
        Ok(())
    }

    /// One tenant as the store has it; with `furnish`, what it lacks is put in first.
    async fn load(&self, name: &str, record: Object, furnish: bool) -> Result<Tenant> {
        let record =
            TenantRecord::deserialize(Value::Object(record)).context("reading the tenant's record")?;
        let domain = match name {
            DEFAULT_TENANT => self.0.base_domain.clone(),
            ADMINISTRATORS => format!("{}{BY_PATH}{ADMINISTRATORS}", self.0.base_domain),
            name => {
                record.domains.first().cloned().unwrap_or_else(|| format!("{name}.{}", self.0.base_domain))
            }
        };
        let ring = provision::sealing_ring(&self.0.store, &self.0.root, name, &self.0.clock).await?;
        let tenant = self.tenant(name, Arc::new(record), domain, Arc::new(ring));
        tenant.0.snapshot.store(Arc::new(Snapshot::empty(self.revision(name).await?)));
        if furnish {
            provision::furnish(&tenant).await?;
        }
        // Read before the documents: what changes meanwhile is then followed, not missed.
        let revision = self.revision(name).await?;
        tenant.0.snapshot.store(Arc::new(Snapshot::load(&tenant, revision).await?));
        Ok(tenant)
    }

    /// A tenant that holds nothing in memory yet.
    fn tenant(
        &self,
        name: &str,
        record: Arc<TenantRecord>,
        domain: String,
        ring: Arc<SealingRing>,
    ) -> Tenant {
        Tenant(Arc::new(TenantInner {
            name: name.to_owned(),
            record: ArcSwap::new(record),
            domain,
            base_domain: self.0.base_domain.clone(),
            dashboard_host: self.0.dashboard_host.clone(),
            snapshot: ArcSwap::default(),
            catching_up: Mutex::new(()),
            rekeying: Mutex::new(()),
            vault: Vault { root: self.0.root.clone(), ring: ArcSwap::new(ring) },
            store: self.0.store.clone(),
            logs: self.0.logs.clone(),
            clock: self.0.clock.apart(),
            server_clock: self.0.clock.clone(),
            key_source: self.0.key_source,
            secrets: self.0.secrets.clone(),
            issuers: Issuers::new(self.0.outbound.clone()),
            clouds: self.0.clouds.clone(),
            once: Once::default(),
            counts: self.0.counts.clone(),
            unwritten: Unwritten::default(),
            scripts: Scripts::new(self.0.sandbox.clone()),
            breaches: self.0.breaches.clone(),
        }))
    }

    /// A tenant as it would be if it held this: to look at its pages before they are saved. It follows no change, and
    /// nobody else is given it.
    pub fn imagined(&self, tenant: &Tenant, snapshot: Snapshot) -> Tenant {
        let ring = tenant.0.vault.ring.load_full();
        let imagined = self.tenant(tenant.name(), tenant.record(), tenant.domain().to_owned(), ring);
        imagined.0.snapshot.store(Arc::new(snapshot));
        imagined
    }
}

impl std::fmt::Debug for Tenants {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tenants").field("base_domain", &self.0.base_domain).finish_non_exhaustive()
    }
}
