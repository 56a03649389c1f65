//! Traces, as a collector of the test's own takes and decodes them.

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Bytes, extract::State, routing::post};
use http::HeaderMap;
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    common::v1::{KeyValue, any_value::Value as Given},
    trace::v1::Span,
};
use prost::Message as _;
use reqwest::Method;
use serde_json::json;
use tokio::net::TcpListener;

use crate::server::{ORDERS, Place, Server};

/// What arrived: the spans, who sends them, and what came along with each batch.
#[derive(Debug, Clone, Default)]
struct Collector(Arc<Mutex<Vec<(HeaderMap, ExportTraceServiceRequest)>>>);

impl Collector {
    /// Takes traces at the address that it answers.
    async fn start() -> (Collector, String) {
        let collector = Collector::default();
        let taken = async |State(collector): State<Collector>, headers: HeaderMap, body: Bytes| {
            let batch = ExportTraceServiceRequest::decode(body).unwrap();
            collector.0.lock().unwrap().push((headers, batch));
        };
        let app = Router::new().route("/v1/traces", post(taken)).with_state(collector.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (collector, address)
    }

    fn spans(&self) -> Vec<Span> {
        let batches = self.0.lock().unwrap();
        let resources = batches.iter().flat_map(|(_, batch)| &batch.resource_spans);
        resources.flat_map(|resource| &resource.scope_spans).flat_map(|scope| scope.spans.clone()).collect()
    }

    /// Waits for a span of that name; what ended before it has arrived by then too.
    async fn until_it_has(&self, name: &str) {
        for _ in 0..6_000 {
            if self.spans().iter().any(|span| span.name == name) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no span {name} in {:?}", self.spans());
    }
}

fn told(attributes: &[KeyValue]) -> BTreeMap<String, String> {
    let text = |value: &Given| match value {
        Given::StringValue(text) => text.clone(),
        Given::IntValue(number) => number.to_string(),
        other => format!("{other:?}"),
    };
    let pair = |one: &KeyValue| (one.key.clone(), text(one.value.as_ref().unwrap().value.as_ref().unwrap()));
    attributes.iter().map(pair).collect()
}

/// The one span of that name.
fn only<'a>(spans: &'a [Span], name: &str) -> &'a Span {
    let found: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
    assert_eq!(found.len(), 1, "{name} in {:?}", spans.iter().map(|span| &span.name).collect::<Vec<_>>());
    found[0]
}

/// What is below a span.
fn below<'a>(spans: &'a [Span], above: &Span) -> Vec<&'a str> {
    let below = spans.iter().filter(|span| span.parent_span_id == above.span_id);
    below.map(|span| span.name.as_str()).collect()
}

