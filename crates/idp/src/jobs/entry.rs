//! One user of an import: whether the entry is one, and what is wrong with it, in the codes that Auth0 documents.

use schema::{Format, Object};
use serde_json::{Value, json};

use crate::password::imported;

/// What is wrong with an entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    pub code: &'static str,
    pub message: String,
    pub path: String,
}

impl Fault {
    pub fn new(code: &'static str, message: impl Into<String>, path: impl Into<String>) -> Self {
        Fault { code, message: message.into(), path: path.into() }
    }

    /// As it is shown.
    pub fn shown(&self) -> Value {
        json!({ "code": self.code, "message": self.message, "path": self.path })
    }
}

/// A user as an import may bring one: what is stored of it, and the hash of its password.
#[derive(Debug)]
pub struct Entry {
    pub body: Object,
    pub password: Option<Object>,
}

/// Reads an entry, or says all that is wrong with it.
pub fn read(value: &Value) -> Result<Entry, Vec<Fault>> {
    let Some(given) = value.as_object() else {
        let message = format!("Expected type object but found type {}", type_of(value));
        return Err(vec![Fault::new("INVALID_TYPE", message, "")]);
    };
    let mut faults = Vec::new();
    let mut body = Object::new();
    for (name, value) in given {
        match FIELDS.iter().find(|(known, _)| known == name) {
            Some((_, shape)) => {
                check(name, *shape, value, &mut faults);
                body.insert(name.clone(), value.clone());
            }
            None if BESIDE.contains(&name.as_str()) => {}
            None => faults.push(Fault::new(
                "OBJECT_ADDITIONAL_PROPERTIES",
                format!("Additional properties not allowed: {:.100}", name),
                "",
            )),
        }
    }
    if !["email", "username", "phone_number"].iter().any(|name| given.contains_key(*name)) {
        faults.push(Fault::new("OBJECT_REQUIRED", "Missing required property: email", "email"));
    }
    let password = password(given, &mut faults);
    if given
        .get("mfa_factors")
        .is_some_and(|factors| factors.as_array().is_none_or(|factors| !factors.is_empty()))
    {
        // They would be lost without a word.
        faults.push(Fault::new("MFA_FACTORS_FAILED", "Second factors cannot be imported yet", "mfa_factors"));
    }
    for name in
        FORBIDDEN.iter().filter(|name| given.get("app_metadata").and_then(|it| it.get(**name)).is_some())
    {
        let message = format!("Property {name} is not allowed in app_metadata");
        faults.push(Fault::new("NOT_PASSED", message, format!("app_metadata.{name}")));
    }
    if faults.is_empty() { Ok(Entry { body, password }) } else { Err(faults) }
}

/// An entry as it is shown beside its faults: without what a password is known by.
pub fn shown(value: &Value) -> Value {
    let mut value = value.clone();
    if let Some(user) = value.as_object_mut() {
        for name in BESIDE {
            user.shift_remove(name);
        }
    }
    value
}

fn password(given: &Object, faults: &mut Vec<Fault>) -> Option<Object> {
    let hash = match (given.get("password_hash"), given.get("custom_password_hash")) {
        (None, None) => return None,
        (Some(_), Some(_)) => {
            let message = "password_hash and custom_password_hash exclude each other";
            faults.push(Fault::new("NOT_PASSED", message, "custom_password_hash"));
            return None;
        }
        (Some(Value::String(hash)), None) => imported::of_bcrypt(hash),
        (None, Some(Value::Object(hash))) => hash.clone(),
        (one, other) => {
            let (name, value) =
                one.map(|it| ("password_hash", it)).or(other.map(|it| ("custom_password_hash", it)))?;
            let message = format!("Expected another type than {}", type_of(value));
            faults.push(Fault::new("INVALID_TYPE", message, name));
            return None;
        }
    };
    match imported::fault(&hash) {
        None => Some(hash),
        Some(fault) => {
            let name =
                if given.contains_key("password_hash") { "password_hash" } else { "custom_password_hash" };
            faults.push(Fault::new("FORMAT", fault.chars().take(300).collect::<String>(), name));
            None
        }
    }
}

#[derive(Clone, Copy)]
enum Shape {
    Flag,
    Object,
    /// A text of at most so many characters.
    Text(usize),
    Email,
    Url,
    Phone,
}

