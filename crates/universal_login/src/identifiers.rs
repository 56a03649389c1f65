//! What people are known by in a database, and so what its pages ask for.

use idp::connection::RegisteredConnection;
use model::connection::database::{Attribute, SignupStatus};

use crate::page::Page;

/// Which kinds of names people log in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identifiers {
    pub email: bool,
    pub username: bool,
    pub phone: bool,
}

impl Identifiers {
    pub fn of(connection: Option<&RegisteredConnection>) -> Identifiers {
        let options = connection.and_then(RegisteredConnection::database);
        match options.and_then(|options| options.attributes.as_ref()) {
            Some(attributes) => {
                let is_active = |attribute: &Option<Attribute>| {
                    let identifier = attribute.as_ref().and_then(|attribute| attribute.identifier.as_ref());
                    identifier.is_some_and(|identifier| identifier.active == Some(true))
                };
                Identifiers {
                    email: is_active(&attributes.email),
                    username: is_active(&attributes.username),
                    phone: is_active(&attributes.phone_number),
                }
            }
            None => {
                let username = options.is_some_and(|options| options.requires_username == Some(true));
                Identifiers { email: true, username, phone: false }
            }
        }
    }

    /// What an input is called that takes any of them.
    pub fn label(self, page: &Page) -> String {
        page.text(match (self.phone, self.username, self.email) {
            (true, true, true) => "phoneOrUsernameOrEmailPlaceholder",
            (true, true, false) => "phoneOrUsernamePlaceholder",
            (true, false, true) => "phoneOrEmailPlaceholder",
            (true, false, false) => "phonePlaceholder",
            (false, true, true) => "usernameOrEmailPlaceholder",
            (false, true, false) => "usernamePlaceholder",
            (false, false, _) => "emailPlaceholder",
        })
    }

    /// The kind of keyboard that such an input brings up.
    pub fn mode(self) -> &'static str {
        match (self.phone, self.username, self.email) {
            (false, false, _) => "email",
            (true, false, false) => "tel",
            _ => "text",
        }
    }

    pub fn is_email_only(self) -> bool {
        !self.phone && !self.username
    }
}

/// One thing that a new account is asked for.
pub struct Wanted {
    pub name: &'static str,
    pub label: String,
    pub kind: &'static str,
    pub autocomplete: &'static str,
    pub is_required: bool,
    pub value: String,
}

/// What a new account is asked for beside its password.
pub fn wanted(
    page: &Page,
    connection: Option<&RegisteredConnection>,
    given: &dyn Fn(&str) -> String,
) -> Vec<Wanted> {
    let options = connection.and_then(RegisteredConnection::database);
    let asked = |attribute: &Option<Attribute>| {
        let signup = attribute.as_ref().and_then(|attribute| attribute.signup.as_ref()?.status);
        match signup {
            Some(SignupStatus::Required) => Some(true),
            Some(SignupStatus::Optional) => Some(false),
            Some(SignupStatus::Inactive) | None => None,
        }
    };
    let (email, username, phone) = match options.and_then(|options| options.attributes.as_ref()) {
        Some(attributes) => {
            (asked(&attributes.email), asked(&attributes.username), asked(&attributes.phone_number))
        }
        None => {
            let username = options.is_some_and(|options| options.requires_username == Some(true));
            (Some(true), username.then_some(true), None)
        }
    };
    let all = [
        ("email", "emailPlaceholder", "email", "email", email),
        ("username", "usernamePlaceholder", "text", "username", username),
        ("phone", "phonePlaceholder", "tel", "tel", phone),
    ];
    all.into_iter()
        .filter_map(|(name, label, kind, autocomplete, is_required)| {
            let (label, value) = (page.text(label), given(name));
            is_required.map(|is_required| Wanted { name, label, kind, autocomplete, is_required, value })
        })
        .collect()
}
