//! `/oauth`

mod authorize;
mod code;
mod device;
mod introspect;
mod revoke;
mod token;
mod token_status;
