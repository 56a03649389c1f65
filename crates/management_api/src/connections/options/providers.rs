//! What is added to a connection to somebody else that does not say it. All of it is recorded; what Auth0 first asks of
//! the other side, such as its endpoints, is not added, and neither is a scope whose name no recording tells.

use base64::{Engine, engine::general_purpose::STANDARD};
use idp::Tenant;
use jose::Certificate;
use model::Strategy;
use schema::Object;
use serde_json::{Value, json};

use crate::{Error, error::Result};

/// Adds what the connection itself does not say, when it is made.
pub fn describe(strategy: Strategy, body: &mut Object) {
    use Strategy::{Ad, Adfs, GoogleApps, Oidc, Okta, Pingfederate, Samlp, Waad};
    if matches!(strategy, Oidc | Okta | Waad) {
        let name = body.get("name").cloned().unwrap_or_default();
        body.entry("display_name").or_insert(name);
    }
    // Those of companies; the others have a button unless they say otherwise.
    if matches!(strategy, Ad | Adfs | GoogleApps | Oidc | Okta | Pingfederate | Samlp | Waad) {
        body.entry("show_as_button").or_insert(json!(false));
    }
}

/// Adds what its options do not say. `before` are the options that these replace; some of it is added only to new ones.
pub fn complete(
    tenant: &Tenant,
    strategy: Strategy,
    options: &mut Object,
    before: Option<&Object>,
) -> Result<()> {
    let is_new = before.is_none();
    let kept = |name: &str| before.and_then(|before| before.get(name)).cloned();
    let mut put = |name: &str, value: Value| {
        options.entry(name).or_insert(value);
    };
    match strategy {
        Strategy::Ad => {
            put("ips", Value::Null);
            if is_new {
                put("brute_force_protection", json!(true));
            }
        }
        Strategy::Adfs if is_new => put("thumbprints", json!([])),
        Strategy::Email | Strategy::Sms if is_new => put("brute_force_protection", json!(true)),
        Strategy::GoogleApps => {
            for name in ["email", "profile"] {
                put(name, json!(true));
            }
            put("scope", json!(["email", "profile"]));
            put("map_user_id_to_id", kept("map_user_id_to_id").unwrap_or(json!(false)));
            if is_new {
                put("handle_login_from_social", json!(true));
            }
        }
        Strategy::GoogleOauth2 => ["email", "profile"].into_iter().for_each(|name| put(name, json!(true))),
        Strategy::Line | Strategy::Linkedin => put("profile", json!(true)),
        Strategy::Windowslive => put("signin", json!(true)),
        Strategy::Oidc | Strategy::Okta => {
            let (channel, mode) = match strategy {
                Strategy::Okta => ("back_channel", "basic_profile"),
                _ => ("front_channel", "bind_all"),
            };
            put("type", kept("type").unwrap_or(json!(channel)));
            put("schema_version", json!("oidc-V4"));
            put("attribute_map", json!({ "mapping_mode": mode }));
            put("connection_settings", json!({ "pkce": if is_new { "auto" } else { "disabled" } }));
        }
        Strategy::Waad if is_new => {
            for (name, value) in [
                ("app_domain", json!(tenant.domain())),
                ("identity_api", json!("microsoft-identity-platform-v2.0")),
                ("should_trust_email_verified_connection", json!("never_set_emails_as_verified")),
                ("useCommonEndpoint", json!(false)),
                ("use_wsfed", json!(false)),
                ("waad_common_endpoint", json!(false)),
                ("waad_protocol", json!("openid-connect")),
            ] {
                put(name, value);
            }
        }
        Strategy::Samlp | Strategy::Pingfederate => {
            if is_new && strategy == Strategy::Samlp {
                let settings = json!({ "algorithm_profile": "v2026-1", "algorithm_exceptions": [] });
                put("assertion_decryption_settings", settings);
            }
            if let Some(base) = options.get("pingFederateBaseUrl").cloned() {
                options.entry("signInEndpoint").or_insert(base);
            }
            unfold_certificate(options)?;
        }
        _ => {}
    }
    if let Some(scope) = scope(strategy, options) {
        options.entry("scope").or_insert(scope);
    }
    Ok(())
}

/// The scope that the switches of social connections come to, unless one is on whose scope is not known here.
fn scope(strategy: Strategy, options: &Object) -> Option<Value> {
    let on = options.iter().filter(|(_, value)| **value == json!(true)).map(|(name, _)| name.as_str());
    let on: Vec<&str> = on.filter(|name| !NO_SWITCHES.contains(name)).collect();
    let is_old = !options.get("strategy_version").is_some_and(|version| *version == json!(2));
    let named = |names: &[(&str, &'static str)]| {
        let scope = on.iter().map(|switch| names.iter().find(|(name, _)| name == switch).map(|(_, it)| *it));
        let scope: Option<Vec<&str>> = scope.collect();
        scope.map(|scope| json!(scope.into_iter().filter(|it| !it.is_empty()).collect::<Vec<_>>()))
    };
    match strategy {
        Strategy::Facebook => Some(json!(on.join(","))),
        Strategy::GoogleOauth2 => named(&[
            ("email", "email"),
            ("profile", "profile"),
            ("calendar", "https://www.googleapis.com/auth/calendar"),
            ("gmail", "https://mail.google.com/mail/feed/atom"),
            ("youtube", "https://gdata.youtube.com"),
        ]),
        Strategy::Linkedin => named(&[("profile", if is_old { "r_basicprofile" } else { "r_liteprofile" })]),
        Strategy::Windowslive => named(&[
            ("signin", if is_old { "wl.signin" } else { "" }),
            ("graph_user", "https://graph.microsoft.com/User.Read"),
        ]),
        Strategy::Github
        | Strategy::Salesforce
        | Strategy::SalesforceCommunity
        | Strategy::SalesforceSandbox => named(&[]),
        _ => None,
    }
}

/// Members that are on or off and ask for nothing.
const NO_SWITCHES: [&str; 3] = ["allow_context_profile_field", "brute_force_protection", "disable_signup"];

/// What the other side signs with is kept as the certificate and what can be read in it.
fn unfold_certificate(options: &mut Object) -> Result<()> {
    let Some(Value::String(text)) = options.get("signingCert") else { return Ok(()) };
    let decoded = || STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let pem = if text.trim_start().starts_with("-----BEGIN") { Some(text.clone()) } else { decoded() };
    let read = pem.and_then(|pem| Some((Certificate::from_pem(&pem).ok()?, pem)));
    let Some((certificate, pem)) = read else {
        return Err(Error::body(
            "Payload validation error: 'This is no certificate' on property options.signingCert.",
        ));
    };
    options.shift_remove("signingCert");
    options.insert("cert".into(), json!(pem));
    options.insert("expires".into(), json!(idp::clock::iso(certificate.not_after_unix() * 1_000)));
    let subject: Object = certificate
        .subject_names()
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .collect();
    options.insert("subject".into(), Value::Object(subject));
    options.insert("thumbprints".into(), json!([certificate.sha1_thumbprint().to_lowercase()]));
    Ok(())
}
