//! The Authentication API: the token endpoint, what a validator needs to know of the tenant, and the
//! certificate downloads. It parses the wire, calls `idp` and prints the answer.

mod certificates;
mod error;
mod token;
mod well_known;

use axum::{
    Router,
    routing::{get, post},
};

/// The routes at a tenant's root. Tenant and `Origin` are found in the request's extensions.
pub fn router() -> Router {
    Router::new()
        .route("/oauth/token", post(token::token))
        .route("/.well-known/jwks.json", get(well_known::jwks))
        .route("/.well-known/openid-configuration", get(well_known::configuration))
        .route("/.well-known/oauth-authorization-server", get(well_known::configuration))
        .route("/pem", get(certificates::pem))
        .route("/cer", get(certificates::cer))
        .route("/rawpem", get(certificates::rawpem))
        .route("/pb7", get(certificates::pb7))
        .route("/fingerprint", get(certificates::fingerprint))
}
