//! Log streams: a tenant's log events on their way to somebody else's service. Every event is sent at least once, in the
//! order in which the log was written, and what is acknowledged is noted beside the log before the next is sent; so
//! whoever crashes goes on where it was. Each stream has a task of its own on each node, and one node at a time has it in
//! hand: a slow service holds up nobody else, and no token ever waits for one.

mod delivery;
mod health;
mod pii;
mod sink;

use std::{collections::HashMap, sync::Arc, time::Duration};

use jiff::Timestamp;
use model::{LogStream, LogStreamStatus, LogStreamType};
use tokio::{sync::watch, task::JoinSet, time};

pub use self::health::{Health, Problem, health};
pub(crate) use self::sink::basic;
pub use self::sink::sumo_url;
use crate::{Result, Tenant, Tenants, id, log};

/// Notes where a new stream begins: with what happened after a time in milliseconds since 1970, or with what happens from
/// now on.
pub async fn begin(tenant: &Tenant, id: &str, from: Option<Timestamp>) -> Result<()> {
    let streams = tenant.store().log_streams();
    let cursor = match from {
        Some(from) => streams.behind(tenant.name(), &log::first_log_id(from.as_millisecond())).await?,
        None => streams.end(tenant.name()).await?,
    };
    Ok(streams.begin(tenant.name(), id, &cursor, tenant.clock().now_ms()).await?)
}

/// Forgets how far a stream was that is gone.
pub async fn forget(tenant: &Tenant, id: &str) -> Result<()> {
    Ok(tenant.store().log_streams().delete(tenant.name(), id).await?)
}

/// Forgets how far streams were that nobody has: one that came to nothing left its place, or a deletion broke off.
pub async fn sweep(tenants: &[Tenant]) -> Result<()> {
    for tenant in tenants {
        let before = tenant.clock().now_ms() - ABANDONED;
        for state in tenant.store().log_streams().all(tenant.name()).await? {
            if state.created < before && !tenant.snapshot().log_streams.contains_key(state.id.as_str()) {
                forget(tenant, &state.id).await?;
            }
        }
    }
    Ok(())
}

/// Whether an address can be posted to at all, leaving aside where it leads.
pub fn check_address(address: &str) -> std::result::Result<(), String> {
    outbound::checked(address).map(drop).map_err(|error| error.to_string())
}

/// Why events are not sent to this kind of service at all, if they are not: the operator has not let this server in there.
pub fn undelivered(tenant: &Tenant, kind: LogStreamType) -> Option<&'static str> {
    let clouds = tenant.clouds();
    match kind {
        LogStreamType::Eventbridge => clouds.event_bridge().err(),
        LogStreamType::Eventgrid => clouds.event_grid().err(),
        LogStreamType::Http
        | LogStreamType::Datadog
        | LogStreamType::Splunk
        | LogStreamType::Sumo
        | LogStreamType::Segment
        | LogStreamType::Mixpanel => None,
    }
}

/// What a delivery is told: how far the log is, and what its stream is now; nothing, if it is not to send.
#[derive(Clone, Default)]
struct Seen {
    head: i64,
    stream: Option<Arc<LogStream>>,
}

/// What delivers on this node.
pub struct Deliveries {
    tenants: Tenants,
    /// This start of this node, as leases name it.
    node: String,
}

impl Deliveries {
    pub fn new(tenants: Tenants) -> Self {
        Deliveries { tenants, node: id::uuid() }
    }

    /// Delivers for every stream there is, for as long as it is polled.
    pub async fn run(&self) {
        let mut told: HashMap<Key, watch::Sender<Seen>> = HashMap::new();
        // Dropped with this, the deliveries end.
        let mut running = JoinSet::new();
        let (mut tick, mut wanted) = (time::interval(LOOK), HashMap::new());
        tick.set_missed_tick_behavior(time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // Other nodes write too, and tell nobody.
                _ = tick.tick() => wanted = self.wanted(),
                () = self.tenants.logs().written(), if !wanted.is_empty() => {}
            }
            told.retain(|key, sender| {
                let is_wanted = wanted.contains_key(key) && !sender.is_closed();
                if !is_wanted {
                    sender.send_replace(Seen::default());
                }
                is_wanted
            });
            while running.try_join_next().is_some() {}
            let heads = match self.heads(&wanted).await {
                Ok(heads) => heads,
                Err(error) => {
                    tracing::warn!(?error, "could not ask how far the logs are; the next try follows");
                    continue;
                }
            };
            for (key, (tenant, stream)) in &wanted {
                let head = heads.get(&key.0).copied().unwrap_or(0);
                let seen = Seen { head, stream: Some(stream.clone()) };
                match told.get(key) {
                    Some(sender) => drop(sender.send_if_modified(|before| before.become_other(seen))),
                    None => {
                        let (sender, receiver) = watch::channel(seen);
                        let id = key.1.clone();
                        told.insert(key.clone(), sender);
                        running.spawn(delivery::follow(tenant.clone(), id, self.node.clone(), receiver));
                    }
                }
            }
        }
    }

    /// Lets go of what this node has in hand, once it delivers no more: others need not wait for its leases to end.
    pub async fn release(&self) -> Result<()> {
        Ok(self.tenants.store().log_streams().release(&self.node).await?)
    }

    /// The streams that are to send, with their tenants.
    fn wanted(&self) -> HashMap<Key, Wanted> {
        let mut wanted = HashMap::new();
        for tenant in self.tenants.all().into_iter().chain(self.tenants.administrators()) {
            let snapshot = tenant.snapshot();
            for (id, stream) in snapshot.log_streams.iter().filter(|(_, stream)| sends(&tenant, stream)) {
                let key = (tenant.name().to_owned(), id.to_string());
                wanted.insert(key, (tenant.clone(), stream.clone()));
            }
        }
        wanted
    }

    /// How far the logs are that are sent.
    async fn heads(&self, wanted: &HashMap<Key, Wanted>) -> Result<HashMap<String, i64>> {
        let mut names: Vec<String> = wanted.keys().map(|(tenant, _)| tenant.clone()).collect();
        names.sort();
        names.dedup();
        Ok(self.tenants.store().log_streams().heads(&names).await?.into_iter().collect())
    }
}

impl Seen {
    /// Takes on what is seen now; whether it is anything else.
    fn become_other(&mut self, now: Seen) -> bool {
        let is_other = self.head != now.head || !is_same(&self.stream, &now.stream);
        *self = now;
        is_other
    }
}

/// A tenant's name, and the identifier of a stream.
type Key = (String, String);
type Wanted = (Tenant, Arc<LogStream>);

fn sends(tenant: &Tenant, stream: &LogStream) -> bool {
    stream.status == LogStreamStatus::Active && undelivered(tenant, stream.kind).is_none()
}

fn is_same(one: &Option<Arc<LogStream>>, other: &Option<Arc<LogStream>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// How often it is looked what other nodes wrote, and which streams there are.
const LOOK: Duration = Duration::from_millis(500);
/// How many milliseconds a place without a stream stays: a stream that is being made has one for a moment.
const ABANDONED: i64 = 3_600_000;
