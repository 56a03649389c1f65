//! What a trusted issuer may be declared as, beyond what each field says for itself.

use jose::KeySet;
use model::{FederatedCredential, FederationRule, Operator};
use serde_json::Value;

use super::rule;

/// What is wrong with a declaration, and at which property.
pub fn fault(declared: &FederatedCredential) -> Option<(String, String)> {
    let at = |property: &str, fault: Option<String>| fault.map(|fault| (property.to_owned(), fault));
    at("issuer", issuer(&declared.issuer))
        .or_else(|| at("audience", declared.audience.as_deref().and_then(printable)))
        .or_else(|| at("jwks_uri", declared.jwks_uri.as_deref().and_then(address)))
        .or_else(|| at("jwks", declared.jwks.as_ref().and_then(keys)))
        .or_else(|| {
            let both = declared.jwks.is_some() && declared.jwks_uri.is_some();
            at("jwks", both.then(|| "jwks and jwks_uri exclude each other".into()))
        })
        .or_else(|| rules(&declared.rules))
}

/// It is compared byte for byte, so that it has to be written as its tokens have it; what follows a `?` or `#` would end up
/// in the middle of its discovery document's address (OpenID Connect Discovery §3).
fn issuer(text: &str) -> Option<String> {
    if text.contains(['?', '#']) {
        return Some("An issuer has no query and no fragment".into());
    }
    address(text)
}

fn address(text: &str) -> Option<String> {
    // The letters of other alphabets that look like ours; and `HTTPS:` would never be what a token says.
    if !text.starts_with("https://") || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Some("It must be an https URL of ASCII characters without white space".into());
    }
    outbound::checked(text).err().map(|error| error.to_string())
}

fn printable(text: &str) -> Option<String> {
    text.chars().any(char::is_control).then(|| "It must not hold control characters".into())
}

fn keys(set: &Value) -> Option<String> {
    if set.to_string().len() > MOST_JWKS {
        return Some("Larger than 64 KiB".into());
    }
    KeySet::strict(set).err().map(|error| format!("Each key must be a public one that can verify: {error}"))
}

fn rules(rules: &[FederationRule]) -> Option<(String, String)> {
    for (i, rule) in rules.iter().enumerate() {
        if let Some(fault) = rule_fault(rule) {
            return Some((format!("rules[{i}].value"), fault));
        }
    }
    let names_whom = rules.iter().any(|rule| IDENTIFYING.contains(&rule.claim.trim_start_matches('/')));
    let fault =
        "One rule at least must say whose tokens are meant: a rule on sub, or on the repository or project";
    (!names_whom).then(|| ("rules".into(), fault.into()))
}

fn rule_fault(rule: &FederationRule) -> Option<String> {
    let text = |value: &Value| match value.as_str() {
        Some(text) if text.is_empty() || text.len() > MOST_VALUE => Some("1 to 1024 bytes".to_owned()),
        Some(text) => printable(text),
        None => Some("Expected type string".into()),
    };
    match (rule.operator, &rule.value) {
        (Operator::OneOf, Value::Array(all)) if (1..=MOST_VALUES).contains(&all.len()) => {
            all.iter().find_map(text)
        }
        (Operator::OneOf, _) => Some("one_of takes a list of 1 to 100 texts".into()),
        (Operator::Equals, value) => text(value),
        (Operator::Matches, value) => {
            let pattern = value.as_str().unwrap_or_default();
            text(value).or_else(|| rule::pattern_fault(pattern).map(str::to_owned))
        }
    }
}

/// The claims by which issuers that anybody may use tell their users apart: `sub` (RFC 7523 §3), and what stands for it at
/// GitHub and GitLab.
const IDENTIFYING: [&str; 9] = [
    "sub",
    "repository",
    "repository_id",
    "repository_owner",
    "repository_owner_id",
    "project_path",
    "project_id",
    "namespace_path",
    "namespace_id",
];
const MOST_JWKS: usize = 64 * 1024;
const MOST_VALUE: usize = 1024;
const MOST_VALUES: usize = 100;
