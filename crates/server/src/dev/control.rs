//! The control API of a test double: tenants, clocks, faults. It is for programs of this machine: it listens on the
//! loopback address alone, answers to no other name, and takes nothing that a browser sends, since any page may make one
//! send something here.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, Request, State},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use http::{
    HeaderMap, StatusCode,
    header::{CONTENT_TYPE, HOST, ORIGIN},
};
use idp::{Tenant, tenants::ADMINISTRATORS};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{Double, Loopback, clock, faults, tenant};

/// The control API of a double, at this address.
pub fn router(double: Double, at: Loopback) -> Router {
    let guard = move |request: Request, next: Next| async move {
        match strange(request.headers(), at) {
            Some(why) => Refusal(StatusCode::FORBIDDEN, why.into()).into_response(),
            None => next.run(request).await,
        }
    };
    Router::new()
        .route("/dev", get(about))
        .route("/dev/clock", get(clock_now).put(set_clock))
        .route("/dev/tenants", get(list).post(create))
        .route("/dev/tenants/{name}", get(show).delete(remove))
        .route("/dev/tenants/{name}/clock", get(clock_of).put(set_clock_of))
        .route("/dev/tenants/{name}/faults", get(faults_of).post(add_fault).delete(remove_faults))
        .route("/dev/tenants/{name}/faults/{id}", delete(remove_fault))
        .route("/dev/tenants/{name}/management-token", post(management_token))
        .route("/dev/tenants/{name}/rotate-keys", post(rotate_keys))
        .fallback(async || Refusal(StatusCode::NOT_FOUND, "there is nothing here".into()))
        .method_not_allowed_fallback(async || {
            Refusal(StatusCode::METHOD_NOT_ALLOWED, "not with this method".into())
        })
        .layer(middleware::from_fn(guard))
        .layer(DefaultBodyLimit::max(LONGEST_BODY))
        .with_state(double)
}

/// What speaks against a request being a program's of this machine. A page of another site cannot choose its host, unless it
/// has a name of its own lead here; and browsers say where a request comes from (Fetch Metadata: `Sec-Fetch-Site`).
fn strange(headers: &HeaderMap, at: Loopback) -> Option<&'static str> {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok());
    if hosts.next().is_some() || !host.is_some_and(|host| at.is_called(host)) {
        return Some("the Host header does not name this address");
    }
    let is_browsers = headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site");
    is_browsers.then_some("not for browsers")
}

async fn about(State(double): State<Double>) -> Json<Value> {
    let tenants = double.tenants().all().len();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"), "pid": std::process::id(), "tenants": tenants,
        "clock": clock::shown(double.tenants().clock()),
    }))
}

async fn list(State(double): State<Double>) -> Json<Value> {
    let all = double.tenants().all();
    Json(json!({ "tenants": all.iter().map(|tenant| double.shown(tenant)).collect::<Vec<_>>() }))
}

async fn create(State(double): State<Double>, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let wanted: tenant::Wanted = read(&headers, &body)?;
    let made = double.create(wanted).await?;
    Ok((StatusCode::CREATED, Json(double.shown(&made))).into_response())
}

async fn show(State(double): State<Double>, Path(name): Path<String>) -> Result<Json<Value>, Refusal> {
    Ok(Json(double.shown(&named(&double, &name)?)))
}

