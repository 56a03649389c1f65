//! `/u/reset-verify`: where a link leads with which people choose another password.

use std::sync::Arc;

use askama::Template;
use axum::{Extension, body::Body, response::Response};
use http::{StatusCode, request::Parts};
use idp::{
    Code, Error, Tenant,
    connection::RegisteredConnection,
    occasion::Occasion,
    password::policy::PasswordRefusal,
    recovery::{self, Recovered, Recovery},
    snapshot::RegisteredClient,
};
use web::Origin;

use crate::{
    form,
    message::{Message, problem},
    page::Page,
    rules::{self, Told},
    screen::Screen,
};

#[derive(Template)]
#[template(path = "reset.html")]
struct ResetPage<'a> {
    page: &'a Page,
    action: String,
    problem: Option<String>,
    /// Whose password it is, for the programs that keep them.
    name: &'a str,
    rules: Vec<Told>,
}

/// Asks for the new password.
pub async fn show(Extension(tenant): Extension<Tenant>, parts: Parts) -> Response {
    let Some(code) = form::code(&parts, TICKET) else { return spent(&tenant, &parts) };
    match recovery::read(&tenant, &code).await {
        Ok(Some(recovery)) => page(&tenant, &parts, &code, &recovery, None),
        Ok(None) => spent(&tenant, &parts),
        Err(error) => form::broken(&tenant, &parts, &error),
    }
}

/// Takes the new password.
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
    let Some(code) = form::code(&parts, TICKET) else { return spent(&tenant, &parts) };
    let recovery = match recovery::read(&tenant, &code).await {
        Ok(Some(recovery)) => recovery,
        Ok(None) => return spent(&tenant, &parts),
        Err(error) => return form::broken(&tenant, &parts, &error),
    };
    let password = fields.remove("password-reset").unwrap_or_default();
    let again = fields.remove("re-enter-password").unwrap_or_default();
    let missing = match (password.is_empty(), password == again) {
        (true, _) => Some("no-password"),
        (false, false) => Some("password-mismatch"),
        (false, true) => None,
    };
    if let Some(key) = missing {
        return page(&tenant, &parts, &code, &recovery, Some((key, None)));
    }
    let visitor = form::visitor(&parts, &origin);
    let occasion = Occasion::of(&visitor, client(&tenant, recovery.client_id.as_deref()));
    match recovery::change(&tenant, &code, password.clone().into(), &occasion).await {
        Ok(Recovered { result_url: Some(url), .. }) => form::sent_on(&tenant, &parts, &origin, url, None),
        Ok(recovered) => changed(&tenant, &parts, &recovered),
        Err(Error::Password(refusal)) => {
            let key = match *refusal {
                PasswordRefusal::TooWeak(_) => "password-too-weak",
                PasswordRefusal::TooCommon => "password-too-common",
                PasswordRefusal::HoldsUserInfo => "password-contains-user-information",
                PasswordRefusal::UsedBefore => "password-previously-used",
                PasswordRefusal::Leaked => "password-breached",
                PasswordRefusal::Unfit(_) => "password-policy-not-conformant",
            };
            let tried = (key == "password-too-weak").then_some(password.as_str());
            page(&tenant, &parts, &code, &recovery, Some((key, tried)))
        }
        Err(Error::Refused { code: Code::Busy, .. }) => {
            problem(&tenant, &parts, StatusCode::TOO_MANY_REQUESTS, Screen::BUSY)
        }
        Err(Error::Refused { .. }) => spent(&tenant, &parts),
        Err(error) => form::broken(&tenant, &parts, &error),
    }
}

/// The form, and what is wrong with what was filled in: the key of the words, and the password that breaks a rule.
fn page(
    tenant: &Tenant,
    parts: &Parts,
    code: &str,
    recovery: &Recovery,
    wrong: Option<(&str, Option<&str>)>,
) -> Response {
    let client = client(tenant, recovery.client_id.as_deref());
    let page = Page::new(tenant, parts, Screen::RESET, client.as_deref(), None).wrong(wrong.is_some());
    let page = page.leading_to(recovery.result_url.as_deref().unwrap_or_default());
    let connection = tenant.snapshot().connection(&recovery.connection).cloned();
    let content = ResetPage {
        action: form::prefix(parts).path(&format!("{PATH}?{TICKET}={code}")),
        problem: wrong.map(|(key, _)| page.text(key)),
        name: recovery.email.as_deref().unwrap_or_default(),
        rules: rules::of(&page, connection.as_deref(), wrong.and_then(|(_, tried)| tried)),
        page: &page,
    };
    let status = if wrong.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    page.answer(status, &content)
}

/// The form as it is before anything is filled in, to be looked at.
pub fn shown(
    tenant: &Tenant,
    parts: &Parts,
    email: &str,
    connection: Option<&RegisteredConnection>,
) -> Response {
    let page = Page::new(tenant, parts, Screen::RESET, None, None);
    let rules = rules::of(&page, connection, None);
    let content = ResetPage { page: &page, action: "#".into(), problem: None, name: email, rules };
    page.answer(StatusCode::OK, &content)
}

fn changed(tenant: &Tenant, parts: &Parts, recovered: &Recovered) -> Response {
    let client = client(tenant, recovered.client_id.as_deref());
    let page = Page::new(tenant, parts, Screen::RESET_DONE, client.as_deref(), None);
    crate::message::said(&page, StatusCode::OK, home(&page, client.as_deref()))
}

/// The application's own page, if it says where that is.
pub fn home(page: &Page, client: Option<&RegisteredClient>) -> Option<(String, String)> {
    let address = client?.view.initiate_login_uri.clone().filter(|uri| uri.starts_with("https:"))?;
    Some((address, page.text("buttonText")))
}

fn spent(tenant: &Tenant, parts: &Parts) -> Response {
    let page = Page::new(tenant, parts, Screen::RESET_FAILED, None, None).wrong(true);
    let (title, description) = (page.text("eventTitleGeneric"), page.text("descriptionGeneric"));
    let message = Message { page: &page, is_good: false, title, description, details: None, link: None };
    page.answer(StatusCode::BAD_REQUEST, &message)
}

pub fn client(tenant: &Tenant, id: Option<&str>) -> Option<Arc<RegisteredClient>> {
    id.and_then(|id| tenant.snapshot().client(id).cloned())
}

pub const PATH: &str = "/u/reset-verify";
const TICKET: &str = "ticket";
