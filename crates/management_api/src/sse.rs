//! Server-sent events: something is told to a reader as it happens, until the token ends or nobody reads any more. A
//! reader who does not keep up is let go, and resumes after what they have heard.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{
    BodyExt,
    channel::{Channel, Sender},
};
use idp::{Tenant, access_token::Invalid};
use serde_json::Value;
use store::{NotWatched, Watch};
use tokio::{
    sync::oneshot,
    time::{self, MissedTickBehavior},
};

use crate::{Answer, Call, Error, door::Leave, error::Result};

/// So often something is said, so that nobody in between takes the connection for dead.
pub const PULSE: Duration = Duration::from_secs(15);
/// Why a reader is let go.
pub const TOO_SLOW: End = End("too slow: resume after the last event");
/// Why nothing more is told.
pub const STOPPING: End = End("the server is stopping");
const EXPIRED: End = End("the token has expired");
/// How long a reader may take to make room for an event, and for the last words.
const PATIENCE: Duration = Duration::from_secs(30);
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How often it is looked whether the reader may still read: what is revoked on one node is refused on all within a second.
const LOOK: Duration = Duration::from_millis(500);
/// How many events may wait for a reader beyond what the connection takes.
const AHEAD: usize = 16;

/// Why a stream ends, for its reader.
pub struct End(pub &'static str);

/// Whoever tells a reader something.
pub trait Teller: Send + 'static {
    /// Tells it until there is a reason to end.
    fn tell(self, reader: &mut Reader) -> impl Future<Output = std::result::Result<(), End>> + Send;
}

/// Whoever reads.
pub struct Reader(Sender<Bytes>);

impl Reader {
    pub async fn send(&mut self, text: String) -> std::result::Result<(), End> {
        match time::timeout(PATIENCE, self.0.send_data(text.into())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(End("nobody reads")),
            Err(_) => Err(TOO_SLOW),
        }
    }
}

/// Answers a call with what somebody tells.
pub fn answer(call: Call, teller: impl Teller) -> Answer {
    let expires = call.token.claims.get("exp").and_then(Value::as_i64).unwrap_or(0);
    let left = Duration::from_secs(u64::try_from(expires - call.tenant.clock().now()).unwrap_or(0));
    let leave = call.leave;
    let (sender, body) = Channel::new(AHEAD);
    let (reading, gone) = oneshot::channel::<()>();
    let body = body.map_frame(move |frame| {
        // Dropped with the body, it tells that nobody reads any more.
        let _ = &reading;
        frame
    });
    let mut reader = Reader(sender);
    tokio::spawn(async move {
        let told = async {
            let end = tokio::select! {
                told = time::timeout(left, teller.tell(&mut reader)) => match told {
                    Ok(Ok(())) => return,
                    Ok(Err(end)) => end,
                    Err(_) => EXPIRED,
                },
                invalid = refused(&leave) => match invalid {
                    Invalid::Token => End("the token is not accepted any more"),
                    Invalid::Expired => EXPIRED,
                },
            };
            // A reader who is behind may have no room for it.
            let last = reader.0.send_data(format!(": {}\n\n", end.0).into());
            let _ = time::timeout(LAST_WORDS, last).await;
        };
        tokio::select! {
            () = told => {}
            _ = gone => {}
        }
    });
    Answer::events(Body::new(body))
}

/// Returns when what the reader was let in with is refused, and why.
async fn refused(leave: &Leave) -> Invalid {
    let mut tick = time::interval(LOOK);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        if let Some(invalid) = leave.refused().await {
            return invalid;
        }
    }
}

/// Watches a tenant's log, which many may do at once, but not all.
pub fn watch(tenant: &Tenant) -> Result<Watch> {
    tenant.watch_logs().map_err(|refused| match refused {
        NotWatched::Full => {
            let words = "Too many follow this log already; close one of the streams.";
            Error::new(http::StatusCode::TOO_MANY_REQUESTS, words, Some("too_many_requests"))
        }
        NotWatched::Closed => {
            Error::new(http::StatusCode::SERVICE_UNAVAILABLE, "The server is stopping.", None)
        }
    })
}
