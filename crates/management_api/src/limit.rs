//! How many requests a tenant's Management API takes, and the headers that say so.

use std::{collections::HashMap, num::NonZeroU32, sync::Mutex, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, DefaultClock},
    middleware::StateInformationMiddleware,
    state::{InMemoryState, NotKeyed},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::Error;

/// A bucket: so many at once, refilled at so many a second.
#[derive(Debug, Clone, Copy)]
pub struct RateLimit {
    pub burst: NonZeroU32,
    pub per_second: NonZeroU32,
}

type Bucket = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// One bucket for each tenant.
#[derive(Debug)]
pub struct Buckets {
    limit: RateLimit,
    by_tenant: Mutex<HashMap<String, std::sync::Arc<Bucket>>>,
    clock: DefaultClock,
}

/// What the answer says about the tenant's bucket.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    limit: u32,
    remaining: u32,
    reset: i64,
}

impl Buckets {
    pub fn new(limit: RateLimit) -> Self {
        Buckets { limit, by_tenant: Mutex::default(), clock: DefaultClock::default() }
    }

    /// Takes one request out of the tenant's bucket.
    pub fn take(&self, tenant: &str, now: i64) -> Result<Standing, (Standing, Error)> {
        let bucket = self.bucket(tenant);
        let limit = self.limit.burst.get();
        match bucket.check() {
            Ok(state) => Ok(Standing { limit, remaining: state.remaining_burst_capacity(), reset: now + 1 }),
            Err(refused) => {
                let wait = refused.wait_time_from(self.clock.now()).as_secs_f64().ceil() as i64;
                let message = "Global limit has been reached";
                let error = Error::new(StatusCode::TOO_MANY_REQUESTS, message, Some("too_many_requests"));
                Err((Standing { limit, remaining: 0, reset: now + wait.max(1) }, error))
            }
        }
    }

    fn bucket(&self, tenant: &str) -> std::sync::Arc<Bucket> {
        let mut buckets = self.by_tenant.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bucket) = buckets.get(tenant) {
            return bucket.clone();
        }
        let RateLimit { burst, per_second } = self.limit;
        let refill = Duration::from_secs(1) / per_second.get();
        let quota =
            Quota::with_period(refill).unwrap_or_else(|| Quota::per_second(per_second)).allow_burst(burst);
        let bucket =
            std::sync::Arc::new(RateLimiter::direct(quota).with_middleware::<StateInformationMiddleware>());
        buckets.insert(tenant.to_owned(), bucket.clone());
        bucket
    }
}

impl Standing {
    /// `X-RateLimit-Limit`, `-Remaining` and `-Reset`, the last as an absolute second.
    pub fn write(self, headers: &mut HeaderMap) {
        let mut set = |name: &'static str, value: i64| {
            headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
        };
        set("x-ratelimit-limit", i64::from(self.limit));
        set("x-ratelimit-remaining", i64::from(self.remaining));
        set("x-ratelimit-reset", self.reset);
    }
}
