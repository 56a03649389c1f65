//! The door of the Management API: every operation is entered here, in the same five steps.

use std::{borrow::Cow, sync::Arc, time::Duration};

use axum::RequestExt;
use axum::extract::RawPathParams;
use axum::routing::MethodFilter;
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::{MethodRouter, on},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts};
use idp::{
    Tenant, Tenants,
    access_token::{self, AccessToken, Invalid},
    administrators,
    possession::{self, Shown},
    user,
};
use schema::Object;
use serde_json::Value;
use tracing::Instrument as _;
use web::{BodyError, Buckets, MediaType, MultipartError, Origin, RateLimit, Standing};

use crate::{
    Answer, Call, Error, Interface, Operation, Pages, audit::Record, call::cut, error::Result, operations,
    precondition::Precondition,
};

/// The greatest body, in bytes.
const MOST: usize = 1024 * 1024;
/// For how long, in seconds, a login counts as a moment ago.
const FRESH: i64 = 600;
const DEADLINE: Duration = Duration::from_secs(15);

/// The routes of both interfaces. Tenant and [`Origin`] are found in the request's extensions.
pub fn router(pages: Pages, limit: RateLimit) -> Router {
    let buckets = Arc::new(Buckets::new(limit));
    let mut routes: Vec<(String, MethodRouter<Arc<Buckets>>)> = Vec::new();
    for operation in operations() {
        let path = operation.address();
        let route = on(method_filter(&operation), {
            let operation = Arc::new(operation);
            move |State(buckets): State<Arc<Buckets>>, request: Request| {
                enter(operation, pages, buckets, request)
            }
        });
        match routes.iter_mut().find(|(known, _)| *known == path) {
            Some((_, known)) => *known = std::mem::take(known).merge(route),
            None => routes.push((path, route)),
        }
    }
    let table = routes.into_iter().fold(Router::new(), |router, (path, route)| router.route(&path, route));
    let nothing = |router: Router<_>, interface: Interface| {
        let unknown = format!("{}/{{*unknown}}", interface.base());
        router.route(&unknown, axum::routing::any(async || nothing_here()))
    };
    let table = table.route(crate::exports::PATH, axum::routing::get(crate::exports::download));
    Interface::ALL
        .into_iter()
        .fold(table, nothing)
        .method_not_allowed_fallback(async || nothing_here())
        .with_state(buckets)
}

fn nothing_here() -> Error {
    Error::not_found("Not Found", None)
}

async fn enter(
    operation: Arc<Operation>,
    pages: Pages,
    buckets: Arc<Buckets>,
    mut request: Request,
) -> Response {
    let parameters = match request.extract_parts::<RawPathParams>().await {
        Ok(parameters) => {
            parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
        }
        Err(_) => {
            return Error::new(StatusCode::BAD_REQUEST, "The path is no valid UTF-8.", Some("invalid_uri"))
                .into_response();
        }
    };
    let (parts, body) = request.into_parts();
    let mut standing = None;
    let result = serve(&operation, pages, &buckets, parts, parameters, body, &mut standing).await;
    let mut response = result.map_or_else(Error::into_response, Answer::into_response);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Some(standing) = standing {
        standing.write(response.headers_mut());
    }
    response
}

