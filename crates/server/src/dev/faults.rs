//! What a test wants to go wrong: refusals, delays, tokens with a flaw, a key that is replaced. Each is asked for by the
//! control API for one tenant, and is gone when it has happened as often as it was to. Real requests are answered by the
//! real doors; this stands in front of them, in a test double alone.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json,
    body::{Body, to_bytes},
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{
    HeaderValue, Method, StatusCode,
    header::{CONTENT_LENGTH, RETRY_AFTER},
};
use idp::{
    Tenant, keys,
    token::spoiled::{self, Flaw},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The faults of all tenants. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<HashMap<String, Waiting>>>);

/// The faults of one tenant.
#[derive(Debug, Default)]
struct Waiting {
    made: u64,
    faults: Vec<Fault>,
}

/// A fault as it stands.
#[derive(Debug, Clone, Serialize)]
pub struct Fault {
    id: u64,
    #[serde(flatten)]
    wanted: Wanted,
    /// How often it has happened.
    happened: u64,
}

/// A fault as it is asked for.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    fault: Kind,
    /// A path, or the beginning of one and `*`.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    /// How often it is to happen yet; without end if null.
    #[serde(default = "once")]
    times: Option<u32>,
    /// How many requests are let pass before.
    #[serde(default)]
    skip: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    /// In seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after: Option<u32>,
    /// The answer's body instead of the usual one.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    milliseconds: Option<u64>,
}

#[expect(clippy::unnecessary_wraps, reason = "the default of a field that may be null")]
fn once() -> Option<u32> {
    Some(1)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// The request is refused with a status, 429 unless another is named.
    Status,
    /// The request waits before it is answered.
    Latency,
    /// Tokens name a key that nobody published.
    WrongKid,
    /// Tokens expired an hour ago.
    ExpiredToken,
    /// Before the request, the signing keys are replaced by such as were never published before.
    RotatedKey,
}

/// When a fault has its turn.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    Before,
    After,
}

impl Kind {
    fn turn(self) -> Turn {
        match self {
            Kind::Status | Kind::Latency | Kind::RotatedKey => Turn::Before,
            Kind::WrongKid | Kind::ExpiredToken => Turn::After,
        }
    }
}

impl Wanted {
    /// What is wrong with it, if anything is.
    pub fn check(&self) -> Result<(), String> {
        let only = |name: &str, given: bool, kind: Kind| match given && self.fault != kind {
            true => Err(format!("{name} goes with {} alone", json!(kind))),
            false => Ok(()),
        };
        only("status", self.status.is_some(), Kind::Status)?;
        only("retry_after", self.retry_after.is_some(), Kind::Status)?;
        only("body", self.body.is_some(), Kind::Status)?;
        only("milliseconds", self.milliseconds.is_some(), Kind::Latency)?;
        if self.status.is_some_and(|status| !(400..600).contains(&status)) {
            return Err("status is one from 400 to 599".into());
        }
        if self.fault == Kind::Latency
            && self.milliseconds.is_none_or(|milliseconds| milliseconds > LONGEST_LATENCY)
        {
            return Err(format!("latency needs milliseconds, at most {LONGEST_LATENCY}"));
        }
        if self.times == Some(0) {
            return Err("times is at least 1, or null for without end".into());
        }
        if let Some(path) = &self.path
            && !(path == "*" || path.starts_with('/'))
        {
            return Err("path begins with /".into());
        }
        match &self.method {
            Some(method) if method.parse::<Method>().is_err() => Err("method is no method of HTTP".into()),
            _ => Ok(()),
        }
    }

    fn meets(&self, method: &Method, path: &str) -> bool {
        let of_old = if self.fault.turn() == Turn::After { "/oauth/token" } else { "*" };
        let wanted = self.path.as_deref().unwrap_or(of_old);
        let is_path = match wanted.strip_suffix('*') {
            Some(beginning) => path.starts_with(beginning),
            None => path == wanted,
        };
        is_path && self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
    }
}

impl Faults {
    /// Adds one; answers how it stands. Refused when there are too many.
    pub fn add(&self, tenant: &str, wanted: Wanted) -> Option<Fault> {
        let mut all = self.all();
        let waiting = all.entry(tenant.to_owned()).or_default();
        if waiting.faults.len() >= MOST {
            return None;
        }
        waiting.made += 1;
        let fault = Fault { id: waiting.made, wanted, happened: 0 };
        waiting.faults.push(fault.clone());
        Some(fault)
    }

