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
    authorize::{self, Asked, Outcome, Reply},
    login::{self, Advanced, To},
    session::Cookie,
    visitor::{DEVICE_COOKIE, SESSION_COOKIE},
};
use url::Url;
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
    let pairs = pairs(&parts, body).await;
    let visitor = visitor(&parts.headers, &origin);
    let outcome = match pairs.and_then(|pairs| taken(pairs, Asked::slot, Asked::keep)) {
        Ok(asked) if is_fetched(&tenant, &asked, &parts) => {
            Code::InvalidRequest.refuse("The dashboard is opened by people, not by scripts.")
        }
        Ok(asked) => authorize::begin(&tenant, asked, &visitor).await,
        Err(refusal) => Err(refusal),
    };
    let door = Door { pages, tenant: &tenant, origin: &origin, parts: &parts };
    match outcome {
        Ok(Outcome::Return { reply, cookie }) => door.with_cookies(door.reply(reply), None, cookie),
        Ok(Outcome::Ask { begun, cookie }) => {
            let response = match begun.to {
                To::Page(path) => redirect(&door.prefix().path(&path)),
                To::Away(url) => redirect(&url),
            };
            door.with_cookies(response, Some(&begun.device), cookie)
        }
        Err(error) => page(pages, &tenant, &parts, error),
    }
}

/// `/authorize/resume`: to the page at which a login stands.
pub async fn resume(
    State(pages): State<Pages>,
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
) -> Response {
    let visitor = visitor(&parts.headers, &origin);
    let door = Door { pages, tenant: &tenant, origin: &origin, parts: &parts };
    let state = in_query(&parts).ok().and_then(|pairs| state(&pairs));
    let login = match &state {
        Some(state) => login::read(&tenant, state, &visitor).await,
        None => Ok(None),
    };
    match (login, state) {
        (Ok(Some(login)), Some(state)) => match login.step.leads(&state) {
            To::Page(path) if !path.starts_with(RESUME) => redirect(&door.prefix().path(&path)),
            To::Page(_) | To::Away(_) => door.ended(),
        },
        (Ok(_), _) => door.ended(),
        (Err(error), _) => page(pages, &tenant, &parts, error),
    }
}

/// `/login`: a page that somebody kept, of a login that nobody waits for.
pub async fn kept(
    State(pages): State<Pages>,
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
) -> Response {
    Door { pages, tenant: &tenant, origin: &origin, parts: &parts }.ended()
}

/// `/continue`: somebody is back whom customers' code had sent away.
pub async fn proceed(
    State(pages): State<Pages>,
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
    body: Body,
) -> Response {
    let visitor = visitor(&parts.headers, &origin);
    let door = Door { pages, tenant: &tenant, origin: &origin, parts: &parts };
    let query = in_query(&parts);
    let posted = if parts.method == Method::POST { in_form(&parts, body).await } else { Ok(Vec::new()) };
    let brought = match query.and_then(|query| Ok([query, posted?].concat())) {
        Ok(brought) => brought,
        Err(refusal) => return page(pages, &tenant, &parts, refusal),
    };
    let Some(state) = state(&brought) else { return door.ended() };
    let brought = brought.into_iter().map(|(name, value)| (name, value.into())).collect();
    match login::resume(&tenant, &state, brought, &visitor).await {
        Ok(Some(Advanced::Next { step, cookie })) => {
            let response = redirect(&door.prefix().path(&format!("{}?state={state}", step.path())));
            door.with_cookies(response, None, cookie)
        }
        Ok(Some(Advanced::Return { answer, cookie })) => door.with_cookies(door.reply(answer), None, cookie),
        Ok(Some(Advanced::Again { .. }) | None) => door.ended(),
        Err(error) => page(pages, &tenant, &parts, error),
    }
}

/// Whether a script or a frame asks for the dashboard's code. A tenant's own page may hold scripts, and shares its origin.
fn is_fetched(tenant: &Tenant, asked: &Asked, parts: &Parts) -> bool {
    let dest = parts.headers.get("sec-fetch-dest");
    let is_dashboard =
        asked.client_id.as_deref().is_some_and(|id| idp::administrators::is_dashboard(tenant, id));
    is_dashboard && dest.is_some_and(|dest| dest != "document")
}

/// What a login is known by, if it is named once.
fn state(pairs: &[(String, String)]) -> Option<String> {
    let mut named = pairs.iter().filter(|(name, _)| name == "state").map(|(_, state)| state);
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let state = named.next().filter(|state| state.len() <= 64 && state.bytes().all(is_ours))?;
    named.next().is_none().then(|| state.clone())
}

fn ended() -> idp::Error {
    idp::Error::Refused { code: Code::InvalidRequest, description: "The login has ended.".into() }
}

