//! What the page of each step shows.

use std::sync::Arc;

use askama::Template;
use axum::response::Response;
use http::{StatusCode, request::Parts};
use idp::{
    Code, Error, Tenant, Visitor, authorize,
    connection::RegisteredConnection,
    login::{Login, Step},
    session,
    tenants::ADMINISTRATORS,
};
use model::User;
use schema::Object;

use super::Filled;
use crate::{
    form,
    identifiers::{self, Identifiers, Wanted},
    message::{Message, ended},
    page::Page,
    question::{self, Question},
    rules::{self, Told},
    screen::Screen,
    text::FORGOTTEN_COMMAND,
};

/// Who logs in, and with which password.
#[derive(Template)]
#[template(path = "login.html")]
struct Credentials<'a> {
    page: &'a Page,
    action: String,
    state: &'a str,
    problem: Option<String>,
    asks_name: bool,
    asks_password: bool,
    identifiers: Identifiers,
    label: String,
    name: &'a str,
    forgot: Option<String>,
    signup: Option<String>,
    edit: Option<String>,
    /// What administrators do without their password.
    forgotten: Option<(String, &'static str)>,
}

/// What a new account needs.
#[derive(Template)]
#[template(path = "signup.html")]
struct SignUp<'a> {
    page: &'a Page,
    action: String,
    state: &'a str,
    problem: Option<String>,
    wanted: Vec<Wanted>,
    rules: Vec<Told>,
    login: String,
}

/// Whose password is to be chosen anew.
#[derive(Template)]
#[template(path = "reset_request.html")]
struct ResetRequest<'a> {
    page: &'a Page,
    action: String,
    state: &'a str,
    problem: Option<String>,
    description: String,
    identifiers: Identifiers,
    label: String,
    name: &'a str,
    login: String,
}

/// What went wrong with an answer: the status, and what is said.
pub struct Wrong {
    status: StatusCode,
    key: &'static str,
    /// What stands beside the words, if it is better than they are.
    words: Option<String>,
    is_about_rules: bool,
}

impl Wrong {
    /// A field is empty.
    pub fn missing(key: &'static str) -> Wrong {
        Wrong { status: StatusCode::BAD_REQUEST, key, words: None, is_about_rules: false }
    }

    pub fn of(login: &Login, code: Code, field: Option<&str>, problems: Option<&Object>) -> Wrong {
        let problem = problems.and_then(|problems| problems.get("name")).and_then(|name| name.as_str());
        let key = match (problem, code, field) {
            (Some("PasswordStrengthError"), ..) => "password-too-weak",
            (Some("PasswordDictionaryError"), ..) => "password-too-common",
            (Some("PasswordNoUserInfoError"), ..) => "password-contains-user-information",
            (Some("PasswordHistoryError"), ..) => "password-previously-used",
            (Some("PasswordLeakedError"), ..) | (_, Code::PasswordLeaked, _) => "password-breached",
            (_, Code::AccountClosed, _) => "user-blocked",
            (_, Code::TooManyAttempts, _) => "ip-blocked",
            (_, Code::UsernameExists, _) => "username-taken",
            (_, Code::UserExists | Code::InvalidSignup, _) => "user-exists",
            (_, Code::InvalidGrant, _) => "wrong-credentials",
            (_, _, Some("email")) => "invalid-email",
            (_, _, Some("username")) => "invalid-username",
            (_, _, Some("phone_number")) => "invalid-phone",
            (_, _, Some("password")) => "password-policy-not-conformant",
            (_, _, _) => "authentication-failure",
        };
        let status = match code {
            Code::TooManyAttempts | Code::AccountClosed => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::BAD_REQUEST,
        };
        let is_about_rules = key == "password-too-weak" && login.step == Step::SignUp;
        let words = match code {
            Code::ExtensibilityError | Code::HookError => {
                problems.and_then(|problems| problems.get("description")?.as_str()).map(str::to_owned)
            }
            _ => None,
        };
        Wrong { status, key, words, is_about_rules }
    }
}

