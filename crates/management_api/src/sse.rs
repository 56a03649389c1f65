//! Server-sent events: something is told to a reader as it happens, until the token expires or nobody reads any more. A
//! reader who does not keep up is let go, and resumes after what they have heard.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body_util::{
    BodyExt,
    channel::{Channel, Sender},
};
use idp::Tenant;
use serde_json::Value;
use store::{NotWatched, Watch};
use tokio::{sync::oneshot, time};

use crate::{Answer, Call, Error, error::Result};

/// So often something is said, so that nobody in between takes the connection for dead.
pub const PULSE: Duration = Duration::from_secs(15);
/// Why a reader is let go.
pub const TOO_SLOW: End = End("too slow: resume after the last event");
/// Why nothing more is told.
pub const STOPPING: End = End("the server is stopping");
/// How long a reader may take to make room for an event, and for the last words.
const PATIENCE: Duration = Duration::from_secs(30);
const LAST_WORDS: Duration = Duration::from_secs(1);
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
pub fn answer(call: &Call, teller: impl Teller) -> Answer {
    let expires = call.token.claims.get("exp").and_then(Value::as_i64).unwrap_or(0);
    let left = Duration::from_secs(u64::try_from(expires - call.tenant.clock().now()).unwrap_or(0));
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
            let end = match time::timeout(left, teller.tell(&mut reader)).await {
                Ok(Ok(())) => return,
                Ok(Err(end)) => end,
                Err(_) => End("the token has expired"),
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
