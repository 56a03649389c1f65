//! The hosted pages: where people log in, and what they read when nothing else can answer. A page is a form that works
//! without scripts; what it asks for is decided by `idp`, what it says stands in the catalogues of `text/`, and how it looks
//! is the tenant's, within what can be read.

mod color;
mod device;
mod form;
mod identifiers;
mod limit;
mod login;
mod logout;
mod look;
pub mod message;
pub mod page;
mod preview;
mod question;
pub mod reply;
mod reset;
mod rules;
mod screen;
mod setup;
mod template;
pub mod text;
mod unblock;
mod verification;

pub use preview::{Previewed, preview};
pub use text::catalogue;

use std::sync::Arc;

use axum::{
    Router, middleware,
    routing::{any, get},
};
use web::Buckets;

/// The routes at a tenant's root. Tenant and `Origin` are found in the request's extensions, and the `PathPrefix` if there
/// is one. Pages are taken out of the buckets of the interface whose logins they show.
pub fn router(buckets: Arc<Buckets>) -> Router {
    let router = Router::new()
        .route("/u/setup", get(setup::show).post(setup::answer))
        .route(reset::PATH, get(reset::show).post(reset::answer))
        .route(verification::PATH, get(verification::show).post(verification::answer))
        .route(device::PATH, get(device::show).post(device::answer))
        .route("/u/logout", get(logout::show).post(logout::answer))
        .route("/u/unblock", get(unblock::show).post(unblock::answer))
        .route("/device/success", get(device::success))
        .route("/device/failure", get(device::failure));
    login::PATHS
        .into_iter()
        .fold(router, |router, path| router.route(path, get(login::show).post(login::answer)))
        .route("/u/{*nothing}", any(message::nothing))
        .layer(middleware::from_fn_with_state(buckets, limit::limited))
}
