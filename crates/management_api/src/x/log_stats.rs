//! How many log events of what weight there are, over a stretch of time: the histogram above a list of logs.

use http::Method;
use idp::{clock::iso, log::first_log_id};
use serde_json::{Value, json};

use super::period::Period;
use crate::{Answer, Call, Operation, error::Result, logs, operation::run};

pub fn operations() -> Vec<Operation> {
    let scopes = &["read:logs", "read:logs_users"];
    vec![
        Operation::ours(Method::GET, "/logs/stats", "Get the numbers of log events", scopes, run!(stats))
            .reading(&["q", "from", "to", "buckets"]),
    ]
}

const HOUR: i64 = 3_600_000;
const USUAL_BUCKETS: i64 = 60;
const MOST_BUCKETS: i64 = 500;

/// How much an event should worry those who read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Weight {
    Success,
    Warning,
    Error,
}

impl Weight {
    /// Auth0's codes say it in their first letter, but for the few that only warn.
    fn of(code: &str) -> Weight {
        const WARNINGS: &[&str] = &[
            "api_limit",
            "api_limit_warning",
            "limit_wc",
            "limit_mu",
            "pwd_leak",
            "signup_pwd_leak",
            "reset_pwd_leak",
            "token_quota_consumption_warning",
            "depnote",
        ];
        match code {
            warning if WARNINGS.contains(&warning) || warning.starts_with('w') => Weight::Warning,
            "actions_execution_failed" => Weight::Error,
            failure if failure.starts_with('f') => Weight::Error,
            _ => Weight::Success,
        }
    }
}

/// How many of each weight.
#[derive(Debug, Clone, Copy, Default)]
struct Numbers {
    success: i64,
    warning: i64,
    error: i64,
}

impl Numbers {
    fn add(&mut self, weight: Weight, number: i64) {
        match weight {
            Weight::Success => self.success += number,
            Weight::Warning => self.warning += number,
            Weight::Error => self.error += number,
        }
    }
}

async fn stats(call: Call) -> Result<Answer> {
    let condition = logs::condition(call.query("q"))?;
    let Period { from, to } = Period::of(&call, HOUR)?;
    let wanted = call.number("buckets", 1, MOST_BUCKETS)?.unwrap_or(USUAL_BUCKETS);
    let width = (to - from + wanted - 1) / wanted;
    // What was logged a moment ago is counted too.
    call.tenant.flush_logs().await;
    let ids = (first_log_id(from), first_log_id(to));
    let found = call
        .tenant
        .store()
        .logs()
        .histogram(call.tenant.name(), &condition, (from, to), width, (&ids.0, &ids.1))
        .await?;
    let mut buckets = vec![Numbers::default(); usize::try_from((to - from + width - 1) / width).unwrap_or(0)];
    let mut totals = Numbers::default();
    for (stretch, kind, number) in found {
        let weight = Weight::of(&kind);
        totals.add(weight, number);
        if let Some(bucket) = usize::try_from(stretch).ok().and_then(|place| buckets.get_mut(place)) {
            bucket.add(weight, number);
        }
    }
    let buckets: Vec<Value> = buckets
        .iter()
        .enumerate()
        .map(|(n, Numbers { success, warning, error })| {
            let start = iso(from + n as i64 * width);
            json!({ "start": start, "success": success, "warning": warning, "error": error })
        })
        .collect();
    let Numbers { success, warning, error } = totals;
    Ok(Answer::ok(json!({
        "from": iso(from), "to": iso(to), "interval_ms": width, "buckets": buckets,
        "totals": { "success": success, "warning": warning, "error": error },
    })))
}
