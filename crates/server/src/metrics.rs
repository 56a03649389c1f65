//! What this node counts of itself, as Prometheus reads it. No label has more values than the program has words for.

use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use axum::{Router, body::Body, extract::Request, response::Response, routing::get};
use http::{StatusCode, header::CONTENT_TYPE};
use idp::Tenants;
use metrics::{
    Counter, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusRecorder};
use pin_project_lite::pin_project;
use tower::Service;
use web::Certificates;

use crate::acme::Acme;

const REQUESTS: &str = "countersign_http_requests_total";
const SECONDS: &str = "countersign_http_request_duration_seconds";
const BUILD: &str = "countersign_build_info";
const TENANTS: &str = "countersign_tenants";
const STORE_UP: &str = "countersign_store_up";
pub const LOG_WAITING: &str = "countersign_log_events_waiting";
pub const LOG_SPOOLED: &str = "countersign_log_spool_events";
const CERTIFICATE: &str = "countersign_certificate_expires_timestamp_seconds";
const ACME_NAMES: &str = "countersign_acme_names";
const LOG_SPOOLED_BYTES: &str = "countersign_log_spool_bytes";
pub const LOG_DROPPED: &str = "countersign_log_events_dropped_total";

/// Upper bounds in seconds: a token takes a tenth of a millisecond, a password a good part of a second.
const BUCKETS: [f64; 14] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
/// How often observations are put into their buckets while nobody reads them.
pub const UPKEEP: Duration = Duration::from_secs(5);

/// The counters of this node. Clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Counted>);

struct Counted {
    recorder: PrometheusRecorder,
    doors: [Door; DOORS.len()],
}

/// What is counted at one door.
struct Door {
    /// By the first digit of the status, from 1 on.
    answers: [Counter; 5],
    seconds: Histogram,
}

/// The doors, as the label `door` names them, and the paths behind each. The first that fits counts.
const DOORS: [(&str, &[&str]); 9] = [
    ("token", &["/oauth/token"]),
    ("authorize", &["/authorize", "/continue", "/login/callback"]),
    ("discovery", &["/.well-known/"]),
    ("management", &["/api/v2/"]),
    ("own_api", &["/api/x/"]),
    ("pages", &["/u/", "/setup"]),
    ("dashboard", &["/dashboard"]),
    ("health", &["/health"]),
    ("other", &["/"]),
];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

impl Metrics {
    /// # Errors
    ///
    /// Never for the buckets that stand here.
    pub fn new() -> Result<Metrics, BuildError> {
        let recorder = PrometheusBuilder::new().set_buckets(&BUCKETS)?.build_recorder();
        let doors = metrics::with_local_recorder(&recorder, || {
            describe_counter!(REQUESTS, "Requests answered, by door and class of status");
            describe_histogram!(
                SECONDS,
                Unit::Seconds,
                "Time from the head of a request to the head of its answer"
            );
            describe_gauge!(BUILD, "The version that runs");
            describe_gauge!(TENANTS, "Tenants in memory");
            describe_gauge!(STORE_UP, "Whether the store answered when it was last asked");
            describe_gauge!(CERTIFICATE, Unit::Seconds, "When the first certificate of this source runs out");
            describe_gauge!(ACME_NAMES, "Names that want a certificate of an ACME directory");
            describe_gauge!(LOG_WAITING, "Log events that wait in memory to be written");
            describe_gauge!(LOG_SPOOLED, "Log events that wait in the data folder for the store");
            describe_gauge!(LOG_SPOOLED_BYTES, Unit::Bytes, "What they take there");
            describe_counter!(LOG_DROPPED, "Log events lost because neither store nor spool took them");
            gauge!(BUILD, "version" => env!("CARGO_PKG_VERSION")).set(1);
            DOORS.map(|(door, _)| Door {
                answers: CLASSES.map(|class| counter!(REQUESTS, "door" => door, "status" => class)),
                seconds: histogram!(SECONDS, "door" => door),
            })
        });
        Ok(Metrics(Arc::new(Counted { recorder, doors })))
    }

    /// Puts what was observed into its buckets.
    pub fn run_upkeep(&self) {
        self.0.recorder.handle().run_upkeep();
    }

    fn count(&self, door: usize, status: StatusCode, took: Duration) {
        let Some(door) = self.0.doors.get(door) else { return };
        if let Some(counter) = door.answers.get(usize::from(status.as_u16() / 100).wrapping_sub(1)) {
            counter.increment(1);
        }
        door.seconds.record(took);
    }

    /// All of it in Prometheus' text format.
    fn render(&self, tenants: &Tenants, presented: &Presented) -> String {
        metrics::with_local_recorder(&self.0.recorder, || {
            presented.tell(tenants.clock().now());
            gauge!(TENANTS).set(u32::try_from(tenants.all().len()).unwrap_or(u32::MAX));
            gauge!(STORE_UP).set(u8::from(tenants.outage().since().is_none()));
            let logs = tenants.logs();
            gauge!(LOG_WAITING).set(u32::try_from(logs.waiting()).unwrap_or(u32::MAX));
            let (spooled, bytes) =
                logs.spool().map(|spool| (spool.events(), spool.bytes())).unwrap_or_default();
            gauge!(LOG_SPOOLED).set(spooled as f64);
            gauge!(LOG_SPOOLED_BYTES).set(bytes as f64);
            counter!(LOG_DROPPED).absolute(logs.dropped());
        });
        self.0.recorder.handle().render()
    }