fn check(name: &str, shape: Shape, value: &Value, faults: &mut Vec<Fault>) {
    let mut fail = |code, message: String| faults.push(Fault::new(code, message, name));
    let expected = match shape {
        Shape::Flag => "boolean",
        Shape::Object => "object",
        Shape::Text(_) | Shape::Email | Shape::Url | Shape::Phone => "string",
    };
    if type_of(value) != expected {
        return fail("INVALID_TYPE", format!("Expected type {expected} but found type {}", type_of(value)));
    }
    let Some(text) = value.as_str() else {
        if value.to_string().contains("\\u0000") {
            fail("PATTERN", "A text must not hold the character U+0000".into());
        }
        return;
    };
    let length = text.chars().count();
    let (most, format) = match shape {
        Shape::Email => (254, Some(Format::EmailOrEmpty)),
        Shape::Url => (4_000, Some(Format::AbsoluteUri)),
        Shape::Phone => (16, Some(Format::Phone)),
        Shape::Text(most) => (most, None),
        Shape::Flag | Shape::Object => return,
    };
    if text.is_empty() {
        fail("MIN_LENGTH", "String is too short (0 chars), minimum 1".into());
    } else if length > most {
        fail("MAX_LENGTH", format!("String is too long ({length} chars), maximum {most}"));
    } else if text.contains('\0') {
        fail("PATTERN", "String does not match pattern ^[^\\u0000]*$".into());
    } else if format.is_some_and(|format| !format.fits(text)) {
        let what = if matches!(shape, Shape::Email) { "email" } else { "this property" };
        fail("FORMAT", format!("Object didn't pass validation for format {what}: {text}"));
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

const FIELDS: [(&str, Shape); 14] = [
    ("email", Shape::Email),
    ("email_verified", Shape::Flag),
    ("user_id", Shape::Text(200)),
    ("username", Shape::Text(128)),
    ("phone_number", Shape::Phone),
    ("phone_verified", Shape::Flag),
    ("given_name", Shape::Text(150)),
    ("family_name", Shape::Text(150)),
    ("name", Shape::Text(300)),
    ("nickname", Shape::Text(300)),
    ("picture", Shape::Url),
    ("blocked", Shape::Flag),
    ("app_metadata", Shape::Object),
    ("user_metadata", Shape::Object),
];

/// What goes elsewhere than into the user.
const BESIDE: [&str; 3] = ["password_hash", "custom_password_hash", "mfa_factors"];

/// What an update may bring; metadata takes the place of what was there.
pub const UPSERTABLE: [&str; 8] = [
    "app_metadata",
    "email_verified",
    "family_name",
    "given_name",
    "name",
    "nickname",
    "picture",
    "user_metadata",
];

/// What `app_metadata` must not hold.
const FORBIDDEN: [&str; 18] = [
    "__tenant",
    "_id",
    "blocked",
    "clientID",
    "created_at",
    "email_verified",
    "email",
    "globalClientID",
    "global_client_id",
    "identities",
    "lastIP",
    "lastLogin",
    "loginsCount",
    "metadata",
    "multifactor_last_modified",
    "multifactor",
    "updated_at",
    "user_id",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(value: Value) -> Vec<(&'static str, String)> {
        read(&value)
            .map_or_else(|faults| faults.into_iter().map(|it| (it.code, it.path)).collect(), |_| Vec::new())
    }

    #[test]
    fn an_entry_is_a_user_or_all_that_is_wrong_with_it() {
        assert!(
            codes(json!({ "email": "ann@example.com", "app_metadata": { "a": 1 }, "blocked": true }))
                .is_empty()
        );
        assert!(codes(json!({ "username": "ann" })).is_empty());
        for (value, code, path) in [
            (json!(7), "INVALID_TYPE", ""),
            (json!(null), "INVALID_TYPE", ""),
            (json!({}), "OBJECT_REQUIRED", "email"),
            (json!({ "email": 7 }), "INVALID_TYPE", "email"),
            (json!({ "email": "ann" }), "FORMAT", "email"),
            (json!({ "email": "" }), "MIN_LENGTH", "email"),
            (json!({ "email": "a@b.c\0" }), "PATTERN", "email"),
            (json!({ "email": format!("{}@example.com", "a".repeat(300)) }), "MAX_LENGTH", "email"),
            (json!({ "email": "a@b.cd", "user_metadata": { "a": ["\0"] } }), "PATTERN", "user_metadata"),
            (json!({ "email": "a@b.cd", "email_verified": "true" }), "INVALID_TYPE", "email_verified"),
            (json!({ "email": "a@b.cd", "app_metadata": [] }), "INVALID_TYPE", "app_metadata"),
            (
                json!({ "email": "a@b.cd", "app_metadata": { "email": "x" } }),
                "NOT_PASSED",
                "app_metadata.email",
            ),
            (json!({ "email": "a@b.cd", "picture": "x" }), "FORMAT", "picture"),
            (json!({ "email": "a@b.cd", "other": 1 }), "OBJECT_ADDITIONAL_PROPERTIES", ""),
            (
                json!({ "email": "a@b.cd", "mfa_factors": [{ "totp": { "secret": "A" } }] }),
                "MFA_FACTORS_FAILED",
                "mfa_factors",
            ),
            (json!({ "email": "a@b.cd", "password_hash": "x" }), "FORMAT", "password_hash"),
            (json!({ "email": "a@b.cd", "password_hash": 1 }), "INVALID_TYPE", "password_hash"),
            (json!({ "email": "a@b.cd", "custom_password_hash": {} }), "FORMAT", "custom_password_hash"),
            (
                json!({ "email": "a@b.cd", "password_hash": "x", "custom_password_hash": {} }),
                "NOT_PASSED",
                "custom_password_hash",
            ),
        ] {
            assert_eq!(codes(value.clone()), [(code, path.to_owned())], "{value}");
        }
        assert_eq!(codes(json!({ "name": 1, "nickname": 2 })).len(), 3);
    }

    #[test]
    fn what_a_password_is_known_by_is_not_shown() {
        let value = json!({ "email": "x", "password_hash": "h", "custom_password_hash": { "hash": "h" } });
        assert_eq!(shown(&value), json!({ "email": "x" }));
        assert_eq!(shown(&json!([1])), json!([1]));
    }
}
