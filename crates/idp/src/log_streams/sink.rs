//! What each kind of service is sent: where, in which words, and how much at once. Nothing here sends.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::STANDARD};
use model::{
    LogStream, LogStreamType, Secret,
    log_stream::{DatadogRegion, HttpContentFormat, LogStreamSink, MixpanelRegion},
};
use schema::Object;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    clock::iso,
    clouds::{Bus, Clouds},
};

/// How a service is spoken to.
pub(super) struct Sink {
    pub way: Way,
    frame: Frame,
    event: Box<dyn Fn(Event) -> Value + Send + Sync>,
}

/// By which way events get there.
pub(super) enum Way {
    /// Posted, several in one body.
    Post { url: String, headers: Vec<(String, String)>, media: String },
    /// Put on a bus, which answers for each.
    Bus(Arc<Bus>),
}

/// How events are put together, and how many may be: in number, in bytes, and in bytes of one.
#[derive(Clone, Copy)]
struct Frame {
    before: &'static str,
    between: &'static str,
    after: &'static str,
    most: usize,
    bytes: usize,
    one: usize,
}

/// An event, as the log shows it.
struct Event<'a> {
    log_id: &'a str,
    /// Milliseconds since 1970.
    date: i64,
    data: &'a Object,
}

impl Sink {
    /// How the service of a stream is spoken to; or why it cannot be.
    pub fn of(stream: &LogStream, clouds: &Clouds) -> Result<Sink, String> {
        let sink = &stream.sink;
        match stream.kind {
            LogStreamType::Http => http(sink),
            LogStreamType::Datadog => datadog(sink),
            LogStreamType::Splunk => splunk(sink),
            LogStreamType::Sumo => sumo(sink),
            LogStreamType::Segment => segment(sink),
            LogStreamType::Mixpanel => mixpanel(sink),
            LogStreamType::Eventbridge => eventbridge(sink, clouds),
            LogStreamType::Eventgrid => eventgrid(sink, clouds),
        }
    }

    /// An event in the words of the service. One that is too long for it loses its details, and then the ends of its texts.
    pub fn event(&self, log_id: &str, date: i64, mut data: Object) -> String {
        let text = |data: &Object| (self.event)(Event { log_id, date, data }).to_string();
        let whole = text(&data);
        if whole.len() <= self.frame.one {
            return whole;
        }
        if let Some(details) = data.get_mut("details") {
            *details = json!({ "truncated": true });
        }
        let short = text(&data);
        if short.len() <= self.frame.one {
            return short;
        }
        for value in data.values_mut() {
            if let Value::String(long) = value {
                long.truncate(long.floor_char_boundary(LONGEST));
            }
        }
        text(&data)
    }

    /// How many of these events, and of so many at most, go into one post; at least one does.
    pub fn chunk<'a>(&self, events: impl Iterator<Item = &'a str>, most: usize) -> usize {
        let mut bytes = 0;
        let fit = events.take(self.frame.most.min(most)).take_while(|event| {
            bytes += event.len() + self.frame.between.len();
            bytes <= self.frame.bytes
        });
        fit.count().max(1)
    }

    /// The body of a post.
    pub fn body(&self, events: &[&str]) -> String {
        let Frame { before, between, after, .. } = self.frame;
        format!("{before}{}{after}", events.join(between))
    }
}

fn http(sink: &LogStreamSink) -> Result<Sink, String> {
    let url = sink.http_endpoint.clone().ok_or("there is no address")?;
    let mut headers: Vec<(String, String)> = Vec::new();
    if let Some(authorization) = sink.http_authorization.as_ref().filter(|it| !it.expose().is_empty()) {
        headers.push(("authorization".into(), authorization.expose().to_owned()));
    }
    let custom = sink.http_custom_headers.iter().flatten();
    headers.extend(custom.map(|one| (one.header.clone(), one.value.expose().to_owned())));
    let media = sink.http_content_type.clone().unwrap_or_else(|| JSON.into());
    let frame = match sink.http_content_format.unwrap_or_default() {
        HttpContentFormat::Lines => LINES,
        HttpContentFormat::Array => ARRAY,
        HttpContentFormat::Object => Frame { most: 1, ..LINES },
    };
    Ok(Sink { way: Way::Post { url, headers, media }, frame, event: Box::new(plain) })
}

