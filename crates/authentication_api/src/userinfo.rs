//! `/userinfo`: what an access token may know of the person in whose name it is.

use axum::{
    Extension, Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use idp::Tenant;
use web::Origin;

use crate::error::Error;

/// The claims, or why not.
pub async fn userinfo(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
) -> Response {
    let Some(token) = web::bearer(&parts.headers) else { return unauthorized("Bearer") };
    match idp::userinfo::of(&tenant, token, &origin.host).await {
        Ok(Some(claims)) => {
            let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (no_store, Json(claims)).into_response()
        }
        Ok(None) => unauthorized("Bearer error=\"invalid_token\""),
        Err(error) => {
            let error = Error::from(error);
            error.trace(&tenant, parts.uri.path());
            error.into_response()
        }
    }
}

fn unauthorized(challenge: &'static str) -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))];
    (StatusCode::UNAUTHORIZED, challenge, "Unauthorized").into_response()
}
