//! How much was used of what is limited by number: tokens of an hour and of a day, requests of a second. Counted in
//! memory; once a second nodes add up what they counted, through the store, so that a restart forgets nothing that is
//! older than a second.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use model::LogType;
use store::{Store, UsageRow};

use crate::{Result, Tenant, log::Event};

/// All counts of this node, for all tenants.
#[derive(Default)]
pub struct Usage {
    hasher: RandomState,
    spans: Mutex<HashMap<Span, Used>>,
    seconds: Mutex<HashMap<u64, Second>>,
    /// Held while nodes tell each other: what is told twice would count twice.
    telling: tokio::sync::Mutex<()>,
    read_until: AtomicI64,
}

/// A span of time in which somebody's tokens are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Span {
    pub tenant: Box<str>,
    pub subject: Box<str>,
    /// Seconds that it lasts.
    pub lasts: i64,
    pub begins: i64,
}

/// An hour and a day.
pub const HOUR: i64 = 3600;
pub const DAY: i64 = 24 * HOUR;

#[derive(Debug, Default, Clone, Copy)]
struct Used {
    /// What all nodes had when this one last asked.
    told: i64,
    /// What this node has counted since.
    untold: i64,
    /// The greatest limit that it was held against, for warnings.
    limit: i64,
}

#[derive(Debug, Default, Clone, Copy)]
struct Second {
    at: i64,
    requests: u32,
    logged: i64,
}

/// A share of a limit was reached.
#[derive(Debug, PartialEq, Eq)]
pub struct Warning {
    pub span: Span,
    pub percent: i64,
    pub limit: i64,
    pub used: i64,
}

/// One second of somebody's requests.
pub struct InSecond {
    /// How many there were, this one included.
    pub requests: u32,
    /// Whether the log may hear of it: once a minute.
    pub may_log: bool,
}

/// Tells the tenant's log, once a minute, that its Authentication API or its pages were asked for too often.
pub fn report_limit(tenant: &Tenant, ip: Option<IpAddr>) {
    let counted = tenant.usage().count((tenant.name(), "authentication api", ""), tenant.clock().now(), 0);
    if counted.may_log {
        let ip = ip.map(|ip| ip.to_string());
        tenant.log(Event { ip, ..Event::new(LogType::ApiLimit, LogType::ApiLimit.description()) });
    }
}

impl Span {
    /// The one that runs now.
    pub fn now(tenant: &str, subject: &str, lasts: i64, now: i64) -> Span {
        Span { tenant: tenant.into(), subject: subject.into(), lasts, begins: now - now.rem_euclid(lasts) }
    }

    /// Seconds until the next one begins.
    pub fn left(&self, now: i64) -> i64 {
        self.begins + self.lasts - now
    }
}

impl Usage {
    /// How much was used.
    pub fn of(&self, span: &Span) -> i64 {
        self.spans().get(span).map_or(0, |used| used.told + used.untold)
    }

    /// Uses one; tells whether there was one left, or the limit is not enforced.
    pub fn take(&self, span: &Span, limit: i64, enforce: bool) -> bool {
        let mut spans = self.spans();
        let used = spans.entry(span.clone()).or_default();
        used.limit = limit;
        if enforce && used.told + used.untold >= limit {
            return false;
        }
        used.untold += 1;
        true
    }

    /// Gives one back that came to nothing.
    pub fn give_back(&self, span: &Span) {
        if let Some(used) = self.spans().get_mut(span) {
            used.untold -= 1;
        }
    }

    /// Counts a request of somebody in this second.
    pub fn count(&self, who: (&str, &str, &str), now: i64, limit: u32) -> InSecond {
        let key = self.hasher.hash_one(who);
        let mut seconds = self.seconds();
        let second = seconds.entry(key).or_default();
        if second.at != now {
            (second.at, second.requests) = (now, 0);
        }
        second.requests = second.requests.saturating_add(1);
        let may_log = second.requests > limit && second.logged + 60 <= now;
        if may_log {
            second.logged = now;
        }
        InSecond { requests: second.requests, may_log }
    }

    /// Adds what this node counted to what all have, and reads what they have. Of each share of a limit that was
    /// reached, exactly one node warns: the one whose tokens reached it.
    pub async fn exchange(&self, store: &Store, now: i64) -> Result<Vec<Warning>> {
        let _telling = self.telling.lock().await;
        self.forget(now);
        let counted: Vec<(Span, i64)> = self
            .spans()
            .iter()
            .filter(|(_, used)| used.untold != 0)
            .map(|(s, u)| (s.clone(), u.untold))
            .collect();
        let rows: Vec<UsageRow> = counted.iter().map(|(span, used)| row(span, *used)).collect();
        let totals = store.limits().use_up(&rows, now).await?;
        let mut warnings = Vec::new();
        for ((span, added), total) in counted.into_iter().zip(totals) {
            let mut spans = self.spans();
            let used = spans.entry(span.clone()).or_default();
            used.untold -= added;
            // Less than before, where tokens came to nothing after they had been told of.
            used.told = total;
            let (limit, before) = (used.limit, total - added);
            drop(spans);
            let reached = |percent: &&i64| {
                let mark = (limit * **percent + 99) / 100;
                limit > 0 && before < mark && total >= mark
            };
            let percents = [60, 80, 100];
            warnings.extend(percents.iter().filter(reached).map(|percent| Warning {
                span: span.clone(),
                percent: *percent,
                limit,
                used: total,
            }));
        }
        let last = self.read_until.load(Ordering::Relaxed);
        let touched_from = if last == 0 { now - 2 * DAY } else { last - OVERLAP };
        for row in store.limits().usage(touched_from).await? {
            let span = Span {
                tenant: row.tenant.into(),
                subject: row.subject.into(),
                lasts: row.span,
                begins: row.begins,
            };
            if span.left(now) > 0 {
                let mut spans = self.spans();
                spans.entry(span).or_default().told = row.used;
            }
        }
        self.read_until.store(now, Ordering::Relaxed);
        Ok(warnings)
    }

    /// Forgets what is over. Once a second, and never on the way of a request: there may be a million clients.
    /// Forgets what a tenant used.
    pub fn forget_tenant(&self, tenant: &str) {
        self.spans().retain(|span, _| *span.tenant != *tenant);
    }

    fn forget(&self, now: i64) {
        // What the store never hears of is not kept for ever.
        self.spans().retain(|span, used| span.left(now) > 0 || used.untold != 0 && span.left(now) > -DAY);
        let mut seconds = self.seconds();
        if seconds.len() >= MOST {
            seconds.retain(|_, second| second.logged.max(second.at) + 60 > now);
        }
    }

    fn seconds(&self) -> MutexGuard<'_, HashMap<u64, Second>> {
        self.seconds.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn spans(&self) -> MutexGuard<'_, HashMap<Span, Used>> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn row(span: &Span, used: i64) -> UsageRow {
    UsageRow {
        tenant: span.tenant.to_string(),
        subject: span.subject.to_string(),
        span: span.lasts,
        begins: span.begins,
        used,
    }
}

/// How many clients' seconds are held before those that are over are forgotten.
const MOST: usize = 100_000;
/// Seconds by which clocks of nodes may differ.
const OVERLAP: i64 = 5;