fn datadog(sink: &LogStreamSink) -> Result<Sink, String> {
    let site = match sink.datadog_region.ok_or("there is no region")? {
        DatadogRegion::Us => "datadoghq.com",
        DatadogRegion::Eu => "datadoghq.eu",
        DatadogRegion::Us3 => "us3.datadoghq.com",
        DatadogRegion::Us5 => "us5.datadoghq.com",
    };
    let key = known(&sink.datadog_api_key)?.to_owned();
    let event = |event: Event| {
        let mut said = plain(Event { ..event });
        // The source by which Datadog finds the pipeline that knows these events.
        said["ddsource"] = json!("auth0");
        said["hostname"] = event.data.get("tenant_name").cloned().unwrap_or_default();
        said
    };
    Ok(Sink {
        way: json_post(
            format!("https://http-intake.logs.{site}/api/v2/logs"),
            vec![("dd-api-key".into(), key)],
        ),
        frame: Frame { bytes: 4 << 20, one: 1_000_000, ..ARRAY },
        event: Box::new(event),
    })
}

fn eventbridge(sink: &LogStreamSink, clouds: &Clouds) -> Result<Sink, String> {
    let account = sink.aws_account_id.as_ref().ok_or("there is no account")?;
    let region = sink.aws_region.as_ref().ok_or("there is no region")?;
    let source = sink.aws_partner_event_source.as_ref().ok_or("there is no source")?;
    let bus = Arc::new(Bus::of(clouds, account, region, source)?);
    let puts = bus.clone();
    Ok(Sink {
        way: Way::Bus(bus),
        // Regions differ in whether they take 256 KB at once or more.
        frame: Frame { most: 10, bytes: 256_000, one: 250_000, ..ARRAY },
        event: Box::new(move |event| puts.entry("Auth0 log", plain(event))),
    })
}

fn eventgrid(sink: &LogStreamSink, clouds: &Clouds) -> Result<Sink, String> {
    let grid = clouds.event_grid()?;
    let subject = sink.azure_partner_topic.clone().ok_or("there is no topic")?;
    let event = move |event: Event| {
        json!({ "id": event.log_id, "subject": subject, "eventType": "com.auth0.Log",
            "eventTime": iso(event.date), "data": event.data, "dataVersion": "1.0" })
    };
    Ok(Sink {
        way: json_post(grid.endpoint.clone(), vec![("aeg-sas-key".into(), grid.key.expose().to_owned())]),
        frame: ARRAY,
        event: Box::new(event),
    })
}

fn splunk(sink: &LogStreamSink) -> Result<Sink, String> {
    let (domain, port) =
        sink.splunk_domain.as_ref().zip(sink.splunk_port.as_ref()).ok_or("there is no host")?;
    let token = known(&sink.splunk_token)?;
    let event = |event: Event| {
        // Seconds, with what is left of them behind the point.
        let time = event.date as f64 / 1000.0;
        json!({ "time": time, "event": plain(event) })
    };
    Ok(Sink {
        way: json_post(
            format!("https://{domain}:{port}/services/collector/event"),
            vec![("authorization".into(), format!("Splunk {token}"))],
        ),
        frame: Frame { bytes: 800_000, ..LINES },
        event: Box::new(event),
    })
}

fn sumo(sink: &LogStreamSink) -> Result<Sink, String> {
    let address = known(&sink.sumo_source_address)?;
    Ok(Sink {
        way: json_post(sumo_url(address), Vec::new()),
        frame: Frame { bytes: 900_000, ..LINES },
        event: Box::new(plain),
    })
}

