//! `/events`: what happens to people and things, for those who fetch it themselves. A reader who was away resumes behind an
//! *offset*, which also says when it was told, so that it is known when what follows may be forgotten. Events are kept from
//! the first reader on, for a week after the last.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, StatusCode};
use idp::{Tenant, event_streams};
use jiff::Timestamp;
use model::EventType;
use serde_json::json;
use store::{Ended, EventPlace, Watch};
use tokio::time::{self, Instant};

use crate::{
    Answer, Call, Error, Operation,
    error::Result,
    operation::run,
    sse::{self, End, PULSE, Reader, STOPPING, Teller},
};

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/events", "Follow events", &["read:events"], run!(follow))
            .reading(&["from", "from_timestamp"])
            .listing(&["event_type"]),
    ]
}

async fn follow(call: Call) -> Result<Answer> {
    let kinds = call.queries("event_type").flat_map(|kinds| kinds.split(','));
    let kind = |name: &str| {
        let unknown = || Error::query("Query validation error: 'No enum match' on property event_type.");
        EventType::named(name.trim()).map(EventType::name).ok_or_else(unknown)
    };
    let kinds = kinds.map(kind).collect::<Result<Vec<_>>>()?;
    let asked = call.query("from").filter(|from| !from.is_empty());
    let (from, since) = (call.last_event_id.as_deref().or(asked), call.query("from_timestamp"));
    let tenant = call.tenant.clone();
    let events = tenant.store().events();
    let place = match (from, since) {
        (Some(_), Some(_)) if asked.is_some() => {
            let reason = "Query validation error: 'It excludes the other' on property from_timestamp.";
            return Err(Error::query(reason));
        }
        (Some(from), _) => resumed(&tenant, from).await?,
        (None, Some(since)) => match since.parse::<Timestamp>() {
            Ok(since) => events.since(tenant.name(), since.as_millisecond()).await?,
            Err(_) => {
                let reason = "Object didn't pass validation for format date-time";
                let message = format!("Query validation error: '{reason}' on property from_timestamp.");
                return Err(Error::query(message));
            }
        },
        (None, None) => events.end(tenant.name()).await?,
    };
    let watch = sse::watch(&tenant)?;
    event_streams::keep_feed(&tenant).await?;
    Ok(sse::answer(call, Follower { tenant, kinds, place, watch }))
}

struct Follower {
    tenant: Tenant,
    /// All of them, if there are none.
    kinds: Vec<&'static str>,
    place: EventPlace,
    /// Tells when the server stops.
    watch: Watch,
}

impl Teller for Follower {
    async fn tell(mut self, reader: &mut Reader) -> std::result::Result<(), End> {
        reader.send(":connected\n\nretry: 2000\n\n".to_owned()).await?;
        let mut told = Instant::now();
        loop {
            let is_all = self.tell_next(reader, &mut told).await?;
            if told.elapsed() >= PULSE {
                event_streams::keep_feed(&self.tenant).await.map_err(unreadable)?;
                self.mark(reader).await?;
                told = Instant::now();
            }
            if is_all {
                self.pause().await?;
            }
        }
    }
}

impl Follower {
    /// Tells some of what follows; whether that was all.
    async fn tell_next(&mut self, reader: &mut Reader, told: &mut Instant) -> std::result::Result<bool, End> {
        let events = self.tenant.store().events().after(self.tenant.name(), self.place, PAGE).await;
        let events = events.map_err(unreadable)?;
        let is_all = events.is_empty();
        for event in events {
            if event.is_gap() {
                return Err(End("events were dropped before they were read: begin with from_timestamp"));
            }
            self.place = event.place;
            if self.kinds.is_empty() || self.kinds.contains(&event.kind.as_str()) {
                let offset = offset(event.place, event.created);
                // Stored as JSON, which has no line breaks outside its texts, and none inside.
                let data = format!(r#"{{"offset":"{offset}","event":{}}}"#, event.body);
                reader.send(format!("event: {}\nid: {offset}\ndata: {data}\n\n", event.kind)).await?;
                *told = Instant::now();
            }
        }
        Ok(is_all)
    }

    /// Says how far it is, though nothing happened.
    async fn mark(&self, reader: &mut Reader) -> std::result::Result<(), End> {
        let offset = offset(self.place, self.tenant.clock().now_ms());
        let data = json!({ "offset": offset });
        reader.send(format!("event: offset-only\nid: {offset}\ndata: {data}\n\n")).await
    }

    async fn pause(&mut self) -> std::result::Result<(), End> {
        let until = Instant::now() + LOOK;
        loop {
            match time::timeout_at(until, self.watch.next()).await {
                Err(_) => return Ok(()),
                Ok(Err(Ended::Closed)) => return Err(STOPPING),
                Ok(Ok(_) | Err(Ended::Behind)) => {}
            }
        }
    }
}

fn unreadable(error: impl std::fmt::Display) -> End {
    tracing::warn!(%error, "events cannot be read for a stream");
    End("events cannot be read now: resume after the last one")
}

/// Where a reader goes on, and when they were told so.
fn offset(place: EventPlace, told: i64) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}.{}.{told}", place.rev, place.n))
}

async fn resumed(tenant: &Tenant, offset: &str) -> Result<EventPlace> {
    let read = || {
        let text = String::from_utf8(URL_SAFE_NO_PAD.decode(offset).ok()?).ok()?;
        let numbers = text.split('.').map(str::parse).collect::<std::result::Result<Vec<i64>, _>>().ok()?;
        let [rev, n, told] = numbers[..] else { return None };
        Some((EventPlace { rev, n }, told))
    };
    match read() {
        None => Err(Error::query("Query validation error: 'The offset is unknown' on property from.")),
        Some((_, told)) if event_streams::is_forgotten(tenant, told) => Err(expired()),
        Some((place, _)) => match tenant.store().events().after(tenant.name(), place, 1).await?.first() {
            Some(next) if next.is_gap() => Err(expired()),
            _ => Ok(place),
        },
    }
}

fn expired() -> Error {
    let message = "The offset has expired; begin with from_timestamp.";
    Error::new(StatusCode::GONE, message, Some("offset_expired"))
}

/// How often it is looked whether something happened, and how much of it is read at once.
const LOOK: Duration = Duration::from_millis(500);
const PAGE: i64 = 100;
