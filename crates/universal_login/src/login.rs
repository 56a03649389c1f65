//! The pages of a login: each shows the step at which it stands, and takes the answer to it.

mod content;
mod filled;

use axum::{Extension, body::Body, response::Response};
use http::{StatusCode, request::Parts};
use idp::{
    Code, Error, Tenant, Visitor,
    login::{self, Advanced, Input, Login, Step, To},
    tenants::ADMINISTRATORS,
};
use web::Origin;

use self::{content::Wrong, filled::Filled};
use crate::{
    form,
    message::{ended, problem},
    screen::Screen,
    setup,
};

/// The steps that have a page, by its path.
pub const PATHS: [&str; 8] = [
    "/u/login",
    "/u/login/identifier",
    "/u/login/password",
    "/u/signup",
    "/u/reset-password/request",
    "/u/reset-password/email",
    "/u/consent",
    "/u/confirmation",
];

/// Shows the page of the step at which a login stands. A link to another page is followed, where one may lead there.
pub async fn show(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
) -> Response {
    let visitor = form::visitor(&parts, &origin);
    let Some(state) = form::code(&parts, "state") else { return ended(&tenant, &parts) };
    match login::read(&tenant, &state, &visitor).await {
        Ok(Some(_)) if tenant.name() == ADMINISTRATORS && setup::is_waiting(&tenant).await => {
            setup::instead(&parts)
        }
        Ok(Some(login)) => match standing(&tenant, &parts, &state, login, &visitor).await {
            Ok(Standing::Here(login)) => {
                content::page(&tenant, &parts, (&state, &login), &visitor, &Filled::default(), None).await
            }
            Ok(Standing::Elsewhere(step)) => on_to(&tenant, &parts, &origin, &state, &step, None),
            Err(Error::Refused { .. }) => ended(&tenant, &parts),
            Err(error) => form::broken(&tenant, &parts, &error),
        },
        Ok(None) => ended(&tenant, &parts),
        Err(error) => form::broken(&tenant, &parts, &error),
    }
}

/// Takes what was filled in.
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
    let asked = form::code(&parts, "state");
    // What the address and the form call the login must be the same.
    let Some((state, filled)) = filled::read(asked, fields) else { return form::unreadable(&tenant, &parts) };
    let visitor = form::visitor(&parts, &origin);
    let login = match login::read(&tenant, &state, &visitor).await {
        Ok(Some(login)) => login,
        Ok(None) => return ended(&tenant, &parts),
        Err(error) => return form::broken(&tenant, &parts, &error),
    };
    let login = match standing(&tenant, &parts, &state, login, &visitor).await {
        Ok(Standing::Here(login)) => login,
        Ok(Standing::Elsewhere(step)) => return on_to(&tenant, &parts, &origin, &state, &step, None),
        Err(Error::Refused { .. }) => return ended(&tenant, &parts),
        Err(error) => return form::broken(&tenant, &parts, &error),
    };
    let input = match filled.input(&login.step) {
        Ok(input) => input,
        Err(missing) => {
            let wrong = Wrong::missing(missing);
            return content::page(&tenant, &parts, (&state, &login), &visitor, &filled, Some(wrong)).await;
        }
    };
    match login::advance(&tenant, &state, &login, input, &visitor).await {
        Ok(Advanced::Again { code, field, problems }) => {
            let wrong = Wrong::of(&login, code, field, problems.as_ref());
            content::page(&tenant, &parts, (&state, &login), &visitor, &filled, Some(wrong)).await
        }
        Ok(Advanced::Next { step, cookie }) => on_to(&tenant, &parts, &origin, &state, &step, cookie),
        Ok(Advanced::Return { answer, cookie }) => form::returned(&tenant, &parts, &origin, answer, cookie),
        Err(Error::Refused { code: Code::Busy, .. }) => {
            problem(&tenant, &parts, StatusCode::TOO_MANY_REQUESTS, Screen::BUSY)
        }
        Err(Error::Refused { code: Code::TooManyAttempts | Code::TooManyRequests, .. }) => {
            problem(&tenant, &parts, StatusCode::TOO_MANY_REQUESTS, Screen::TOO_MANY)
        }
        Err(Error::Refused { .. }) => ended(&tenant, &parts),
        Err(error) => form::broken(&tenant, &parts, &error),
    }
}

/// The page of a login that nobody has begun, to be looked at.
pub async fn shown(tenant: &Tenant, parts: &Parts, origin: &Origin, login: &Login) -> Response {
    let visitor = form::visitor(parts, origin);
    content::page(tenant, parts, ("", login), &visitor, &Filled::default(), None).await
}

/// Whether the page that was asked for is the one at which the login stands.
enum Standing {
    Here(Box<Login>),
    Elsewhere(Step),
}

/// Goes to the page that was asked for, if that is one of those between which people go to and fro.
async fn standing(
    tenant: &Tenant,
    parts: &Parts,
    state: &str,
    mut login: Login,
    visitor: &Visitor,
) -> idp::Result<Standing> {
    let path = parts.uri.path();
    if login.step.path() == path {
        return Ok(Standing::Here(Box::new(login)));
    }
    let linked = [Step::Identifier, Step::Credentials, Step::SignUp, Step::ResetRequest];
    let Some(step) = linked.into_iter().find(|step| step.path() == path) else {
        return Ok(Standing::Elsewhere(login.step));
    };
    if !login.step.is_before_proof() {
        return Ok(Standing::Elsewhere(login.step));
    }
    match login::advance(tenant, state, &login, Input::GoTo(step), visitor).await? {
        Advanced::Next { step, .. } if step.path() == path => {
            login.step = step;
            Ok(Standing::Here(Box::new(login)))
        }
        Advanced::Next { step, .. } => Ok(Standing::Elsewhere(step)),
        Advanced::Again { .. } | Advanced::Return { .. } => Ok(Standing::Elsewhere(login.step)),
    }
}

/// To the page of a step, or where customers' code sends the browser.
fn on_to(
    tenant: &Tenant,
    parts: &Parts,
    origin: &Origin,
    state: &str,
    step: &Step,
    cookie: Option<idp::session::Cookie>,
) -> Response {
    let url = match step.leads(state) {
        To::Page(path) => form::prefix(parts).path(&path),
        To::Away(url) => url,
    };
    form::sent_on(tenant, parts, origin, url, cookie)
}