/// Who asks, how often, may they, with what; then the operation, then its record.
async fn serve(
    operation: &Arc<Operation>,
    pages: Pages,
    buckets: &Buckets,
    parts: Parts,
    parameters: Vec<(String, String)>,
    body: Body,
    standing: &mut Option<Standing>,
) -> Result<Answer> {
    let (tenants, tenant, origin) = known(&parts)?;
    let (token, compact) = authenticated(&tenants, &tenant, &parts, &origin).await?;
    // People share one of their own: they cannot shut out those who administer.
    let bucket = match person(&token) {
        Some(_) => Cow::Owned(format!("{}\npeople", tenant.name())),
        None => Cow::Borrowed(tenant.name()),
    };
    match buckets.take(&bucket, tenant.clock().now()) {
        Ok(now) => *standing = Some(now),
        Err(now) => {
            *standing = Some(now);
            let message = "Global limit has been reached";
            return Err(Error::new(StatusCode::TOO_MANY_REQUESTS, message, Some("too_many_requests")));
        }
    }
    if !suffices(&token, &operation.scopes) {
        return Err(Error::insufficient_scope(&operation.scopes));
    }
    if operation.is_grave {
        must_be_fresh(&token, tenant.clock().now())?;
    }
    let query = query(operation, parts.uri.query())?;
    if parameters.iter().any(|(_, value)| value.contains('\0') || value.len() > 2_000) {
        return Err(nothing_here());
    }
    let body = read_body(operation, &parts.headers, body).await?;
    let path = parts.uri.path().to_owned();
    let precondition = Precondition::read(&parts.headers)?;
    let last_event_id = parts.headers.get("last-event-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
    let leave = Leave {
        tenants: tenants.clone(),
        tenant: tenant.clone(),
        token: compact,
        scopes: operation.scopes.clone(),
    };
    let call = Call {
        tenants,
        tenant: tenant.clone(),
        token,
        leave,
        origin,
        path,
        parameters,
        query,
        body,
        precondition,
        last_event_id,
        pages,
    };
    let record = Record::of(operation, &call, &parts.headers);
    // On a task of its own: a caller who hangs up does not part a change from its record.
    let (operation, tenant) = (operation.clone(), tenant.clone());
    let ran = async move {
        let answer = (operation.run)(call).await?;
        if let Some(event) = record.event(&operation, &answer) {
            tenant.log(event);
        }
        Ok(answer)
    };
    let ran = tokio::spawn(ran.in_current_span());
    ran.await.map_err(|panicked| Error::from(idp::Error::Internal(panicked.into())))?
}

fn known(parts: &Parts) -> Result<(Tenants, Tenant, Origin)> {
    let found = &parts.extensions;
    match (found.get::<Tenants>(), found.get::<Tenant>(), found.get::<Origin>()) {
        (Some(tenants), Some(tenant), Some(origin)) => Ok((tenants.clone(), tenant.clone(), origin.clone())),
        _ => Err(nothing_here()),
    }
}

/// Who asks, and the token that says so. One that is bound to a key or a certificate is worth nothing without it.
async fn authenticated(
    tenants: &Tenants,
    tenant: &Tenant,
    parts: &Parts,
    origin: &Origin,
) -> Result<(AccessToken, String)> {
    let Some(presented) = web::presented(parts, origin) else {
        return Err(Error::unauthorized("Missing authentication"));
    };
    let token = presented.token;
    let believed = believe(tenants, tenant, token).await?.map_err(|invalid| {
        tracing::debug!(tenant = tenant.name(), ?invalid, "an access token was not accepted");
        match invalid {
            Invalid::Token => Error::invalid_token(),
            Invalid::Expired => Error::unauthorized("Expired token received for JSON Web Token validation"),
        }
    })?;
    let shown = Shown {
        token,
        is_dpop: presented.is_dpop,
        proof: presented.proof.as_deref(),
        certificate: presented.certificate,
        method: presented.method,
        url: &presented.url,
    };
    if !possession::is_proved(tenant, &believed.claims, &shown).await? {
        return Err(Error::invalid_token());
    }
    Ok((believed, token.to_owned()))
}

/// Whom a token stands for now: a client of the tenant, its owner, or an administrator whom the built-in tenant vouches
/// for.
async fn believe(
    tenants: &Tenants,
    tenant: &Tenant,
    compact: &str,
) -> idp::Result<std::result::Result<AccessToken, Invalid>> {
    let believed = match access_token::verify(tenant, compact, &tenant.management_audience()) {
        Err(Invalid::Token) => administrators::verify(tenants, tenant, compact).await?,
        ours => ours,
    };
    if let Ok(token) = &believed
        && let Some(person) = person(token)
    {
        let issued = token.claims.get("iat").and_then(Value::as_i64).unwrap_or_default();
        let user = user::by_id(tenant, person).await?;
        if user.is_none_or(|user| user.blocked || user::is_before_reset(&user, issued)) {
            return Ok(Err(Invalid::Token));
        }
    }
    Ok(believed)
}

/// What somebody was let in with, to be looked at again while they stay.
pub struct Leave {
    tenants: Tenants,
    tenant: Tenant,
    token: String,
    scopes: Vec<&'static str>,
}

impl Leave {
    /// Why it would be refused now, if it would. Where that cannot be said, it would not: a store that is away revokes
    /// nothing.
    pub async fn refused(&self) -> Option<Invalid> {
        match believe(&self.tenants, &self.tenant, &self.token).await {
            Ok(Ok(token)) => (!suffices(&token, &self.scopes)).then_some(Invalid::Token),
            Ok(Err(invalid)) => Some(invalid),
            Err(error) => {
                tracing::debug!(?error, "a token cannot be looked at again");
                None
            }
        }
    }
}

/// Whether a token has one of these scopes, if there are any.
fn suffices(token: &AccessToken, scopes: &[&str]) -> bool {
    scopes.is_empty() || scopes.iter().any(|scope| token.scopes.iter().any(|held| held == scope))
}

/// The person of this tenant in whose own name a token is, if it is a person's. No client's identifier has a bar.
fn person(token: &AccessToken) -> Option<&str> {
    let subject = token.claims.get("sub").and_then(Value::as_str);
    subject.filter(|subject| subject.contains('|') && token.administrator.is_none())
}

/// Refuses a person whose login is too long ago for what cannot be taken back.
fn must_be_fresh(token: &AccessToken, now: i64) -> Result<()> {
    let authenticated = token.claims.get("auth_time").and_then(Value::as_i64);
    match authenticated {
        _ if token.administrator.is_none() => Ok(()),
        Some(time) if now - time <= FRESH => Ok(()),
        _ => Err(Error::new(
            StatusCode::FORBIDDEN,
            "This needs a fresh login: log in again, then repeat it.",
            Some("reauthentication_required"),
        )),
    }
}

fn query(operation: &Operation, query: Option<&str>) -> Result<Vec<(String, String)>> {
    let fail = |reason: String| Error::query(format!("Query validation error: {reason}"));
    let pairs = web::form(query.unwrap_or_default().as_bytes())
        .map_err(|_| fail("'The query is no valid UTF-8'.".into()))?;
    for (i, (name, _)) in pairs.iter().enumerate() {
        let plain = name.strip_suffix("[]").unwrap_or(name);
        if !operation.query.contains(&plain) {
            return Err(fail(format!("'Additional properties not allowed: {}'.", cut(name))));
        }
        // Lists repeat their name, with or without brackets behind it.
        let is_same =
            |(earlier, _): &(String, String)| earlier.strip_suffix("[]").unwrap_or(earlier) == plain;
        if !operation.lists.contains(&plain) && pairs[..i].iter().any(is_same) {
            return Err(fail(format!("'Parameter given more than once' on property {}.", cut(name))));
        }
    }
    Ok(pairs.into_iter().map(|(name, value)| (name.trim_end_matches("[]").to_owned(), value)).collect())
}

async fn read_body(operation: &Operation, headers: &HeaderMap, body: Body) -> Result<Object> {
    let most = operation.multipart.unwrap_or(MOST);
    let bytes = web::read_body(body, most, DEADLINE).await.map_err(|error| match error {
        BodyError::TooLarge => {
            let message = format!("Payload content length greater than maximum allowed: {most}");
            Error::new(StatusCode::PAYLOAD_TOO_LARGE, message, None)
        }
        BodyError::Slow => Error::new(StatusCode::REQUEST_TIMEOUT, "The request body took too long.", None),
        BodyError::Broken => Error::new(StatusCode::BAD_REQUEST, "The request body ended early.", None),
    })?;
    if operation.multipart.is_some() {
        return parts(headers, bytes).await;
    }
    if let Some(name) = operation.list {
        return list(&bytes, name);
    }
    // Old clients send `null` or `{}` with reads and deletions; nothing there reads a body, unless it says what to delete.
    let has_body =
        !matches!(operation.method, Method::GET | Method::DELETE) || operation.deletes_what_is_named;
    if bytes.is_empty() || !has_body {
        return Ok(Object::new());
    }
    match MediaType::of(headers) {
        Some(media) if media.is_form() => {
            let pairs = web::form(&bytes)
                .map_err(|error| Error::body(format!("Payload validation error: '{error}'.")))?;
            let fields = web::unique(pairs).map_err(|duplicate| {
                let name = cut(&duplicate.0);
                Error::body(format!(
                    "Payload validation error: 'Parameter given more than once' on property {name}."
                ))
            })?;
            Ok(fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect())
        }
        Some(media) if media.is_html() && operation.text.is_some() => match String::from_utf8(bytes.into()) {
            Ok(text) => Ok(named(operation.text, Value::String(text))),
            Err(_) => Err(Error::body("Payload validation error: 'The text is no valid UTF-8'.")),
        },
        Some(media) if media.is_json() => json(&bytes, operation.text),
        // Without a type it is taken for JSON.
        None => json(&bytes, operation.text),
        Some(_) => Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type", None)),
    }
}

fn json(bytes: &[u8], text: Option<&str>) -> Result<Object> {
    match serde_json::from_slice(bytes) {
        Ok(bare @ Value::String(_)) if text.is_some() => Ok(named(text, bare)),
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Null) => Ok(Object::new()),
        Ok(other) => {
            let found = if other.is_array() { "array" } else { "a plain value" };
            Err(Error::body(format!(
                "Payload validation error: 'Expected type object but found type {found}'."
            )))
        }
        Err(_) => Err(Error::new(StatusCode::BAD_REQUEST, "Invalid request payload JSON format", None)),
    }
}

