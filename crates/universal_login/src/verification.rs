//! `/u/email-verification`: where a link leads with which people prove that an address is theirs. Following it is the
//! proof; programs that only look at links before somebody follows them prove nothing.

use axum::{Extension, body::Body, response::Response};
use http::{HeaderMap, Method, StatusCode, request::Parts};
use idp::{Tenant, occasion::Occasion, verification};
use web::Origin;

use crate::{
    form,
    message::Message,
    page::Page,
    question::Question,
    reset::{client, home},
    screen::Screen,
};

/// Takes the link for the proof.
pub async fn show(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
) -> Response {
    match parts.method == Method::HEAD || is_only_looked_at(&parts.headers) {
        true => ask(&tenant, &parts).await,
        false => confirm(&tenant, &origin, &parts).await,
    }
}

/// The same by a button, for whoever's browser looked at the link beforehand.
pub async fn answer(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
    body: Body,
) -> Response {
    match form::posted(&tenant, &parts, &origin, body).await {
        Ok(_) => confirm(&tenant, &origin, &parts).await,
        Err(refusal) => refusal,
    }
}

async fn confirm(tenant: &Tenant, origin: &Origin, parts: &Parts) -> Response {
    let Some(code) = form::code(parts, TICKET) else { return spent(tenant, parts) };
    let occasion = Occasion::of(&form::visitor(parts, origin), None);
    match verification::confirm(tenant, &code, &occasion).await {
        Ok(Some(confirmed)) => match confirmed.result_url {
            Some(url) => form::sent_on(tenant, parts, origin, url, None),
            None => {
                let client = client(tenant, confirmed.client_id.as_deref());
                let page = Page::new(tenant, parts, Screen::EMAIL_VERIFICATION, client.as_deref(), None);
                let link = home(&page, client.as_deref());
                told(&page, StatusCode::OK, ("verifiedTitle", "verifiedDescription"), link)
            }
        },
        Ok(None) => spent(tenant, parts),
        Err(error) => form::broken(tenant, parts, &error),
    }
}

async fn ask(tenant: &Tenant, parts: &Parts) -> Response {
    let Some(code) = form::code(parts, TICKET) else { return spent(tenant, parts) };
    let page = Page::new(tenant, parts, Screen::EMAIL_VERIFICATION, None, None);
    let question = Question {
        action: form::prefix(parts).path(&format!("{PATH}?{TICKET}={code}")),
        hidden: (TICKET, &code),
        title: page.text("confirmTitle"),
        description: page.text("confirmDescription"),
        code: None,
        lines: Vec::new(),
        note: None,
        accept: ("default", page.text("confirmButtonText")),
        deny: None,
    };
    page.answer(StatusCode::OK, &question)
}

fn spent(tenant: &Tenant, parts: &Parts) -> Response {
    let page = Page::new(tenant, parts, Screen::EMAIL_VERIFICATION, None, None).wrong(true);
    told(&page, StatusCode::BAD_REQUEST, ("invalidTicketTitle", "invalidTicketDescription"), None)
}

fn told(
    page: &Page,
    status: StatusCode,
    (title, description): (&str, &str),
    link: Option<(String, String)>,
) -> Response {
    let (title, description) = (page.text(title), page.text(description));
    let is_good = status.is_success();
    page.answer(status, &Message { page, is_good, title, description, details: None, link })
}

/// Whether a browser fetches the page before anybody wants to see it.
fn is_only_looked_at(headers: &HeaderMap) -> bool {
    ["sec-purpose", "purpose", "x-purpose", "x-moz"].iter().any(|name| {
        let value = headers.get(*name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        ["prefetch", "prerender", "preview"].iter().any(|word| value.to_ascii_lowercase().contains(word))
    })
}

pub const PATH: &str = "/u/email-verification";
const TICKET: &str = "ticket";
