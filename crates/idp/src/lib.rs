//! What an identity provider does, without HTTP or HTML: tenants and what they hold in memory, the line
//! that issues a token, the keys that sign it, how people log in and out, the record of what happened. It takes a [`Tenant`] and
//! returns values; doors turn them into answers.

pub mod access_token;
pub mod actions;
pub mod administrators;
pub mod authorize;
pub mod bearer;
pub mod breached;
pub mod clock;
pub mod consent;
mod credential_use;
pub mod documents;
pub mod encryption_keys;
pub mod error;
pub mod federation;
pub mod id;
pub mod introspection;
pub mod invitation;
pub mod key_policy;
pub mod keys;
pub mod log;
pub mod login;
pub mod logout;
pub mod occasion;
mod once;
pub mod origins;
pub mod owner;
pub mod password;
pub mod penalties;
pub mod permissions;
pub mod pipeline;
pub mod possession;
pub mod protection;
pub mod provision;
pub mod quota;
pub mod revocation;
pub mod session;
pub mod snapshot;
pub mod tenant;
pub mod tenants;
pub mod ticket;
pub mod token;
pub mod usage;
pub mod user;
pub mod userinfo;
mod vault;
pub mod visitor;
pub mod wildcard;

pub use clock::Clock;
pub use documents::{Change, Document, Put};
pub use error::{Code, Error, Result};
pub use tenant::Tenant;
pub use tenants::Tenants;
pub use visitor::Visitor;
