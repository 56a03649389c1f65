//! The time, which tests can stop, and whoever runs a test double can set.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use jiff::Timestamp;

/// Where the time comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    System,
    /// Stands still, in milliseconds since 1970, until somebody moves it.
    Stopped(Arc<AtomicI64>),
    /// Goes as the system's does, ahead of it or behind, or stands: as somebody set it.
    Set(Arc<Mutex<Hands>>),
}

/// Where the hands of a clock are that somebody may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hands {
    /// So many milliseconds ahead of the system's clock.
    Going { ahead: i64 },
    /// Still, at so many milliseconds since 1970.
    Standing { at: i64 },
}

impl Clock {
    /// Goes as the system's does until somebody sets it.
    pub fn settable() -> Self {
        Clock::Set(Arc::new(Mutex::new(Hands::Going { ahead: 0 })))
    }

    /// Another clock that shows the same, and is set for itself where clocks can be set.
    #[must_use]
    pub fn apart(&self) -> Self {
        match self {
            Clock::Set(hands) => Clock::Set(Arc::new(Mutex::new(*held(hands)))),
            Clock::System | Clock::Stopped(_) => self.clone(),
        }
    }

    /// Where its hands are, if somebody may set them.
    pub fn hands(&self) -> Option<Hands> {
        match self {
            Clock::Set(hands) => Some(*held(hands)),
            Clock::System | Clock::Stopped(_) => None,
        }
    }

    /// Sets it, if that may be.
    pub fn set(&self, to: Hands) {
        if let Clock::Set(hands) = self {
            *held(hands) = to;
        }
    }

    /// Stands still at this many milliseconds since 1970.
    pub fn stopped(ms: i64) -> Self {
        Clock::Stopped(Arc::new(AtomicI64::new(ms)))
    }

    /// Milliseconds since 1970.
    pub fn now_ms(&self) -> i64 {
        self.timestamp().as_millisecond()
    }

    /// Now, as exactly as it is known.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the system for the time")]
    pub fn timestamp(&self) -> Timestamp {
        let at = |ms| Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
        match self {
            Clock::System => Timestamp::now(),
            Clock::Stopped(ms) => at(ms.load(Ordering::Relaxed)),
            Clock::Set(hands) => match *held(hands) {
                Hands::Going { ahead: 0 } => Timestamp::now(),
                Hands::Going { ahead } => at(Timestamp::now().as_millisecond().saturating_add(ahead)),
                Hands::Standing { at: ms } => at(ms),
            },
        }
    }

    /// Now, as the wire writes it.
    pub fn iso(&self) -> String {
        iso(self.now_ms())
    }

    /// Seconds since 1970.
    pub fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Now, as the standard library says it.
    pub fn system_time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.now_ms().unsigned_abs())
    }

    /// Waits for the beginning of a second that is about to come. A clock that stands waits for nothing, and no other for
    /// one that only a clock which is wrong can have named.
    pub async fn until(&self, second: i64) {
        let goes = match self {
            Clock::System => true,
            Clock::Stopped(_) => false,
            Clock::Set(hands) => matches!(*held(hands), Hands::Going { .. }),
        };
        let left = second.saturating_mul(1000).saturating_sub(self.now_ms());
        if goes && (1..=LONGEST_WAIT).contains(&left) {
            tokio::time::sleep(Duration::from_millis(left.unsigned_abs())).await;
        }
    }

    /// Moves a clock of ours; the system's clock moves by itself.
    pub fn advance(&self, ms: i64) {
        match self {
            Clock::System => {}
            Clock::Stopped(now) => drop(now.fetch_add(ms, Ordering::Relaxed)),
            Clock::Set(hands) => {
                let mut hands = held(hands);
                *hands = match *hands {
                    Hands::Going { ahead } => Hands::Going { ahead: ahead.saturating_add(ms) },
                    Hands::Standing { at } => Hands::Standing { at: at.saturating_add(ms) },
                };
            }
        }
    }
}

fn held(hands: &Mutex<Hands>) -> MutexGuard<'_, Hands> {
    hands.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The longest wait, in milliseconds.
const LONGEST_WAIT: i64 = 3_000;

/// Milliseconds since 1970 as the wire writes a time: `2026-05-08T16:00:56.685Z`.
pub fn iso(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH);
    format!("{time:.3}")
}

/// Milliseconds since 1970 of a time that was checked when it was written.
pub fn milliseconds(text: &str) -> crate::Result<i64> {
    let time: Timestamp = text.parse().map_err(anyhow::Error::from)?;
    Ok(time.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::{Clock, Hands};

    #[test]
    fn a_clock_that_can_be_set_goes_stands_and_is_set_for_itself() {
        let (clock, system) = (Clock::settable(), Clock::System);
        assert!((clock.now_ms() - system.now_ms()).abs() < 1_000);
        clock.advance(3_600_000);
        assert!((clock.now_ms() - system.now_ms() - 3_600_000).abs() < 1_000);
        let other = clock.apart();
        other.set(Hands::Standing { at: 1_000 });
        other.advance(500);
        assert_eq!((other.now_ms(), other.iso().as_str()), (1_500, "1970-01-01T00:00:01.500Z"));
        assert!(clock.now_ms() > 1_500);
        other.set(Hands::Standing { at: i64::MAX });
        other.advance(i64::MAX);
        assert_eq!(other.now_ms(), 0, "what no calendar names is no time");
        system.set(Hands::Standing { at: 0 });
        assert!(system.hands().is_none() && system.now_ms() > 1_500);
    }

    #[tokio::test]
    async fn a_clock_that_stands_waits_for_nothing() {
        let clock = Clock::settable();
        clock.set(Hands::Standing { at: 0 });
        clock.until(1).await;
        clock.until(i64::MIN).await;
        assert_eq!(clock.now_ms(), 0);
    }
}
