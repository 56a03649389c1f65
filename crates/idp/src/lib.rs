//! What an identity provider does, without HTTP or HTML: tenants and what they hold in memory, the line
//! that issues a token, the keys that sign it, the record of what happened. It takes a [`Tenant`] and
//! returns values; doors turn them into answers.

pub mod access_token;
pub mod administrators;
pub mod clock;
pub mod documents;
pub mod encryption_keys;
pub mod error;
pub mod id;
pub mod keys;
pub mod log;
pub mod owner;
pub mod provision;
pub mod snapshot;
pub mod tenant;
pub mod tenants;
pub mod token;
mod vault;

pub use clock::Clock;
pub use documents::{Change, Document, Put};
pub use error::{Code, Error, Result};
pub use tenant::Tenant;
pub use tenants::Tenants;
