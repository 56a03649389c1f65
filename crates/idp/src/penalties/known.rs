//! Who has proved itself from where lately, in a table of fixed size without locks: a caller that comes again costs a
//! look. It may forget; then it knows less, and blocks nobody more than a stranger.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use store::ProvedRow;

use super::Asker;
use crate::protection;

/// Callers, as the upper bits of a keyed hash and the minute in which they last proved themselves.
pub(super) struct Known {
    slots: Box<[AtomicU64]>,
    /// What other nodes and the next start have not heard yet.
    news: Mutex<Vec<ProvedRow>>,
}

impl Default for Known {
    fn default() -> Self {
        Known { slots: (0..SLOTS).map(|_| AtomicU64::new(0)).collect(), news: Mutex::default() }
    }
}

impl Known {
    /// Whether a caller has proved itself lately.
    pub fn has(&self, hash: u64, now: i64) -> bool {
        self.minute(hash).is_some_and(|minute| minute + LATELY >= now / 60)
    }

    /// Remembers a caller and its network. What was written down within the hour is not written again.
    pub fn mark<'a>(&self, hash: u64, now: i64, caller: impl FnOnce() -> (Asker<'a>, u64)) {
        let minute = now / 60;
        if self.minute(hash).is_some_and(|known| known + AGAIN > minute) {
            return;
        }
        let (Asker { tenant, client_id, ip }, network) = caller();
        self.put(hash, minute);
        self.put(network, minute);
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        // A client may have any number of addresses; the store does not hear of more than it can keep.
        if news.len() < MOST_NEWS {
            let address = protection::network(ip).to_string();
            news.push(ProvedRow { tenant: tenant.into(), client_id: client_id.into(), address, proved: now });
        }
    }

    /// Remembers what another node wrote down.
    pub fn put(&self, hash: u64, minute: i64) {
        let bucket = self.bucket(hash);
        let age = |slot: &AtomicU64| minute_of(slot.load(Ordering::Relaxed));
        let own = bucket.iter().find(|slot| is_of(slot.load(Ordering::Relaxed), hash));
        let Some(slot) = own.or_else(|| bucket.iter().min_by_key(|slot| age(slot))) else { return };
        if own.is_none_or(|slot| age(slot) < minute) {
            slot.store(hash & MARK | minute as u64 & !MARK, Ordering::Relaxed);
        }
    }

    /// Keeps what could not be written down.
    pub fn keep(&self, rows: Vec<ProvedRow>) {
        let mut news = self.news.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MOST_NEWS.saturating_sub(news.len());
        news.extend(rows.into_iter().take(room));
    }

    /// Takes what has not been written down.
    pub fn news(&self) -> Vec<ProvedRow> {
        std::mem::take(&mut *self.news.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets a tenant's callers, and since a mark does not tell whose it is, all.
    pub fn forget(&self, tenant: &str) {
        self.news.lock().unwrap_or_else(PoisonError::into_inner).retain(|row| row.tenant != tenant);
        self.slots.iter().for_each(|slot| slot.store(0, Ordering::Relaxed));
    }

    fn minute(&self, hash: u64) -> Option<i64> {
        let found = self.bucket(hash).iter().map(|slot| slot.load(Ordering::Relaxed));
        found.into_iter().find(|held| is_of(*held, hash)).map(minute_of)
    }

    fn bucket(&self, hash: u64) -> &[AtomicU64] {
        // The lower bits choose the bucket, the upper ones are kept in it.
        let at = (hash as usize % (SLOTS / WAYS)) * WAYS;
        &self.slots[at..at + WAYS]
    }
}

fn is_of(held: u64, hash: u64) -> bool {
    held != 0 && held & MARK == hash & MARK
}

fn minute_of(held: u64) -> i64 {
    (held & !MARK) as i64
}

/// The bits that tell callers apart; minutes since 1970 fit into the others until 2097.
const MARK: u64 = !((1 << MINUTE_BITS) - 1);
const MINUTE_BITS: u32 = 26;
/// Half a megabyte.
const SLOTS: usize = 65_536;
const WAYS: usize = 4;
/// For how many minutes a proof counts: seven days.
const LATELY: i64 = 7 * 24 * 60;
/// After how many minutes a proof is written down again.
const AGAIN: i64 = 60;
const MOST_NEWS: usize = 256;
