//! The options of a connection: checked as far as they are declared, completed, and otherwise kept as they are.

mod providers;

use idp::{
    Tenant,
    connection::{self, secrets},
};
use model::{
    DATABASE, DatabaseOptions, Strategy,
    connection::{
        FederatedOptions,
        database::{Attribute, SignupStatus},
    },
};
use schema::{Object, Op, Shape, Shaped, Violation};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{Error, call::cut, clients::text, error::Result};

/// Adds what the options do not say. Recorded: some of it only when the connection is made.
pub fn complete(tenant: &Tenant, body: &mut Object, before: Option<&Object>) -> Result<()> {
    let strategy = body.get("strategy").map(Strategy::deserialize).transpose()?;
    let options = body.entry("options").or_insert_with(|| json!({}));
    let (Value::Object(options), Some(strategy)) = (options, strategy) else { return Ok(()) };
    let (is_new, before) = (before.is_none(), before.and_then(|body| body.get("options")?.as_object()));
    // Checked first: what is of another shape is not to be completed.
    if strategy == Strategy::Auth0 {
        check_shape(DatabaseOptions::SHAPE, options)?;
        complete_database(options, before);
    } else {
        check_shape(FederatedOptions::SHAPE, options)?;
        providers::complete(tenant, strategy, options, before)?;
    }
    if is_new {
        providers::describe(strategy, body);
    }
    Ok(())
}

fn complete_database(options: &mut Object, before: Option<&Object>) {
    options.retain(|_, value| !value.is_null());
    let kept = |name: &str| before.and_then(|before| before.get(name)).cloned();
    let mut put = |name: &str, value: Value| {
        options.entry(name).or_insert(value);
    };
    if before.is_none() {
        put("mfa", json!({ "active": true, "return_enroll_settings": true }));
        put("strategy_version", json!(2));
    }
    put("brute_force_protection", json!(true));
    let methods = kept("authentication_methods");
    put("authentication_methods", methods.unwrap_or_else(|| json!({})));
    let passkeys = kept("passkey_options").unwrap_or_else(|| {
        json!({
            "challenge_ui": "both", "progressive_enrollment_enabled": true, "local_enrollment_enabled": true
        })
    });
    put("passkey_options", passkeys);
    if before.is_none() {
        if !options.contains_key("password_options") {
            options.entry("passwordPolicy").or_insert(json!("good"));
        }
        options.entry("password_options").or_insert_with(|| json!({}));
    }
    complete_methods(options);
    if let Some(newer) = options.get_mut("password_options") {
        over_defaults(newer, connection::password_options());
    }
    if let Some(Value::Object(email)) = options.get_mut("attributes").and_then(|all| all.get_mut("email")) {
        email.entry("verification_method").or_insert(json!("link"));
        email.entry("unique").or_insert(json!(true));
    }
}

fn complete_methods(options: &mut Object) {
    if let Some(Value::Object(methods)) = options.get_mut("authentication_methods") {
        let password = methods.entry("password").or_insert_with(|| json!({}));
        if let Value::Object(password) = password {
            for (name, value) in [
                ("enabled", json!(true)),
                ("api_behavior", json!("required")),
                ("signup_behavior", json!("allow")),
            ] {
                password.entry(name).or_insert(value);
            }
        }
        for name in ["passkey", "email_otp", "phone_otp"] {
            methods.entry(name).or_insert_with(|| json!({ "enabled": false }));
        }
    }
}

fn over_defaults(value: &mut Value, defaults: Value) {
    if let (Value::Object(value), Value::Object(defaults)) = (value, defaults) {
        for (name, default) in defaults {
            match value.get_mut(&name) {
                Some(value) if !value.is_null() => over_defaults(value, default),
                _ => drop(value.insert(name, default)),
            }
        }
    }
}

