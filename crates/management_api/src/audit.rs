//! What the tenant's log hears of the Management API: each write, and each read that showed a secret.

use std::{collections::HashSet, sync::LazyLock};

use http::HeaderMap;
use idp::{connection::secrets, log::Event, owner::OWNER};
use model::{LogType, NOUNS};
use schema::Object;
use serde_json::{Map, Value, json};

use crate::{Answer, Call, Operation, about::of_path, actor::Actor};

/// Members whose values never reach the log: what the nouns declare secret, and what only bodies and
/// answers name.
static UNLOGGED: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    // Many things have a value; those that hide one stand in `secrets`.
    let declared = NOUNS.iter().flat_map(|noun| noun.secret_names()).filter(|name| *name != "value");
    let beyond = [
        "key",
        "pem",
        "cert",
        "pkcs7",
        "wrapped_key",
        "public_key",
        "signing_keys",
        "encryption_key",
        "addons",
        "secrets",
        "token",
        "password",
        "link_with",
        // Whoever follows it administers.
        "invitation_url",
        // Whoever follows it has the account.
        "ticket",
        "new_password",
        // Whoever knows what is in one may send in the tenant's name.
        "httpCustomHeaders",
        // What is imported: hashes of passwords, and people.
        "users",
    ];
    declared.chain(beyond).collect()
});
const MASK: &str = "*****";

/// What must be remembered of a call before it runs, for its record.
#[derive(Debug)]
pub struct Record {
    client_id: String,
    user_id: Option<String>,
    user_name: Option<String>,
    request: Map<String, Value>,
    ip: String,
    hostname: String,
    user_agent: Option<String>,
    actor: Actor,
    /// What the path is about, if what ran does not say it.
    object: Option<String>,
}

impl Record {
    pub fn of(operation: &Operation, call: &Call, headers: &HeaderMap) -> Record {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let user_agent = text("user-agent").map(|agent| agent.chars().take(500).collect::<String>());
        let mut credentials = json!({});
        match &call.token.administrator {
            Some(person) => credentials["roles"] = json!(person.roles),
            // The owner has every scope there is; three hundred words say nothing more.
            None if call.token.client_id == OWNER => {}
            None => credentials["scopes"] = json!(call.token.scopes),
        }
        if let Some(jti) = &call.token.jti {
            credentials["jti"] = json!(jti);
        }
        let user_id = call.token.administrator.as_ref().map(|person| person.user_id.clone());
        let user_name = call.token.email.clone();
        let user = match &user_id {
            Some(user_id) => json!({ "user_id": user_id, "email": user_name }),
            None => json!({}),
        };
        let mut request = Map::new();
        let query: Object = call.query.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        for (name, value) in [
            ("method", json!(operation.method.as_str().to_ascii_lowercase())),
            ("path", json!(call.path)),
            ("query", Value::Object(query)),
            ("userAgent", json!(user_agent)),
            (
                "body",
                Value::Object(if operation.has_secret_body {
                    hidden(&call.body)
                } else {
                    masked(&call.body)
                }),
            ),
            ("channel", json!("api")),
            ("ip", json!(call.origin.ip.to_string())),
            ("auth", json!({ "user": user, "strategy": "jwt", "credentials": credentials })),
        ] {
            request.insert(name.into(), value);
        }
        Record {
            client_id: call.token.client_id.clone(),
            user_id,
            user_name,
            request,
            ip: call.origin.ip.to_string(),
            hostname: call.origin.host.clone(),
            user_agent,
            actor: call.actor(),
            object: of_path(&operation.path, call),
        }
    }

    /// The event that a success leaves, if it leaves one.
    pub fn event(self, operation: &Operation, answer: &Answer) -> Option<Event> {
        let accessed = secrets_in(answer.body.as_ref());
        let kind = match operation.writes {
            true => LogType::Sapi,
            false if !accessed.is_empty() => LogType::MgmtApiRead,
            false => return None,
        };
        let body = match (operation.writes, &answer.body) {
            // What was sent in secret may be answered once, and is not told here either.
            (true, Some(Value::Object(body))) if operation.has_secret_body => Value::Object(hidden(body)),
            (true, Some(Value::Object(body))) => Value::Object(masked(body)),
            _ => json!({}),
        };
        let mut details = json!({
            "request": self.request,
            "response": { "statusCode": answer.status.as_u16(), "body": body },
        });
        if kind == LogType::MgmtApiRead {
            details["accessedSecrets"] = json!(accessed);
        }
        let mut object = None;
        if kind == LogType::Sapi {
            details["actor"] = self.actor.shown();
            object = answer.about.as_ref().map(|about| about.object.clone()).or(self.object);
            if let Some(about) = &answer.about {
                details["changes"] = json!(about.changes(&mask));
            }
        }
        let mut rest = Map::new();
        rest.insert("details".into(), details);
        Some(Event {
            client_id: Some(self.client_id),
            user_id: self.user_id,
            user_name: self.user_name,
            client_name: Some(String::new()),
            ip: Some(self.ip),
            user_agent: self.user_agent,
            hostname: Some(self.hostname),
            object,
            rest,
            ..Event::new(kind, operation.summary.clone())
        })
    }
}

/// The names alone.
fn hidden(object: &Object) -> Object {
    object.keys().map(|name| (name.clone(), json!(MASK))).collect()
}

fn masked(object: &Object) -> Object {
    object.iter().map(|(name, value)| (name.clone(), mask(name, value))).collect()
}

fn mask(name: &str, value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        _ if UNLOGGED.contains(name) => json!(MASK),
        options if name == "options" => mask_option("", options),
        Value::Object(object) => Value::Object(masked(object)),
        Value::Array(items) => items.iter().map(|item| mask("", item)).collect(),
        other => other.clone(),
    }
}

/// The options of a connection hold secrets that no declaration names, as deep as they are sealed.
fn mask_option(name: &str, value: &Value) -> Value {
    let inner = |(name, value): (&String, &Value)| (name.clone(), mask_option(name, value));
    match value {
        Value::Null => Value::Null,
        _ if secrets::NAMES.contains(&name) || UNLOGGED.contains(name) => json!(MASK),
        Value::Object(members) => members.iter().map(inner).collect(),
        Value::Array(items) => items.iter().map(|item| mask_option("", item)).collect(),
        other => other.clone(),
    }
}

/// The names of the secrets that an answer shows.
fn secrets_in(body: Option<&Value>) -> Vec<&'static str> {
    let shows = |value: &Value, name: &str| value.get(name).is_some_and(Value::is_string);
    let items: Vec<&Value> = match body {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(Value::Object(object)) => {
            let lists = object.values().filter_map(Value::as_array).flatten();
            body.into_iter().chain(lists).collect()
        }
        _ => Vec::new(),
    };
    let names = ["client_secret", "signing_secret"];
    names.into_iter().filter(|name| items.iter().any(|item| shows(item, name))).collect()
}
