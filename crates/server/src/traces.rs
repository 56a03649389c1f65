//! Traces: a span for each request, and below it one for each thing that it waits for, sent to a collector over OTLP. What is
//! kept for a collector that is away or slow is bounded, and no request waits for it. Spans bear the names of routes; nothing
//! that a caller sends is in them but the method and who is above.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use async_trait::async_trait;
use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    response::Response,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use idp::Tenant;
use opentelemetry::{
    KeyValue,
    propagation::{Extractor, TextMapPropagator as _},
    trace::{TraceContextExt as _, TracerProvider as _},
};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use pin_project_lite::pin_project;
use reqwest::redirect::Policy;
use tokio::runtime::Handle;
use tower::Service;
use tracing::{Metadata, Span, Subscriber, field::Empty, subscriber::Interest, trace_span};
use tracing_opentelemetry::OpenTelemetrySpanExt as _;
use tracing_subscriber::{Layer, filter::dynamic_filter_fn, layer, registry::LookupSpan};

/// The target of every span that is sent.
const SPAN: &str = "span";
/// The name of a request's span until its route is known.
const REQUEST: &str = "request";
/// Where a collector takes traces.
const PATH: &str = "/v1/traces";
/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long it may take when the server stops.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How much of its answer is read, in bytes.
const MOST: usize = 64 * 1024;

/// Where traces go, and which are made.
#[derive(Debug)]
pub struct Settings {
    endpoint: String,
    headers: HeaderMap,
    service: String,
    sampler: Sampler,
}

impl Settings {
    /// # Errors
    ///
    /// Says which setting cannot be understood.
    pub fn new(endpoint: &str, headers: &str, service: &str, sampler: &str, part: f64) -> Result<Settings> {
        let uri: http::Uri =
            endpoint.parse().with_context(|| format!("otlp_endpoint: {endpoint:?} is no address"))?;
        if !uri.scheme_str().is_some_and(|scheme| ["http", "https"].contains(&scheme)) {
            bail!("otlp_endpoint: {endpoint:?} does not begin with http:// or https://");
        }
        let base = endpoint.trim_end_matches('/');
        let endpoint = if base.ends_with(PATH) { base.to_owned() } else { format!("{base}{PATH}") };
        let headers = read_headers(headers)?;
        Ok(Settings {
            endpoint,
            headers,
            service: service.to_owned(),
            sampler: sampler_named(sampler, part)?,
        })
    }
}

/// Reads `name=value,name=value`, the values encoded as in a URL. No error tells a value.
fn read_headers(text: &str) -> Result<HeaderMap> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let header = |pair: &str| {
        let (name, value) = pair.split_once('=').context("otlp_headers: one of them has no =")?;
        let name = name.trim();
        let name =
            HeaderName::try_from(name).with_context(|| format!("otlp_headers: {name:?} is no name"))?;
        let value = percent_encoding::percent_decode_str(value.trim()).decode_utf8();
        let value = value.ok().and_then(|value| HeaderValue::from_str(&value).ok());
        let value = value.with_context(|| format!("otlp_headers: what {name} is set to is no header"))?;
        Ok((name, value))
    };
    pairs.map(header).collect()
}

fn sampler_named(name: &str, part: f64) -> Result<Sampler> {
    let (is_callers, own) = match name.strip_prefix("parentbased_") {
        Some(own) => (true, own),
        None => (false, name),
    };
    let own = match own {
        "always_on" => Sampler::AlwaysOn,
        "always_off" => Sampler::AlwaysOff,
        "traceidratio" => Sampler::TraceIdRatioBased(part),
        _ => bail!(
            "traces_sampler: {name:?} is none of always_on, always_off, traceidratio, nor one of these after parentbased_"
        ),
    };
    Ok(if is_callers { Sampler::ParentBased(Box::new(own)) } else { own })
}

