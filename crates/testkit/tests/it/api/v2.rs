//! `/api/v2`, the Management API

mod actions;
mod attack_protection;
mod blocks;
pub mod branding;
mod client_grants;
mod clients;
mod connections;
mod door;
mod event_streams;
mod grants;
mod hooks;
mod keys;
mod log_streams;
mod logs;
mod network_acls;
mod organizations;
mod preconditions;
mod prompts;
mod rate_limit_policies;
mod refresh_tokens;
mod resource_servers;
mod robustness;
mod roles;
mod rules;
mod search;
mod sessions;
mod stats;
mod tenants;
mod token_exchange_profiles;
mod users;

use serde_json::{Value, json};
use testkit::Answer;

/// A refusal in the Management API's words, and in this order.
#[track_caller]
fn refused(answer: &Answer, status: u16, message: &str, code: Option<&str>) {
    let error = http::StatusCode::from_u16(status).unwrap().canonical_reason();
    let mut body = json!({ "statusCode": status, "error": error, "message": message });
    if let Some(code) = code {
        body["errorCode"] = json!(code);
    }
    assert_eq!(answer.text(), body.to_string());
    assert_eq!(answer.status, status);
    assert!(answer.header("content-type").starts_with("application/json"), "{:?}", answer.headers);
}

/// The member of this name of each element.
#[track_caller]
fn each<'a>(list: &'a Value, member: &str) -> Vec<&'a str> {
    let elements = list.as_array().unwrap_or_else(|| panic!("no array: {list}"));
    elements.iter().map(|one| one[member].as_str().unwrap_or_default()).collect()
}

/// The member of an object that is a text.
#[track_caller]
pub fn text<'a>(object: &'a Value, member: &str) -> &'a str {
    object[member].as_str().unwrap_or_else(|| panic!("no text {member} in {object}"))
}
