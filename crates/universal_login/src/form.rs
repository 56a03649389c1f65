//! What the pages with a form share: the form itself, the browser that sends it, and the answer when nothing works.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use idp::{Error, Tenant, Visitor, authorize::Reply, session::Cookie, visitor::SESSION_COOKIE};
use web::{MediaType, Origin, PathPrefix, SetCookie};

use crate::{message::problem, reply, screen::Screen};

/// The fields of a form.
pub type Fields = BTreeMap<String, String>;

/// The fields of a form that was sent from a page of ours, each given once; or the page that says why it was not read.
pub async fn posted(tenant: &Tenant, parts: &Parts, origin: &Origin, body: Body) -> Result<Fields, Response> {
    if !web::is_same_origin(&parts.headers, origin) {
        return Err(problem(tenant, parts, StatusCode::FORBIDDEN, Screen::ELSEWHERE));
    }
    read(parts, body).await.ok_or_else(|| unreadable(tenant, parts))
}

/// Says that a form makes no sense.
pub fn unreadable(tenant: &Tenant, parts: &Parts) -> Response {
    problem(tenant, parts, StatusCode::BAD_REQUEST, Screen::UNREADABLE)
}

async fn read(parts: &Parts, body: Body) -> Option<Fields> {
    if !MediaType::of(&parts.headers)?.is_form() {
        return None;
    }
    let bytes = web::read_body(body, MOST, DEADLINE).await.ok()?;
    web::unique(web::form(&bytes).ok()?).ok()
}

/// The browser that asks.
pub fn visitor(parts: &Parts, origin: &Origin) -> Visitor {
    let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    let cookies = |name: &str| web::twin_cookies(&parts.headers, name);
    Visitor::new((origin.scheme.as_str(), &origin.host), origin.ip, agent, cookies)
}

/// A parameter of the query, if it is given once.
pub fn query(parts: &Parts, name: &str) -> Option<String> {
    web::unique(web::form(parts.uri.query()?.as_bytes()).ok()?).ok()?.remove(name)
}

/// A code of the query, as we make them.
pub fn code(parts: &Parts, name: &str) -> Option<String> {
    let code = query(parts, name)?;
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (code.len() <= 256 && code.bytes().all(is_ours)).then_some(code)
}

/// What comes before our paths.
pub fn prefix(parts: &Parts) -> PathPrefix {
    parts.extensions.get().cloned().unwrap_or_default()
}

/// Sends the browser on, with the cookie of the session that has begun if one has.
pub fn sent_on(
    tenant: &Tenant,
    parts: &Parts,
    origin: &Origin,
    url: String,
    cookie: Option<Cookie>,
) -> Response {
    let url = match HeaderValue::try_from(url) {
        Ok(url) => url,
        Err(error) => return broken(tenant, parts, &Error::Internal(error.into())),
    };
    let headers = [(header::LOCATION, url), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    let response = (StatusCode::SEE_OTHER, headers).into_response();
    with_session(tenant, parts, origin, response, cookie)
}

/// Answers the application, with the cookie of the session that has begun if one has.
pub fn returned(
    tenant: &Tenant,
    parts: &Parts,
    origin: &Origin,
    reply: Reply,
    cookie: Option<Cookie>,
) -> Response {
    match reply {
        // After a form, so that the browser does not post it again there.
        Reply::Redirect(url) => sent_on(tenant, parts, origin, url, cookie),
        reply @ (Reply::Away(_) | Reply::FormPost { .. } | Reply::WebMessage { .. }) => {
            with_session(tenant, parts, origin, reply::answer(tenant, parts, reply), cookie)
        }
    }
}

fn with_session(
    tenant: &Tenant,
    parts: &Parts,
    origin: &Origin,
    mut response: Response,
    cookie: Option<Cookie>,
) -> Response {
    if let Some(cookie) = cookie {
        let set = SetCookie::new(SESSION_COOKIE, cookie.value.expose(), origin, &prefix(parts));
        if let Err(error) = set.lasting(cookie.max_age).add_to(response.headers_mut()) {
            return broken(tenant, parts, &Error::Internal(error.into()));
        }
    }
    response
}

/// Says that it is our fault, and tells the operator why.
pub fn broken(tenant: &Tenant, parts: &Parts, error: &Error) -> Response {
    tracing::error!(tenant = tenant.name(), error = format!("{error:#}"), "a login failed");
    let status = match error.is_passing() {
        true => StatusCode::SERVICE_UNAVAILABLE,
        false => StatusCode::INTERNAL_SERVER_ERROR,
    };
    problem(tenant, parts, status, Screen::BROKEN)
}

/// The greatest form, in bytes.
const MOST: usize = 16 * 1024;
const DEADLINE: Duration = Duration::from_secs(15);