/// Spans on their way to the collector.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Begins to send what is made from now on, on a thread of its own.
    pub fn start(settings: Settings) -> Result<Traces> {
        let client =
            reqwest::Client::builder().no_proxy().redirect(Policy::none()).timeout(PATIENCE).build()?;
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Post { client, headers: settings.headers, runtime: Handle::current() })
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(settings.endpoint)
            .with_timeout(PATIENCE)
            .build()
            .context("otlp_endpoint")?;
        let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let resource = Resource::builder()
            .with_service_name(settings.service)
            .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
            .with_attribute(KeyValue::new("host.name", machine))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_sampler(settings.sampler)
            .with_resource(resource);
        Ok(Traces(provider.build()))
    }

    /// Takes the spans of requests, and those below one; what the server does by itself is not traced.
    pub fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let is_ours = |metadata: &Metadata<'_>| metadata.is_span() && metadata.target() == SPAN;
        let is_wanted = move |metadata: &Metadata<'_>, above: &layer::Context<'_, S>| {
            is_ours(metadata) && (metadata.name() == REQUEST || above.lookup_current().is_some())
        };
        // Asked once for each place in the code, so that what is none of ours costs nothing.
        let filter = dynamic_filter_fn(is_wanted).with_callsite_filter(move |metadata| {
            if is_ours(metadata) { Interest::sometimes() } else { Interest::never() }
        });
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("countersign"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_target(false)
            .with_level(false)
            .with_filter(filter)
    }

    /// Sends what has not been sent, as far as the collector takes it now.
    pub async fn end(self) {
        let ended = tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(LAST_WORDS)).await;
        if let Ok(Err(error)) = ended {
            tracing::warn!(%error, "the last traces are lost");
        }
    }
}

/// The way to the collector. Whoever sends has a thread and no runtime, so it is lent the server's.
#[derive(Debug)]
struct Post {
    client: reqwest::Client,
    /// Sensitive ones. They are set last: the library puts in those of the environment by itself.
    headers: HeaderMap,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Post {
    async fn send_bytes(&self, request: http::Request<Bytes>) -> Result<http::Response<Bytes>, HttpError> {
        let (client, mut request) = (self.client.clone(), reqwest::Request::try_from(request)?);
        request.headers_mut().extend(self.headers.clone());
        // What lets us in is among them: not even a library that tells everything prints it.
        request.headers_mut().values_mut().for_each(|value| value.set_sensitive(true));
        let sent = self.runtime.spawn(async move {
            let mut response = client.execute(request).await?;
            let status = response.status();
            let mut body = Vec::new();
            while let Some(chunk) = response.chunk().await? {
                if body.len() + chunk.len() > MOST {
                    return Err("the collector says too much".into());
                }
                body.extend_from_slice(&chunk);
            }
            Ok(http::Response::builder().status(status).body(body.into())?)
        });
        sent.await?
    }
}

/// A service whose requests are traced, if anybody wants to know.
#[derive(Debug, Clone)]
pub struct Traced<S> {
    pub inner: S,
    pub is_on: bool,
}

impl<S> Service<Request<Body>> for Traced<S>
where
    S: Service<Request<Body>, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = TracedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if !self.is_on || request.uri().path().starts_with("/health") {
            return TracedFuture { inner: self.inner.call(request), span: None };
        }
        let span = begun(&request);
        let inner = span.in_scope(|| self.inner.call(request));
        TracedFuture { inner, span: Some(span) }
    }
}

/// The span of a request that has just come, below the caller's own.
fn begun(request: &Request<Body>) -> Span {
    let method = known(request.method());
    let span = trace_span!(
        target: SPAN,
        REQUEST,
        otel.name = method,
        otel.kind = "server",
        otel.status_code = Empty,
        http.request.method = method,
        http.route = Empty,
        http.response.status_code = Empty,
        countersign.tenant = Empty,
        countersign.log_id = Empty,
    );
    // Where nothing takes it there is nobody to tell.
    let _ = span.set_parent(TraceContextPropagator::new().extract(&Parent(request.headers())));
    span
}

