//! The clock of a tenant, or of all.

use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Error, control::Control};

/// A clock of the server's.
#[derive(Debug, Clone)]
pub struct Clock {
    control: Control,
    path: String,
}

#[derive(Deserialize)]
struct Shown {
    now: String,
}

impl Clock {
    pub(crate) fn new(control: Control, path: String) -> Clock {
        Clock { control, path }
    }

    /// What it shows, as `2031-05-06T07:08:09.000Z`.
    pub fn now(&self) -> Result<String, Error> {
        let shown: Shown = self.control.send("GET", &self.path, None::<&Value>)?;
        Ok(shown.now)
    }

    /// Sets it to a time as `2031-05-06T07:08:09Z`, from which it goes on unless it stood.
    pub fn set(&self, time: &str) -> Result<(), Error> {
        self.put(&json!({ "now": time }))
    }

    /// Sets it to what the machine's clock showed or will show then.
    pub fn set_to(&self, time: SystemTime) -> Result<(), Error> {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        self.put(&json!({ "now": "1970-01-01T00:00:00Z", "advance_seconds": since.as_secs_f64() }))
    }

    /// Moves it on.
    pub fn advance(&self, span: Duration) -> Result<(), Error> {
        self.put(&json!({ "advance_seconds": span.as_secs_f64() }))
    }

    /// Lets it stand.
    pub fn stop(&self) -> Result<(), Error> {
        self.put(&json!({ "stands": true }))
    }

    /// Lets it go on.
    pub fn go(&self) -> Result<(), Error> {
        self.put(&json!({ "stands": false }))
    }

    /// Back to the time of the machine.
    pub fn reset(&self) -> Result<(), Error> {
        self.put(&json!({ "reset": true }))
    }

    fn put(&self, setting: &Value) -> Result<(), Error> {
        self.control.send::<Value>("PUT", &self.path, Some(setting)).map(drop)
    }
}
