//! A login, from the page that asks who is there to the session that remembers it: a state machine whose steps are
//! values. Which page is shown is a function of the step and of nothing else.

use model::{LogType, Secret, User};
use serde::{Deserialize, Serialize};

use crate::{
    Code, Error, Result, Tenant,
    authorize::{self, Asked},
    bearer, log, password,
    protection::{self, Verdict},
    session::{self, Cookie},
    ticket, user,
    visitor::Visitor,
};

/// A login that was begun, and for whom.
#[derive(Debug, Serialize, Deserialize)]
pub struct Login {
    pub asked: Asked,
    /// Where the browser will be sent back to.
    pub callback: String,
    pub step: Step,
    /// The hash of what the device cookie of the browser holds that began it.
    device: String,
}

/// Where a login stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Asks for address and password at once.
    Credentials,
    /// Everything is proved.
    Done { user_id: String },
}

/// What somebody answers to a page.
#[derive(Debug)]
pub enum Input {
    Credentials { email: String, password: Secret },
}

/// What came of an answer.
#[derive(Debug)]
pub enum Advanced {
    /// The same page once more, and why.
    Again { code: Code },
    /// The browser goes back to the application; with a session, if there is one now.
    Return { url: String, cookie: Option<Cookie> },
}

/// Begins a login; answers what it is known by, and what the browser's device cookie is to hold.
pub async fn begin(
    tenant: &Tenant,
    asked: &Asked,
    callback: &str,
    visitor: &Visitor,
) -> Result<(String, String)> {
    if !protection::may_begin(tenant, visitor.ip).await? {
        return Code::TooManyAttempts
            .refuse("Too many logins were begun from here. Try again in half an hour.");
    }
    let device = visitor.devices.iter().find(|device| authorize::is_verifier(device)).cloned();
    let device = device.unwrap_or_else(bearer::make);
    let login = Login {
        asked: asked.clone(),
        callback: callback.to_owned(),
        step: Step::Credentials,
        device: bearer::hash(&device),
    };
    let state = ticket::issue(tenant, KIND, &login, LIFETIME).await?;
    Ok((state, device))
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
    let (user, step) = match (&login.step, input) {
        (Step::Credentials, Input::Credentials { email, password }) => {
            match prove(tenant, login, &email, password, visitor).await {
                Ok(user) => {
                    let user_id = user.user_id.clone();
                    (user, Step::Done { user_id })
                }
                Err(Error::Refused { code: code @ (Code::InvalidGrant | Code::TooManyAttempts), .. }) => {
                    return Ok(Advanced::Again { code });
                }
                Err(error @ Error::Refused { .. }) => {
                    end(tenant, state).await?;
                    let url = authorize::refuse(tenant, login, error, visitor)?;
                    return Ok(Advanced::Return { url, cookie: None });
                }
                Err(error) => return Err(error),
            }
        }
        (step @ Step::Done { .. }, input) => {
            return Code::InvalidRequest.refuse(format!("{input:?} is no answer to {step:?}"));
        }
    };
    match step {
        Step::Done { user_id } => {
            // Taken before anything is given: of two answers at once, one goes on.
            end(tenant, state).await?;
            let (session, cookie) = session::begin(tenant, visitor, &user_id).await?;
            user::logged_in(tenant, &user_id, &visitor.ip.to_string()).await?;
            tenant.log(event(LogType::S, login, Some(&user), LogType::S.description(), visitor));
            let url = authorize::finish(tenant, login, (&session, &user), visitor).await?;
            Ok(Advanced::Return { url, cookie: Some(cookie) })
        }
        Step::Credentials => Code::InvalidRequest.refuse("The login has not ended."),
    }
}

/// Whoever has this address and password.
async fn prove(
    tenant: &Tenant,
    login: &Login,
    email: &str,
    password: Secret,
    visitor: &Visitor,
) -> Result<User> {
    let known = user::by_email(tenant, email).await?;
    let typed = || known.as_ref().map_or_else(|| email.trim().to_lowercase(), |user| user.email.clone());
    let attempt = match protection::attempt(tenant, &typed(), visitor.ip).await? {
        Verdict::GoOn(attempt) => {
            if let Some(kind) = attempt.noted {
                let event = event(kind, login, known.as_ref(), kind.description(), visitor);
                tenant.log(log::Event { user_name: Some(log::cut(&typed())), ..event });
            }
            attempt
        }
        closed @ (Verdict::TooManyForAccount | Verdict::TooManyForAddress) => {
            let kind = match closed {
                Verdict::TooManyForAddress => LogType::LimitMu,
                Verdict::TooManyForAccount | Verdict::GoOn(_) => LogType::LimitWc,
            };
            let event = event(kind, login, known.as_ref(), kind.description(), visitor);
            tenant.log(log::Event { user_name: Some(log::cut(&typed())), ..event });
            return Code::TooManyAttempts.refuse(TOO_MANY);
        }
    };
    let hash = known.as_ref().and_then(|user| user.password_hash.clone());
    let proved = password::matches(password, hash).await?;
    match known {
        Some(user) if proved && user.blocked => {
            attempt.succeeded(tenant).await?;
            tenant.log(event(LogType::F, login, Some(&user), BLOCKED, visitor));
            Code::AccessDenied.refuse(BLOCKED)
        }
        Some(user) if proved => {
            attempt.succeeded(tenant).await?;
            Ok(user)
        }
        known => {
            let kind = if known.is_some() { LogType::Fp } else { LogType::Fu };
            let event = event(kind, login, known.as_ref(), kind.description(), visitor);
            tenant.log(log::Event { user_name: Some(log::cut(email)), ..event });
            // One answer for an unknown address and for a wrong password.
            Code::InvalidGrant.refuse("Wrong email or password.")
        }
    }
}

/// Ends a login; only one of those who try to goes on.
async fn end(tenant: &Tenant, state: &str) -> Result<()> {
    match ticket::take::<Login>(tenant, KIND, state).await? {
        Some(_) => Ok(()),
        None => Code::InvalidRequest.refuse("The login has ended."),
    }
}

fn event(
    kind: LogType,
    login: &Login,
    user: Option<&User>,
    description: &'static str,
    visitor: &Visitor,
) -> log::Event {
    let event = visitor.event(kind, description);
    let event = user.map_or_else(
        || log::Event { connection: Some(user::CONNECTION), ..visitor.event(kind, description) },
        |user| user::about(event, user),
    );
    log::Event { client_id: login.asked.client_id.clone(), ..event }
}

const KIND: &str = "login";
/// Seconds that somebody may take to log in.
const LIFETIME: i64 = 3600;
/// What SDKs look for.
const BLOCKED: &str = "user is blocked";
const TOO_MANY: &str = "Too many failed attempts. Wait half an hour, or ask an administrator.";