    /// `/metrics`, for a listener that strangers do not reach.
    pub fn router(&self, tenants: Tenants, presented: Presented) -> Router {
        let metrics = self.clone();
        let render = async move || ([(CONTENT_TYPE, TEXT)], metrics.render(&tenants, &presented));
        Router::new().route("/metrics", get(render))
    }
}

/// What this node presents itself with.
#[derive(Clone)]
pub struct Presented {
    pub certificates: Option<Certificates>,
    pub acme: Option<Acme>,
}

impl Presented {
    fn tell(&self, now: i64) {
        if let Some(until) = self.certificates.as_ref().and_then(Certificates::runs_out) {
            gauge!(CERTIFICATE, "source" => "own").set(until as f64);
        }
        let Some(acme) = &self.acme else { return };
        let standings = acme.standings();
        let certificates = standings.values().filter_map(|standing| standing.certificate.as_ref());
        if let Some(until) = certificates.map(|certificate| certificate.not_after).min() {
            gauge!(CERTIFICATE, "source" => "acme").set(until as f64);
        }
        let good = standings.values().filter(|standing| standing.is_good(now)).count();
        let failing = standings.values().filter(|standing| standing.failures > 0).count();
        for (state, names) in
            [("good", good), ("missing", acme.names().saturating_sub(good)), ("failing", failing)]
        {
            gauge!(ACME_NAMES, "state" => state).set(u32::try_from(names).unwrap_or(u32::MAX));
        }
    }
}

/// The text format, in the words of Prometheus' own documentation.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

impl fmt::Debug for Metrics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Metrics")
    }
}

/// The door that a path leads to. A path may name its tenant first.
fn door(path: &str) -> usize {
    let named = path.strip_prefix("/tenants/").and_then(|rest| rest.find('/').map(|slash| &rest[slash..]));
    let path = named.unwrap_or(path);
    let leads = |prefixes: &[&str]| prefixes.iter().any(|prefix| path.starts_with(prefix));
    DOORS.iter().position(|(_, prefixes)| leads(prefixes)).unwrap_or(DOORS.len() - 1)
}

/// A service whose answers are counted, if anybody wants to know.
#[derive(Debug, Clone)]
pub struct Measured<S> {
    pub inner: S,
    pub metrics: Option<Metrics>,
}

impl<S> Service<Request<Body>> for Measured<S>
where
    S: Service<Request<Body>, Response = Response>,
{
    type Response = Response;
    type Error = S::Error;
    type Future = MeasuredFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let begun = self.metrics.clone().map(|metrics| (metrics, door(request.uri().path()), Instant::now()));
        MeasuredFuture { inner: self.inner.call(request), begun }
    }
}

pin_project! {
    /// The future of [`Measured`].
    #[derive(Debug)]
    pub struct MeasuredFuture<F> {
        #[pin]
        inner: F,
        begun: Option<(Metrics, usize, Instant)>,
    }
}

impl<F, E> Future for MeasuredFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(cx))?;
        if let Some((metrics, door, begun)) = this.begun {
            metrics.count(*door, response.status(), begun.elapsed());
        }
        Poll::Ready(Ok(response))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use http::StatusCode;

    use super::{DOORS, Metrics, door};

    #[test]
    fn a_path_leads_to_one_door_whichever_tenant_it_names() {
        for (path, expected) in [
            ("/oauth/token", "token"),
            ("/tenants/other/oauth/token", "token"),
            ("/authorize/resume", "authorize"),
            ("/tenants/administrators/u/login", "pages"),
            ("/api/v2/clients", "management"),
            ("/api/x/me", "own_api"),
            ("/healthz", "health"),
            ("/userinfo", "other"),
            ("/tenants/", "other"),
            ("", "other"),
        ] {
            assert_eq!(DOORS[door(path)].0, expected, "{path}");
        }
    }

    #[test]
    fn answers_are_counted_by_class_and_put_into_buckets() {
        let metrics = Metrics::new().expect("metrics");
        metrics.count(door("/oauth/token"), StatusCode::OK, Duration::from_micros(200));
        metrics.count(door("/oauth/token"), StatusCode::FORBIDDEN, Duration::from_millis(300));
        let text = metrics.0.recorder.handle().render();
        for line in [
            "countersign_http_requests_total{door=\"token\",status=\"2xx\"} 1",
            "countersign_http_requests_total{door=\"token\",status=\"4xx\"} 1",
            "countersign_http_request_duration_seconds_bucket{door=\"token\",le=\"0.0001\"} 0",
            "countersign_http_request_duration_seconds_bucket{door=\"token\",le=\"0.00025\"} 1",
            "countersign_http_request_duration_seconds_bucket{door=\"token\",le=\"0.5\"} 2",
            "countersign_http_request_duration_seconds_count{door=\"token\"} 2",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }
}
