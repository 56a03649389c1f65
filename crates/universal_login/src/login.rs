//! `/u/login`: the page for the step at which a login stands, and the answer to it.

use askama::Template;
use axum::{Extension, body::Body, response::Response};
use http::{StatusCode, request::Parts};
use idp::{
    Code, Error, Tenant,
    login::{self, Advanced, Input, Login, Step},
    tenants::ADMINISTRATORS,
};
use web::Origin;

use crate::{
    form,
    message::problem,
    page::Page,
    setup,
    text::{self, to_continue},
};

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    page: &'a Page,
    action: String,
    state: &'a str,
    to_continue: String,
    email: &'a str,
    problem: Option<&'static str>,
    /// What to do without the password.
    forgotten: Option<&'static str>,
}

/// Shows the page.
pub async fn show(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
) -> Response {
    let visitor = form::visitor(&parts, &origin);
    let Some(state) = state(parts.uri.query().unwrap_or_default().as_bytes()) else { return ended() };
    match login::read(&tenant, &state, &visitor).await {
        Ok(Some(_)) if setup::is_waiting(&tenant).await => setup::instead(&parts),
        Ok(Some(login)) => {
            let email = login.asked.login_hint.clone().unwrap_or_default();
            page(&tenant, &parts, &state, &login, &email, None)
        }
        Ok(None) => ended(),
        Err(error) => form::broken(&tenant, &error),
    }
}

/// Takes what was filled in.
pub async fn answer(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
    body: Body,
) -> Response {
    let fields = match form::posted(&parts, &origin, body).await {
        Ok(fields) => fields,
        Err(refusal) => return refusal,
    };
    let Some(filled) = filled(&parts, fields) else { return form::unreadable() };
    let visitor = form::visitor(&parts, &origin);
    let login = match login::read(&tenant, &filled.state, &visitor).await {
        Ok(Some(login)) => login,
        Ok(None) => return ended(),
        Err(error) => return form::broken(&tenant, &error),
    };
    let Filled { state, email, password } = filled;
    let input = Input::Credentials { identifier: email.clone(), password: password.into() };
    match login::advance(&tenant, &state, &login, input, &visitor).await {
        Ok(Advanced::Again { code, .. }) => {
            let (status, words) = match code {
                Code::TooManyAttempts => (StatusCode::TOO_MANY_REQUESTS, text::TOO_MANY),
                _ => (StatusCode::BAD_REQUEST, text::WRONG),
            };
            page(&tenant, &parts, &state, &login, &email, Some((status, words)))
        }
        Ok(Advanced::Next { step, cookie }) => {
            let path = form::prefix(&parts).path(&format!("{}?state={state}", step.path()));
            form::sent_on(&tenant, &parts, &origin, path, cookie)
        }
        Ok(Advanced::Return { answer, cookie }) => form::returned(&tenant, &parts, &origin, answer, cookie),
        Err(Error::Refused { .. }) => ended(),
        Err(error) => form::broken(&tenant, &error),
    }
}

/// The page for the step at which a login stands.
fn page(
    tenant: &Tenant,
    parts: &Parts,
    state: &str,
    login: &Login,
    email: &str,
    wrong: Option<(StatusCode, &'static str)>,
) -> Response {
    match login.step {
        Step::Credentials => {}
        Step::Identifier
        | Step::Password { .. }
        | Step::SignUp
        | Step::ResetRequest
        | Step::ResetSent { .. }
        | Step::Consent
        | Step::Confirm
        | Step::Redirected { .. }
        | Step::Done { .. } => return ended(),
    }
    let client = login.asked.client_id.as_deref().and_then(|id| tenant.snapshot().client(id).cloned());
    // A client that was deleted meanwhile: nobody is waiting for this login any more.
    let Some(client) = client else { return ended() };
    let title = if wrong.is_some() { text::problem(text::LOG_IN) } else { text::LOG_IN.to_owned() };
    let page = Page::new(title).leading_to(&login.callback);
    let template = LoginPage {
        page: &page,
        action: form::prefix(parts).path(&format!("/u/login?state={state}")),
        state,
        to_continue: to_continue(&client.view.name),
        email,
        problem: wrong.map(|(_, words)| words),
        forgotten: (tenant.name() == ADMINISTRATORS).then_some(text::FORGOTTEN),
    };
    page.answer(wrong.map_or(StatusCode::OK, |(status, _)| status), &template)
}

/// What was filled in.
struct Filled {
    state: String,
    email: String,
    password: String,
}

/// What the fields say; what the address and the form call the login must be the same.
fn filled(parts: &Parts, mut fields: form::Fields) -> Option<Filled> {
    let asked = state(parts.uri.query().unwrap_or_default().as_bytes())?;
    let state = fields.remove("state").filter(|state| *state == asked)?;
    let (email, password) = (fields.remove("username")?, fields.remove("password")?);
    Some(Filled { state, email, password })
}

/// What a login is known by, from the query.
fn state(query: &[u8]) -> Option<String> {
    let state = web::unique(web::form(query).ok()?).ok()?.remove("state")?;
    let is_ours = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (state.len() <= 64 && state.bytes().all(is_ours)).then_some(state)
}

fn ended() -> Response {
    problem(StatusCode::BAD_REQUEST, text::ENDED, text::ENDED_WHY)
}
