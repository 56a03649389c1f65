//! Log streams: where log events are sent. What a service must be told differs from kind to kind.

use http::{HeaderName, HeaderValue, StatusCode};
use idp::{Change, Document, Tenant, clouds, id, log_streams, tenants};
use jiff::Timestamp;
use model::{LogStream, LogStreamType, log_stream::LogStreamSink};
use schema::{Object, Resource};
use serde_json::{Value, json};

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    clients::text,
    collection::{self, Given, Lifecycle, May, Prepared, Rows, made, shown},
    error::Result,
    operation::run,
};

/// How many streams a tenant may have: each asks for all that the log has.
const MOST: i64 = 20;
/// What stands where a password would.
const NOT_SHOWN: &str = "********";
/// Headers that say how a message is sent, which is not the tenant's to say.
pub const RESERVED: &[&str] = &[
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<LogStream>();
    rows.create.run = run!(create);
    rows.delete.run = run!(delete);
    rows.and([])
}

impl Lifecycle for LogStream {
    const WORDS: (&'static str, &'static str) = ("a log stream", "log streams");
    const MISSING: (&'static str, Option<&'static str>) = ("The log stream does not exist.", None);

    fn taken(key: &str) -> String {
        format!("A log stream with this {key} already exists.")
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(id::log_stream);
        body.shift_insert(0, "id".into(), json!(id));
        let kind = kind(body)?;
        check_members(kind, body.get("sink"))?;
        name_at_partner(tenant, kind, body);
        prioritize(body);
        // A place is noted only for a stream that will be.
        let stream = LogStream::view(body)?;
        check_place(&stream.sink)?;
        stream.check(tenant).await?;
        if log_streams::undelivered(tenant, kind).is_none() {
            let from = text(body, "startFrom").and_then(|from| from.parse::<Timestamp>().ok());
            log_streams::begin(tenant, &id, from).await?;
        }
        Ok(Prepared { id, ..Prepared::default() })
    }

    async fn amend(_tenant: &Tenant, _may: &May<'_>, document: &Document, patch: &mut Object) -> Result<()> {
        let before = &document.body;
        let kind = kind(before)?;
        if let Some(sink) = patch.get_mut("sink") {
            if kind.is_settled() {
                return Err(Error::body(
                    "Payload validation error: 'Additional properties not allowed: sink'.",
                ));
            }
            keep_password(before, sink);
            check_members(kind, Some(sink))?;
        }
        // What a stream carries that is for security is not chosen, and what was chosen for it goes with that.
        let was_priority = before.get("isPriority") == Some(&json!(true));
        match patch.get("isPriority").map_or(was_priority, |is| *is == json!(true)) {
            true => {
                patch.insert("isPriority".into(), json!(true));
                prioritize(patch);
            }
            false if was_priority => drop(patch.entry("filters").or_insert(json!([]))),
            false => {}
        }
        Ok(())
    }

    async fn check(&self, _tenant: &Tenant) -> Result<()> {
        check_sink(&self.sink)?;
        let is_for_security = |filter: &model::log_stream::LogStreamFilter| {
            filter.name == model::LogCategory::Security && !self.is_priority
        };
        match self.filters.iter().flatten().position(is_for_security) {
            Some(n) => refuse("No enum match for: security", &format!("filters[{n}].name")),
            None => Ok(()),
        }
    }

    /// Recorded: a password is never shown, and filters only where there are some.
    fn show(_tenant: &Tenant, document: &mut Object) {
        if let Some(password) =
            sink_of(document).and_then(|sink| sink.get_mut("mixpanelServiceAccountPassword"))
        {
            *password = json!(NOT_SHOWN);
        }
        if document.get("filters") == Some(&json!([])) {
            document.shift_remove("filters");
        }
    }
}

/// Recorded: a new one is answered with 200 (`TestAccLogStreamHTTP`).
async fn create(mut call: Call) -> Result<Answer> {
    let count = call.tenant.count(&store::Matching::all(LogStream::NOUN.path)).await?;
    if count >= MOST {
        let message = "You reached the limit of entities of this type for this tenant.";
        return Err(Error::new(StatusCode::CONFLICT, message, Some("too_many_entities")));
    }
    let body = call.take_body();
    let (document, _) = collection::insert::<LogStream>(&call.tenant, body, Given::default()).await?;
    let about = made::<LogStream>(&document);
    Ok(Answer::ok(shown::<LogStream>(&call, document)?).about(about))
}

/// Gone is gone: deleting what is not there succeeds too (recorded: `TestLogStreamManager_Delete`).
async fn delete(call: Call) -> Result<Answer> {
    let document = LogStream::find(&call.tenant, call.parameter("id")).await?;
    call.precondition.check(document.as_ref())?;
    let Some(document) = document else { return Ok(Answer::no_content()) };
    let expected = call.precondition.is_given().then(|| Change::expect::<LogStream>(&document));
    let changes = expected.into_iter().chain([Change::delete::<LogStream>(&document.id)]).collect();
    call.tenant.commit(changes).await.map_err(|error| call.precondition.lost(error.into()))?;
    log_streams::forget(&call.tenant, &document.id).await?;
    Ok(Answer::no_content().about(About::only::<LogStream>(&document.id)))
}

fn kind(body: &Object) -> Result<LogStreamType> {
    Ok(serde::Deserialize::deserialize(body.get("type").unwrap_or(&Value::Null))?)
}

fn sink_of(body: &mut Object) -> Option<&mut Object> {
    body.get_mut("sink")?.as_object_mut()
}