/// What is no object, under the name by which the call asks for it.
fn named(name: Option<&str>, value: Value) -> Object {
    name.map(|name| (name.to_owned(), value)).into_iter().collect()
}

/// A body of several parts, each a text under its name.
async fn parts(headers: &HeaderMap, bytes: Bytes) -> Result<Object> {
    let mut body = Object::new();
    let parts = web::multipart(headers, bytes).await.map_err(|error| match error {
        MultipartError::Type => {
            Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type", None)
        }
        other => Error::body(format!("Payload validation error: '{other}'.")),
    })?;
    for web::Part { name, text } in parts {
        if body.insert(name.clone(), Value::String(text)).is_some() {
            let name = cut(&name);
            return Err(Error::body(format!(
                "Payload validation error: 'Parameter given more than once' on property {name}."
            )));
        }
    }
    Ok(body)
}

/// A body that is a bare list, under the name by which the call asks for it.
fn list(bytes: &[u8], name: &str) -> Result<Object> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Array(items)) => Ok(std::iter::once((name.to_owned(), Value::Array(items))).collect()),
        Ok(_) => Err(Error::body("Payload validation error: 'Expected type array'.")),
        Err(_) => Err(Error::new(StatusCode::BAD_REQUEST, "Invalid request payload JSON format", None)),
    }
}

fn method_filter(operation: &Operation) -> MethodFilter {
    MethodFilter::try_from(operation.method.clone()).expect("the table names methods that HTTP has")
}
