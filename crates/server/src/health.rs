//! What this node says of itself to load balancers and orchestrators.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Json, Router, routing::get};
use http::StatusCode;
use idp::Tenants;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Whether the process runs.
pub const LIVE: &str = "/health/live";
/// Whether requests should be sent here.
pub const READY: &str = "/health/ready";
/// The older name of [`READY`].
pub const OLDER: &str = "/healthz";

/// The state of this node. Clones share it.
#[derive(Debug, Clone)]
pub struct Health {
    tenants: Tenants,
    is_stopping: Arc<AtomicBool>,
}

impl Health {
    /// What the node knows that holds these tenants.
    pub fn of(tenants: &Tenants) -> Self {
        Health { tenants: tenants.clone(), is_stopping: Arc::default() }
    }

    /// From now on nothing new should be sent here.
    pub fn is_about_to_stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Whether nothing new should be sent here any more.
    pub fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
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

    /// A node whose store is gone, or which cannot follow what others changed, still issues the tokens of machines from
    /// memory, so it stays in the rotation and says that it is worse off: taken out, all nodes would go at once. When it issues them no longer, it says that too.
    fn readiness(&self) -> (StatusCode, Json<Value>) {
        let (outage, now) = (self.tenants.outage(), self.tenants.clock().now());
        let time = |second| Timestamp::from_second(second).ok();
        let (since, behind) = (outage.since().and_then(time), outage.behind_since(now).and_then(time));
        let part = |wrong: &str, since: Option<Timestamp>| match since {
            None => json!({ "status": "up" }),
            Some(since) => json!({ "status": wrong, "since": since }),
        };
        let (store, changes) = (part("down", since), part("behind", behind));
        let waits = self.tenants.logs().spool().is_some_and(|spool| spool.events() > 0);
        let status = if waits { "behind" } else { "up" };
        // How many, metrics tell those who may know.
        let log = json!({ "status": status });
        let is_too_long = outage.is_too_long(now);
        let (code, status) = match (self.is_stopping(), since.or(behind)) {
            (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
            (false, Some(_)) if is_too_long => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            (false, Some(_)) => (StatusCode::OK, "degraded"),
            (false, None) => (StatusCode::OK, "ok"),
        };
        (code, Json(json!({ "status": status, "store": store, "changes": changes, "log": log })))
    }
}
