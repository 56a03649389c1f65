//! Since when the store has not answered, or this node has not followed what others changed there, and for how long tokens
//! are issued from memory meanwhile. It is told; it asks nobody.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicI64, Ordering},
};

use crate::{Error, Result};

/// What this node knows of its store. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Outage(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// When the store first failed to answer.
    away: Since,
    /// When this node first had not followed what the store has.
    behind: Since,
    /// For how many seconds that is borne; for as long as it takes, if nobody said.
    patience: OnceLock<i64>,
}

/// When something went wrong first, in seconds since 1970; 0 while it does not.
#[derive(Debug, Default)]
struct Since(AtomicI64);

impl Since {
    fn note(&self, is_well: bool, now: i64) {
        if is_well {
            self.0.store(0, Ordering::Relaxed);
        } else {
            // The first time counts.
            let _ = self.0.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    fn get(&self) -> Option<i64> {
        Some(self.0.load(Ordering::Relaxed)).filter(|since| *since != 0)
    }
}

impl Outage {
    /// The store answered at this time, in seconds since 1970, or did not.
    pub fn heard(&self, answered: bool, now: i64) {
        self.0.away.note(answered, now);
    }

    /// At this time this node had followed what it had been told of a moment before, or had not.
    pub fn followed(&self, is_all: bool, now: i64) {
        self.0.behind.note(is_all, now);
    }

    /// Says for how many seconds tokens are issued while the store does not answer, once.
    pub fn bear_for(&self, seconds: i64) {
        // A second time would be as good as the first.
        let _ = self.0.patience.set(seconds);
    }

    /// Since when the store has not answered, in seconds since 1970.
    pub fn since(&self) -> Option<i64> {
        self.0.away.get()
    }

    /// Since when this node has been behind what others changed, if that is longer than following takes.
    pub fn behind_since(&self, now: i64) -> Option<i64> {
        self.0.behind.get().filter(|since| now - since >= FOLLOWS_WITHIN)
    }

    /// Whether the store has been away for longer than that is borne.
    pub fn is_too_long(&self, now: i64) -> bool {
        self.since().zip(self.0.patience.get()).is_some_and(|(since, patience)| now - since >= *patience)
    }

    /// Refuses what is known from memory alone once that is too old.
    pub(crate) fn check(&self, now: i64) -> Result<()> {
        match self.is_too_long(now) {
            false => Ok(()),
            true => {
                let cause = "it has not answered for longer than tokens may be issued from memory";
                Err(Error::Internal(store::Error::Unreachable(cause.into()).into()))
            }
        }
    }
}

/// Within how many seconds changes are followed, but for the greatest.
const FOLLOWS_WITHIN: i64 = 5;

#[cfg(test)]
mod tests {
    use super::Outage;

    #[test]
    fn an_outage_begins_when_the_store_first_fails_and_ends_when_it_answers() {
        let outage = Outage::default();
        assert_eq!(outage.since(), None);
        outage.heard(false, 100);
        outage.heard(false, 160);
        assert_eq!(outage.since(), Some(100));
        assert!(!outage.is_too_long(i64::MAX), "nobody said for how long");
        outage.heard(true, 161);
        assert_eq!(outage.since(), None);
    }

    #[test]
    fn who_follows_a_moment_later_is_not_behind() {
        let outage = Outage::default();
        outage.followed(false, 100);
        outage.followed(false, 104);
        assert_eq!(outage.behind_since(104), None);
        assert_eq!((outage.behind_since(105), outage.since()), (Some(100), None));
        outage.followed(true, 106);
        assert_eq!(outage.behind_since(200), None);
    }

    #[test]
    fn what_is_borne_for_a_time_is_too_long_afterwards() {
        let outage = Outage::default();
        outage.bear_for(60);
        assert!(!outage.is_too_long(i64::MAX), "the store answers");
        outage.heard(false, 100);
        assert!(!outage.is_too_long(159));
        assert!(outage.check(159).is_ok());
        assert!(outage.is_too_long(160));
        assert!(outage.check(160).is_err_and(|error| error.is_passing()));
        outage.heard(true, 200);
        assert!(outage.check(200).is_ok());
    }
}
