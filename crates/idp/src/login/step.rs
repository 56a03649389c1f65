//! The steps of a login, what somebody may answer at each, and what comes of it.

use model::Secret;
use schema::Object;
use serde::{Deserialize, Serialize};

use super::To;
use crate::{
    Code, Tenant,
    authorize::{Asked, Reply},
    session::Cookie,
};

/// What a login is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// An answer to `/authorize`.
    Authorize,
    /// Tokens for a device that waits for them, known by the identifier of its code.
    Device { id: String },
}

/// Where a login stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Asks for the identifier alone.
    Identifier,
    /// Asks for the password of whoever said to be this.
    Password { identifier: String, connection: String },
    /// Asks for identifier and password at once.
    Credentials,
    /// Asks for what a new account needs.
    SignUp,
    /// Asks whose password is to be chosen anew.
    ResetRequest,
    /// Says that a message is on its way, if there is such an account.
    ResetSent { email: String },
    /// Asks whether the application may have what it asks for.
    Consent,
    /// Asks whether somebody wants to go back to an application that nobody can verify.
    Confirm,
    /// The browser was sent to this address by customers' code, and has to come back to `/continue`.
    Redirected { url: String },
    /// Everything is proved.
    Done { user_id: String },
}

impl Step {
    /// Where the page of this step is.
    pub fn path(&self) -> &'static str {
        match self {
            Step::Identifier => "/u/login/identifier",
            Step::Password { .. } => "/u/login/password",
            Step::Credentials => "/u/login",
            Step::SignUp => "/u/signup",
            Step::ResetRequest => "/u/reset-password/request",
            Step::ResetSent { .. } => "/u/reset-password/email",
            Step::Consent => "/u/consent",
            Step::Confirm => "/u/confirmation",
            Step::Redirected { .. } | Step::Done { .. } => "/authorize/resume",
        }
    }

    /// Where a browser goes to take this step in the login that is known by this.
    pub fn leads(&self, state: &str) -> To {
        match self {
            Step::Redirected { url } => {
                let (address, fragment) =
                    url.split_once('#').map_or((url.as_str(), ""), |(url, rest)| (url, rest));
                let joint = if address.contains('?') { '&' } else { '?' };
                let fragment = if fragment.is_empty() { String::new() } else { format!("#{fragment}") };
                To::Away(format!("{address}{joint}state={state}{fragment}"))
            }
            step => To::Page(format!("{}?state={state}", step.path())),
        }
    }

    /// Whether nobody has yet proved who they are.
    pub fn is_before_proof(&self) -> bool {
        match self {
            Step::Identifier
            | Step::Password { .. }
            | Step::Credentials
            | Step::SignUp
            | Step::ResetRequest
            | Step::ResetSent { .. } => true,
            Step::Consent | Step::Confirm | Step::Redirected { .. } | Step::Done { .. } => false,
        }
    }

    /// Whether a link leads there from another page, without anything being said.
    pub fn is_linked(&self) -> bool {
        match self {
            Step::Identifier | Step::Credentials | Step::SignUp | Step::ResetRequest => true,
            Step::Password { .. }
            | Step::ResetSent { .. }
            | Step::Consent
            | Step::Confirm
            | Step::Redirected { .. }
            | Step::Done { .. } => false,
        }
    }
}

/// The step that a login begins with.
pub fn first(tenant: &Tenant, asked: &Asked) -> Step {
    match asked.screen_hint.as_deref() {
        Some("signup") => Step::SignUp,
        Some("reset-password") => Step::ResetRequest,
        _ if tenant.snapshot().pages.is_identifier_first() => Step::Identifier,
        _ => Step::Credentials,
    }
}

/// What somebody answers to a page.
#[derive(Debug)]
pub enum Input {
    Identifier(String),
    Credentials {
        identifier: String,
        password: Secret,
    },
    Password(Secret),
    SignUp {
        email: Option<String>,
        username: Option<String>,
        phone_number: Option<String>,
        password: Secret,
    },
    ResetRequest(String),
    /// Yes, to whatever was asked.
    Accept,
    /// No.
    Deny,
    /// A link to another page.
    GoTo(Step),
}

impl Input {
    /// What kind of answer it is; what was typed is not told.
    pub fn name(&self) -> &'static str {
        match self {
            Input::Identifier(_) => "an identifier",
            Input::Credentials { .. } => "identifier and password",
            Input::Password(_) => "a password",
            Input::SignUp { .. } => "a new account",
            Input::ResetRequest(_) => "a request for a new password",
            Input::Accept => "yes",
            Input::Deny => "no",
            Input::GoTo(_) => "a link",
        }
    }
}

/// What came of an answer.
#[derive(Debug)]
pub enum Advanced {
    /// The same page once more, and why.
    Again {
        code: Code,
        /// The field that it is about, if it is about one.
        field: Option<&'static str>,
        /// What is wrong with a password, rule by rule.
        problems: Option<Object>,
    },
    /// The page of this step comes next; with a session, if one has just begun.
    Next { step: Step, cookie: Option<Cookie> },
    /// The application is answered; with a session, if one has just begun.
    Return { answer: Reply, cookie: Option<Cookie> },
}
