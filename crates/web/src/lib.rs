//! HTTP manners that know no identity: listeners, TLS, peers, bodies, headers.
//!
//! What any careful HTTP service does, and nothing about users, clients or tokens.

pub mod address;
pub mod body;
pub mod connection;
pub mod credential;
mod forwarded;
pub mod layers;
mod local_authority;
pub mod media_type;
mod pulse;
pub mod serve;
pub mod tls;

pub use address::{BadHost, Origin, Scheme, TrustedProxies};
pub use body::{BodyError, Duplicate, FormError, form, read_body, unique};
pub use connection::Connection;
pub use credential::{Malformed, basic_credentials, bearer};
pub use layers::{RequestId, request_id, security_headers};
pub use media_type::MediaType;
pub use serve::{Limits, serve};
pub use tls::Certificates;
