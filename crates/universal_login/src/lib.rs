//! The hosted pages: where people log in, and what they read when nothing else can answer. A page is a form that works
//! without scripts; what it asks for is decided by `idp`, and what it says stands in one file.

mod form;
mod login;
pub mod message;
pub mod page;
pub mod reply;
mod setup;
pub mod text;

use axum::{Router, routing::get};

/// The routes at a tenant's root. Tenant and `Origin` are found in the request's extensions, and the `PathPrefix` if there
/// is one.
pub fn router() -> Router {
    Router::new()
        .route("/u/login", get(login::show).post(login::answer))
        .route("/u/setup", get(setup::show).post(setup::answer))
}
