//! The time, which tests can stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;

/// Where the time comes from.
#[derive(Debug, Clone, Default)]
pub enum Clock {
    #[default]
    System,
    /// Stands still, in milliseconds since 1970, until somebody moves it.
    Stopped(Arc<AtomicI64>),
}

impl Clock {
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
        match self {
            Clock::System => Timestamp::now(),
            Clock::Stopped(ms) => {
                Timestamp::from_millisecond(ms.load(Ordering::Relaxed)).unwrap_or(Timestamp::UNIX_EPOCH)
            }
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

    /// Waits for the beginning of a second that is about to come. A stopped clock waits for nothing, and no other for one
    /// that only a clock which is wrong can have named.
    pub async fn until(&self, second: i64) {
        let left = second.saturating_mul(1000) - self.now_ms();
        if let (Clock::System, 1..=LONGEST_WAIT) = (self, left) {
            tokio::time::sleep(Duration::from_millis(left.unsigned_abs())).await;
        }
    }

    /// Moves a stopped clock; the system's clock moves by itself.
    pub fn advance(&self, ms: i64) {
        if let Clock::Stopped(now) = self {
            now.fetch_add(ms, Ordering::Relaxed);
        }
    }
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