/// Who is above, and nothing else: `tracestate` is whatever the caller likes.
struct Parent<'a>(&'a HeaderMap);

impl Extractor for Parent<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(Some(name).filter(|name| *name == PARENT)?)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        vec![PARENT]
    }
}

const PARENT: &str = "traceparent";

/// Names the span that a request is in after its route.
pub fn name(request: Request<Body>) -> Request<Body> {
    let span = Span::current();
    if let Some(route) = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str) {
        // By a field it could only be named before it began.
        span.context().span().update_name(format!("{} {route}", known(request.method())));
        span.record("http.route", route);
    }
    if let Some(tenant) = request.extensions().get::<Tenant>() {
        span.record("countersign.tenant", tenant.name());
    }
    request
}

/// A method by its name, as long as it is one of those that everybody knows.
fn known(method: &Method) -> &str {
    const KNOWN: [Method; 7] = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ];
    if KNOWN.contains(method) { method.as_str() } else { "_OTHER" }
}

fn ended(span: &Span, response: &Response) {
    let status = response.status();
    span.record("http.response.status_code", status.as_u16());
    if status.is_server_error() {
        span.record("otel.status_code", "ERROR");
    }
    if let Some(id) = response.headers().get("x-countersign-log-id").and_then(|id| id.to_str().ok()) {
        span.record("countersign.log_id", id);
    }
}

pin_project! {
    /// The future of [`Traced`].
    #[derive(Debug)]
    pub struct TracedFuture<F> {
        #[pin]
        inner: F,
        span: Option<Span>,
    }
}

impl<F, E> Future for TracedFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let Some(span) = this.span else { return this.inner.poll(cx) };
        let answered = ready!(span.in_scope(|| this.inner.poll(cx)));
        if let Ok(response) = &answered {
            ended(span, response);
        }
        *this.span = None;
        Poll::Ready(answered)
    }
}

#[cfg(test)]
mod tests {
    use super::{Settings, read_headers, sampler_named};

    #[test]
    fn a_collector_is_an_address_with_or_without_its_path() {
        for (endpoint, expected) in [
            ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
            ("https://c.example/base/", "https://c.example/base/v1/traces"),
            ("https://c.example/v1/traces", "https://c.example/v1/traces"),
        ] {
            assert_eq!(Settings::new(endpoint, "", "s", "always_on", 1.0).unwrap().endpoint, expected);
        }
        for endpoint in ["", "localhost:4318", "grpc://c.example:4317", "http://", "a b"] {
            let error = Settings::new(endpoint, "", "s", "always_on", 1.0).unwrap_err();
            assert!(error.to_string().starts_with("otlp_endpoint"), "{endpoint}: {error}");
        }
    }

    #[test]
    fn headers_are_pairs_and_what_is_wrong_with_them_tells_no_value() {
        let headers = read_headers(" api-key=a%20b%3D , Authorization=Basic abc=,").unwrap();
        assert_eq!(
            (headers["api-key"].as_bytes(), headers["authorization"].as_bytes()),
            (&b"a b="[..], &b"Basic abc="[..])
        );
        for text in ["hidden", "a b=hidden", "a=hidden%0A", "a=%FFhidden"] {
            let error = format!("{:#}", read_headers(text).unwrap_err());
            assert!(error.starts_with("otlp_headers") && !error.contains("hidden"), "{text}: {error}");
        }
    }

    #[test]
    fn samplers_have_their_standard_names() {
        for (name, expected) in [
            ("always_off", "AlwaysOff"),
            ("traceidratio", "TraceIdRatioBased(0.25)"),
            ("parentbased_always_on", "ParentBased(AlwaysOn)"),
            ("parentbased_traceidratio", "ParentBased(TraceIdRatioBased(0.25))"),
        ] {
            assert_eq!(format!("{:?}", sampler_named(name, 0.25).unwrap()), expected);
        }
        assert!(sampler_named("parentbased_jaeger_remote", 1.0).is_err());
    }
}
