//! The manners of the web crate, over real sockets where a socket matters.

#![expect(clippy::unwrap_used, reason = "a test's own tools may fail the test")]

mod body;
mod browser;
mod client_certificate;
mod credential;
mod layers;
mod limits;
mod media_type;
mod named_certificate;
mod origin;
mod serve;
mod support;
mod tls;
