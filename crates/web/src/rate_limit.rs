//! How many requests somebody may make, and the headers that say so: a bucket for each, refilled steadily.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};
use http::{HeaderMap, HeaderName, HeaderValue};

/// A bucket: so many at once, refilled at so many a second.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    pub burst: NonZeroU32,
    pub per_second: NonZeroU32,
}

type Bucket = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// One bucket for each name.
#[derive(Debug)]
pub struct Buckets {
    limit: RateLimit,
    by_name: RwLock<HashMap<String, Arc<Bucket>>>,
    clock: DefaultClock,
}

/// What the answer says about the bucket.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    limit: u32,
    remaining: u32,
    reset: i64,
}

impl Buckets {
    pub fn new(limit: RateLimit) -> Self {
        Buckets { limit, by_name: RwLock::default(), clock: DefaultClock::default() }
    }

    /// Takes one request out of a bucket, at a time in seconds since 1970; an error when it is empty.
    pub fn take(&self, name: &str, now: i64) -> Result<Standing, Standing> {
        let bucket = self.bucket(name);
        let limit = self.limit.burst.get();
        match bucket.check() {
            Ok(state) => Ok(Standing { limit, remaining: state.remaining_burst_capacity(), reset: now + 1 }),
            Err(refused) => {
                let wait = refused.wait_time_from(self.clock.now()).as_secs_f64().ceil() as i64;
                Err(Standing { limit, remaining: 0, reset: now + wait.max(1) })
            }
        }
    }

    fn bucket(&self, name: &str) -> Arc<Bucket> {
        if let Some(bucket) = self.by_name.read().unwrap_or_else(PoisonError::into_inner).get(name) {
            return bucket.clone();
        }
        let RateLimit { burst, per_second } = self.limit;
        let refill = Duration::from_secs(1) / per_second.get();
        let quota =
            Quota::with_period(refill).unwrap_or_else(|| Quota::per_second(per_second)).allow_burst(burst);
        let bucket = || Arc::new(RateLimiter::direct(quota).with_middleware::<StateInformationMiddleware>());
        let mut by_name = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        by_name.entry(name.to_owned()).or_insert_with(bucket).clone()
    }
}

impl Standing {
    /// `X-RateLimit-Limit`, `-Remaining` and `-Reset`, the last as an absolute second; unless the answer tells of a
    /// narrower limit already.
    pub fn write(self, headers: &mut HeaderMap) {
        let mut set = |name: &'static str, value: i64| {
            headers.entry(HeaderName::from_static(name)).or_insert_with(|| HeaderValue::from(value));
        };
        set("x-ratelimit-limit", i64::from(self.limit));
        set("x-ratelimit-remaining", i64::from(self.remaining));
        set("x-ratelimit-reset", self.reset);
    }
}
