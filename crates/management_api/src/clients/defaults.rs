//! What a new client has where nothing is said, as far as it depends on what kind of client it is.

use idp::provision::refresh_token;
use schema::Object;
use serde_json::{Value, json};

use super::text;

/// Writes it.
pub fn of_its_kind(body: &mut Object, strict: bool) {
    let method = text(body, "token_endpoint_auth_method").map(str::to_owned);
    let app_type = text(body, "app_type").map(str::to_owned);
    let is_special =
        strict || matches!(app_type.as_deref(), Some("resource_server" | "express_configuration"));
    if !body.contains_key("grant_types") {
        let mut grants = vec!["authorization_code", "implicit", "refresh_token", "client_credentials"];
        match (app_type.as_deref(), method.as_deref()) {
            _ if strict => grants = vec!["authorization_code"],
            (Some("resource_server"), _) => grants.clear(),
            (Some("express_configuration"), _) => grants = vec!["authorization_code", "client_credentials"],
            (_, Some("none")) => grants.truncate(3),
            _ => {}
        }
        body.insert("grant_types".into(), json!(grants));
    }
    if body.get("is_first_party") == Some(&json!(false)) {
        body.insert("oidc_conformant".into(), json!(true));
    }
    if is_special {
        body.insert("oidc_conformant".into(), json!(true));
        let configuration = body.entry("jwt_configuration").or_insert_with(|| json!({}));
        if let Value::Object(configuration) = configuration {
            configuration.entry("alg").or_insert(json!("RS256"));
            match strict {
                true => drop(configuration.insert("lifetime_in_seconds".into(), json!(3600))),
                false => drop(configuration.shift_remove("lifetime_in_seconds")),
            }
        }
    }
    if app_type.as_deref() == Some("express_configuration") {
        body.entry("organization_usage").or_insert(json!("require"));
        body.entry("organization_require_behavior").or_insert(json!("pre_login_prompt"));
        body.entry("callbacks")
            .or_insert(json!(["https://system-admin.okta.com/admin/app/generic/oauth20redirect"]));
        body.entry("client_authentication_methods")
            .or_insert(json!({ "private_key_jwt": { "credentials": [] } }));
    }
    if strict {
        body.insert("third_party_security_mode".into(), json!("strict"));
        body.entry("redirection_policy").or_insert(json!("open_redirect_protection"));
    }
    let has_secret_method = matches!(method.as_deref(), Some("client_secret_post" | "client_secret_basic"));
    let (lifetime, idle) = if has_secret_method { (31_557_600, 2_592_000) } else { (2_592_000, 1_296_000) };
    let mut rules = refresh_token(lifetime, idle);
    let given = body.get("refresh_token").cloned().unwrap_or_default();
    let is_third_party = body.get("is_first_party") == Some(&json!(false));
    if is_third_party || given.get("expiration_type") == Some(&json!("expiring")) {
        rules["expiration_type"] = json!("expiring");
        rules["infinite_token_lifetime"] = json!(strict);
        rules["infinite_idle_token_lifetime"] = json!(false);
    }
    if is_third_party && !strict && method.as_deref() == Some("none") {
        rules["rotation_type"] = json!("rotating");
    }
    if let (Value::Object(given), Value::Object(rules)) = (given, &mut rules) {
        rules.extend(given);
    }
    body.insert("refresh_token".into(), rules);
}

/// A third party's client is strict unless it says permissive.
pub fn is_strict_third_party(body: &Object) -> bool {
    body.get("is_first_party") == Some(&json!(false))
        && text(body, "third_party_security_mode") != Some("permissive")
}
