//! How long requests took, as counts in buckets that grow: four of them double the time. Whoever takes a bucket for its
//! geometric middle, as is done here, is wrong by at most 9.1 %, between 10 µs and ten minutes.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::tallies::Count;

/// How long the requests of one stretch of time took.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Milliseconds since 1970.
    pub start: i64,
    pub count: i64,
    buckets: BTreeMap<u32, i64>,
}

impl Spread {
    pub(crate) fn of(start: i64, counts: &[Count]) -> Self {
        let mut buckets = BTreeMap::new();
        for Count { value, issued, refused, .. } in counts {
            *buckets.entry(value.parse().unwrap_or(0)).or_default() += issued + refused;
        }
        Self { start, count: buckets.values().sum(), buckets }
    }

    /// The time, in milliseconds, within which this share of the requests was done.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = (share * self.count as f64).ceil();
        let mut seen = 0;
        let reached = self.buckets.iter().find(|(_, count)| {
            seen += **count;
            seen as f64 >= wanted
        });
        reached.map(|(bucket, _)| middle_ms(*bucket))
    }
}

/// The bucket of a duration.
pub(crate) fn bucket(took: Duration) -> u32 {
    let times = took.as_secs_f64() / SHORTEST;
    // The cast saturates.
    (times.log2() * PER_DOUBLING).ceil().clamp(0.0, LAST) as u32
}

fn middle_ms(bucket: u32) -> f64 {
    SHORTEST * 1000.0 * ((f64::from(bucket) - 0.5) / PER_DOUBLING).exp2()
}

/// The end of the first bucket, in seconds.
const SHORTEST: f64 = 10e-6;
const PER_DOUBLING: f64 = 4.0;
/// Some ten minutes; what takes longer is counted here.
const LAST: f64 = 103.0;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Spread, bucket, middle_ms};
    use crate::tallies::Count;

    #[test]
    fn a_bucket_is_its_middle_to_within_a_tenth() {
        for micros in [11_u64, 12, 99, 100, 1_234, 5_000, 9_999, 250_000, 3_000_000, 59_000_000] {
            let guessed = middle_ms(bucket(Duration::from_micros(micros)));
            let error = guessed * 1000.0 / micros as f64 - 1.0;
            assert!(error.abs() < 0.0906, "{micros} µs: {guessed} ms, {error}");
        }
    }

    #[test]
    fn a_share_lies_in_the_bucket_that_reaches_it() {
        let in_bucket = |micros, issued| Count {
            value: bucket(Duration::from_micros(micros)).to_string(),
            start: 0,
            issued,
            refused: 1,
        };
        // Not in the order of their numbers, as the database orders texts.
        let spread = Spread::of(0, &[in_bucket(90_000, 0), in_bucket(100, 97), in_bucket(5_000, 0)]);
        assert_eq!(spread.count, 100);
        let near =
            |found: Option<f64>, ms: f64| assert!((found.unwrap() / ms - 1.0).abs() < 0.0906, "{found:?}");
        near(spread.quantile(0.5), 0.1);
        near(spread.quantile(0.98), 0.1);
        near(spread.quantile(0.99), 5.0);
        near(spread.quantile(1.0), 90.0);
        assert_eq!(Spread::of(0, &[]).quantile(0.5), None);
    }

    #[test]
    fn what_is_out_of_reach_is_in_the_first_or_the_last() {
        for (took, expected) in [
            (Duration::ZERO, 0),
            (Duration::from_nanos(1), 0),
            (Duration::from_micros(10), 0),
            (Duration::from_secs(7 * 86_400), 103),
            (Duration::MAX, 103),
        ] {
            assert_eq!(bucket(took), expected, "{took:?}");
        }
    }
}
