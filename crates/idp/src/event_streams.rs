//! Event streams: what happens to a tenant's people and things, told to somebody else's server. An event is written down
//! in the transaction that changes what it is about (`occurrence`), once for each stream that wants it, and sent at least
//! once (`delivery`). Those who fetch events themselves read a feed of them, which is kept for as long as somebody reads.

mod delivery;
mod occurrence;
mod sample;

use model::{EventDestination, EventFeed, EventStream, EventStreamStatus, EventType};
use schema::{Object, Resource};
use serde_json::{Value, json};
use store::{Addressee, EventDelivery, FailedEvents};

pub use self::delivery::{Messenger, deliver_due};
pub(crate) use self::occurrence::with_events;
use self::occurrence::{Event, addressee};
use crate::{Change, Error, Result, Tenant, Tenants, clock};

/// Tries an event with a stream, about a thing that is made up or given; answers the delivery.
pub async fn test(
    tenant: &Tenant,
    stream: &EventStream,
    kind: EventType,
    data: Option<Object>,
) -> Result<Value> {
    let mut event = Event::new(tenant, kind, data.unwrap_or_else(|| sample::data(kind)));
    event.body.insert("a0purpose".into(), json!("test"));
    let refused = undelivered(tenant, stream).map(|reason| attempt(&clock::iso(event.created), reason, None));
    let to = match refused {
        None => addressee(tenant, stream),
        refused => Addressee { stream: stream.id.clone(), refused },
    };
    let occurrence = event.occurrence(LAST, false, vec![to])?;
    let (deliveries, id) = (tenant.store().event_deliveries(), occurrence.id.clone());
    deliveries.insert(tenant.name(), occurrence).await?;
    let delivery = deliveries.read(tenant.name(), &stream.id, &id).await?;
    let delivery = delivery.ok_or_else(|| Error::Internal(anyhow::anyhow!("a test event is gone")))?;
    shown(&stream.id, &delivery)
}

/// A delivery as it is shown.
pub fn shown(stream: &str, delivery: &EventDelivery) -> Result<Value> {
    let attempts: Value = serde_json::from_str(&format!("[{}]", delivery.attempts))?;
    Ok(json!({
        "id": delivery.id,
        "event_stream_id": stream,
        "event_type": delivery.kind,
        "status": if delivery.has_failed { "failed" } else { "pending" },
        "attempts": attempts,
        "event": told(stream, &delivery.body)?,
    }))
}

/// Sends again what could not be sent; answers how many events that are.
pub async fn again(tenant: &Tenant, stream: &str, which: &FailedEvents) -> Result<u64> {
    let attempt = json!({ "status": "retrying", "timestamp": tenant.clock().iso() }).to_string();
    let place = (tenant.name(), stream);
    let due = tenant.server_clock().now_ms();
    Ok(tenant.store().event_deliveries().again(place, which, &attempt, due).await?)
}

/// Forgets what was to be sent to a stream that is gone.
pub async fn forget(tenant: &Tenant, stream: &str) -> Result<()> {
    Ok(tenant.store().event_deliveries().forget(tenant.name(), stream).await?)
}

/// Forgets, of all tenants, what is kept long enough.
pub async fn sweep(tenants: &Tenants) -> Result<()> {
    let now = tenants.clock().now_ms();
    let (events, deliveries) = (tenants.store().events(), tenants.store().event_deliveries());
    events.prune(now - FEED_KEPT).await?;
    deliveries.prune(now - KEPT, MOST_FAILED).await?;
    drop_crowds(tenants, MOST_WAITING).await
}

/// Drops what is too much: so many of what waits for a stream, and of what is kept of a tenant for those who fetch it.
pub async fn drop_crowds(tenants: &Tenants, most: i64) -> Result<()> {
    let now = tenants.clock().now_ms();
    for (tenant, stream, events) in tenants.store().event_deliveries().drop_crowd(most, now).await? {
        tracing::warn!(tenant, stream, events, "the oldest events that wait for a stream are dropped");
    }
    for (tenant, events) in tenants.store().events().drop_crowd(most).await? {
        tracing::warn!(tenant, events, "the oldest events that nobody has fetched are dropped");
    }
    Ok(())
}

/// Sees to it that events are kept for somebody who reads the feed.
pub async fn keep_feed(tenant: &Tenant) -> Result<()> {
    let now = tenant.clock().now_ms();
    if tenant.snapshot().event_feed.is_some_and(|until| until > now + FEED_KEPT - DAY) {
        return Ok(());
    }
    let body = Object::from_iter([("id".into(), json!(FEED)), ("until".into(), json!(now + FEED_KEPT))]);
    let change = match tenant.read(&EventFeed::NOUN, FEED).await? {
        None => Change::create::<EventFeed>(FEED, body),
        Some(read) => Change::replace::<EventFeed>(&read, body),
    };
    match tenant.commit(vec![change]).await {
        // Another reader has just seen to it.
        Err(Error::Conflict | Error::Taken { .. }) => Ok(()),
        done => done,
    }
}

/// Whether what happened at a time may be forgotten.
pub fn is_forgotten(tenant: &Tenant, time: i64) -> bool {
    time < tenant.clock().now_ms() - FEED_KEPT
}

/// An event as a stream is told of it.
fn told(stream: &str, body: &str) -> Result<Value> {
    let mut event: Object = serde_json::from_str(body)?;
    event.insert("a0stream".into(), json!(stream));
    Ok(Value::Object(event))
}

/// Something that was tried and did not succeed, as it is stored and shown.
fn attempt(timestamp: &str, problem: &str, duration: Option<f64>) -> String {
    let mut attempt = json!({ "status": "failed", "error_message": problem, "timestamp": timestamp });
    if let Some(duration) = duration {
        attempt["duration"] = json!(duration);
    }
    attempt.to_string()
}

/// Why a stream is told of nothing, if it is not.
fn undelivered(tenant: &Tenant, stream: &EventStream) -> Option<&'static str> {
    match stream.destination {
        EventDestination::Webhook { .. } => None,
        EventDestination::Eventbridge { .. } => tenant.clouds().event_bridge().err(),
        EventDestination::Action { .. } => Some(NOT_RUN),
    }
}

fn is_enabled(stream: &EventStream) -> bool {
    stream.status == EventStreamStatus::Enabled
}

const NOT_RUN: &str = "this server runs no actions of the trigger event-stream";
const DISABLED: &str = "the event stream is disabled";
/// The one document that says how long the feed is kept.
const FEED: &str = "feed";
const DAY: i64 = 24 * 3_600_000;
/// For how many milliseconds events are kept that have not arrived, and for those who fetch them.
pub const KEPT: i64 = 14 * DAY;
const FEED_KEPT: i64 = 7 * DAY;
/// How many events of a stream are kept that could not be sent.
const MOST_FAILED: i64 = 10_000;
/// How many of a stream that wait to be sent, and how many of a tenant for those who fetch them.
const MOST_WAITING: i64 = 100_000;
/// The place of an event that no change has caused.
const LAST: i64 = 1 << 40;
