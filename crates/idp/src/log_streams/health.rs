//! How a log stream fares.

use model::LogStream;
use serde::{Deserialize, Serialize};
use store::Waiting;

use crate::{Result, Tenant};

/// How a stream fares; times are milliseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    /// How many events were acknowledged.
    pub delivered: i64,
    /// When some were acknowledged last.
    pub succeeded: Option<i64>,
    /// Since when nothing was.
    pub failing: Option<i64>,
    /// What went wrong lately, the latest first.
    pub problems: Vec<Problem>,
    /// What was not acknowledged yet, filtered or not.
    pub waiting: Waiting,
}

/// Something that went wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    pub at: i64,
    pub problem: String,
}

/// How a stream fares. One that was never delivered has nothing to tell.
pub async fn health(tenant: &Tenant, stream: &LogStream) -> Result<Health> {
    let streams = tenant.store().log_streams();
    let Some(state) = streams.read(tenant.name(), &stream.id).await? else { return Ok(Health::default()) };
    let oldest = tenant.clock().now_ms() - SHOWN_FOR;
    let mut problems: Vec<Problem> = serde_json::from_str(&state.problems)?;
    problems.retain(|problem| problem.at > oldest);
    Ok(Health {
        delivered: state.delivered,
        succeeded: state.succeeded,
        failing: state.failing,
        problems,
        waiting: streams.waiting(tenant.name(), &state.cursor).await?,
    })
}

impl Problem {
    /// Puts it before others, of which the latest stay.
    pub(super) fn before(self, others: &str) -> Result<String> {
        let others: Vec<Problem> = serde_json::from_str(others)?;
        let all: Vec<Problem> = std::iter::once(self).chain(others).take(MOST).collect();
        Ok(serde_json::to_string(&all)?)
    }
}

/// How many problems are remembered, and for how many milliseconds they are shown.
const MOST: usize = 10;
const SHOWN_FOR: i64 = 5 * 24 * 3_600_000;
