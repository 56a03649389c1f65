//! What somebody filled in on a page of a login.

use idp::login::{Input, Step};
use model::Secret;

use crate::form::Fields;

/// The fields of all pages, by the names that programs fill in.
#[derive(Default)]
pub struct Filled {
    pub username: String,
    pub email: String,
    pub phone: String,
    pub password: String,
    /// The value of the button that was pressed.
    action: String,
}

/// The login that a form belongs to, and what it says.
pub fn read(asked: Option<String>, mut fields: Fields) -> Option<(String, Filled)> {
    let state = fields.remove("state").filter(|state| asked.as_ref() == Some(state))?;
    let mut field = |name: &str| fields.remove(name).unwrap_or_default();
    let filled = Filled {
        username: field("username"),
        email: field("email"),
        phone: field("phone"),
        password: field("password"),
        action: field("action"),
    };
    Some((state, filled))
}

impl Filled {
    /// The answer to a step, or the key of what is said of a field that is empty.
    pub fn input(&self, step: &Step) -> Result<Input, &'static str> {
        let needed =
            |text: &str, key| if text.trim().is_empty() { Err(key) } else { Ok(text.trim().to_owned()) };
        let password = || match self.password.is_empty() {
            true => Err("no-password"),
            false => Ok(Secret::from(self.password.clone())),
        };
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(match step {
            Step::Identifier => Input::Identifier(needed(&self.username, "no-username")?),
            Step::Password { .. } => Input::Password(password()?),
            Step::Credentials => Input::Credentials {
                identifier: needed(&self.username, "no-username")?,
                password: password()?,
            },
            Step::SignUp => Input::SignUp {
                email: given(&self.email),
                username: given(&self.username),
                phone_number: given(&self.phone),
                password: password()?,
            },
            Step::ResetRequest => {
                let name = if self.username.is_empty() { &self.email } else { &self.username };
                Input::ResetRequest(needed(name, "no-username")?)
            }
            // From this page one goes back to ask again.
            Step::ResetSent { .. } => Input::GoTo(Step::ResetRequest),
            Step::Consent | Step::Confirm => match self.action.as_str() {
                "accept" => Input::Accept,
                _ => Input::Deny,
            },
            Step::Redirected { .. } | Step::Done { .. } => Input::GoTo(Step::Credentials),
        })
    }
}
