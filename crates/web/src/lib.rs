//! HTTP manners that know no identity: listeners, TLS, peers, bodies, headers.
//!
//! What any careful HTTP service does, and nothing about users, clients or tokens.

mod address;
mod body;
mod client_certificate;
mod connection;
mod cookie;
mod credential;
mod forwarded;
mod layers;
mod local_authority;
mod media_type;
mod multipart;
mod named_certificate;
mod path_prefix;
mod pulse;
mod rate_limit;
mod same_origin;
#[cfg(feature = "scratch")]
pub mod scratch;
mod serve;
mod tls;
mod tls_alpn;

pub use address::{BadHost, Origin, Scheme, TrustedProxies, is_this_machine};
pub use body::{BodyError, Duplicate, FormError, form, read_body, unique};
pub use client_certificate::{Authorities, CertificateHeader, PeerCertificate, client_certificate};
pub use connection::Connection;
pub use cookie::{SetCookie, cookies, twin_cookies};
pub use credential::{Malformed, Presented, basic_credentials, bearer, joined, presented};
pub use layers::security_headers;
pub use media_type::MediaType;
pub use multipart::{MultipartError, Part, multipart};
pub use named_certificate::NamedCertificate;
pub use path_prefix::PathPrefix;
pub use rate_limit::{Buckets, RateLimit, Standing};
pub use same_origin::is_same_origin;
pub use serve::{Limits, serve};
pub use tls::{Certificates, Tls};