async fn remove(State(double): State<Double>, Path(name): Path<String>) -> Result<StatusCode, Refusal> {
    double.remove(&named(&double, &name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn clock_now(State(double): State<Double>) -> Json<Value> {
    Json(clock::shown(double.tenants().clock()))
}

async fn set_clock(
    State(double): State<Double>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let clock = double.tenants().clock();
    clock::set(clock, &read(&headers, &body)?).map_err(unfit)?;
    if let Some(hands) = clock.hands() {
        double.everybody().iter().for_each(|tenant| tenant.clock().set(hands));
    }
    Ok(Json(clock::shown(clock)))
}

async fn clock_of(State(double): State<Double>, Path(name): Path<String>) -> Result<Json<Value>, Refusal> {
    Ok(Json(clock::shown(named(&double, &name)?.clock())))
}

async fn set_clock_of(
    State(double): State<Double>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, Refusal> {
    let tenant = named(&double, &name)?;
    clock::set(tenant.clock(), &read(&headers, &body)?).map_err(unfit)?;
    Ok(Json(clock::shown(tenant.clock())))
}

async fn faults_of(State(double): State<Double>, Path(name): Path<String>) -> Result<Json<Value>, Refusal> {
    let tenant = named(&double, &name)?;
    Ok(Json(json!({ "faults": double.faults().of(tenant.name()) })))
}

async fn add_fault(
    State(double): State<Double>,
    Path(name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let tenant = named(&double, &name)?;
    let wanted: faults::Wanted = read(&headers, &body)?;
    wanted.check().map_err(unfit)?;
    let added = double.faults().add(tenant.name(), wanted);
    let added = added.ok_or_else(|| Refusal(StatusCode::CONFLICT, "too many faults wait already".into()))?;
    Ok((StatusCode::CREATED, Json(added)).into_response())
}

async fn remove_faults(
    State(double): State<Double>,
    Path(name): Path<String>,
) -> Result<StatusCode, Refusal> {
    double.faults().remove(named(&double, &name)?.name(), None);
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_fault(
    State(double): State<Double>,
    Path((name, id)): Path<(String, String)>,
) -> Result<StatusCode, Refusal> {
    let tenant = named(&double, &name)?;
    match id.parse().map_or(0, |id| double.faults().remove(tenant.name(), Some(id))) {
        0 => Err(Refusal(StatusCode::NOT_FOUND, "there is no such fault, or it has happened".into())),
        _ => Ok(StatusCode::NO_CONTENT),
    }
}

async fn management_token(
    State(double): State<Double>,
    Path(name): Path<String>,
) -> Result<Json<Value>, Refusal> {
    let tenant = named(&double, &name)?;
    Ok(Json(json!({ "access_token": idp::owner::token(&tenant)?, "token_type": "Bearer" })))
}

async fn rotate_keys(State(double): State<Double>, Path(name): Path<String>) -> Result<StatusCode, Refusal> {
    idp::keys::replace(&named(&double, &name)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn named(double: &Double, name: &str) -> Result<Tenant, Refusal> {
    let found = double.tenants().named(name).filter(|_| name != ADMINISTRATORS);
    found.ok_or_else(|| Refusal(StatusCode::NOT_FOUND, "there is no tenant of this name".into()))
}

/// A body of JSON, said to be that; none is an empty object.
fn read<T: DeserializeOwned>(headers: &HeaderMap, body: &Bytes) -> Result<T, Refusal> {
    if body.is_empty() {
        return serde_json::from_value(json!({})).map_err(|error| unfit(error.to_string()));
    }
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the body is to be application/json".into()));
    }
    // Of an array the fields would be taken in their order.
    let body: schema::Object = serde_json::from_slice(body).map_err(|error| unfit(error.to_string()))?;
    serde_json::from_value(body.into()).map_err(|error| unfit(error.to_string()))
}

/// Why something was not done.
pub struct Refusal(pub StatusCode, pub String);

pub fn unfit(why: String) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, why)
}

impl From<idp::Error> for Refusal {
    fn from(error: idp::Error) -> Refusal {
        match error {
            idp::Error::Refused { description, .. } => unfit(description.into_owned()),
            idp::Error::Taken { key } => {
                Refusal(StatusCode::CONFLICT, format!("there is one of this {key} already"))
            }
            other => Refusal(StatusCode::INTERNAL_SERVER_ERROR, format!("{:#}", anyhow::Error::from(other))),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let Refusal(status, message) = self;
        (status, Json(json!({ "error": status.canonical_reason(), "message": message }))).into_response()
    }
}

const LONGEST_BODY: usize = 16 << 20;

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Loopback, strange};

    #[test]
    fn browsers_and_names_that_lead_here_are_strange() {
        let at = Loopback::checked("127.0.0.1:4000").expect("a loopback address");
        for (headers, is_let_in) in [
            (&[("host", "127.0.0.1:4000")][..], true),
            (&[("host", "localhost:4000")], true),
            (&[("host", "LOCALHOST:4000")], true),
            (&[], false),
            (&[("host", "localhost")], false),
            (&[("host", "localhost:4001")], false),
            (&[("host", "evil.example:4000")], false),
            (&[("host", "127.0.0.1.evil.example:4000")], false),
            (&[("host", "localhost:4000"), ("host", "evil.example:4000")], false),
            (&[("host", "localhost:4000"), ("origin", "http://localhost:4000")], false),
            (&[("host", "localhost:4000"), ("origin", "null")], false),
            (&[("host", "localhost:4000"), ("sec-fetch-site", "none")], false),
            (&[("host", "localhost:4000"), ("sec-fetch-site", "cross-site")], false),
            // Node's own `fetch` says so, and is no browser.
            (&[("host", "localhost:4000"), ("sec-fetch-mode", "cors")], true),
        ] {
            let map: HeaderMap = headers
                .iter()
                .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
                .fold(HeaderMap::new(), |mut map, (name, value)| {
                    map.append(name, value);
                    map
                });
            assert_eq!(strange(&map, at).is_none(), is_let_in, "{headers:?}");
        }
    }

    #[test]
    fn only_loopback_addresses_are_listened_on() {
        for address in ["127.0.0.1:0", "127.8.0.1:80", "[::1]:0"] {
            assert!(Loopback::checked(address).is_ok(), "{address}");
        }
        for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80", "localhost:80", "127.0.0.1", ""] {
            assert!(Loopback::checked(address).is_err(), "{address}");
        }
    }
}
