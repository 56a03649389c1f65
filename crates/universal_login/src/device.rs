//! `/activate`: where people say that a device which shows them a code is theirs, and what came of it.

use askama::Template;
use axum::{Extension, body::Body, response::Response};
use http::{StatusCode, request::Parts};
use idp::{
    Code, Error, Tenant,
    device::{self, Waiting},
    login::To,
    visitor::DEVICE_COOKIE,
};
use web::{Origin, SetCookie};

use crate::{
    form,
    message::{problem, said},
    page::Page,
    question::Question,
    screen::Screen,
};

#[derive(Template)]
#[template(path = "device_code.html")]
struct CodePage<'a> {
    page: &'a Page,
    action: String,
    problem: Option<String>,
    code: &'a str,
}

/// Asks for the code; or, if a link brought it, whether the device shows the same.
pub async fn show(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
) -> Response {
    match form::query(&parts, "user_code").filter(|code| !code.is_empty()) {
        Some(code) => known(&tenant, &origin, &parts, &code).await,
        None => code_page(&tenant, &parts, "", None),
    }
}

/// Takes the code, and then the answer.
pub async fn answer(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
    body: Body,
) -> Response {
    let mut fields = match form::posted(&tenant, &parts, &origin, body).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let code = fields.remove("code").unwrap_or_default();
    if code.trim().is_empty() {
        return code_page(&tenant, &parts, "", Some("no-code"));
    }
    let action = fields.remove("action").unwrap_or_default();
    if !matches!(action.as_str(), "confirm" | "cancel") {
        return known(&tenant, &origin, &parts, &code).await;
    }
    let visitor = form::visitor(&parts, &origin);
    let waiting = match found(&tenant, &origin, &parts, &code).await {
        Ok(waiting) => waiting,
        Err(refusal) => return refusal,
    };
    let done = match action.as_str() {
        "confirm" => device::log_in(&tenant, &waiting, &visitor).await.map(Some),
        _ => device::deny(&tenant, &waiting.id, &visitor).await.map(|()| None),
    };
    match done {
        Ok(Some(begun)) => {
            let url = match begun.to {
                To::Page(path) => form::prefix(&parts).path(&path),
                To::Away(url) => url,
            };
            let mut response = form::sent_on(&tenant, &parts, &origin, url, None);
            let cookie = SetCookie::new(DEVICE_COOKIE, &begun.device, &origin, &form::prefix(&parts));
            match cookie.lasting(Some(ONE_YEAR)).add_to(response.headers_mut()) {
                Ok(()) => response,
                Err(error) => form::broken(&tenant, &parts, &Error::Internal(error.into())),
            }
        }
        Ok(None) => said(
            &Page::new(&tenant, &parts, Screen::DEVICE_DENIED, Some(&waiting.client), None),
            StatusCode::OK,
            None,
        ),
        Err(error) => refused(&tenant, &parts, &code, error),
    }
}

/// Says that the device is connected.
pub async fn success(Extension(tenant): Extension<Tenant>, parts: Parts) -> Response {
    said(&Page::new(&tenant, &parts, Screen::DEVICE_ALLOWED, None, None), StatusCode::OK, None)
}

/// Says that it is not.
pub async fn failure(Extension(tenant): Extension<Tenant>, parts: Parts) -> Response {
    said(
        &Page::new(&tenant, &parts, Screen::DEVICE_DENIED, None, None).wrong(true),
        StatusCode::FORBIDDEN,
        None,
    )
}

/// Asks whether the device shows this code.
async fn known(tenant: &Tenant, origin: &Origin, parts: &Parts, code: &str) -> Response {
    let waiting = match found(tenant, origin, parts, code).await {
        Ok(waiting) => waiting,
        Err(refusal) => return refusal,
    };
    let page = Page::new(tenant, parts, Screen::DEVICE_CONFIRMATION, Some(&waiting.client), None);
    let from = [waiting.ip, waiting.user_agent].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let question = Question {
        action: form::prefix(parts).path(PATH),
        hidden: ("code", code),
        title: page.text("title"),
        description: page.text("description"),
        code: Some(code.to_uppercase()),
        lines: Vec::new(),
        note: Some(from).filter(|from| !from.is_empty()),
        accept: ("confirm", page.text("confirmButtonText")),
        deny: Some(("cancel", page.text("cancelButtonText"))),
    };
    page.answer(StatusCode::OK, &question)
}

/// The device that shows this code, or the page that says that there is none.
async fn found(tenant: &Tenant, origin: &Origin, parts: &Parts, code: &str) -> Result<Waiting, Response> {
    match device::by_user_code(tenant, code.trim(), &form::visitor(parts, origin)).await {
        Ok(Some(waiting)) => Ok(waiting),
        Ok(None) => Err(code_page(tenant, parts, code, Some("invalid-code"))),
        Err(error) => Err(refused(tenant, parts, code, error)),
    }
}

fn refused(tenant: &Tenant, parts: &Parts, code: &str, error: Error) -> Response {
    match error {
        Error::Refused { code: Code::TooManyAttempts, .. } => {
            problem(tenant, parts, StatusCode::TOO_MANY_REQUESTS, Screen::TOO_MANY)
        }
        Error::Refused { .. } => code_page(tenant, parts, code, Some("invalid-expired-code")),
        error => form::broken(tenant, parts, &error),
    }
}

pub fn code_page(tenant: &Tenant, parts: &Parts, code: &str, wrong: Option<&str>) -> Response {
    let page = Page::new(tenant, parts, Screen::DEVICE_CODE, None, None).wrong(wrong.is_some());
    let problem = wrong.map(|key| page.text(key));
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    let action = form::prefix(parts).path(PATH);
    page.answer(status, &CodePage { page: &page, action, problem, code })
}

pub const PATH: &str = "/activate";
/// Seconds that a browser is known for.
const ONE_YEAR: i64 = 365 * 86_400;
