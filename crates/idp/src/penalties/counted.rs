//! One subject and what was counted of it: how failures become a block, and how blocks grow.

use std::{collections::HashMap, net::IpAddr};

use super::Report;

/// What a count is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    pub tenant: Box<str>,
    pub kind: Kind,
    /// As it was given, whether there is such a client or not; cut, because anybody may write anything.
    pub client_id: Box<str>,
    pub network: Option<IpAddr>,
}

/// Which of the two a count is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A client at a network.
    ClientAndNetwork,
    /// A client at one address, of a network from which it has proved itself.
    ClientAndAddress,
    /// A client, from wherever.
    Client,
    /// A network, whatever the client.
    Network,
}

impl Kind {
    const ALL: [Kind; 4] = [Kind::ClientAndNetwork, Kind::ClientAndAddress, Kind::Client, Kind::Network];

    /// The name on the wire and in the store.
    pub fn name(self) -> &'static str {
        match self {
            Kind::ClientAndNetwork => "client_and_network",
            Kind::ClientAndAddress => "client_and_address",
            Kind::Client => "client",
            Kind::Network => "network",
        }
    }

    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl Subject {
    pub fn new(tenant: &str, kind: Kind, client_id: &str, network: Option<IpAddr>) -> Subject {
        let end = client_id.char_indices().nth(LONGEST).map_or(client_id.len(), |(at, _)| at);
        Subject { tenant: tenant.into(), kind, client_id: client_id[..end].into(), network }
    }

    /// The network as people write it: with its length, where it is more than one address.
    pub fn network_text(&self) -> String {
        match (self.kind, self.network) {
            (_, None) => String::new(),
            (Kind::ClientAndAddress | Kind::Client, Some(ip)) => ip.to_string(),
            (Kind::ClientAndNetwork | Kind::Network, Some(ip @ IpAddr::V4(_))) => format!("{ip}/24"),
            (Kind::ClientAndNetwork | Kind::Network, Some(ip @ IpAddr::V6(_))) => format!("{ip}/64"),
        }
    }
}

/// What was counted of one subject. Times are seconds since 1970.
#[derive(Debug)]
pub(super) struct Counted {
    pub subject: Subject,
    /// All wrong proofs, and all that was refused unheard.
    pub attempts: i64,
    /// Those that count towards the next block.
    pub failures: i64,
    pub level: i64,
    pub since: i64,
    pub last: i64,
    /// When the block ends.
    pub until: i64,
    /// Until when it is watched though nobody is blocked.
    pub alarm: i64,
    /// When somebody lifted it last.
    pub cleared: i64,
    /// How many attempts the store has not heard of.
    pub untold: i64,
    logged: i64,
}

impl Counted {
    pub fn new(subject: Subject, now: i64) -> Counted {
        Counted {
            subject,
            attempts: 0,
            failures: 0,
            level: 0,
            since: now,
            last: now,
            until: 0,
            alarm: 0,
            cleared: 0,
            untold: 0,
            logged: 0,
        }
    }

    /// Counts a wrong proof. Too many begin a block, each twice as long as the one before.
    pub fn add(&mut self, most: i64, blocks: bool, now: i64) {
        if now - self.last > FORGOTTEN {
            *self = Counted::new(self.subject.clone(), now);
        } else if now - self.last > WINDOW && self.ends() <= now {
            self.failures = 0;
        }
        self.refused(now);
        self.failures += 1;
        if self.failures >= most && self.ends() <= now {
            if blocks {
                self.until = now + (FIRST << self.level.min(10)).min(LONGEST_BLOCK);
                self.level += 1;
            } else {
                self.alarm = now + WINDOW;
            }
            // When it is over, one more wrong proof begins the next.
            self.failures = most - 1;
        }
    }

    /// When what it came to ends.
    pub fn ends(&self) -> i64 {
        self.until.max(self.alarm)
    }

    /// Begins anew: somebody lifted it.
    pub fn clear(&mut self, now: i64) {
        *self = Counted { cleared: now, ..Counted::new(self.subject.clone(), now) };
    }

    /// Counts an attempt that was not heard.
    pub fn refused(&mut self, now: i64) {
        self.attempts += 1;
        self.untold += 1;
        self.last = now;
    }

    /// What the log is to hear, unless it has heard of this within the minute.
    pub fn report_at(&mut self, now: i64) -> Option<Report> {
        if self.logged + 60 > now {
            return None;
        }
        self.logged = now;
        Some(self.report())
    }

    pub fn report(&self) -> Report {
        Report {
            subject: self.subject.clone(),
            attempts: self.attempts,
            since: self.since,
            until: self.ends(),
        }
    }
}

/// A part of the counts, bounded.
#[derive(Default)]
pub(super) struct Shard(HashMap<u64, Counted>);

impl Shard {
    pub fn get(&mut self, hash: u64) -> Option<&mut Counted> {
        self.0.get_mut(&hash)
    }

    pub fn all(&mut self) -> impl Iterator<Item = &mut Counted> {
        self.0.values_mut()
    }

    /// Forgets what is a tenant's.
    pub fn forget(&mut self, tenant: &str) {
        self.0.retain(|_, counted| *counted.subject.tenant != *tenant);
    }

    /// The count of a subject, which begins here if there is none.
    pub fn entry(&mut self, hash: u64, subject: Subject, now: i64) -> &mut Counted {
        if self.0.len() >= MOST && !self.0.contains_key(&hash) {
            self.make_room(now);
        }
        self.0.entry(hash).or_insert_with(|| Counted::new(subject, now))
    }

    /// Forgets a good part at once, so that it does not have to be done for each: first what is long ago, then what
    /// blocks nobody, then what was seen least.
    fn make_room(&mut self, now: i64) {
        self.0.retain(|_, counted| counted.ends() > now || now - counted.last <= WINDOW);
        if self.0.len() >= MOST {
            self.0.retain(|_, counted| counted.until > now);
        }
        if self.0.len() >= MOST {
            let mut seen: Vec<i64> = self.0.values().map(|counted| counted.attempts).collect();
            seen.sort_unstable();
            let middle = seen[seen.len() / 2];
            self.0.retain(|_, counted| counted.attempts > middle);
        }
    }
}

/// Seconds of the first block and of the longest.
const FIRST: i64 = 30;
const LONGEST_BLOCK: i64 = 3600;
/// Seconds without a wrong proof after which failures begin anew, and after which all is forgotten.
const WINDOW: i64 = 3600;
pub(super) const FORGOTTEN: i64 = 24 * 3600;
/// How many subjects one part holds.
const MOST: usize = 4_096;
/// How many characters of a client's identifier are kept.
const LONGEST: usize = 128;
