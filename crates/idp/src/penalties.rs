//! What keeps client secrets from being guessed. Wrong proofs are counted against a client at a network, against the
//! client, and against the network; each in memory, so that a request waits for nothing. Who has proved itself from an
//! address lately is never held up by what others do. Once a second nodes tell each other, through the store.
//!
//! The model, and why it cannot lock out whoever is right, is told in `docs/attack-protection.md`.

mod counted;
mod exchange;
mod known;

use std::{
    net::IpAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use std::hash::{BuildHasher, RandomState};

pub use self::counted::{Kind, Subject};
use self::{
    counted::{Counted, Shard},
    known::Known,
};
use crate::{
    protection::{neighbours, network},
    snapshot::LimitSettings,
};

/// All counts of this node, for all tenants.
pub struct Penalties {
    hasher: RandomState,
    shards: Box<[Mutex<Shard>]>,
    known: Known,
    /// Until when anybody is blocked, in seconds since 1970. While nobody is, nothing is looked up.
    blocked_until: AtomicI64,
    /// Up to when what other nodes counted has been read.
    read_until: AtomicI64,
}

/// Whoever asks for a token: the client that it says it is, and where it is.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    pub tenant: &'a str,
    pub client_id: &'a str,
    pub ip: IpAddr,
}

/// Nobody is listened to here for a while.
#[derive(Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Seconds that it still takes.
    pub seconds: i64,
    /// What the log is to hear, at most once a minute of each subject.
    pub report: Option<Report>,
}

/// What was counted of one subject, for the log and for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub subject: Subject,
    pub attempts: i64,
    /// Seconds since 1970.
    pub since: i64,
    pub until: i64,
}

impl Default for Penalties {
    fn default() -> Self {
        Penalties {
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            known: Known::default(),
            blocked_until: AtomicI64::new(0),
            read_until: AtomicI64::new(0),
        }
    }
}

impl Penalties {
    /// Refuses whoever is blocked; costs one look while nobody is.
    pub fn admit(&self, asker: Asker, limits: &LimitSettings, now: i64) -> Result<(), Blocked> {
        if self.blocked_until.load(Ordering::Relaxed) <= now || self.is_known(asker, now) {
            return Ok(());
        }
        for subject in self.subjects(asker, now) {
            let (counts, blocks) = held_against(subject.kind, asker.ip, limits);
            if !counts || !blocks {
                continue;
            }
            let hash = self.hash(&subject);
            let mut shard = self.shard(hash);
            if let Some(counted) = shard.get(hash).filter(|counted| counted.until > now) {
                counted.refused(now);
                return Err(Blocked { seconds: counted.until - now, report: counted.report_at(now) });
            }
        }
        Ok(())
    }

    /// Counts a proof that was wrong; answers what the log is to hear.
    pub fn failed(&self, asker: Asker, limits: &LimitSettings, now: i64) -> Vec<Report> {
        if self.is_known(asker, now) {
            return Vec::new();
        }
        let mut reports = Vec::new();
        let of_client = Subject::new(asker.tenant, Kind::Client, asker.client_id, None);
        let counts_client = limits.counts_account(asker.ip) && !asker.client_id.is_empty();
        let is_under_attack = counts_client && {
            let hash = self.hash(&of_client);
            self.shard(hash).get(hash).is_some_and(|counted| counted.alarm > now)
        };
        for subject in self.subjects(asker, now) {
            let (counts, blocks) = held_against(subject.kind, asker.ip, limits);
            if counts {
                let usual = match subject.kind {
                    // Where the client has been, its neighbours are many.
                    Kind::ClientAndNetwork if self.knows_network(asker, now) => MOST_OF_NETWORK,
                    Kind::Network => MOST_OF_NETWORK,
                    Kind::ClientAndNetwork | Kind::ClientAndAddress if is_under_attack => MOST_UNDER_ATTACK,
                    Kind::ClientAndNetwork | Kind::ClientAndAddress | Kind::Client => {
                        i64::from(limits.brute_force().max_attempts)
                    }
                };
                reports.extend(self.count(subject, usual, blocks, now));
            }
        }
        // Nobody is blocked by this; it makes the others' patience shorter.
        if counts_client {
            reports.extend(self.count(of_client, MOST_OF_CLIENT, false, now));
        }
        reports
    }

    /// Remembers that a client proved itself from an address.
    pub fn proved(&self, asker: Asker, now: i64) {
        self.known.mark(self.caller(asker), now, || (asker, self.network_of(asker)));
    }

