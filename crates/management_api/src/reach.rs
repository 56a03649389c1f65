//! How far people may let applications reach into the Management API: no further than they reach themselves. An
//! application with more, and its secret at hand, would be a way around their roles. Clients are not held to it, as
//! they are not at Auth0: whoever lets one make grants lets it have everything.

use http::StatusCode;
use model::MANAGEMENT_SCOPES;
use schema::Object;
use serde_json::{Value, json};

use crate::{Call, Error, clients::text, error::Result};

/// Refuses a grant, as it would be stored, that gives more of the Management API than the caller has.
pub fn must_cover(call: &Call, grant: &Object) -> Result<()> {
    let is_all = grant.get("allow_all_scopes") == Some(&json!(true));
    let listed = grant.get("scope").and_then(Value::as_array).into_iter().flatten();
    let listed: Vec<&str> = listed.filter_map(Value::as_str).collect();
    let is_ours = text(grant, "audience") == Some(&call.tenant.management_audience());
    if !is_ours || covers(call, is_all, &listed) { Ok(()) } else { Err(beyond()) }
}

/// Refuses what would let the caller use a client that reaches further.
pub fn must_reach(call: &Call, client_id: &str) -> Result<()> {
    if reaches(call, client_id) { Ok(()) } else { Err(beyond()) }
}

/// Whether the caller has all that this client has of the Management API.
pub fn reaches(call: &Call, client_id: &str) -> bool {
    let snapshot = call.tenant.snapshot();
    let Some(grant) = snapshot.grant(client_id, &call.tenant.management_audience()) else { return true };
    let listed: Vec<&str> = grant.view.scope.iter().flatten().map(String::as_str).collect();
    covers(call, grant.view.allow_all_scopes == Some(true), &listed)
}

fn covers(call: &Call, is_all: bool, listed: &[&str]) -> bool {
    let has_all = || MANAGEMENT_SCOPES.iter().all(|(scope, _)| call.may(scope));
    call.token.administrator.is_none()
        || if is_all { has_all() } else { listed.iter().all(|scope| call.may(scope)) }
}

fn beyond() -> Error {
    let words = "This application may do more in the Management API than your roles let you do.";
    Error::new(StatusCode::FORBIDDEN, words, Some("insufficient_role"))
}
