//! What nodes tell each other, through the store: how often which subject failed, what is blocked, who has proved
//! itself. Never on the way of a request; what is lost when the store is away is only told later.

use std::{
    net::IpAddr,
    sync::{PoisonError, atomic::Ordering},
};

use store::{PenaltyRow, ProvedRow, Store};

use super::{
    Asker, Kind, Penalties, Subject,
    counted::{Counted, FORGOTTEN},
    of_network,
};
use crate::Result;

impl Penalties {
    /// Writes down what is new here, and reads what is new elsewhere.
    pub async fn exchange(&self, store: &Store, now: i64) -> Result<()> {
        let limits = store.limits();
        let news = self.known.news();
        if let Err(error) = limits.proved(news.clone()).await {
            self.known.keep(news);
            return Err(error.into());
        }
        let told = self.untold();
        if let Err(error) = limits.punish(told.clone(), now).await {
            self.take_back(&told, now);
            return Err(error.into());
        }
        let last = self.read_until.load(Ordering::Relaxed);
        // Clocks of nodes differ a little; what is read twice changes nothing.
        let (touched_from, proved_from) = match last {
            0 => (now - FORGOTTEN, now - PROVED),
            last => (last - OVERLAP, last - OVERLAP),
        };
        // The last of them at the end, because they are to stay.
        for row in limits.proved_since(proved_from, MOST_HEARD).await?.into_iter().rev() {
            self.hear_of_caller(&row);
        }
        for row in limits.penalties(touched_from, MOST_HEARD).await?.into_iter().rev() {
            self.hear(row, now);
        }
        self.read_until.store(now, Ordering::Relaxed);
        Ok(())
    }

    /// Lifts what a subject has come to, on every node.
    pub async fn lift(&self, store: &Store, subject: &Subject, now: i64) -> Result<()> {
        self.clear(subject, now);
        Ok(store.limits().pardon(row(subject, &Counted::new(subject.clone(), now)), now).await?)
    }

    /// Lifts what the network of an address has come to.
    pub async fn open_to(&self, store: &Store, tenant: &str, ip: IpAddr, now: i64) -> Result<()> {
        self.lift(store, &of_network(tenant, ip), now).await
    }

    /// What the store has not heard of, those that are blocked first, and not without end.
    fn untold(&self) -> Vec<PenaltyRow> {
        let mut rows = Vec::new();
        for shard in &self.shards {
            let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
            for counted in shard.all().filter(|counted| counted.untold > 0) {
                // A single mistake is nothing that others must know.
                if rows.len() < MOST && (counted.failures > 1 || counted.ends() > 0) {
                    rows.push(row(&counted.subject, counted));
                    counted.untold = 0;
                }
            }
        }
        rows
    }

    /// The store was not there: it is told the next time.
    fn take_back(&self, rows: &[PenaltyRow], now: i64) {
        for row in rows {
            let Some(subject) = subject(row) else { continue };
            let hash = self.hash(&subject);
            self.shard(hash).entry(hash, subject, now).untold += row.attempts;
        }
    }

    fn hear_of_caller(&self, row: &ProvedRow) {
        if let Ok(ip) = row.address.parse::<IpAddr>() {
            let asker = Asker { tenant: &row.tenant, client_id: &row.client_id, ip };
            self.known.put(self.caller(asker), row.proved / 60);
            self.known.put(self.network_of(asker), row.proved / 60);
        }
    }

    fn hear(&self, row: PenaltyRow, now: i64) {
        let Some(subject) = subject(&row) else { return };
        let hash = self.hash(&subject);
        let is_client = subject.kind == Kind::Client;
        let mut shard = self.shard(hash);
        let counted = shard.entry(hash, subject, now);
        if row.cleared > counted.cleared && row.cleared >= counted.since {
            counted.clear(row.cleared);
        }
        counted.attempts = counted.attempts.max(row.attempts + counted.untold);
        counted.failures = counted.failures.max(row.failures);
        counted.level = counted.level.max(row.level);
        counted.since = counted.since.min(row.since);
        counted.last = counted.last.max(row.last);
        let ends = if is_client { &mut counted.alarm } else { &mut counted.until };
        *ends = (*ends).max(row.until);
        self.blocked_until.fetch_max(counted.until, Ordering::Relaxed);
    }
}

fn row(subject: &Subject, counted: &Counted) -> PenaltyRow {
    let until = if subject.kind == Kind::Client { counted.alarm } else { counted.until };
    PenaltyRow {
        tenant: subject.tenant.to_string(),
        kind: subject.kind.name().to_owned(),
        // PostgreSQL keeps no NUL.
        client_id: subject.client_id.replace('\0', "\u{fffd}"),
        network: subject.network.map(|ip| ip.to_string()).unwrap_or_default(),
        attempts: counted.untold,
        failures: counted.failures,
        level: counted.level,
        since: counted.since,
        last: counted.last,
        until,
        cleared: counted.cleared,
    }
}

fn subject(row: &PenaltyRow) -> Option<Subject> {
    let network = match row.network.as_str() {
        "" => None,
        network => Some(network.parse().ok()?),
    };
    Some(Subject::new(&row.tenant, Kind::named(&row.kind)?, &row.client_id, network))
}

/// Rows written at once.
const MOST: usize = 1_000;
/// Rows of a kind read at once. This node keeps no more; whoever has many addresses can leave millions of them behind.
const MOST_HEARD: i64 = 65_536;
/// Seconds by which clocks of nodes may differ.
const OVERLAP: i64 = 5;
/// Seconds for which a proof counts.
const PROVED: i64 = 7 * 24 * 3600;
