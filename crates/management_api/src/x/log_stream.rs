//! The tenant's log as it is written, as server-sent events. A reader who was away resumes after an event that it
//! names; one who does not keep up is let go, and resumes in the same way.

use std::collections::HashSet;

use http::Method;
use idp::{Tenant, log::record};
use serde_json::Value;
use store::{Bound, Column, Condition, Ended, LogRow, Watch};
use tokio::time;

use crate::{
    Answer, Call, Error, Operation,
    error::Result,
    logs,
    operation::run,
    sse::{self, End, PULSE, Reader, STOPPING, TOO_SLOW, Teller},
};

pub fn operations() -> Vec<Operation> {
    let scopes = &["read:logs", "read:logs_users"];
    vec![
        Operation::ours(Method::GET, "/logs/stream", "Follow the log", scopes, run!(stream))
            .reading(&["q", "from"]),
    ]
}

/// How many events are read at once for a reader who was away, and how many in all.
const PAGE: i64 = 100;
const MOST: usize = 10_000;

async fn stream(call: Call) -> Result<Answer> {
    let condition = logs::condition(call.query("q"))?;
    let from = call.query("from").filter(|from| !from.is_empty()).map(str::to_owned);
    if from.as_ref().is_some_and(|from| from.len() > 100 || !from.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(Error::query("Query validation error: 'Expected a log_id' on property from."));
    }
    let watch = sse::watch(&call.tenant)?;
    let follower = Follower { tenant: call.tenant.clone(), from, condition, watch, sent: HashSet::new() };
    Ok(sse::answer(call, follower))
}

struct Follower {
    tenant: Tenant,
    from: Option<String>,
    condition: Condition,
    watch: Watch,
    /// What was read from the store and may come again from the watch.
    sent: HashSet<String>,
}

impl Teller for Follower {
    async fn tell(mut self, reader: &mut Reader) -> std::result::Result<(), End> {
        reader.send(": open\n\n".to_owned()).await?;
        if let Some(from) = self.from.take() {
            self.catch_up(reader, from).await?;
        }
        loop {
            match time::timeout(PULSE, self.watch.next()).await {
                Err(_) => reader.send(":\n\n".to_owned()).await?,
                Ok(Err(Ended::Behind)) => return Err(TOO_SLOW),
                Ok(Err(Ended::Closed)) => return Err(STOPPING),
                Ok(Ok(row)) if !self.condition.holds(&row) || self.is_repeated(&row) => {}
                Ok(Ok(row)) => self.event(reader, LogRow::clone(&row)).await?,
            }
        }
    }
}

impl Follower {
    /// What was written after an event; the watch has begun before, so that nothing falls in between.
    async fn catch_up(&mut self, reader: &mut Reader, mut from: String) -> std::result::Result<(), End> {
        self.tenant.flush_logs().await;
        while self.sent.len() < MOST {
            let after = Condition::Range {
                column: Column::LogId,
                from: Some(Bound { value: from.clone(), inclusive: false }),
                to: None,
            };
            let condition = Condition::All(vec![after, self.condition.clone()]);
            let logs = self.tenant.store().logs();
            let rows =
                logs.search(self.tenant.name(), &condition, false, 0, PAGE).await.map_err(|error| {
                    tracing::warn!(%error, "a log cannot be read for a stream");
                    End("the log cannot be read now: resume after the last event")
                })?;
            let is_all = (rows.len() as i64) < PAGE;
            for row in rows {
                from.clone_from(&row.log_id);
                self.sent.insert(row.log_id.clone());
                self.event(reader, row).await?;
            }
            if is_all {
                return Ok(());
            }
        }
        Err(End("far behind: resume after the last event"))
    }

    /// Whether the event was read from the store before it came. They come in the order in which they were written, so
    /// that the first that is new is followed by new ones only.
    fn is_repeated(&mut self, row: &LogRow) -> bool {
        let is_repeated = self.sent.contains(&row.log_id);
        if !is_repeated {
            self.sent = HashSet::new();
        }
        is_repeated
    }

    async fn event(&self, reader: &mut Reader, row: LogRow) -> std::result::Result<(), End> {
        let log_id = row.log_id.clone();
        // JSON has no line breaks outside its texts, and none inside.
        let data = Value::Object(record(&self.tenant, row));
        reader.send(format!("id: {log_id}\nevent: log\ndata: {data}\n\n")).await
    }
}