/// What an answer to a browser is made with.
struct Door<'a> {
    pages: Pages,
    tenant: &'a Tenant,
    origin: &'a Origin,
    parts: &'a Parts,
}

impl Door<'_> {
    fn prefix(&self) -> PathPrefix {
        self.parts.extensions.get::<PathPrefix>().cloned().unwrap_or_default()
    }

    /// A login that nobody waits for: it is begun anew where that is done.
    fn ended(&self) -> Response {
        let pairs = in_query(self.parts).unwrap_or_default();
        let client = pairs.iter().find(|(name, _)| name == "client_id" || name == "client");
        let client = client.map(|(_, id)| id.as_str());
        match authorize::default_route(self.tenant, client, &self.origin.host) {
            Some(url) => redirect(&url),
            None => own_page(self.pages, self.tenant, self.parts, &Error::from(ended()))
                .unwrap_or_else(|| (self.pages.ended)(self.tenant, self.parts)),
        }
    }

    fn reply(&self, reply: Reply) -> Response {
        (self.pages.reply)(self.tenant, self.parts, reply)
    }

    /// The answer, with what binds a login to this browser, and with a session, where there is one.
    fn with_cookies(
        &self,
        mut response: Response,
        device: Option<&str>,
        session: Option<Cookie>,
    ) -> Response {
        let prefix = self.prefix();
        let device = device
            .map(|value| SetCookie::new(DEVICE_COOKIE, value, self.origin, &prefix).lasting(Some(ONE_YEAR)));
        let session = session.as_ref().map(|cookie| {
            SetCookie::new(SESSION_COOKIE, cookie.value.expose(), self.origin, &prefix)
                .lasting(cookie.max_age)
        });
        for cookie in [device, session].into_iter().flatten() {
            if let Err(error) = cookie.add_to(response.headers_mut()) {
                return page(self.pages, self.tenant, self.parts, idp::Error::Internal(error.into()));
            }
        }
        response
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
    let cookies = |name: &str| web::twin_cookies(headers, name);
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

/// A refusal that the browser's owner reads, since no application may: elsewhere, on a page of the tenant's own making, or
/// on ours.
pub fn page(pages: Pages, tenant: &Tenant, parts: &Parts, error: idp::Error) -> Response {
    let error = Error::from(error);
    error.trace(tenant, parts.uri.path());
    own_page(pages, tenant, parts, &error)
        .unwrap_or_else(|| (pages.error)(tenant, parts, error.status(), error.name(), error.description()))
}

/// What the tenant wants shown in place of our pages, if anything.
fn own_page(pages: Pages, tenant: &Tenant, parts: &Parts, error: &Error) -> Option<Response> {
    let snapshot = tenant.snapshot().clone();
    let own = snapshot.settings.as_deref().and_then(|settings| settings.error_page.as_ref());
    let told = told(parts, error);
    if let Some(url) = own.and_then(|own| own.url.as_deref()).and_then(|url| with_query(url, &told)) {
        return Some(redirect(&url));
    }
    let html = own.and_then(|own| own.html.as_deref()).filter(|html| !html.is_empty());
    html.and_then(|html| (pages.own_error)(error.status(), html, &told))
}

/// What a page of the tenant's is told of a refusal: what is known of it.
fn told(parts: &Parts, error: &Error) -> Vec<(&'static str, String)> {
    let pairs = in_query(parts).unwrap_or_default();
    let asked = |name: &str| pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone());
    let lang = asked("ui_locales").and_then(|locales| locales.split(' ').next().map(str::to_owned));
    let known = [("client_id", asked("client_id")), ("connection", asked("connection")), ("lang", lang)];
    let mut told: Vec<_> =
        known.into_iter().filter_map(|(name, value)| value.map(|value| (name, value))).collect();
    told.push(("error", error.name().to_owned()));
    told.push(("error_description", error.description().to_owned()));
    told
}

/// An address of the web, with more in its query.
fn with_query(url: &str, more: &[(&'static str, String)]) -> Option<String> {
    let mut url = Url::parse(url).ok().filter(|url| ["http", "https"].contains(&url.scheme()))?;
    url.query_pairs_mut().extend_pairs(more);
    Some(url.into())
}

const RESUME: &str = "/authorize/resume";
/// The greatest form, in bytes.
const MOST: usize = 64 * 1024;
const DEADLINE: Duration = Duration::from_secs(15);
/// The longest parameter, in bytes.
const LONGEST: usize = 4096;
/// What is asked is remembered until somebody has logged in.
const LONGEST_IN_ALL: usize = 8192;
/// Seconds.
pub const ONE_YEAR: i64 = 365 * 24 * 3600;
