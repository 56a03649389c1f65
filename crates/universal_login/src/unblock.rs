//! `/u/unblock`: where somebody opens their account again with the link of a mail. Looking at the page opens nothing, so a
//! program that follows links in mails uses none up.

use axum::{Extension, body::Body, response::Response};
use http::{StatusCode, request::Parts};
use idp::{Tenant, unblock};
use web::Origin;

use crate::{form, message, page::Page, question::Question, screen::Screen};

/// Asks, if the link is still good.
pub async fn show(Extension(tenant): Extension<Tenant>, parts: Parts) -> Response {
    let code = form::code(&parts, TICKET).unwrap_or_default();
    match unblock::is_good(&tenant, &code).await {
        Ok(true) => question(&tenant, &parts, &code),
        Ok(false) => said(&tenant, &parts, StatusCode::BAD_REQUEST, Screen::UNBLOCK_FAILED),
        Err(error) => form::broken(&tenant, &parts, &error),
    }
}

/// Opens the account, once.
pub async fn answer(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
    body: Body,
) -> Response {
    if let Err(refusal) = form::posted(&tenant, &parts, &origin, body).await {
        return refusal;
    }
    let code = form::code(&parts, TICKET).unwrap_or_default();
    match unblock::open(&tenant, &code, &form::visitor(&parts, &origin)).await {
        Ok(true) => said(&tenant, &parts, StatusCode::OK, Screen::UNBLOCKED),
        Ok(false) => said(&tenant, &parts, StatusCode::BAD_REQUEST, Screen::UNBLOCK_FAILED),
        Err(error) => form::broken(&tenant, &parts, &error),
    }
}

fn question(tenant: &Tenant, parts: &Parts, code: &str) -> Response {
    let page = Page::new(tenant, parts, Screen::UNBLOCK, None, None);
    let question = Question {
        action: form::prefix(parts).path(&format!("/u/unblock?{TICKET}={code}")),
        hidden: (TICKET, code),
        title: page.text("title"),
        description: page.text("description"),
        code: None,
        lines: Vec::new(),
        note: None,
        accept: ("accept", page.text("buttonText")),
        deny: None,
    };
    page.answer(StatusCode::OK, &question)
}

fn said(tenant: &Tenant, parts: &Parts, status: StatusCode, screen: Screen) -> Response {
    message::said(&Page::new(tenant, parts, screen, None, None).wrong(!status.is_success()), status, None)
}

const TICKET: &str = "ticket";
