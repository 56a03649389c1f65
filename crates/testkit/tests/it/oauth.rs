//! `/oauth`

mod authorize;
mod introspect;
mod revoke;
mod token;
mod token_status;
