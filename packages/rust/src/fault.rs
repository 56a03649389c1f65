//! What is to go wrong.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A fault to ask for: once, unless more is said.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Fault(Value);

/// A fault that waits.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Waiting {
    pub id: u64,
    pub fault: String,
    /// How often it has happened.
    pub happened: u64,
    /// How often it is to happen yet; without end if none.
    pub times: Option<u32>,
}

impl Fault {
    /// The request is refused with this status.
    #[must_use]
    pub fn status(status: u16) -> Fault {
        Fault(json!({ "fault": "status", "status": status }))
    }

    /// The request waits before it is answered.
    #[must_use]
    pub fn latency(latency: Duration) -> Fault {
        Fault(json!({ "fault": "latency", "milliseconds": latency.as_millis() as u64 }))
    }

    /// The token names a key that nobody published.
    #[must_use]
    pub fn wrong_kid() -> Fault {
        Fault(json!({ "fault": "wrong_kid" }))
    }

    /// The token expired an hour ago.
    #[must_use]
    pub fn expired_token() -> Fault {
        Fault(json!({ "fault": "expired_token" }))
    }

    /// Before the request, the signing keys are replaced by such as were never published before.
    #[must_use]
    pub fn rotated_key() -> Fault {
        Fault(json!({ "fault": "rotated_key", "path": "/oauth/token" }))
    }

    /// A path, or the beginning of one and `*`.
    #[must_use]
    pub fn path(self, path: &str) -> Fault {
        self.with("path", json!(path))
    }

    #[must_use]
    pub fn method(self, method: &str) -> Fault {
        self.with("method", json!(method))
    }

    #[must_use]
    pub fn times(self, times: u32) -> Fault {
        self.with("times", json!(times))
    }

    /// Again and again, until it is removed.
    #[must_use]
    pub fn always(self) -> Fault {
        self.with("times", Value::Null)
    }

    /// So many requests are let pass before.
    #[must_use]
    pub fn after(self, requests: u32) -> Fault {
        self.with("skip", json!(requests))
    }

    /// The seconds of `Retry-After`.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Fault {
        self.with("retry_after", json!(seconds))
    }

    /// The body of a refusal instead of the usual one.
    #[must_use]
    pub fn body(self, body: Value) -> Fault {
        self.with("body", body)
    }

    fn with(mut self, name: &str, value: Value) -> Fault {
        self.0[name] = value;
        self
    }
}
