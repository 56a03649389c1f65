//! How an event stream fares: what did not arrive, how much did, what is sent again, and what is sent to try it.

use http::Method;
use idp::{clock, event_streams};
use jiff::Timestamp;
use model::{EventStream, EventType};
use schema::{Field, Object, Op, Resource, Shaped};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{EventCount, FailedEvents};

use crate::{
    Answer, Call, Error, Operation,
    collection::existing,
    error::Result,
    operation::run,
    page::{self, Page},
};

/// Missing, or of another stream.
const MISSING: &str = "The requested event does not exist.";

pub fn operations() -> Vec<Operation> {
    let row = |method, path: &str, summary: &str, scopes: &[&'static str], run| {
        Operation::new(method, &format!("/event-streams/{{id}}{path}"), summary, scopes, run)
    };
    let (read, update) = (&["read:event_deliveries", "read:event_streams"], &["update:event_deliveries"]);
    vec![
        row(Method::GET, "/deliveries", "Get failed deliveries of an event stream", read, run!(list))
            .reading(&["statuses", "event_types", "date_from", "date_to", "from", "take"]),
        row(Method::GET, "/deliveries/{event_id}", "Get a delivery of an event stream", read, run!(one)),
        row(Method::GET, "/stats", "Get statistics of an event stream", read, run!(stats)),
        row(Method::POST, "/redeliver", "Redeliver failed events", update, run!(again)),
        row(Method::POST, "/redeliver/{event_id}", "Redeliver a failed event", update, run!(one_again)),
        row(Method::POST, "/test", "Send a test event", &["update:event_streams"], run!(test)),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let stream = existing::<EventStream>(&call).await?.id;
    let parts = |name: &str| {
        let listed = call.query(name).into_iter().flat_map(|names| names.split(','));
        listed.map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect::<Vec<_>>()
    };
    let fail = |reason: &str, name: &str| {
        Error::query(format!("Query validation error: '{reason}' on property {name}."))
    };
    if parts("statuses").iter().any(|status| status != "failed") {
        return Err(fail("No enum match", "statuses"));
    }
    let kinds = parts("event_types");
    if kinds.iter().any(|kind| EventType::named(kind).is_none()) {
        return Err(fail("No enum match", "event_types"));
    }
    let time = |name: &str| match call.query(name) {
        None => Ok(None),
        Some(text) => match text.parse::<Timestamp>() {
            Ok(time) => Ok(Some(time.as_millisecond())),
            Err(_) => Err(fail("Object didn't pass validation for format date-time", name)),
        },
    };
    let which = FailedEvents { kinds, from: time("date_from")?, to: time("date_to")?, id: None };
    let (after, take) = Page::of(&call)?.checkpoint();
    let (tenant, deliveries) = (call.tenant.name(), call.tenant.store().event_deliveries());
    let (found, has_more) = deliveries.failed((tenant, &stream), &which, after, take).await?;
    let next = found.last().filter(|_| has_more).map(|last| page::cursor(last.created, &last.id));
    let shown = found.iter().map(|one| Ok(event_streams::shown(&stream, one)?)).collect::<Result<_>>()?;
    Ok(page::part("deliveries", shown, next))
}

async fn one(call: Call) -> Result<Answer> {
    let stream = existing::<EventStream>(&call).await?.id;
    let deliveries = call.tenant.store().event_deliveries();
    let found = deliveries.read(call.tenant.name(), &stream, event_id(&call)?).await?;
    let found = found.ok_or_else(|| Error::not_found(MISSING, None))?;
    Ok(Answer::ok(event_streams::shown(&stream, &found)?))
}

/// Whatever stands in the path, if it can be looked for.
fn event_id(call: &Call) -> Result<&str> {
    let id = call.parameter("event_id");
    let is_plain = id.len() <= 100 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_plain { Ok(id) } else { Err(Error::not_found(MISSING, None)) }
}

/// What is sent again; all that failed, unless it says more.
#[derive(Debug, Deserialize, schema::Shaped)]
struct Asked {
    /// Events that happened at this time or later.
    #[field(format(DateTime))]
    date_from: Option<String>,
    /// Events that happened at this time or earlier.
    #[field(format(DateTime))]
    date_to: Option<String>,
    /// What became of them.
    #[field(max(10))]
    statuses: Option<Vec<Status>>,
    /// Their kinds.
    #[field(max(50))]
    event_types: Option<Vec<EventType>>,
}

/// What became of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schema::Shaped)]
#[serde(rename_all = "lowercase")]
enum Status {
    Failed,
}

async fn again(mut call: Call) -> Result<Answer> {
    let stream = existing::<EventStream>(&call).await?.id;
    let body = call.take_body();
    let asked: Asked = checked(&body)?;
    let time = |text: &Option<String>| {
        text.as_ref().and_then(|text| text.parse::<Timestamp>().ok()).map(Timestamp::as_millisecond)
    };
    let kinds = asked.event_types.iter().flatten().map(|kind| kind.name().to_owned()).collect();
    let (from, to) = (time(&asked.date_from), time(&asked.date_to));
    // There is one status; whoever names none of it means none.
    if asked.statuses.is_none_or(|statuses| statuses.contains(&Status::Failed)) {
        event_streams::again(&call.tenant, &stream, &FailedEvents { kinds, from, to, id: None }).await?;
    }
    Ok(Answer::accepted(body))
}

async fn one_again(call: Call) -> Result<Answer> {
    let stream = existing::<EventStream>(&call).await?.id;
    let id = event_id(&call)?;
    let which = FailedEvents { id: Some(id.to_owned()), ..FailedEvents::default() };
    if event_streams::again(&call.tenant, &stream, &which).await? == 0 {
        let deliveries = call.tenant.store().event_deliveries();
        return Err(match deliveries.read(call.tenant.name(), &stream, id).await? {
            None => Error::not_found(MISSING, None),
            Some(_) => Error::conflict("The event is being delivered already."),
        });
    }
    Ok(Answer::accepted(Object::new()))
}

/// What is sent to try a stream.
#[derive(Debug, Deserialize, schema::Shaped)]
struct Test {
    /// What happened.
    event_type: EventType,
    /// To what; something made up, if nothing is said.
    data: Option<Object>,
}

async fn test(mut call: Call) -> Result<Answer> {
    let stream = EventStream::view(&existing::<EventStream>(&call).await?.body)?;
    let Test { event_type, data } = checked(&call.take_body())?;
    match event_streams::test(&call.tenant, &stream, event_type, data).await? {
        Value::Object(delivery) => Ok(Answer::accepted(delivery)),
        other => Ok(Answer::ok(other)),
    }
}

/// A body that is no noun's.
fn checked<T: Shaped + for<'de> Deserialize<'de>>(body: &Object) -> Result<T> {
    let schema::Shape::Object(fields) = T::SHAPE else { return Err(Error::body("Payload validation error")) };
    let fields: &'static [Field] = fields;
    schema::check(fields, body, Op::Create)?;
    Ok(T::deserialize(body)?)
}

/// The last two weeks by days, as it was recorded (`TestEventStreamManager_Integration`).
async fn stats(call: Call) -> Result<Answer> {
    let stream = existing::<EventStream>(&call).await?;
    let now = call.tenant.clock().now_ms();
    let (today, hour) = (now.div_euclid(DAY), now - now.rem_euclid(HOUR));
    let days = today - DAYS..=today;
    let deliveries = call.tenant.store().event_deliveries();
    let counts = deliveries.counts(call.tenant.name(), &stream.id, today - DAYS).await?;
    let metric = |name: &str, of: fn(&EventCount) -> i64| {
        let on = |day| counts.iter().find(|count| count.day == day).map_or(0, of);
        let data: Vec<i64> = days.clone().map(on).collect();
        let total: i64 = data.iter().sum();
        let name = format!("auth0.event_streams.{name}_deliveries");
        json!({ "name": name, "window_total": total, "type": "sum", "data": data })
    };
    Ok(Answer::ok(json!({
        "id": stream.id,
        "name": stream.body.get("name"),
        "window": {
            "date_from": clock::iso(hour - DAYS * DAY),
            "date_to": clock::iso(hour + HOUR),
            "bucket_interval": { "scale_factor": DAY / 1000 },
        },
        "buckets": days.clone().map(|day| clock::iso(day * DAY)).collect::<Vec<_>>(),
        "metrics": [metric("successful", |count| count.delivered), metric("failed", |count| count.failed)],
    })))
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const DAYS: i64 = 14;
