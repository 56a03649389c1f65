//! What a body asks for beside what is stored of somebody.

use model::Secret;
use schema::{Object, Op, Shape, Shaped};
use serde::Deserialize;
use serde_json::Value;

use crate::{Error, error::Result};

/// What a body asks for beside what is stored of somebody.
#[derive(Debug, Deserialize, Shaped)]
pub struct Asked {
    /// The connection of the account that is meant.
    #[field(nullable_on_create, min(1), max(128))]
    pub connection: Option<String>,
    /// The password.
    #[field(nullable_on_create, min(1), max(512))]
    pub password: Option<Secret>,
    /// Whether a mail is to ask for the address to be confirmed.
    #[field(optional)]
    #[serde(default)]
    pub verify_email: bool,
    /// Whether a message is to ask for the telephone number to be confirmed.
    #[field(write(OnUpdate), optional)]
    #[serde(default)]
    pub verify_phone_number: bool,
    /// The application in whose name mails are sent.
    #[field(write(OnUpdate), max(128))]
    pub client_id: Option<String>,
}

impl Asked {
    /// Takes out of a body what is not stored.
    pub fn take(body: &mut Object, op: Op) -> Result<Asked> {
        let Shape::Object(fields) = Asked::SHAPE else {
            return Err(Error::body("Payload validation error."));
        };
        let mut asked = Object::new();
        for field in fields.iter().filter(|field| field.writable(op)) {
            if let Some(value) = body.shift_remove(field.name) {
                asked.insert(field.name.into(), value);
            }
        }
        schema::check(fields, &asked, op)?;
        if op == Op::Create && !asked.get("connection").is_some_and(|name| name.is_string()) {
            return Err(Error::body("Payload validation error: 'Missing required property: connection'."));
        }
        asked.retain(|_, value| !value.is_null());
        Ok(Asked::deserialize(Value::Object(asked))?)
    }

    /// Refuses to change at once several things that somebody logs in with: one could fail and the other not.
    pub fn must_be_alone(&self, patch: &Object) -> Result<()> {
        let mut named = Vec::new();
        if self.password.is_some() {
            named.push("password");
        }
        named.extend(
            ["email", "username", "phone_number"].into_iter().filter(|name| patch.contains_key(*name)),
        );
        if self.password.is_some() && patch.contains_key("email_verified") {
            named.push("email_verified");
        }
        match named.as_slice() {
            [first, second, ..] => {
                Err(Error::operation(format!("Cannot update {first} and {second} simultaneously")))
            }
            _ => Ok(()),
        }
    }
}
