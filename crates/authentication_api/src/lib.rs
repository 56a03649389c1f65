//! The Authentication API: the token endpoint, the beginning and the end of logins, what a validator needs to know of the
//! tenant, and the certificate downloads. It parses the wire, calls `idp` and prints the answer. Pages that people read
//! are made elsewhere.

mod authorize;
mod certificates;
mod client_settings;
mod co_authenticate;
mod cors;
mod dbconnections;
mod device;
mod error;
mod introspect;
mod limit;
mod logout;
mod parameters;
mod posted;
mod pushed;
mod revoke;
mod sso_data;
mod token;
mod userinfo;
mod well_known;

use std::sync::Arc;

use axum::{
    Router,
    response::Response,
    routing::{get, post},
};
use http::{StatusCode, request::Parts};
use idp::{Tenant, authorize::Reply};
use web::Buckets;

/// Makes a page of a status from a text of the tenant's and what it is told, by name.
pub type OwnError = fn(StatusCode, &str, &[(&'static str, String)]) -> Option<Response>;

/// The pages that this door needs and another makes.
#[derive(Debug, Clone, Copy)]
pub struct Pages {
    /// Tells somebody, in a page of this status, what error it was and why.
    pub error: fn(&Tenant, &Parts, StatusCode, &str, &str) -> Response,
    /// The same, in a page that the tenant wrote, told these values by name; nothing if it cannot be filled in.
    pub own_error: OwnError,
    /// Takes an answer back to the application.
    pub reply: fn(&Tenant, &Parts, Reply) -> Response,
    /// Tells somebody that the login has ended with which they want to go on.
    pub ended: fn(&Tenant, &Parts) -> Response,
    /// Tells somebody that they are logged out.
    pub logged_out: fn(&Tenant, &Parts) -> Response,
}

/// The port at which this server asks callers for a certificate, if there is one.
#[derive(Debug, Clone, Copy)]
pub struct MtlsPort(pub Option<u16>);

/// The routes at a tenant's root. Tenant and `Origin` are found in the request's extensions, and the `PathPrefix` if there
/// is one.
pub fn router(pages: Pages, buckets: Arc<Buckets>) -> Router {
    Router::new()
        .route("/authorize", get(authorize::answer).post(authorize::answer))
        .route("/authorize/resume", get(authorize::resume))
        .route("/continue", get(authorize::proceed).post(authorize::proceed))
        .route("/login", get(authorize::kept))
        .route("/v2/logout", get(logout::plain))
        .route("/oidc/logout", get(logout::rp_initiated).post(logout::rp_initiated))
        .with_state(pages)
        .route("/oauth/par", post(pushed::push))
        .route("/oauth/device/code", post(device::code))
        .route("/oauth/revoke", post(revoke::revoke))
        .route("/oauth/introspect", post(introspect::introspect))
        .route("/oauth/token-status", get(introspect::token_status))
        .route("/co/authenticate", post(co_authenticate::co_authenticate))
        .route("/client/{file}", get(client_settings::script))
        .route("/usernamepassword/challenge", post(client_settings::challenge))
        .route("/dbconnections/signup/challenge", post(client_settings::challenge))
        .route("/dbconnections/change_password/challenge", post(client_settings::challenge))
        .route("/user/ssodata", get(sso_data::sso_data))
        .route("/user/geoloc/country", get(sso_data::country))
        .route("/dbconnections/signup", post(dbconnections::sign_up))
        .route("/dbconnections/change_password", post(dbconnections::change_password))
        .route("/userinfo", get(userinfo::userinfo).post(userinfo::userinfo))
        .route("/.well-known/jwks.json", get(well_known::jwks))
        .route("/.well-known/openid-configuration", get(well_known::configuration))
        .route("/.well-known/oauth-authorization-server", get(well_known::configuration))
        .route("/pem", get(certificates::pem))
        .route("/cer", get(certificates::cer))
        .route("/rawpem", get(certificates::rawpem))
        .route("/pb7", get(certificates::pb7))
        .route("/fingerprint", get(certificates::fingerprint))
        .layer(limit::Limited(buckets.clone()))
        .layer(cors::Preflights)
        // This one asks the bucket itself, and answers preflights itself: a layer would cost it a box.
        .merge(
            Router::new().route("/oauth/token", post(token::token).options(cors::token)).with_state(buckets),
        )
}
