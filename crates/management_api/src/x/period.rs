//! A stretch of time in a query, and the steps it is told in.

use idp::clock::iso;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{Call, Error, error::Result};

/// From one time to before another, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    pub from: i64,
    pub to: i64,
}

impl Period {
    /// `from` and `to` of the query; without them so much time until now.
    pub fn of(call: &Call, usual: i64) -> Result<Period> {
        let to = time(call, "to")?.unwrap_or(call.tenant.clock().now_ms());
        let from = time(call, "from")?.unwrap_or(to - usual);
        if from >= to {
            return Err(bad("from", "The time must lie before the one in to"));
        }
        if to - from > LONGEST {
            return Err(bad("from", "The period is longer than 400 days"));
        }
        Ok(Period { from, to })
    }

    /// Widened to whole steps, of which there may be only so many.
    pub fn in_steps(self, step: i64) -> Result<Steps> {
        let from = self.from.div_euclid(step) * step;
        let to = (self.to - 1).div_euclid(step) * step + step;
        if (to - from) / step > MOST_STEPS {
            return Err(bad("interval", "The period has more than 1500 of these intervals"));
        }
        Ok(Steps { from, to, step })
    }
}

/// A period in whole steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    pub from: i64,
    pub to: i64,
    pub step: i64,
}

impl Steps {
    pub fn len(self) -> usize {
        usize::try_from((self.to - self.from) / self.step).unwrap_or(0)
    }

    /// The place of the step that begins then.
    pub fn place(self, start: i64) -> usize {
        usize::try_from((start - self.from) / self.step).unwrap_or(usize::MAX)
    }

    /// When each begins.
    pub fn times(self) -> Value {
        (0..self.len()).map(|n| json!(iso(self.from + n as i64 * self.step))).collect()
    }
}

fn time(call: &Call, name: &'static str) -> Result<Option<i64>> {
    let Some(text) = call.query(name) else { return Ok(None) };
    let time = text.parse::<Timestamp>().map(Timestamp::as_millisecond).ok();
    match time.filter(|ms| (0..LATEST).contains(ms)) {
        Some(ms) => Ok(Some(ms)),
        None => Err(bad(name, "Expected a time such as 2026-01-31T12:00:00Z")),
    }
}

fn bad(name: &str, reason: &str) -> Error {
    Error::query(format!("Query validation error: '{reason}' on property {name}."))
}

/// The year 9000, so that no sum overflows and every time has four digits.
const LATEST: i64 = 221_845_392_000_000;
const LONGEST: i64 = 400 * 24 * 3_600_000;
const MOST_STEPS: i64 = 1500;