    fn count(&self, subject: Subject, most: i64, blocks: bool, now: i64) -> Option<Report> {
        let hash = self.hash(&subject);
        let mut shard = self.shard(hash);
        let counted = shard.entry(hash, subject, now);
        counted.add(most, blocks, now);
        self.blocked_until.fetch_max(counted.until, Ordering::Relaxed);
        if counted.ends() > now { counted.report_at(now) } else { None }
    }

    /// What a request is held against. Where the client has proved itself from the network, its neighbours are told
    /// apart, and the network as a whole is no reason.
    fn subjects(&self, asker: Asker, now: i64) -> impl Iterator<Item = Subject> + use<> {
        let Asker { tenant, client_id, ip } = asker;
        let network = neighbours(ip);
        let of = |kind, client_id, ip| Subject::new(tenant, kind, client_id, Some(ip));
        let narrow = of(Kind::ClientAndNetwork, client_id, network);
        let other = match self.knows_network(asker, now) {
            true => of(Kind::ClientAndAddress, client_id, ip.to_canonical()),
            false => of_network(tenant, ip),
        };
        [narrow, other].into_iter()
    }

    /// Whether this very caller has proved itself lately.
    fn is_known(&self, asker: Asker, now: i64) -> bool {
        self.known.has(self.caller(asker), now)
    }

    fn knows_network(&self, asker: Asker, now: i64) -> bool {
        self.known.has(self.network_of(asker), now)
    }

    /// Whoever has one address of version 6 has all of its network, and is one caller from all of them.
    fn caller(&self, Asker { tenant, client_id, ip }: Asker) -> u64 {
        self.hasher.hash_one((tenant, client_id, network(ip), true))
    }

    fn network_of(&self, Asker { tenant, client_id, ip }: Asker) -> u64 {
        self.hasher.hash_one((tenant, client_id, neighbours(ip), false))
    }

    fn hash(&self, subject: &Subject) -> u64 {
        self.hasher.hash_one(subject)
    }

    fn shard(&self, hash: u64) -> MutexGuard<'_, Shard> {
        self.shards[hash as usize % SHARDS].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether machines in the network of this address are blocked, whatever their client.
    pub fn is_blocked(&self, tenant: &str, ip: IpAddr, now: i64) -> bool {
        let hash = self.hash(&of_network(tenant, ip));
        self.shard(hash).get(hash).is_some_and(|counted| counted.until > now)
    }

    /// Begins a subject anew, on this node.
    /// Forgets what was counted of a tenant, and who has proved itself, whose ever caller that is.
    pub fn forget(&self, tenant: &str) {
        for shard in &self.shards {
            shard.lock().unwrap_or_else(PoisonError::into_inner).forget(tenant);
        }
        self.known.forget(tenant);
    }

    fn clear(&self, subject: &Subject, now: i64) {
        let hash = self.hash(subject);
        self.shard(hash).entry(hash, subject.clone(), now).clear(now);
    }

    /// Every subject of a tenant that is blocked, and every client that is under attack.
    pub fn blocked(&self, tenant: &str, now: i64) -> Vec<Report> {
        let mut reports = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            let blocked = |counted: &&mut Counted| counted.ends() > now && &*counted.subject.tenant == tenant;
            reports.extend(shard.all().filter(blocked).map(|counted| counted.report()));
        }
        reports
    }
}

/// A network, whatever the client.
fn of_network(tenant: &str, ip: IpAddr) -> Subject {
    Subject::new(tenant, Kind::Network, "", Some(neighbours(ip)))
}

/// Whether what is wrong is counted, and whether too much of it ends in a block.
fn held_against(kind: Kind, ip: IpAddr, limits: &LimitSettings) -> (bool, bool) {
    match kind {
        Kind::Network => (limits.counts_address(ip), limits.blocks_address()),
        Kind::ClientAndNetwork | Kind::ClientAndAddress | Kind::Client => {
            (limits.counts_account(ip), limits.blocks_account())
        }
    }
}

const SHARDS: usize = 16;
/// Wrong proofs of one client, from wherever, after which it is under attack.
const MOST_OF_CLIENT: i64 = 100;
/// Wrong proofs from one network, whatever the client.
const MOST_OF_NETWORK: i64 = 100;
/// Wrong proofs of a client that is under attack from one network.
const MOST_UNDER_ATTACK: i64 = 3;

#[cfg(test)]
mod tests;
