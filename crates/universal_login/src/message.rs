//! Pages that only say something: what went wrong, or that all is done.

use askama::Template;
use axum::{
    Extension,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use idp::Tenant;
use serde_json::{Map, Value};

use crate::{form, page::Page, reset, screen::Screen, template};

/// A heading and what it means.
#[derive(Template)]
#[template(path = "message.html")]
pub struct Message<'a> {
    pub page: &'a Page,
    /// Whether it is good news, and not bad.
    pub is_good: bool,
    pub title: String,
    pub description: String,
    /// What whoever runs the application needs to know: a name and words.
    pub details: Option<(&'a str, &'a str)>,
    /// Where one goes on to, and the words for it.
    pub link: Option<(String, String)>,
}

/// What a screen says by itself.
pub fn said(page: &Page, status: StatusCode, link: Option<(String, String)>) -> Response {
    let (title, description) = (page.text("eventTitle"), page.text("description"));
    let is_good = status.is_success();
    page.answer(status, &Message { page, is_good, title, description, details: None, link })
}

/// A refusal that no application may hear, by its name and words.
pub fn error(tenant: &Tenant, parts: &Parts, status: StatusCode, name: &str, words: &str) -> Response {
    if status.is_server_error() {
        return problem(tenant, parts, status, Screen::BROKEN);
    }
    if status == StatusCode::TOO_MANY_REQUESTS {
        return problem(tenant, parts, status, Screen::TOO_MANY);
    }
    let client = reset::client(tenant, form::query(parts, "client_id").as_deref());
    let page = Page::new(tenant, parts, Screen::REFUSED, client.as_deref(), None).wrong(true);
    let (title, description) = (page.text("eventTitle"), page.text("description"));
    let details = Some((name, words));
    page.answer(status, &Message { page: &page, is_good: false, title, description, details, link: None })
}

/// The same in a page that the tenant wrote; nothing if it cannot be filled in.
pub fn own_error(status: StatusCode, html: &str, told: &[(&'static str, String)]) -> Option<Response> {
    let nonce = jose::b64url_encode(jose::random_bytes::<16>());
    // What strangers sent is text, also where the page forgets to say so.
    let variables: Map<String, Value> =
        told.iter().map(|(name, value)| ((*name).to_owned(), escaped(value).into())).collect();
    let html = template::filled(html, &Value::Object(variables), &nonce)?;
    let policy = format!(
        "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; \
         default-src 'none'; img-src https: data:; font-src https: data:; style-src https: 'unsafe-inline'; \
         script-src 'nonce-{nonce}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    );
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::try_from(policy).ok()?),
        (header::CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, fixed("no-store")),
        (header::X_FRAME_OPTIONS, fixed("DENY")),
        (header::REFERRER_POLICY, fixed("no-referrer")),
    ];
    Some((status, headers, html).into_response())
}

/// A text that is no markup.
pub fn escaped(text: &str) -> String {
    let escape = |text: String, (from, to): (char, &str)| text.replace(from, to);
    [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('"', "&quot;"), ('\'', "&#39;")]
        .into_iter()
        .fold(text.to_owned(), escape)
}

/// Something that went wrong on our side of the application, and what to do.
pub fn problem(tenant: &Tenant, parts: &Parts, status: StatusCode, screen: Screen) -> Response {
    let mut response = said(&Page::new(tenant, parts, screen, None, None).wrong(true), status, None);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, idp::RETRY_AFTER.into());
    }
    response
}

/// That there is no such page.
pub async fn nothing(Extension(tenant): Extension<Tenant>, parts: Parts) -> Response {
    problem(&tenant, &parts, StatusCode::NOT_FOUND, Screen::NOTHING)
}

/// That a login has ended which somebody wants to go on with.
pub fn ended(tenant: &Tenant, parts: &Parts) -> Response {
    problem(tenant, parts, StatusCode::BAD_REQUEST, Screen::ENDED)
}

/// That somebody is logged out.
pub fn logged_out(tenant: &Tenant, parts: &Parts) -> Response {
    said(&Page::new(tenant, parts, Screen::LOGGED_OUT, None, None), StatusCode::OK, None)
}
