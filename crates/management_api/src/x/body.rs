//! The few texts that a body of ours has, and the request for a token that some of them make.

use std::sync::Arc;

use idp::{snapshot::RegisteredClient, token::Request};
use schema::Object;
use serde_json::Value;

use crate::{Call, Error, call::cut, error::Result};

/// Refuses members that have none of these names.
pub fn only(body: &Object, names: &[&str]) -> Result<()> {
    match body.keys().find(|name| !names.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(fail(&format!("'Additional properties not allowed: {}'.", cut(name)))),
    }
}

/// The text of a member that may be absent; what is empty or `null` is absent.
pub fn optional(body: &Object, name: &str) -> Result<Option<String>> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.len() > LONGEST || text.contains('\0') => {
            Err(fail(&format!("'Too long, or a character that is not allowed' on property {name}.")))
        }
        Some(Value::String(text)) => Ok(Some(text.clone()).filter(|text| !text.is_empty())),
        Some(_) => Err(fail(&format!("'Expected type string' on property {name}."))),
    }
}

/// The text of a member that must be there.
pub fn required(body: &Object, name: &str) -> Result<String> {
    optional(body, name)?.ok_or_else(|| fail(&format!("'Missing required property: {name}'.")))
}

/// What the client that the body names would ask the token endpoint for, and the client.
pub fn token_request(call: &Call) -> Result<(Request, Arc<RegisteredClient>)> {
    only(&call.body, &["client_id", "audience", "scope", "organization"])?;
    let client_id = required(&call.body, "client_id")?;
    let known = call.tenant.snapshot().client(&client_id).cloned();
    let known =
        known.ok_or_else(|| Error::not_found("The client does not exist", Some("inexistent_client")))?;
    let request = Request {
        grant_type: Some("client_credentials".into()),
        client_id: Some(client_id),
        audience: optional(&call.body, "audience")?,
        scope: optional(&call.body, "scope")?,
        organization: optional(&call.body, "organization")?,
        host: call.origin.host.clone(),
        path: "/oauth/token".into(),
        ip: Some(call.origin.ip),
        ..Request::default()
    };
    Ok((request, known))
}

fn fail(reason: &str) -> Error {
    Error::body(format!("Payload validation error: {reason}"))
}

const LONGEST: usize = 16 * 1024;
