//! What is secret of a connection's options. The declaration cannot say it, because the options of most strategies are
//! open; so the texts are kept apart, each by its place, where they are sealed.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use schema::Object;
use serde_json::{Value, json};

use crate::Tenant;

/// Takes the secrets out of the options of a body that is to be stored.
pub fn split(body: &mut Object) {
    let Some(options) = body.get_mut("options") else { return };
    let mut secrets = Object::new();
    take(options, "", false, &mut secrets);
    body.insert(APART.into(), Value::Object(secrets));
}

/// Puts them back into the options of a document that was read.
pub fn join(body: &mut Object) {
    let Some(Value::Object(secrets)) = body.shift_remove(APART) else { return };
    let Some(options) = body.get_mut("options") else { return };
    for (place, secret) in secrets {
        if let Some(value) = options.pointer_mut(&place) {
            *value = secret;
        }
    }
}

fn take(value: &mut Value, place: &str, is_secret: bool, secrets: &mut Object) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let place = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
                let is_secret = is_secret || NAMES.contains(&name.as_str());
                take(value, &place, is_secret, secrets);
            }
        }
        Value::Array(items) => {
            for (i, value) in items.iter_mut().enumerate() {
                take(value, &format!("{place}/{i}"), is_secret, secrets);
            }
        }
        Value::String(text) if is_secret && !text.is_empty() => {
            secrets.insert(place.to_owned(), json!(std::mem::take(text)));
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What tells two secrets apart and nothing of either, on every node the same.
pub fn fingerprint(tenant: &Tenant, secret: &str) -> String {
    let key = tenant.0.vault.derived(tenant.name(), "shown configuration");
    URL_SAFE_NO_PAD.encode(jose::hmac_sha256(&key, secret.as_bytes()))
}

const APART: &str = "option_secrets";

/// Members whose texts are secret, with all that is below them.
pub const NAMES: &[&str] = &[
    "admin_access_token",
    "admin_refresh_token",
    "app_secret",
    "client_secret",
    "clientSecret",
    "configuration",
    "consumerSecret",
    "consumer_secret",
    // An `Authorization`, say, that goes along to where somebody's profile comes from.
    "customHeaders",
    "decryptionKey",
    "gateway_authentication",
    "secret",
    "signing_key",
    "signingKey",
    "twilio_token",
];
