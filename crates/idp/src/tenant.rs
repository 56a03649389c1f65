//! The handle of one tenant: its name and domains, its keys, what it holds in memory, its log and the
//! time. Cheap to clone, the first argument of everything, and the only way to a tenant's documents.

use std::{
    fmt,
    net::IpAddr,
    sync::{Arc, OnceLock},
};

use arc_swap::ArcSwap;
use model::TenantRecord;
use serde::Deserialize as _;
use serde_json::Value;
use store::{LogQueue, Store};

use crate::{
    Clock, Outage, Result,
    actions::Scripts,
    breached::Breaches,
    clouds::Clouds,
    credential_use::Unwritten,
    federation::Issuers,
    keys::KeySource,
    once::Once,
    penalties::Penalties,
    protection::Attempts,
    snapshot::Snapshot,
    tenants::{ADMINISTRATORS, MTLS, without_port},
    usage::Usage,
    vault::Vault,
};

/// One tenant, as every journey sees it.
#[derive(Clone)]
pub struct Tenant(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub name: String,
    pub record: ArcSwap<TenantRecord>,
    /// The canonical domain: host and port, no scheme.
    pub domain: String,
    /// That of the default tenant, below which every tenant has its path.
    pub base_domain: String,
    /// Where the dashboard answers, if that is a host of its own.
    pub dashboard_host: Arc<OnceLock<String>>,
    pub snapshot: ArcSwap<Snapshot>,
    /// Held while the snapshot is brought up to a newer revision.
    pub catching_up: tokio::sync::Mutex<()>,
    /// Held while the sealing keys are turned.
    pub rekeying: tokio::sync::Mutex<()>,
    pub vault: Vault,
    pub store: Store,
    pub logs: LogQueue,
    pub clock: Clock,
    /// What goes by the same time for all tenants, such as queues.
    pub server_clock: Clock,
    pub key_source: KeySource,
    pub secrets: jose::KeyedHash,
    pub once: Once,
    /// The keys of issuers that clients trust.
    pub issuers: Issuers,
    /// What the operator has at clouds.
    pub clouds: Arc<ArcSwap<Clouds>>,
    pub unwritten: Unwritten,
    pub scripts: Scripts,
    pub breaches: Breaches,
    pub counts: Arc<Counts>,
}

/// What is known in memory alone, of all tenants.
#[derive(Default)]
pub struct Counts {
    pub penalties: Penalties,
    pub attempts: Attempts,
    pub usage: Usage,
    pub outage: Outage,
}

impl Tenant {
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The canonical domain: host and port, no scheme. That of the built-in tenant ends in its path.
    pub fn domain(&self) -> &str {
        &self.0.domain
    }

    /// The path below which the tenant is reached on any host.
    pub fn path(&self) -> String {
        format!("{}{}", crate::tenants::BY_PATH, self.0.name)
    }

    /// Whether requests to this host belong to the tenant by name.
    pub fn answers_on(&self, host: &str) -> bool {
        host == self.0.domain || self.0.record.load().domains.iter().any(|domain| domain == host)
    }

    /// Whether a call to this host, given without a port, can be meant for the tenant. Anybody may send any `Host`, and the
    /// default tenant answers on all of them.
    pub fn is_meant(&self, name: &str) -> bool {
        let name = name.strip_prefix(MTLS).unwrap_or(name);
        let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
        address.is_ok_and(|address| address.is_loopback())
            || ["localhost", without_port(&self.0.base_domain)].contains(&name)
            || self.hosts().iter().any(|host| without_port(host) == name)
    }

    /// Every host that the tenant answers on by name.
    pub fn hosts(&self) -> Vec<String> {
        let record = self.0.record.load();
        std::iter::once(&self.0.domain).chain(&record.domains).map(|host| host.to_ascii_lowercase()).collect()
    }

    /// The issuer of tokens asked for at this host: the host itself where it is one of the tenant's, or its name without
    /// what is put before it where callers show certificates.
    pub fn issuer(&self, host: &str) -> String {
        let host = host.strip_prefix(MTLS).unwrap_or(host);
        if self.answers_on(host) {
            return format!("https://{host}/");
        }
        // Another port of the same host, such as the one where callers show certificates.
        let record = self.0.record.load();
        let same = |domain: &&String| without_port(domain) == without_port(host);
        let host = record.domains.iter().find(same).unwrap_or(&self.0.domain);
        format!("https://{host}/")
    }

    /// Host and port at which its pages are shown: those for who administers at the dashboard's own, if it has one.
    pub fn host_of_pages(&self) -> &str {
        match self.0.dashboard_host.get() {
            Some(own) if self.name() == ADMINISTRATORS => own,
            _ => self.0.domain.split('/').next().unwrap_or_default(),
        }
    }

    /// What the addresses of its pages begin with, for whoever called this host.
    pub fn pages(&self, host: &str) -> String {
        match self.name() {
            ADMINISTRATORS => format!("https://{}{}/", self.host_of_pages(), self.path()),
            _ => self.issuer(host),
        }
    }

    /// The identifier of the tenant's Management API.
    pub fn management_audience(&self) -> String {
        management_audience(&self.0.domain)
    }

    pub fn record(&self) -> Arc<TenantRecord> {
        self.0.record.load_full()
    }

    /// Reads the record anew: somebody changed it.
    pub(crate) async fn read_record(&self) -> Result<()> {
        if let Some(body) = self.0.store.tenants().body(&self.0.name).await? {
            self.0.record.store(Arc::new(TenantRecord::deserialize(Value::Object(body))?));
        }
        Ok(())
    }

    /// What the tenant holds in memory, at one moment.
    pub fn snapshot(&self) -> arc_swap::Guard<Arc<Snapshot>> {
        self.0.snapshot.load()
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The time by which the server does what nobody waits for, the same for all tenants; it is the tenant's own but where
    /// somebody set that.
    pub fn server_clock(&self) -> &Clock {
        &self.0.server_clock
    }

    pub fn store(&self) -> &Store {
        &self.0.store
    }

    /// What reaches addresses that somebody else chose.
    pub fn outbound(&self) -> Arc<outbound::Outbound> {
        self.0.issuers.outbound()
    }

    /// Who has shown wrong credentials lately, and who right ones.
    pub fn penalties(&self) -> &Penalties {
        &self.0.counts.penalties
    }

    /// How much was used of what is limited.
    pub fn usage(&self) -> &Usage {
        &self.0.counts.usage
    }

    /// The keyed hash under which client secrets are held in memory.
    pub fn secrets(&self) -> &jose::KeyedHash {
        &self.0.secrets
    }
}

/// The identifier of the Management API of the tenant at this domain.
pub fn management_audience(domain: &str) -> String {
    format!("https://{domain}/api/v2/")
}

impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("name", &self.0.name)
            .field("domain", &self.0.domain)
            .finish_non_exhaustive()
    }
}
