//! What this node says of itself to load balancers and orchestrators.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use axum::{Json, Router, routing::get};
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Whether the process runs.
pub const LIVE: &str = "/health/live";
/// Whether requests should be sent here.
pub const READY: &str = "/health/ready";
/// The older name of [`READY`].
pub const OLDER: &str = "/healthz";

/// The state of this node. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Health(Arc<State>);

#[derive(Debug, Default)]
struct State {
    /// When the store first failed to answer, in seconds since 1970; 0 while it answers.
    store_lost: AtomicI64,
    is_stopping: AtomicBool,
}

impl Health {
    /// The store answered at this time, or did not.
    pub fn heard_of_store(&self, answered: bool, now: i64) {
        if answered {
            self.0.store_lost.store(0, Ordering::Relaxed);
        } else {
            // The first time counts.
            let _ = self.0.store_lost.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Since when the store has not answered, in seconds since 1970.
    pub fn store_lost(&self) -> Option<i64> {
        Some(self.0.store_lost.load(Ordering::Relaxed)).filter(|since| *since != 0)
    }

    /// From now on nothing new should be sent here.
    pub fn is_about_to_stop(&self) {
        self.0.is_stopping.store(true, Ordering::Relaxed);
    }

    /// The two questions and their answers.
    pub fn router(&self) -> Router {
        let ready = {
            let health = self.clone();
            move || async move { health.readiness() }
        };
        Router::new()
            .route(LIVE, get(async || Json(json!({ "status": "live" }))))
            .route(READY, get(ready.clone()))
            .route(OLDER, get(ready))
    }

    /// A node whose store is gone still issues the tokens of machines from memory, so it stays in the rotation and says
    /// that it is worse off: taken out, all nodes would go at once.
    fn readiness(&self) -> (StatusCode, Json<Value>) {
        let since = self.store_lost().and_then(|lost| Timestamp::from_second(lost).ok());
        let store = match since {
            None => json!({ "status": "up" }),
            Some(since) => json!({ "status": "down", "since": since }),
        };
        let (code, status) = match (self.0.is_stopping.load(Ordering::Relaxed), since) {
            (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
            (false, Some(_)) => (StatusCode::OK, "degraded"),
            (false, None) => (StatusCode::OK, "ok"),
        };
        (code, Json(json!({ "status": status, "store": store })))
    }
}

#[cfg(test)]
mod tests {
    use axum::Json;
    use http::StatusCode;
    use serde_json::json;

    use super::Health;

    #[test]
    fn the_store_is_down_since_it_first_failed() {
        let health = Health::default();
        let (code, Json(said)) = health.readiness();
        assert_eq!((code, said), (StatusCode::OK, json!({ "status": "ok", "store": { "status": "up" } })));
        health.heard_of_store(false, 100);
        health.heard_of_store(false, 160);
        let (code, Json(said)) = health.readiness();
        let down =
            json!({ "status": "degraded", "store": { "status": "down", "since": "1970-01-01T00:01:40Z" } });
        assert_eq!((code, said), (StatusCode::OK, down));
        health.heard_of_store(true, 161);
        assert_eq!(health.store_lost(), None);
    }

    #[test]
    fn who_is_about_to_stop_wants_no_requests() {
        let health = Health::default();
        health.is_about_to_stop();
        let (code, Json(said)) = health.readiness();
        assert_eq!((code, &said["status"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("stopping")));
    }
}