/// The rules that a database's options have to keep among themselves (recorded).
pub fn check(body: &Object, before: Option<&Object>) -> Result<()> {
    let Some(Value::Object(options)) = body.get("options") else { return Ok(()) };
    if text(body, "strategy") != Some(DATABASE) {
        return Ok(());
    }
    is_possible(body)?;
    let Some(attributes) = options.get("attributes") else { return Ok(()) };
    if options.get("requires_username") == Some(&json!(true)) {
        return Err(Error::body("Cannot set both options.attributes and options.requires_username"));
    }
    if options.contains_key("validation") {
        return Err(Error::body("Cannot set both options.attributes and options.validation"));
    }
    let options = DatabaseOptions::deserialize(options)?;
    let all = options.attributes.unwrap_or_default();
    let named = [("email", &all.email), ("phone_number", &all.phone_number), ("username", &all.username)];
    let is_active = |attribute: &Attribute| {
        attribute.identifier.as_ref().is_some_and(|identifier| identifier.active == Some(true))
    };
    if !named.iter().any(|(_, attribute)| attribute.as_ref().is_some_and(is_active)) {
        return Err(Error::body("attributes must contain one active identifier"));
    }
    for (name, attribute) in named {
        let Some(attribute) = attribute else { continue };
        let status = attribute.signup.as_ref().and_then(|signup| signup.status);
        if attribute.profile_required == Some(true) && status != Some(SignupStatus::Required) {
            return Err(Error::body(format!("attribute {name} must also be required on signup")));
        }
    }
    let shares = |attributes: &Value| attributes.pointer("/email/unique") == Some(&json!(false));
    let shared =
        |body: &Object| body.get("options").and_then(|options| options.get("attributes")).is_some_and(shares);
    if shares(attributes) && before.is_some_and(|before| !shared(before)) {
        return Err(Error::body("cannot add non-unique email attribute"));
    }
    Ok(())
}

/// Refuses what no connection of ours can do yet.
pub fn is_possible(body: &Object) -> Result<()> {
    let app = body.get("cross_app_access_requesting_app");
    if app.is_some_and(|app| app.get("active") == Some(&json!(true))) {
        return Err(Error::operation(
            "Cross App Access Requesting App is not supported for this connection.",
        ));
    }
    Ok(())
}

/// What is known of the options has its shape; what is not is kept.
fn check_shape(shape: Shape, options: &Object) -> Result<()> {
    let Shape::Object(fields) = shape else { return Ok(()) };
    let known: Object = options
        .iter()
        .filter(|(name, _)| fields.iter().any(|field| field.name == name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    schema::check(fields, &known, Op::Create).map_err(|violation| {
        let path = match violation.path.is_empty() {
            true => "options".to_owned(),
            false => format!("options.{}", violation.path),
        };
        Error::from(Violation { path, ..violation })
    })
}

/// Replaces each value of the configuration by one that tells nothing and stays the same while the value does.
pub fn mask(tenant: &Tenant, document: &mut Object) {
    if let Some(Value::Object(configuration)) = configuration(document) {
        for (name, value) in configuration {
            *value = json!(masked(tenant, name, value));
        }
    }
}

/// What was shown in place of a value means that value when it comes back.
pub fn unmask(tenant: &Tenant, patch: &mut Object, before: Option<&Object>) -> Result<()> {
    let before = before.and_then(|body| body.get("options")?.get("configuration")?.as_object());
    let Some(Value::Object(configuration)) = configuration(patch) else { return Ok(()) };
    for (name, value) in configuration {
        let Some(shown) = value.as_str().filter(|value| value.starts_with(MASK)) else { continue };
        match before.and_then(|before| before.get(name)) {
            Some(known) if shown == masked(tenant, name, known) => *value = known.clone(),
            // To keep it would be to forget the secret.
            _ => {
                let name = cut(name);
                return Err(Error::body(format!(
                    "Payload validation error: 'This is what is shown in place of a secret' on property options.configuration.{name}."
                )));
            }
        }
    }
    Ok(())
}

fn configuration(body: &mut Object) -> Option<&mut Value> {
    body.get_mut("options")?.get_mut("configuration")
}

fn masked(tenant: &Tenant, name: &str, value: &Value) -> String {
    format!("{MASK}{}", secrets::fingerprint(tenant, &format!("{name}\n{value}")))
}

/// How every value begins that stands for a secret. Recorded: it is base64; this is our own name in it.
const MASK: &str = "Y291bnRlcnNpZ24t";
