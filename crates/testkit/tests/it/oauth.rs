//! `/oauth`

mod authorize;
mod revoke;
mod token;
