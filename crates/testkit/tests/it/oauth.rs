//! `/oauth`

mod authorize;
mod device;
mod introspect;
mod revoke;
mod token;
mod token_status;
