//! The grants: what each may issue, as a value.

pub mod client_credentials;

use model::GrantType;

use super::Request;
use crate::{Code, Result};

/// The grant that a request names.
pub fn grant_type(request: &Request) -> Result<GrantType> {
    let Some(name) = request.grant_type.as_deref().filter(|name| !name.is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: grant_type");
    };
    match GrantType::from_wire(name) {
        Some(GrantType::ClientCredentials) => Ok(GrantType::ClientCredentials),
        _ => Code::UnsupportedGrantType.refuse("Grant type not supported"),
    }
}
