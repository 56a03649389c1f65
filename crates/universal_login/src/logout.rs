//! `/u/logout`: asks whether somebody wants to be logged out, where nobody vouches for whoever asks it.

use axum::{Extension, body::Body, response::Response};
use http::{StatusCode, request::Parts};
use idp::{
    Tenant,
    logout::{self, Pending},
    visitor::SESSION_COOKIE,
};
use web::{Origin, SetCookie};

use crate::{
    form,
    message::{self, ended},
    page::Page,
    question::Question,
    screen::Screen,
};

/// Asks.
pub async fn show(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
) -> Response {
    let Some(state) = form::code(&parts, STATE) else { return ended(&tenant, &parts) };
    match logout::pending(&tenant, &state, &form::visitor(&parts, &origin)).await {
        Ok(Some(pending)) => question(&tenant, &parts, &state, &pending),
        Ok(None) => ended(&tenant, &parts),
        Err(error) => form::broken(&tenant, &parts, &error),
    }
}

/// Takes the answer.
pub async fn answer(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
    body: Body,
) -> Response {
    let fields = match form::posted(&tenant, &parts, &origin, body).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let Some(state) = form::code(&parts, STATE) else { return ended(&tenant, &parts) };
    if fields.get(STATE) != Some(&state) {
        return form::unreadable(&tenant, &parts);
    }
    if fields.get("action").is_none_or(|action| action != ACCEPT) {
        return message::said(
            &Page::new(&tenant, &parts, Screen::LOGOUT_ABORTED, None, None),
            StatusCode::OK,
            None,
        );
    }
    let response = match logout::agree(&tenant, &state, &form::visitor(&parts, &origin)).await {
        Ok(Some(Some(url))) => form::sent_on(&tenant, &parts, &origin, url, None),
        Ok(Some(None)) => message::logged_out(&tenant, &parts),
        Ok(None) => return ended(&tenant, &parts),
        Err(error) => return form::broken(&tenant, &parts, &error),
    };
    forgetting(&tenant, &parts, &origin, response)
}

/// The answer, after which the browser knows of no session.
fn forgetting(tenant: &Tenant, parts: &Parts, origin: &Origin, mut response: Response) -> Response {
    let forgotten = SetCookie::forgotten(SESSION_COOKIE, origin, &form::prefix(parts));
    match forgotten.add_to(response.headers_mut()) {
        Ok(()) => response,
        Err(error) => form::broken(tenant, parts, &idp::Error::Internal(error.into())),
    }
}

fn question(tenant: &Tenant, parts: &Parts, state: &str, pending: &Pending) -> Response {
    let client = pending.client_id.as_deref().and_then(|id| tenant.snapshot().client(id).cloned());
    let page = Page::new(tenant, parts, Screen::LOGOUT, client.as_deref(), None);
    let page = match pending.to() {
        Some(to) => page.leading_to(to),
        None => page,
    };
    let question = Question {
        action: form::prefix(parts).path(&format!("{}?{STATE}={state}", logout::PAGE)),
        hidden: (STATE, state),
        title: page.text("title"),
        description: page.text(if client.is_some() { "messageClient" } else { "message" }),
        code: None,
        lines: Vec::new(),
        note: None,
        accept: (ACCEPT, page.text("acceptButtonText")),
        deny: Some(("deny", page.text("declineButtonText"))),
    };
    page.answer(StatusCode::OK, &question)
}

const STATE: &str = "state";
const ACCEPT: &str = "accept";