    pub fn of(&self, tenant: &str) -> Vec<Fault> {
        self.all().get(tenant).map(|waiting| waiting.faults.clone()).unwrap_or_default()
    }

    /// Removes one, or all; answers how many those were.
    pub fn remove(&self, tenant: &str, id: Option<u64>) -> usize {
        let mut all = self.all();
        let Some(waiting) = all.get_mut(tenant) else { return 0 };
        let before = waiting.faults.len();
        waiting.faults.retain(|fault| id.is_some_and(|id| fault.id != id));
        before - waiting.faults.len()
    }

    /// Whether a fault may have its turn at such a request.
    fn wait(&self, tenant: &Tenant, turn: Turn, method: &Method, path: &str) -> bool {
        let all = self.all();
        let waiting = all.get(tenant.name()).into_iter().flat_map(|waiting| &waiting.faults);
        waiting
            .filter(|fault| fault.wanted.fault.turn() == turn)
            .any(|fault| fault.wanted.meets(method, path))
    }

    /// Those whose turn it is at a request, counted; none follows one that refuses.
    fn take(&self, tenant: &Tenant, turn: Turn, method: &Method, path: &str) -> Vec<Wanted> {
        let mut all = self.all();
        let Some(waiting) = all.get_mut(tenant.name()) else { return Vec::new() };
        let mut taken = Vec::new();
        for Fault { wanted, happened, .. } in &mut waiting.faults {
            if wanted.fault.turn() != turn || !wanted.meets(method, path) {
                continue;
            }
            if wanted.skip > 0 {
                wanted.skip -= 1;
                continue;
            }
            *happened += 1;
            wanted.times = wanted.times.map(|times| times - 1);
            taken.push(wanted.clone());
            if wanted.fault == Kind::Status {
                break;
            }
        }
        waiting.faults.retain(|fault| fault.wanted.times != Some(0));
        taken
    }

    fn all(&self) -> MutexGuard<'_, HashMap<String, Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets go wrong what is to, around the doors.
pub async fn inject(State(faults): State<Faults>, request: Request, next: Next) -> Response {
    let Some(tenant) = request.extensions().get::<Tenant>().cloned() else { return next.run(request).await };
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    for wanted in faults.take(&tenant, Turn::Before, &method, &path) {
        match wanted.fault {
            Kind::Status => return refusal(&tenant, &path, &wanted),
            Kind::Latency => {
                tokio::time::sleep(Duration::from_millis(wanted.milliseconds.unwrap_or(0))).await;
            }
            Kind::RotatedKey => {
                if let Err(error) = keys::replace(&tenant).await {
                    return broken(&format!("{error:#}"));
                }
            }
            Kind::WrongKid | Kind::ExpiredToken => {}
        }
    }
    let response = next.run(request).await;
    if response.status() != StatusCode::OK || !faults.wait(&tenant, Turn::After, &method, &path) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LONGEST_ANSWER).await else { return broken("the answer is too long") };
    let mut answer = match serde_json::from_slice::<Value>(&bytes) {
        Ok(answer) if TOKENS.iter().any(|name| answer[*name].is_string()) => answer,
        _ => return Response::from_parts(parts, Body::from(bytes)),
    };
    for wanted in faults.take(&tenant, Turn::After, &method, &path) {
        let flaw = if wanted.fault == Kind::WrongKid { Flaw::WrongKid } else { Flaw::Expired };
        for name in TOKENS {
            let Some(token) = answer[name].as_str() else { continue };
            match spoiled::spoil(&tenant, token, flaw) {
                Ok(spoiled) => answer[name] = json!(spoiled),
                Err(error) => return broken(&format!("{error:#}")),
            }
        }
    }
    let text = answer.to_string();
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    Response::from_parts(parts, Body::from(text))
}

