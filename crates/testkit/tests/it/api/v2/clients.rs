//! `/api/v2/clients`

mod create;
mod credentials;
mod delete;
mod list;
mod patch;
mod read;
mod rotate_secret;