/// The address of a collector of Sumo Logic; recorded without a scheme (`TestAccLogStreamSumo`).
pub fn sumo_url(address: &str) -> String {
    if address.contains("://") { address.to_owned() } else { format!("https://{address}") }
}

fn segment(sink: &LogStreamSink) -> Result<Sink, String> {
    let key = known(&sink.segment_write_key)?;
    let event = |event: Event| {
        let said = |name: &str| event.data.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let mut track = json!({
            "type": "track",
            "event": event.data.get("type"),
            // Segment knows by it what came twice.
            "messageId": event.log_id,
            "timestamp": event.data.get("date"),
            "context": { "ip": said("ip"), "userAgent": said("user_agent") },
            "properties": event.data,
        });
        // Whoever it is about; an event about nobody is said of the client, or of the tenant.
        let (name, whom) = match said("user_id") {
            Some(user) => ("userId", user),
            None => ("anonymousId", said("client_id").or(said("tenant_name")).unwrap_or("tenant")),
        };
        track[name] = json!(whom);
        track
    };
    Ok(Sink {
        way: json_post("https://api.segment.io/v1/batch".into(), vec![basic(key, "")]),
        frame: Frame {
            before: "{\"batch\":[",
            between: ",",
            after: "]}",
            most: 100,
            bytes: 450_000,
            one: 30_000,
        },
        event: Box::new(event),
    })
}

fn mixpanel(sink: &LogStreamSink) -> Result<Sink, String> {
    let host = match sink.mixpanel_region.ok_or("there is no region")? {
        MixpanelRegion::Us => "api.mixpanel.com",
        MixpanelRegion::Eu => "api-eu.mixpanel.com",
    };
    let project = sink.mixpanel_project_id.as_ref().ok_or("there is no project")?;
    let user = sink.mixpanel_service_account_username.as_ref().ok_or("there is no service account")?;
    let password = known(&sink.mixpanel_service_account_password)?;
    let event = |event: Event| {
        let mut properties = event.data.clone();
        let whom = event.data.get("user_id").cloned().unwrap_or_else(|| json!(""));
        properties.insert("time".into(), json!(event.date));
        properties.insert("distinct_id".into(), whom);
        properties.insert("$insert_id".into(), json!(insert_id(event.log_id)));
        json!({ "event": event.data.get("type"), "properties": properties })
    };
    let project: String = url::form_urlencoded::byte_serialize(project.as_bytes()).collect();
    Ok(Sink {
        way: json_post(
            format!("https://{host}/import?strict=1&project_id={project}"),
            vec![basic(user, password)],
        ),
        frame: ARRAY,
        event: Box::new(event),
    })
}

fn json_post(url: String, headers: Vec<(String, String)>) -> Way {
    Way::Post { url, headers, media: JSON.into() }
}

/// What Mixpanel knows by what came twice: at most 36 letters, digits and hyphens, for which a `log_id` is too long.
fn insert_id(log_id: &str) -> String {
    let digest = Sha256::digest(log_id.as_bytes());
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// An event as Auth0 sends it.
fn plain(event: Event) -> Value {
    json!({ "log_id": event.log_id, "data": event.data })
}

/// A secret that becomes a header or an address, which a line break would end.
fn known(secret: &Option<Secret>) -> Result<&str, String> {
    let text = secret.as_ref().ok_or("there is no secret")?.expose();
    match text.chars().any(|c| c.is_control() || !c.is_ascii()) {
        true => Err("the secret of the service is not one".into()),
        false => Ok(text),
    }
}

/// The header that names somebody and their password.
pub fn basic(user: &str, password: &str) -> (String, String) {
    ("authorization".into(), format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))
}

const JSON: &str = "application/json";
/// How many bytes of a text are left in an event that is too long without its details, such as of very many scopes.
const LONGEST: usize = 1_000;
const LINES: Frame =
    Frame { before: "", between: "\n", after: "", most: 250, bytes: 1_000_000, one: 500_000 };
const ARRAY: Frame = Frame { before: "[", between: ",", after: "]", ..LINES };

#[cfg(test)]
mod tests;