/// The refusal in the words of the door that the path leads to.
fn refusal(tenant: &Tenant, path: &str, wanted: &Wanted) -> Response {
    let status = wanted.status.and_then(|status| StatusCode::from_u16(status).ok());
    let status = status.unwrap_or(StatusCode::TOO_MANY_REQUESTS);
    let is_too_many = status == StatusCode::TOO_MANY_REQUESTS;
    let body = wanted.body.clone().unwrap_or_else(|| match path.starts_with("/api/") {
        true => json!({
            "statusCode": status.as_u16(),
            "error": status.canonical_reason().unwrap_or("Error"),
            "message": if is_too_many { "Global limit has been reached" } else { WANTED },
            "errorCode": if is_too_many { "too_many_requests" } else { "injected_fault" },
        }),
        false => json!({
            "error": if is_too_many { "too_many_requests" } else { "injected_fault" },
            "error_description": WANTED,
        }),
    });
    let mut response = (status, Json(body)).into_response();
    let tells = is_too_many || status == StatusCode::SERVICE_UNAVAILABLE;
    if let Some(wait) = wanted.retry_after.or(tells.then_some(1)) {
        let headers = response.headers_mut();
        headers.insert(RETRY_AFTER, HeaderValue::from(wait));
        if is_too_many {
            headers.insert("x-ratelimit-limit", HeaderValue::from(1));
            headers.insert("x-ratelimit-remaining", HeaderValue::from(0));
            let reset = tenant.clock().now() + i64::from(wait);
            headers.insert("x-ratelimit-reset", HeaderValue::from(reset));
        }
    }
    response
}

/// A fault that cannot be had fails loudly: a test that hears nothing of it would pass for the wrong reason.
fn broken(why: &str) -> Response {
    let body = json!({ "error": "fault_not_possible", "error_description": why });
    (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
}

const WANTED: &str = "A test asked for this answer.";
const TOKENS: [&str; 2] = ["access_token", "id_token"];
/// Of one tenant at once.
const MOST: usize = 1_000;
const LONGEST_LATENCY: u64 = 600_000;
const LONGEST_ANSWER: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use http::Method;
    use serde_json::json;

    use super::{Faults, Wanted};

    fn wanted(value: serde_json::Value) -> Result<Wanted, String> {
        let wanted: Wanted = serde_json::from_value(value).map_err(|error| error.to_string())?;
        wanted.check().map(|()| wanted)
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (value, says) in [
            (json!({}), "missing field `fault`"),
            (json!({ "fault": "fire" }), "unknown variant"),
            (json!({ "fault": "status", "colour": 1 }), "unknown field"),
            (json!({ "fault": "status", "status": 200 }), "400 to 599"),
            (json!({ "fault": "status", "status": 70_000 }), "invalid value"),
            (json!({ "fault": "latency" }), "milliseconds"),
            (json!({ "fault": "latency", "milliseconds": 600_001 }), "at most"),
            (json!({ "fault": "latency", "milliseconds": -1 }), "invalid value"),
            (json!({ "fault": "wrong_kid", "status": 429 }), "alone"),
            (json!({ "fault": "status", "times": 0 }), "at least 1"),
            (json!({ "fault": "status", "path": "oauth/token" }), "begins with /"),
            (json!({ "fault": "status", "method": "GET IT" }), "no method"),
            (json!([]), "invalid length"),
        ] {
            let refused = wanted(value.clone()).expect_err("it makes no sense");
            assert!(refused.contains(says), "{value}: {refused}");
        }
    }

    #[test]
    fn a_fault_meets_its_path_and_method() {
        for (value, method, path, meets) in [
            (json!({ "fault": "status" }), Method::GET, "/anything", true),
            (json!({ "fault": "wrong_kid" }), Method::POST, "/oauth/token", true),
            (json!({ "fault": "wrong_kid" }), Method::POST, "/userinfo", false),
            (json!({ "fault": "status", "path": "/api/*" }), Method::GET, "/api/v2/clients", true),
            (json!({ "fault": "status", "path": "/api/*" }), Method::GET, "/apis", false),
            (json!({ "fault": "status", "path": "/a", "method": "post" }), Method::POST, "/a", true),
            (json!({ "fault": "status", "path": "/a", "method": "post" }), Method::GET, "/a", false),
            (json!({ "fault": "status", "path": "/a" }), Method::GET, "/a/b", false),
        ] {
            let wanted = wanted(value.clone()).expect("it makes sense");
            assert_eq!(wanted.meets(&method, path), meets, "{value} {method} {path}");
        }
    }

    #[test]
    fn of_one_tenant_so_many_wait_and_no_more() {
        let (faults, one) =
            (Faults::default(), wanted(json!({ "fault": "status" })).expect("it makes sense"));
        for _ in 0..super::MOST {
            assert!(faults.add("a", one.clone()).is_some());
        }
        assert!(faults.add("a", one.clone()).is_none() && faults.add("b", one).is_some());
        assert_eq!((faults.remove("a", Some(7)), faults.remove("a", Some(7))), (1, 0));
        assert_eq!((faults.remove("a", None), faults.of("a").len(), faults.of("b").len()), (999, 0, 1));
    }
}