/// The page for the step at which a login stands.
pub async fn page(
    tenant: &Tenant,
    parts: &Parts,
    (state, login): (&str, &Login),
    visitor: &Visitor,
    filled: &Filled,
    wrong: Option<Wrong>,
) -> Response {
    let client = login.asked.client_id.as_deref().and_then(|id| tenant.snapshot().client(id).cloned());
    // A client that was deleted meanwhile: nobody is waiting for this login any more.
    let Some(client) = client else { return ended(tenant, parts) };
    let Some(screen) = screen(&login.step) else { return ended(tenant, parts) };
    let page = Page::new(tenant, parts, screen, Some(&client), login.asked.ui_locales.as_deref());
    let page = page.leading_to(&login.callback).wrong(wrong.is_some());
    // Who they are is said to those who have proved it.
    let page = match login.step.is_before_proof() {
        true => page,
        false => match session::of(tenant, visitor).await {
            Ok(Some((_, user))) => page.with("userName", called(&user)),
            Ok(None) => page,
            Err(error) => return form::broken(tenant, parts, &error),
        },
    };
    let connection = connection(tenant, login, &client.view.client_id);
    let connection = connection.as_deref();
    let identifiers = Identifiers::of(connection);
    let prefix = form::prefix(parts);
    let link = |path: &str| prefix.path(&format!("{path}?state={state}"));
    let action = link(login.step.path());
    let status = wrong.as_ref().map_or(StatusCode::OK, |wrong| wrong.status);
    let problem = wrong.as_ref().map(|wrong| {
        let key = match wrong.key {
            "wrong-credentials" if identifiers.is_email_only() => "wrong-email-credentials",
            "no-username" if identifiers.is_email_only() => "no-email",
            key => key,
        };
        wrong.words.clone().unwrap_or_else(|| page.text(key))
    });
    let options = connection.and_then(RegisteredConnection::database);
    let may_sign_up = options.is_some_and(|options| options.disable_signup != Some(true));
    let may_reset = options.is_some_and(|options| options.disable_self_service_change_password != Some(true));
    let is_administration = tenant.name() == ADMINISTRATORS;
    let hint = login.asked.login_hint.as_deref().unwrap_or_default();
    let name = if filled.username.is_empty() { hint } else { &filled.username };
    match &login.step {
        Step::Identifier | Step::Credentials | Step::Password { .. } => {
            let (asks_name, asks_password, name) = match &login.step {
                Step::Identifier => (true, false, name),
                Step::Password { identifier, .. } => (false, true, identifier.as_str()),
                _ => (true, true, name),
            };
            let content = Credentials {
                action,
                state,
                problem,
                asks_name,
                asks_password,
                identifiers,
                label: identifiers.label(&page),
                name,
                forgot: (asks_password && may_reset && !is_administration)
                    .then(|| link(Step::ResetRequest.path())),
                signup: (asks_name && may_sign_up && !is_administration).then(|| link(Step::SignUp.path())),
                edit: (!asks_name).then(|| link(Step::Identifier.path())),
                forgotten: is_administration
                    .then(|| (page.text("forgottenAdministrator"), FORGOTTEN_COMMAND)),
                page: &page,
            };
            page.answer(status, &content)
        }
        Step::SignUp => {
            let given = |name: &str| match name {
                "email" if filled.email.is_empty() && hint.contains('@') => hint.to_owned(),
                "email" => filled.email.clone(),
                "phone" => filled.phone.clone(),
                _ => filled.username.clone(),
            };
            let is_tried = wrong.as_ref().is_some_and(|wrong| wrong.is_about_rules);
            let content = SignUp {
                action,
                state,
                problem,
                wanted: identifiers::wanted(&page, connection, &given),
                rules: rules::of(&page, connection, is_tried.then_some(filled.password.as_str())),
                login: link(first(tenant).path()),
                page: &page,
            };
            page.answer(status, &content)
        }
        Step::ResetRequest => {
            let description =
                if identifiers.is_email_only() { "descriptionEmail" } else { "descriptionUsername" };
            let content = ResetRequest {
                action,
                state,
                problem,
                description: page.text(description),
                identifiers,
                label: identifiers.label(&page),
                name,
                login: link(first(tenant).path()),
                page: &page,
            };
            page.answer(status, &content)
        }
        Step::ResetSent { email } => {
            let (title, again) = (page.text("title"), page.text("resendLinkText"));
            let description = page.text_with("emailDescription", &[("email", email.clone())]);
            let link = Some((link(Step::ResetRequest.path()), again));
            let content = Message { page: &page, is_good: true, title, description, details: None, link };
            page.answer(status, &content)
        }
        Step::Consent => {
            let shown = match authorize::requested(tenant, login, visitor).await {
                Ok(shown) => shown,
                Err(Error::Refused { .. }) => return ended(tenant, parts),
                Err(error) => return form::broken(tenant, parts, &error),
            };
            let question = Question {
                action,
                hidden: ("state", state),
                title: page.text("title"),
                description: page.text("messageSingleTenant"),
                code: None,
                lines: question::lines(&page, shown.scopes.into_iter()),
                note: (!client.view.is_first_party).then(|| page.text("thirdParty")),
                accept: ("accept", page.text("acceptButtonText")),
                deny: Some(("deny", page.text("declineButtonText"))),
            };
            page.answer(status, &question)
        }
        Step::Confirm => {
            let question = Question {
                action,
                hidden: ("state", state),
                title: page.text("title"),
                description: page.text("description"),
                code: None,
                lines: Vec::new(),
                note: Some(page.text_with("warning", &[("callback", login.callback.clone())])),
                accept: ("accept", page.text("acceptButtonText")),
                deny: Some(("deny", page.text("declineButtonText"))),
            };
            page.answer(status, &question)
        }
        Step::Redirected { .. } | Step::Done { .. } => ended(tenant, parts),
    }
}

/// The prompt and the screen of a step.
fn screen(step: &Step) -> Option<Screen> {
    Some(match step {
        Step::Identifier => Screen::IDENTIFIER,
        Step::Password { .. } => Screen::PASSWORD,
        Step::Credentials => Screen::LOGIN,
        Step::SignUp => Screen::SIGNUP,
        Step::ResetRequest => Screen::RESET_REQUEST,
        Step::ResetSent { .. } => Screen::RESET_SENT,
        Step::Consent => Screen::CONSENT,
        Step::Confirm => Screen::CONFIRMATION,
        Step::Redirected { .. } | Step::Done { .. } => return None,
    })
}

/// What somebody is called, as far as it is known.
fn called(user: &User) -> String {
    let names = [&user.name, &user.email, &user.username, &user.phone_number];
    names.into_iter().flatten().find(|name| !name.is_empty()).cloned().unwrap_or_default()
}

/// Where people begin to log in.
fn first(tenant: &Tenant) -> Step {
    if tenant.snapshot().pages.is_identifier_first() { Step::Identifier } else { Step::Credentials }
}

/// The database that a login is about: the one that was asked for, or the first that the client may use.
fn connection(tenant: &Tenant, login: &Login, client_id: &str) -> Option<Arc<RegisteredConnection>> {
    let snapshot = tenant.snapshot();
    let name = match &login.step {
        Step::Password { connection, .. } => Some(connection.as_str()),
        _ => login.connection.as_deref(),
    };
    let named = name.and_then(|name| snapshot.connection(name).cloned());
    named.or_else(|| {
        snapshot.connections_of(client_id).into_iter().find(|connection| connection.is_database())
    })
}
