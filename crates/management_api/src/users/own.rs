//! What people may do with what is known of themselves, with a token of their own.

use http::StatusCode;
use schema::Object;
use serde_json::Value;

use super::asked::Asked;
use crate::{Call, Error, error::Result};

/// Whether it is their own: refuses whoever may act for themselves only, and means somebody else.
pub fn must_be_theirs(call: &Call, for_all: &[&str], for_themselves: &str) -> Result<bool> {
    if for_all.iter().any(|scope| call.may(scope)) {
        return Ok(false);
    }
    call.must(&[for_all, &[for_themselves]].concat())?;
    let subject = call.token.claims.get("sub").and_then(Value::as_str);
    match subject == Some(call.parameter("id")) {
        true => Ok(true),
        false => Err(Error::new(
            StatusCode::FORBIDDEN,
            "User to be acted on does not match subject in bearer token.",
            Some("insufficient_scope"),
        )),
    }
}

/// Refuses a patch of what the token's scopes do not reach: people change their own metadata, and some callers the
/// metadata of applications only.
pub fn may_change(call: &Call, is_own: bool, patch: &Object, asked: &Asked) -> Result<()> {
    let asks = asked.password.is_some() || asked.verify_email || asked.verify_phone_number;
    let only = |name: &str| !asks && patch.keys().all(|key| key == name);
    let may = match is_own {
        true => only("user_metadata"),
        false => call.may("update:users") || only("app_metadata"),
    };
    if may { Ok(()) } else { Err(Error::insufficient_scope(&["update:users"])) }
}
