//! The tenant's log as it is written, as server-sent events. A reader who was away resumes after an event that it
//! names; one who does not keep up is let go, and resumes in the same way.

use std::collections::HashSet;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::{Method, StatusCode};
use http_body_util::{
    BodyExt,
    channel::{Channel, Sender},
};
use idp::{Tenant, log::record};
use serde_json::Value;
use store::{Bound, Column, Condition, Ended, LogRow, NotWatched, Watch};
use tokio::{sync::oneshot, time};

use crate::{Answer, Call, Error, Operation, error::Result, logs, operation::run};

pub fn operations() -> Vec<Operation> {
    let scopes = &["read:logs", "read:logs_users"];
    vec![
        Operation::ours(Method::GET, "/logs/stream", "Follow the log", scopes, run!(stream))
            .reading(&["q", "from"]),
    ]
}

/// So often something is said, so that nobody in between takes the connection for dead.
const PULSE: Duration = Duration::from_secs(15);
/// How long a reader may take to make room for an event, and for the last words.
const PATIENCE: Duration = Duration::from_secs(30);
const LAST_WORDS: Duration = Duration::from_secs(1);
const TOO_SLOW: End = End("too slow: resume after the last event");
/// How many events may wait for a reader beyond what the connection takes.
const AHEAD: usize = 16;
/// How many events are read at once for a reader who was away, and how many in all.
const PAGE: i64 = 100;
const MOST: usize = 10_000;

async fn stream(call: Call) -> Result<Answer> {
    let condition = logs::condition(call.query("q"))?;
    let from = call.query("from").filter(|from| !from.is_empty()).map(str::to_owned);
    if from.as_ref().is_some_and(|from| from.len() > 100 || !from.bytes().all(|byte| byte.is_ascii_digit())) {
        return Err(Error::query("Query validation error: 'Expected a log_id' on property from."));
    }
    let watch = call.tenant.watch_logs().map_err(|refused| match refused {
        NotWatched::Full => {
            let words = "Too many follow this log already; close one of the streams.";
            Error::new(StatusCode::TOO_MANY_REQUESTS, words, Some("too_many_requests"))
        }
        NotWatched::Closed => Error::new(StatusCode::SERVICE_UNAVAILABLE, "The server is stopping.", None),
    })?;
    let expires = call.token.claims.get("exp").and_then(Value::as_i64).unwrap_or(0);
    let left = u64::try_from(expires - call.tenant.clock().now()).unwrap_or(0);
    let (sender, body) = Channel::new(AHEAD);
    let (reader, gone) = oneshot::channel::<()>();
    let body = body.map_frame(move |frame| {
        // Dropped with the body, it tells that nobody reads any more.
        let _ = &reader;
        frame
    });
    let follower = Follower { tenant: call.tenant, condition, watch, sender, sent: HashSet::new() };
    tokio::spawn(async move {
        tokio::select! {
            () = follower.run(from, Duration::from_secs(left)) => {}
            _ = gone => {}
        }
    });
    Ok(Answer::events(Body::new(body)))
}

struct Follower {
    tenant: Tenant,
    condition: Condition,
    watch: Watch,
    sender: Sender<Bytes>,
    /// What was read from the store and may come again from the watch.
    sent: HashSet<String>,
}

/// Why a stream ends, for its reader.
struct End(&'static str);

impl Follower {
    async fn run(mut self, from: Option<String>, left: Duration) {
        let end = match time::timeout(left, self.follow(from)).await {
            Ok(Ok(())) => return,
            Ok(Err(end)) => end,
            Err(_) => End("the token has expired"),
        };
        // A reader who is behind may have no room for it.
        let _ = time::timeout(LAST_WORDS, self.sender.send_data(format!(": {}\n\n", end.0).into())).await;
    }

    async fn follow(&mut self, from: Option<String>) -> std::result::Result<(), End> {
        self.send(": open\n\n".to_owned()).await?;
        if let Some(from) = from {
            self.catch_up(from).await?;
        }
        loop {
            match time::timeout(PULSE, self.watch.next()).await {
                Err(_) => self.send(":\n\n".to_owned()).await?,
                Ok(Err(Ended::Behind)) => return Err(TOO_SLOW),
                Ok(Err(Ended::Closed)) => return Err(End("the server is stopping")),
                Ok(Ok(row)) if !self.condition.holds(&row) || self.is_repeated(&row) => {}
                Ok(Ok(row)) => self.event(LogRow::clone(&row)).await?,
            }
        }
    }

    /// What was written after an event; the watch has begun before, so that nothing falls in between.
    async fn catch_up(&mut self, mut from: String) -> std::result::Result<(), End> {
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
                self.event(row).await?;
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

    async fn event(&mut self, row: LogRow) -> std::result::Result<(), End> {
        let log_id = row.log_id.clone();
        // JSON has no line breaks outside its texts, and none inside.
        let data = Value::Object(record(&self.tenant, row));
        self.send(format!("id: {log_id}\nevent: log\ndata: {data}\n\n")).await
    }

    async fn send(&mut self, text: String) -> std::result::Result<(), End> {
        match time::timeout(PATIENCE, self.sender.send_data(text.into())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End("nobody reads")),
            Err(_) => Err(TOO_SLOW),
        }
    }
}
