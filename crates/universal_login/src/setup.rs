//! `/u/setup`: where somebody who was given a link becomes an administrator, or chooses another password. There is such
//! a page in the built-in tenant only.

use askama::Template;
use axum::{
    Extension,
    body::Body,
    response::{IntoResponse, Redirect, Response},
};
use http::{StatusCode, request::Parts};
use idp::{
    Error, Tenant,
    invitation::{self, Invitation},
    tenants::ADMINISTRATORS,
};
use web::Origin;

use crate::{form, message::Message, page::Page, screen::Screen, text};

#[derive(Template)]
#[template(path = "setup.html")]
struct SetupPage<'a> {
    action: String,
    heading: &'static str,
    under: &'static str,
    button: &'static str,
    code: &'a str,
    /// Whether the code was looked up and is good, so that nobody has to see it.
    is_known: bool,
    email: &'a str,
    /// Whether the address stands already and is not asked for.
    is_named: bool,
    /// Whether this makes the server's first administrator, who also says what the server is for.
    is_first: bool,
    problem: Option<&'a str>,
}

/// Whether nobody can log in, because nobody administers yet.
pub async fn is_waiting(tenant: &Tenant) -> bool {
    tenant.name() == ADMINISTRATORS && matches!(invitation::has_administrators(tenant).await, Ok(false))
}

/// Goes there from another page.
pub fn instead(parts: &Parts) -> Response {
    Redirect::to(&form::prefix(parts).path("/u/setup")).into_response()
}

/// Shows the page: to whoever has a code that is good, and to anybody while nobody administers.
pub async fn show(Extension(tenant): Extension<Tenant>, parts: Parts) -> Response {
    let query = web::form(parts.uri.query().unwrap_or_default().as_bytes()).ok();
    let mut query = query.and_then(|pairs| web::unique(pairs).ok()).unwrap_or_default();
    let code = query.remove("code").unwrap_or_default();
    match standing(&tenant, &code).await {
        Ok(Standing::Nothing) => nothing(),
        Ok(standing) => {
            let wrong = (!code.is_empty() && matches!(standing, Standing::Unknown)).then_some(text::SPENT);
            page(&parts, &standing, &code, "", wrong.map(|words| (StatusCode::BAD_REQUEST, words)))
        }
        Err(error) => form::broken(&tenant, &parts, &error),
    }
}

/// Takes what was filled in, and goes on to the dashboard.
pub async fn answer(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
    body: Body,
) -> Response {
    let mut filled = match form::posted(&tenant, &parts, &origin, body).await {
        Ok(filled) => filled,
        Err(refusal) => return refusal,
    };
    let mut field = |name: &str| filled.remove(name).unwrap_or_default();
    let (code, email, password) = (field("code"), field("username"), field("password"));
    // People type what they read, spaces around it included.
    let code = code.trim();
    let standing = match standing(&tenant, code).await {
        Ok(Standing::Nothing) => return nothing(),
        Ok(standing) => standing,
        Err(error) => return form::broken(&tenant, &parts, &error),
    };
    let visitor = form::visitor(&parts, &origin);
    match invitation::accept(&tenant, code, &email, password.into(), &visitor).await {
        Ok(cookie) => {
            let next = match &standing {
                Standing::Known(invitation) if invitation.email.is_none() => {
                    welcome(&field("environment"), &field("sample"))
                }
                _ => "/dashboard/".to_owned(),
            };
            form::sent_on(&tenant, &parts, &origin, next, Some(cookie))
        }
        Err(Error::Refused { description, .. }) => {
            page(&parts, &standing, code, &email, Some((StatusCode::BAD_REQUEST, &description)))
        }
        Err(error) => form::broken(&tenant, &parts, &error),
    }
}

/// What a code is worth here.
enum Standing {
    Known(Invitation),
    /// Nobody administers, and this is not the code that was printed.
    Unknown,
    /// There is nothing to set up.
    Nothing,
}

async fn standing(tenant: &Tenant, code: &str) -> idp::Result<Standing> {
    if tenant.name() != ADMINISTRATORS {
        return Ok(Standing::Nothing);
    }
    Ok(match invitation::read(tenant, code).await? {
        Some(invitation) => Standing::Known(invitation),
        None if invitation::has_administrators(tenant).await? => Standing::Nothing,
        None => Standing::Unknown,
    })
}

fn page(
    parts: &Parts,
    standing: &Standing,
    code: &str,
    email: &str,
    wrong: Option<(StatusCode, &str)>,
) -> Response {
    let invitation = match standing {
        Standing::Known(invitation) => Some(invitation),
        Standing::Unknown | Standing::Nothing => None,
    };
    let named = invitation.and_then(|invitation| invitation.email.as_deref());
    let is_reset = invitation.is_some_and(|invitation| invitation.user_id.is_some());
    let (heading, under, button) = match (named, is_reset) {
        (_, true) => (text::CHOOSE_PASSWORD, text::CHOOSE_PASSWORD_WHY, text::CHOOSE_PASSWORD),
        (Some(_), false) => (text::JOIN, text::JOIN_WHY, text::JOIN_DO),
        (None, false) => (text::SET_UP, text::SET_UP_WHY, text::SET_UP_DO),
    };
    let page = Page::of_nobody(Screen::SETUP).titled(heading).wrong(wrong.is_some());
    let template = SetupPage {
        action: form::prefix(parts).path("/u/setup"),
        heading,
        under,
        button,
        code,
        is_known: invitation.is_some(),
        email: named.unwrap_or(email),
        is_named: named.is_some(),
        is_first: named.is_none(),
        problem: wrong.map(|(_, words)| words),
    };
    page.answer(wrong.map_or(StatusCode::OK, |(status, _)| status), &template)
}

/// Where the dashboard makes what the first administrator asked for; it is the Management API that does it.
fn welcome(environment: &str, sample: &str) -> String {
    let environment =
        if ENVIRONMENTS.iter().any(|(name, _)| *name == environment) { environment } else { "development" };
    let sample = if sample.is_empty() { "" } else { "&sample=1" };
    format!("/dashboard/?welcome=1&environment={environment}{sample}")
}

/// What the first tenant may be for.
const ENVIRONMENTS: [(&str, &str); 3] =
    [("development", text::DEVELOPMENT), ("staging", text::STAGING), ("production", text::PRODUCTION)];

fn nothing() -> Response {
    let page = Page::of_nobody(Screen::SETUP).titled(text::NOTHING_HERE).wrong(true);
    let (title, description) = (text::NOTHING_HERE.to_owned(), text::NOTHING_HERE_WHY.to_owned());
    let message = Message { page: &page, is_good: false, title, description, details: None, link: None };
    page.answer(StatusCode::NOT_FOUND, &message)
}
