//! A login, from the page that asks who is there to the answer that the application gets: a state machine whose steps are
//! values. Which page is shown is a function of the step and of nothing else.

mod event;
mod handed;
mod prove;
mod step;

use model::{LogType, User};
use schema::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Session;

pub use self::{
    handed::{by_ticket, ticket_for},
    step::{Advanced, Input, Purpose, Step},
};
use crate::{
    Code, Error, Result, Tenant,
    authorize::{self, Asked, Next, Reply},
    bearer,
    connection::database::SignUp,
    pipeline::{Go, Method},
    protection,
    session::{self, Cookie, Proof},
    ticket, user,
    visitor::Visitor,
};

/// A login that was begun, and for whom.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Login {
    pub asked: Asked,
    /// Where the browser will be sent back to.
    pub callback: String,
    pub step: Step,
    pub purpose: Purpose,
    /// The name of the connection that people have to come by, if it is only one.
    pub connection: Option<String>,
    /// The session of whoever has proved who they are.
    #[serde(default)]
    pub session_id: Option<String>,
    /// What customers' code decided.
    #[serde(default)]
    pub decided: Option<Go>,
    /// What customers' code wants to see again when somebody comes back who was sent away, and what they bring along.
    #[serde(default)]
    pub kept: Option<Value>,
    #[serde(default)]
    pub brought: Object,
    /// Whether a page of ours has been shown, so that somebody knows what goes on.
    #[serde(default)]
    pub was_shown: bool,
    /// Whether somebody has answered the question of consent.
    #[serde(default)]
    pub is_consented: bool,
    /// The hash of what the device cookie of the browser holds that began it.
    #[serde(default)]
    device: String,
}

/// A login that somebody has to go on with.
#[derive(Debug)]
pub struct Begun {
    pub to: To,
    /// What the browser's device cookie is to hold.
    pub device: String,
}

/// Where a browser goes next.
#[derive(Debug)]
pub enum To {
    /// A page of ours, below the tenant's path.
    Page(String),
    /// An address that customers' code chose.
    Away(String),
}

impl Login {
    /// A login that stands at its first step.
    pub fn new(tenant: &Tenant, asked: &Asked, callback: &str, purpose: Purpose) -> Login {
        Login {
            asked: asked.clone(),
            callback: callback.to_owned(),
            step: step::first(tenant, asked),
            purpose,
            connection: asked.connection.clone().filter(|name| !name.is_empty()),
            session_id: None,
            decided: None,
            kept: None,
            brought: Object::new(),
            was_shown: false,
            is_consented: false,
            device: String::new(),
        }
    }
}

/// Keeps a login that this browser has to go on with.
pub async fn begin(tenant: &Tenant, login: Login, visitor: &Visitor) -> Result<Begun> {
    if !protection::may_begin(tenant, visitor.ip).await? {
        return Code::TooManyAttempts
            .refuse("Too many logins were begun from here. Try again in half an hour.");
    }
    let device = visitor.devices.iter().find(|device| authorize::is_verifier(device)).cloned();
    let device = device.unwrap_or_else(bearer::make);
    let login = Login { device: bearer::hash(&device), was_shown: true, ..login };
    let state = ticket::issue(tenant, KIND, &login, LIFETIME).await?;
    Ok(Begun { to: login.step.leads(&state), device })
}

/// The login that is known by this, if this browser began it and it has not ended.
pub async fn read(tenant: &Tenant, state: &str, visitor: &Visitor) -> Result<Option<Login>> {
    let login: Option<Login> = ticket::read(tenant, KIND, state).await?;
    let is_bound = |login: &Login| visitor.devices.iter().any(|device| bearer::hash(device) == login.device);
    Ok(login.filter(is_bound))
}

/// Takes an answer to the page at which a login stands.
pub async fn advance(
    tenant: &Tenant,
    state: &str,
    login: &Login,
    input: Input,
    visitor: &Visitor,
) -> Result<Advanced> {
    let attempt = match (&login.step, input) {
        (Step::Credentials, Input::Credentials { identifier, password }) => {
            prove::password(tenant, login, &identifier, password, visitor).await
        }
        (Step::Password { identifier, .. }, Input::Password(password)) => {
            prove::password(tenant, login, identifier, password, visitor).await
        }
        (Step::SignUp, Input::SignUp { email, username, phone_number, password }) => {
            let wanted = SignUp { email, username, phone_number, ..SignUp::with(password) };
            prove::sign_up(tenant, login, wanted, visitor).await
        }
        (Step::Identifier, Input::Identifier(identifier)) => {
            let connection = prove::connection(tenant, login)?.view.name.clone();
            return go_to(tenant, state, login, Step::Password { identifier, connection }).await;
        }
        (Step::ResetRequest, Input::ResetRequest(identifier)) => {
            prove::reset(tenant, login, &identifier, visitor).await?;
            return go_to(tenant, state, login, Step::ResetSent { email: identifier }).await;
        }
        (step, Input::GoTo(next)) if step.is_before_proof() && next.is_linked() => {
            return go_to(tenant, state, login, next).await;
        }
        (Step::Consent | Step::Confirm, Input::Accept) => {
            return accepted(tenant, state, login, visitor).await;
        }
        (Step::Consent | Step::Confirm, Input::Deny) => {
            return refused(tenant, state, login, denied(), visitor).await;
        }
        (step, input) => {
            return Code::InvalidRequest.refuse(format!("{} is no answer to {step:?}", input.name()));
        }
    };
    match attempt {
        Ok(user) => proved(tenant, state, login, user, visitor).await,
        Err(Error::Password(refusal)) => {
            let problems = refusal.body().as_object().cloned();
            Ok(Advanced::Again { code: Code::InvalidPassword, field: Some("password"), problems })
        }
        Err(Error::Refused { code: code @ (Code::ExtensibilityError | Code::HookError), description }) => {
            // Customers' code says itself what is to be read.
            let problems = Object::from_iter([("description".to_owned(), Value::from(description.as_ref()))]);
            Ok(Advanced::Again { code, field: None, problems: Some(problems) })
        }
        Err(Error::Refused { code, .. }) if code.is_mended_by_trying_again() => {
            Ok(Advanced::Again { code, field: None, problems: None })
        }
        Err(error @ Error::Refused { .. }) => refused(tenant, state, login, error, visitor).await,
        Err(error) => Err(error),
    }
}

