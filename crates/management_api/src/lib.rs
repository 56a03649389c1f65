//! The Management API, `/api/v2`, and beside it what only we offer, `/api/x`. Its operations are rows of one table; engines serve the collections and
//! settings, verbs are functions. Every row goes through the same door: who asks, may they, how often, with
//! what body; afterwards the log hears of it.

mod about;
mod actions;
mod actor;
mod answer;
mod attack_protection;
mod audit;
mod blocks;
mod branding;
mod call;
mod client_credentials;
mod client_grants;
mod clients;
pub mod collection;
mod connections;
mod deleted;
mod device_credentials;
mod door;
mod encryption_keys;
mod error;
mod filter;
mod grants;
mod hooks;
mod logs;
mod network_acls;
mod operation;
mod organizations;
mod page;
mod permissions;
mod precondition;
mod prompts;
mod rate_limit_policies;
mod reach;
mod refresh_tokens;
mod resource_servers;
mod roles;
mod rules;
mod rules_configs;
mod search;
mod signing_keys;
mod singleton;
mod stats;
pub mod tenant_settings;
mod token_exchange_profiles;
mod user_parts;
mod users;
mod x;

pub use answer::Answer;
pub use call::Call;
pub use deleted::forget_old as forget_deleted;
pub use door::router;
pub use error::Error;
pub use operation::{Interface, Operation, operations};