fn traced(settings: &str) -> Server {
    let place = Place::new();
    place.write("countersign.toml", settings);
    place.serve(&[])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_told_by_its_route_below_its_caller_and_without_what_it_carries() {
    let (collector, address) = Collector::start().await;
    let server = traced(&format!(
        "otlp_endpoint = \"{address}\"\notlp_headers = \"api-key=a%20b\"\notel_service_name = \"login\"\n"
    ));
    let (client_id, client_secret) = server.billing();
    let admin = server.text(&["admin", "token"]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let base = format!("http://{}", server.address("http"));
    let asked = |method: Method, path: &str| {
        let request = client.request(method, format!("{base}{path}")).header("host", "localhost");
        request.header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    };
    let body = json!({ "grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret, "audience": ORDERS });
    let token = asked(Method::POST, "/oauth/token?hidden=query").json(&body).send().await.unwrap();
    assert_eq!(token.status(), 200);
    let log_id = token.headers()["x-countersign-log-id"].to_str().unwrap().to_owned();
    let token = token.text().await.unwrap();
    let one = asked(Method::GET, &format!("/api/v2/clients/{client_id}?fields=name"));
    assert_eq!(one.bearer_auth(&admin).send().await.unwrap().status(), 200);
    let made = asked(Method::POST, "/api/v2/users").bearer_auth(&admin).json(&json!({
        "connection": "Username-Password-Authentication",
        "email": "hidden@people.example",
        "password": "hidden Horse Battery 7",
    }));
    assert_eq!(made.send().await.unwrap().status(), 201);
    assert_eq!(asked(Method::GET, "/hidden/path").send().await.unwrap().status(), 404);
    let brew = Method::from_bytes(b"HIDDEN").unwrap();
    assert_eq!(asked(brew, "/hidden").send().await.unwrap().status(), 404);
    assert_eq!(asked(Method::GET, "/health/live").send().await.unwrap().status(), 200);
    collector.until_it_has("_OTHER").await;
    server.stop();

    let spans = collector.spans();
    // Beside those of the command line.
    let is_ours = |span: &&Span| hex(&span.trace_id) == "0af7651916cd43dd8448eb211c80319c";
    let ours: Vec<_> = spans.iter().filter(is_ours).cloned().collect();
    let token_span = only(&ours, "POST /oauth/token");
    assert_eq!(hex(&token_span.parent_span_id), "b7ad6b7169203331");
    let said = told(&token_span.attributes);
    for (name, expected) in [
        ("http.request.method", "POST"),
        ("http.route", "/oauth/token"),
        ("http.response.status_code", "200"),
        ("countersign.tenant", "default"),
        ("countersign.log_id", &log_id),
    ] {
        assert_eq!(said.get(name).map(String::as_str), Some(expected), "{said:?}");
    }
    assert_eq!(below(&spans, token_span), Vec::<&str>::new(), "a token waits for nothing");
    let shown = only(&ours, "GET /api/v2/clients/{id}");
    assert!(below(&spans, shown).contains(&"store read"), "{spans:?}");
    let made = only(&ours, "POST /api/v2/users");
    for name in ["password hash", "store write"] {
        assert!(below(&spans, made).contains(&name), "{name}: {:?}", below(&spans, made));
    }
    // Those of the command line, which nobody is above, are roots; what the server does by itself is not told.
    for span in &spans {
        let is_request = told(&span.attributes).contains_key("http.response.status_code");
        assert!(is_request || !span.parent_span_id.is_empty(), "{span:?}");
    }
    assert!(spans.iter().any(|span| span.name == "GET"), "what has no route has no path either");
    assert!(spans.iter().any(|span| span.name == "_OTHER"), "a method of somebody's own is not repeated");
    assert!(!spans.iter().any(|span| span.name.contains("health")));
    let secrets = [&client_secret, &admin, &token];
    for span in &spans {
        let text = format!("{} {:?} {:?}", span.name, told(&span.attributes), span.events);
        assert!(!text.contains("hidden") && !text.contains("HIDDEN"), "{text}");
        assert!(!secrets.iter().any(|secret| text.contains(secret.as_str())), "{text}");
        assert!(!span.name.contains(&client_id), "{text}");
        assert!(span.events.is_empty(), "{text}");
    }
    let batches = collector.0.lock().unwrap();
    for (headers, batch) in batches.iter() {
        assert_eq!(headers["api-key"], "a b");
        let resource = batch.resource_spans[0].resource.as_ref().unwrap();
        let said = told(&resource.attributes);
        assert_eq!(said["service.name"], "login");
        assert_eq!(said["service.version"], env!("CARGO_PKG_VERSION"));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_standard_variables_are_understood_and_a_caller_decides() {
    let (collector, address) = Collector::start().await;
    let mut place = Place::new();
    for (name, value) in [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", address.as_str()),
        ("OTEL_SERVICE_NAME", "standard"),
        ("OTEL_TRACES_SAMPLER", "parentbased_traceidratio"),
        ("OTEL_TRACES_SAMPLER_ARG", "0.0"),
    ] {
        place.sets(name, value);
    }
    let server = place.serve(&[]);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("http://{}/.well-known/jwks.json", server.address("http"));
    for parent in [None, Some("00"), Some("01")] {
        let mut request = client.get(&url).header("host", "localhost");
        if let Some(flags) = parent {
            let trace = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";
            request = request.header("traceparent", format!("00-{trace}-{flags}"));
        }
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    collector.until_it_has("GET /.well-known/jwks.json").await;
    server.stop();
    let spans = collector.spans();
    assert_eq!(spans.len(), 1, "{spans:?}");
    only(&spans, "GET /.well-known/jwks.json");
    let batches = collector.0.lock().unwrap();
    let resource = batches[0].1.resource_spans[0].resource.as_ref().unwrap();
    assert_eq!(told(&resource.attributes)["service.name"], "standard");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_standard_turns_traces_off_and_ours_goes_before_it() {
    for (standard, ours, is_traced) in
        [("True", None, false), ("", None, true), ("1", None, true), ("true", Some("false"), true)]
    {
        let (collector, address) = Collector::start().await;
        let mut place = Place::new();
        place.write("countersign.toml", &format!("otlp_endpoint = \"{address}\"\n"));
        place.sets("OTEL_SDK_DISABLED", standard);
        if let Some(ours) = ours {
            place.sets("COUNTERSIGN_OTEL_SDK_DISABLED", ours);
        }
        let server = place.serve(&[]);
        let url = format!("http://{}/.well-known/jwks.json", server.address("http"));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.get(&url).header("host", "localhost").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        if is_traced {
            collector.until_it_has("GET /.well-known/jwks.json").await;
        }
        // Whatever there is is sent at the end.
        server.stop();
        assert_eq!(!collector.spans().is_empty(), is_traced, "{standard:?} {ours:?}");
    }
}

/// The end waits two seconds for a collector: that a busy machine is late once is forgiven, ten times is not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_has_not_been_sent_is_sent_at_the_end() {
    for _ in 0..10 {
        let (collector, address) = Collector::start().await;
        let mut place = Place::new();
        place.sets("OTEL_EXPORTER_OTLP_ENDPOINT", &address);
        // Before the end nothing is sent.
        place.sets("OTEL_BSP_SCHEDULE_DELAY", "3600000");
        let server = place.serve(&[]);
        let url = format!("http://{}/.well-known/jwks.json", server.address("http"));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = client.get(&url).header("host", "localhost").send().await.unwrap();
        assert_eq!(answer.status(), 200);
        assert!(collector.spans().is_empty());
        server.stop();
        if !collector.spans().is_empty() {
            only(&collector.spans(), "GET /.well-known/jwks.json");
            return;
        }
    }
    panic!("nothing was sent at the end");
}

/// One that is not there, and one that takes everything and never answers: more requests than are kept for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_waits_for_a_collector() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = silent.local_addr().unwrap();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = silent.accept().await {
            held.push(stream);
        }
        pending::<()>().await
    });
    for endpoint in [format!("http://{address}"), "http://127.0.0.1:1".to_owned()] {
        let server = traced(&format!("otlp_endpoint = \"{endpoint}\"\n"));
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{}/.well-known/jwks.json", server.address("http"));
        for _ in 0..3_000 {
            let answer = client.get(&url).header("host", "localhost").send().await.unwrap();
            assert_eq!(answer.status(), 200);
            answer.bytes().await.unwrap();
        }
        server.stop();
    }
}

#[test]
fn a_setting_that_cannot_be_understood_is_named_and_no_header() {
    for (settings, named) in [
        ("otlp_endpoint = \"localhost:4318\"\n", "otlp_endpoint"),
        ("otlp_endpoint = \"http://c\"\ntraces_sampler = \"sometimes\"\n", "traces_sampler"),
        ("otlp_endpoint = \"http://c\"\ntraces_sampler_arg = 2\n", "traces_sampler_arg"),
        ("otlp_endpoint = \"http://c\"\notlp_headers = \"hidden\"\n", "otlp_headers"),
    ] {
        let place = Place::new();
        place.write("countersign.toml", settings);
        for words in [&["config", "check"][..], &["serve"]] {
            let done = place.run(words);
            assert_eq!(done.code, Some(1), "{words:?}: {done:?}");
            assert!(done.err.contains(named) && !done.err.contains("hidden"), "{}", done.err);
        }
    }
}
