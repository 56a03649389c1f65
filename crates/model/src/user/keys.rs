//! What people are found by: accounts and logins, which are one person's own, and all that a search may ask for.

use schema::{Key, Object};
use serde_json::Value;

use super::User;

impl User {
    /// The search keys of a person's document. What is searched without case is kept in lower case; numbers are
    /// written so that their texts sort as they do.
    pub fn keys(body: &Object) -> Vec<Key> {
        let mut keys = Vec::new();
        let identities = body.get("identities").and_then(Value::as_array).into_iter().flatten();
        for (place, identity) in identities.filter_map(Value::as_object).enumerate() {
            keys.extend(account(identity));
            let profile = if place == 0 { Some(body) } else { object(identity, "profileData") };
            if let (Some("auth0"), Some(connection), Some(profile)) =
                (text(identity, "provider"), text(identity, "connection"), profile)
            {
                keys.extend(logins(connection, profile));
            }
            if let (1.., Some(email)) = (place, profile.and_then(|profile| text(profile, "email"))) {
                keys.extend(key("identities.profileData.email", email.to_lowercase()));
            }
        }
        for (name, is_lower) in TEXTS {
            keys.extend(text(body, name).and_then(|text| key(name, folded(text, *is_lower))));
        }
        if let Some((_, domain)) = text(body, "email").and_then(|email| email.rsplit_once('@')) {
            keys.extend(key("email.domain", domain.to_lowercase()));
        }
        for name in FLAGS {
            keys.extend(
                body.get(*name).and_then(Value::as_bool).and_then(|flag| key(name, flag.to_string())),
            );
        }
        if let Some(count) = body.get("logins_count").and_then(Value::as_u64) {
            keys.push(Key::search("logins_count", sortable(count as f64)));
        }
        for name in METADATA {
            let mut room = MOST_METADATA;
            for (member, value) in object(body, name).into_iter().flatten() {
                metadata(name, member, value, &mut room, &mut keys);
            }
        }
        keys
    }
}

/// What a login in this connection with this address, name or number is found by; no two people share one.
pub fn login_key(connection: &str, kind: &str, identifier: &str) -> String {
    format!("{connection}\n{kind}:{}", canonical(identifier))
}

/// An address or name as it is stored and looked for.
pub fn canonical(identifier: &str) -> String {
    identifier.trim().to_lowercase()
}

fn account(identity: &Object) -> Vec<Key> {
    let id = format!(
        "{}|{}",
        text(identity, "provider").unwrap_or_default(),
        text(identity, "user_id").unwrap_or_default()
    );
    let mut keys = vec![Key::unique("identity", id)];
    for (name, field) in [
        ("identities.connection", "connection"),
        ("identities.provider", "provider"),
        ("identities.user_id", "user_id"),
    ] {
        keys.extend(text(identity, field).and_then(|text| key(name, text.to_owned())));
    }
    keys
}

fn logins<'a>(connection: &'a str, profile: &'a Object) -> impl Iterator<Item = Key> + 'a {
    let kinds = [("email", "email"), ("username", "username"), ("phone_number", "phone")];
    kinds.into_iter().filter_map(move |(field, kind)| {
        let identifier = text(profile, field).filter(|text| !text.is_empty())?;
        Some(Key::unique("login", login_key(connection, kind, identifier)))
    })
}

/// The texts that lie in metadata, each behind the path that leads to it; the places in lists are no part of a path.
fn metadata(name: &'static str, path: &str, value: &Value, room: &mut usize, keys: &mut Vec<Key>) {
    let mut found = |name: &'static str, value: &str| {
        if *room > 0
            && let Some(key) = key(name, metadata_value(path, value))
        {
            *room -= 1;
            keys.push(key);
        }
    };
    match value {
        Value::String(text) => found(name, text),
        Value::Bool(flag) => found(name, &flag.to_string()),
        Value::Number(number) => {
            found(name, &number.to_string());
            if let (true, Some(number)) = (name == "app_metadata", number.as_f64()) {
                found("app_metadata.numbers", &sortable(number));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| metadata(name, path, item, room, keys)),
        Value::Object(members) => members
            .iter()
            .for_each(|(member, value)| metadata(name, &format!("{path}.{member}"), value, room, keys)),
        Value::Null => {}
    }
}

/// How a text of metadata is written behind the path that leads to it.
pub fn metadata_value(path: &str, value: &str) -> String {
    format!("{path}\n{value}")
}

/// A number as a text that sorts as numbers do.
pub fn sortable(number: f64) -> String {
    let bits = number.to_bits();
    let ordered = if number.is_sign_negative() { !bits } else { bits | 1 << 63 };
    format!("{ordered:016x}")
}

fn folded(text: &str, is_lower: bool) -> String {
    if is_lower { text.to_lowercase() } else { text.to_owned() }
}

/// Nothing is found by what no key has room for.
fn key(name: &'static str, value: String) -> Option<Key> {
    (!value.is_empty() && value.len() <= LONGEST).then(|| Key::search(name, value))
}

fn text<'a>(object: &'a Object, name: &str) -> Option<&'a str> {
    object.get(name)?.as_str()
}

fn object<'a>(object: &'a Object, name: &str) -> Option<&'a Object> {
    object.get(name)?.as_object()
}

/// The texts that are searched, and whether without case.
const TEXTS: &[(&str, bool)] = &[
    ("user_id", false),
    ("email", true),
    ("username", true),
    ("phone_number", false),
    ("name", true),
    ("nickname", true),
    ("given_name", true),
    ("family_name", true),
    ("last_ip", false),
    ("created_at", false),
    ("updated_at", false),
    ("last_login", false),
    ("last_password_reset", false),
];
const FLAGS: &[&str] = &["email_verified", "phone_verified", "blocked"];
const METADATA: &[&str] = &["user_metadata", "app_metadata"];
/// In bytes; the store has room for 1,500.
const LONGEST: usize = 1_200;
/// How many texts of each kind of metadata are searched.
const MOST_METADATA: usize = 100;