/// A stream for security carries that and nothing else, whatever filters were asked for (recorded:
/// `TestLogStreamManager_Update`).
fn prioritize(body: &mut Object) {
    if body.get("isPriority") == Some(&json!(true)) {
        body.insert("filters".into(), json!([{ "type": "category", "name": "security" }]));
    }
}

/// What the source or the topic would be called that a partner of the cloud makes there; the form is recorded.
fn name_at_partner(tenant: &Tenant, kind: LogStreamType, body: &mut Object) {
    let place = format!("{}-{}", tenant.name(), id::uuid());
    let name = match kind {
        LogStreamType::Eventbridge => {
            ("awsPartnerEventSource", format!("aws.partner/auth0.com/{place}/auth0.logs"))
        }
        LogStreamType::Eventgrid => ("azurePartnerTopic", place),
        LogStreamType::Http
        | LogStreamType::Datadog
        | LogStreamType::Splunk
        | LogStreamType::Sumo
        | LogStreamType::Segment
        | LogStreamType::Mixpanel => return,
    };
    if let Some(sink) = sink_of(body) {
        sink.insert(name.0.into(), json!(name.1));
    }
}

/// A patch need not say a password again, nor what was shown in its place.
fn keep_password(before: &Object, sink: &mut Value) {
    let name = "mixpanelServiceAccountPassword";
    let is_meant = |value: &Value| !value.is_null() && *value != json!(NOT_SHOWN);
    let kept = before.get("sink").and_then(|sink| sink.get(name));
    if let (Some(kept), Some(sink)) = (kept, sink.as_object_mut())
        && !sink.get(name).is_some_and(is_meant)
    {
        sink.insert(name.into(), kept.clone());
    }
}

/// Each kind of service is told what it must be, and nothing else.
fn check_members(kind: LogStreamType, sink: Option<&Value>) -> Result<()> {
    let none = Object::new();
    let sink = sink.and_then(Value::as_object).unwrap_or(&none);
    if let Some(missing) = kind.required().iter().find(|wanted| !sink.contains_key(**wanted)) {
        return refuse(&format!("Missing required property: {missing}"), "sink");
    }
    let is_known = |given: &str| kind.required().contains(&given) || kind.optional().contains(&given);
    let unknown: Vec<&str> = sink.keys().map(String::as_str).filter(|given| !is_known(given)).collect();
    if !unknown.is_empty() {
        return refuse(&format!("Additional properties not allowed: {}", unknown.join(",")), "sink");
    }
    Ok(())
}

/// What no single member says: whether events could be sent there.
fn check_sink(sink: &LogStreamSink) -> Result<()> {
    if let Some(endpoint) = &sink.http_endpoint {
        check_address(endpoint, "httpEndpoint")?;
    }
    if let Some(address) = &sink.sumo_source_address {
        check_address(&log_streams::sumo_url(address.expose()), "sumoSourceAddress")?;
    }
    if let Some(domain) = &sink.splunk_domain
        && (!tenants::is_host(domain) || tenants::without_port(domain) != domain)
    {
        return refuse("Expected a host", "sink.splunkDomain");
    }
    if let Some(port) = &sink.splunk_port
        && port.parse::<u16>().ok().filter(|port| *port > 0).is_none()
    {
        return refuse("Expected a port", "sink.splunkPort");
    }
    if let Some(media) = &sink.http_content_type {
        check_value(media, "sink.httpContentType")?;
    }
    if let Some(authorization) = &sink.http_authorization {
        check_value(authorization.expose(), "sink.httpAuthorization")?;
    }
    for (n, custom) in sink.http_custom_headers.iter().flatten().enumerate() {
        let property = format!("sink.httpCustomHeaders[{n}]");
        let name = custom.header.to_ascii_lowercase();
        let is_ours = name == "authorization" && sink.http_authorization.is_some();
        if HeaderName::from_bytes(name.as_bytes()).is_err() || RESERVED.contains(&name.as_str()) || is_ours {
            return refuse("Not a header that may be set", &format!("{property}.header"));
        }
        check_value(custom.value.expose(), &format!("{property}.value"))?;
    }
    for (secret, property) in [
        (&sink.datadog_api_key, "sink.datadogApiKey"),
        (&sink.splunk_token, "sink.splunkToken"),
        (&sink.segment_write_key, "sink.segmentWriteKey"),
    ] {
        if let Some(secret) = secret {
            check_value(secret.expose(), property)?;
        }
    }
    Ok(())
}

/// Where a cloud is to have its events, which is settled once a stream is made.
fn check_place(sink: &LogStreamSink) -> Result<()> {
    if let Some(account) = &sink.aws_account_id {
        clouds::check_account(account).or_else(|reason| refuse(&reason, "sink.awsAccountId"))?;
    }
    if let Some(region) = &sink.aws_region {
        clouds::check_region(region).or_else(|reason| refuse(&reason, "sink.awsRegion"))?;
    }
    Ok(())
}

fn check_address(address: &str, name: &str) -> Result<()> {
    log_streams::check_address(address).or_else(|reason| refuse(&reason, &format!("sink.{name}")))
}

/// What becomes the value of a header must be one.
pub fn check_value(value: &str, property: &str) -> Result<()> {
    match value.is_ascii() && HeaderValue::from_str(value).is_ok() {
        true => Ok(()),
        false => refuse("Not the value of a header", property),
    }
}

/// Says that a property of the body is at fault.
pub fn refuse<T>(reason: &str, property: &str) -> Result<T> {
    Err(Error::body(format!("Payload validation error: '{reason}' on property {property}.")))
}