/// Goes on with a login whose browser comes back from where customers' code sent it, with what it brings along. What it is
/// known by is good once.
pub async fn resume(
    tenant: &Tenant,
    state: &str,
    brought: Object,
    visitor: &Visitor,
) -> Result<Option<Advanced>> {
    let login = read(tenant, state, visitor).await?;
    let Some(login) = login.filter(|login| matches!(login.step, Step::Redirected { .. })) else {
        return Ok(None);
    };
    let Some((session, user)) = session_of(tenant, &login, visitor).await? else { return Ok(None) };
    let kept = end(tenant, state).await?;
    let login = Login { brought, ..login };
    onward(tenant, kept, login, (&session, &user), visitor, None).await.map(Some)
}

/// Another page, and nothing else.
async fn go_to(tenant: &Tenant, state: &str, login: &Login, step: Step) -> Result<Advanced> {
    let login = Login { step: step.clone(), ..login.clone() };
    match ticket::replace(tenant, KIND, state, &login).await {
        Err(Error::Conflict) => return Code::InvalidRequest.refuse("The login has ended."),
        done => done?,
    }
    Ok(Advanced::Next { step, cookie: None })
}

/// Somebody has proved who they are: a session begins.
async fn proved(
    tenant: &Tenant,
    state: &str,
    login: &Login,
    user: User,
    visitor: &Visitor,
) -> Result<Advanced> {
    // Taken before anything is given: of two answers at once, one goes on.
    let kept = end(tenant, state).await?;
    let methods = vec![Method::now(tenant, "pwd")];
    let connection = prove::connection(tenant, login)?;
    let proof = Proof { user_id: &user.user_id, connection: &connection.view.name, methods };
    let (session, cookie) = session::begin(tenant, visitor, proof).await?;
    let noted = user::logged_in(tenant, &user.user_id, &visitor.ip.to_string()).await?;
    let user = noted.unwrap_or(user);
    tenant.log(event::of(LogType::S, &login.asked, &user, visitor));
    let login = Login { session_id: Some(session.id.clone()), ..login.clone() };
    onward(tenant, kept, login, (&session, &user), visitor, Some(cookie)).await
}

/// Somebody let the application have what it asked for, or go where it is.
async fn accepted(tenant: &Tenant, state: &str, login: &Login, visitor: &Visitor) -> Result<Advanced> {
    let Some((session, user)) = session_of(tenant, login, visitor).await? else {
        return Code::InvalidRequest.refuse("The session has ended.");
    };
    let kept = end(tenant, state).await?;
    let is_consented = login.is_consented || login.step == Step::Consent;
    let login = Login { is_consented, ..login.clone() };
    onward(tenant, kept, login, (&session, &user), visitor, None).await
}

/// Whoever proved who they are in this login, while the browser still has the session of it.
async fn session_of(tenant: &Tenant, login: &Login, visitor: &Visitor) -> Result<Option<(Session, User)>> {
    let person = session::of(tenant, visitor).await?;
    Ok(person.filter(|(session, _)| login.session_id.as_deref() == Some(&session.id)))
}

/// To the next page, or back to the application.
async fn onward(
    tenant: &Tenant,
    kept: ticket::Kept,
    mut login: Login,
    person: (&Session, &User),
    visitor: &Visitor,
    cookie: Option<Cookie>,
) -> Result<Advanced> {
    match authorize::onward(tenant, &mut login, person, visitor).await? {
        Next::Ask(step @ Step::Redirected { .. }) => {
            login.step = step;
            // Under another name: what customers' pages see of it leads to no page of ours.
            let state = ticket::issue(tenant, KIND, &login, LIFETIME).await?;
            let (To::Away(url) | To::Page(url)) = login.step.leads(&state);
            Ok(Advanced::Return { answer: Reply::Away(url), cookie })
        }
        Next::Ask(step) => {
            login.step = step.clone();
            ticket::put_back(tenant, KIND, kept, &login).await?;
            Ok(Advanced::Next { step, cookie })
        }
        Next::Answer(answer) => Ok(Advanced::Return { answer, cookie }),
    }
}

/// The login ends without anything for the application.
async fn refused(
    tenant: &Tenant,
    state: &str,
    login: &Login,
    error: Error,
    visitor: &Visitor,
) -> Result<Advanced> {
    end(tenant, state).await?;
    let answer: Reply = authorize::refuse(tenant, login, error, visitor).await?;
    Ok(Advanced::Return { answer, cookie: None })
}

/// Ends a login; only one of those who try to goes on.
async fn end(tenant: &Tenant, state: &str) -> Result<ticket::Kept> {
    match ticket::take_to_put_back(tenant, KIND, state).await? {
        Some(kept) => Ok(kept),
        None => Code::InvalidRequest.refuse("The login has ended."),
    }
}

fn denied() -> Error {
    Error::Refused { code: Code::AccessDenied, description: "User did not authorize the request".into() }
}

const KIND: &str = "login";
/// Seconds that somebody may take to log in.
const LIFETIME: i64 = 3600;
