//! `/authorize`: a browser comes with what an application asks for, and goes back there, or on to the login page.

use std::time::Duration;

use axum::{
    Extension,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use idp::{
    Code, Tenant, Visitor,
    authorize::{self, Asked, Outcome},
    login::Begun,
    visitor::DEVICE_COOKIE,
};
use web::{MediaType, Origin, PathPrefix, SetCookie};

use crate::{Pages, error::Error};

/// `/authorize`
pub async fn answer(
    State(pages): State<Pages>,
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
    body: Body,
) -> Response {
    let (tenant, origin, parts) = (&tenant, &origin, &parts);
    let pairs = pairs(parts, body).await;
    let visitor = visitor(&parts.headers, origin);
    let outcome = match pairs.and_then(|pairs| taken(pairs, Asked::slot, Asked::keep)) {
        Ok(asked) => authorize::begin(tenant, asked, &visitor).await,
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(Outcome::Return(reply)) => (pages.reply)(reply),
        Ok(Outcome::Ask(Begun { state, path, device })) => {
            let prefix = parts.extensions.get::<PathPrefix>().cloned().unwrap_or_default();
            let mut response = redirect(&prefix.path(&format!("{path}?state={state}")));
            let cookie = SetCookie::new(DEVICE_COOKIE, &device, origin, &prefix).lasting(Some(ONE_YEAR));
            match cookie.add_to(response.headers_mut()) {
                Ok(()) => response,
                Err(error) => page(pages, tenant, parts, idp::Error::Internal(error.into())),
            }
        }
        Err(error) => page(pages, tenant, parts, error),
    }
}

/// The parameters as they were sent: in a form if it was posted, else in the query.
pub async fn pairs(parts: &Parts, body: Body) -> idp::Result<Vec<(String, String)>> {
    match parts.method {
        Method::POST => in_form(parts, body).await,
        _ => in_query(parts),
    }
}

/// The pairs of a query.
pub fn in_query(parts: &Parts) -> idp::Result<Vec<(String, String)>> {
    web::form(parts.uri.query().unwrap_or_default().as_bytes())
        .or_else(|error| Code::InvalidRequest.refuse(error.to_string()))
}

/// The pairs of a form.
async fn in_form(parts: &Parts, body: Body) -> idp::Result<Vec<(String, String)>> {
    if !MediaType::of(&parts.headers).is_some_and(|media| media.is_form()) {
        return Code::InvalidRequest.refuse("The request body must be application/x-www-form-urlencoded");
    }
    match web::read_body(body, MOST, DEADLINE).await {
        Ok(bytes) => web::form(&bytes).or_else(|error| Code::InvalidRequest.refuse(error.to_string())),
        Err(error) => Code::InvalidRequest.refuse(error.to_string()),
    }
}

/// Puts each pair where it belongs, each at most once; pairs that belong nowhere are kept or dropped (RFC 6749 §3.1).
pub fn taken<T: Default>(
    pairs: Vec<(String, String)>,
    slot: for<'a> fn(&'a mut T, &str) -> Option<&'a mut Option<String>>,
    keep: fn(&mut T, String, String),
) -> idp::Result<T> {
    let mut asked = T::default();
    let mut all = 0;
    for (name, value) in pairs {
        all += value.len();
        if value.len() > LONGEST || all > LONGEST_IN_ALL {
            return Code::InvalidRequest.refuse(format!("{name} is too long"));
        }
        let Some(slot) = slot(&mut asked, &name) else {
            keep(&mut asked, name, value);
            continue;
        };
        if slot.replace(value).is_some() {
            return Code::InvalidRequest.refuse(format!("Duplicate parameter: {name}"));
        }
    }
    Ok(asked)
}

/// The browser that asks.
pub fn visitor(headers: &HeaderMap, origin: &Origin) -> Visitor {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let cookies = |name: &str| web::cookies(headers, name).map(str::to_owned).collect();
    Visitor::new((origin.scheme.as_str(), &origin.host), origin.ip, agent, cookies)
}

/// Sends the browser somewhere else, and leaves no copy of where.
pub fn redirect(url: &str) -> Response {
    match HeaderValue::try_from(url) {
        Ok(url) => {
            let headers =
                [(header::LOCATION, url), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (StatusCode::FOUND, headers).into_response()
        }
        // A callback that no header can hold was registered; nobody can be sent there.
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

/// A refusal that the browser's owner reads, since no application may.
pub fn page(pages: Pages, tenant: &Tenant, parts: &Parts, error: idp::Error) -> Response {
    let error = Error::from(error);
    error.trace(tenant, parts.uri.path());
    (pages.error)(error.status(), error.name(), error.description())
}

/// The greatest form, in bytes.
const MOST: usize = 64 * 1024;
const DEADLINE: Duration = Duration::from_secs(15);
/// The longest parameter, in bytes.
const LONGEST: usize = 4096;
/// What is asked is remembered until somebody has logged in.
const LONGEST_IN_ALL: usize = 8192;
/// Seconds.
const ONE_YEAR: i64 = 365 * 24 * 3600;
