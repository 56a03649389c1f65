//! `/userinfo`: what an access token may know of the person in whose name it is.

use axum::{
    Extension, Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use idp::{Tenant, possession::Shown};
use web::Origin;

use crate::{cors, error::Error};

/// The claims, or why not.
pub async fn userinfo(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
) -> Response {
    let mut response = answer(&tenant, &origin, &parts).await;
    cors::share_with_all(response.headers_mut());
    response
}

async fn answer(tenant: &Tenant, origin: &Origin, parts: &Parts) -> Response {
    let Some(presented) = web::presented(parts, origin) else { return unauthorized("Bearer") };
    let shown = Shown {
        token: presented.token,
        is_dpop: presented.is_dpop,
        proof: presented.proof.as_deref(),
        certificate: presented.certificate,
        method: presented.method,
        url: &presented.url,
    };
    match idp::userinfo::of(tenant, &shown, &origin.host).await {
        Ok(Some(claims)) => {
            let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (no_store, Json(claims)).into_response()
        }
        Ok(None) if shown.is_dpop => unauthorized("DPoP error=\"invalid_token\""),
        Ok(None) => unauthorized("Bearer error=\"invalid_token\""),
        Err(error) => Error::answer(error, tenant, parts.uri.path()),
    }
}

fn unauthorized(challenge: &'static str) -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))];
    (StatusCode::UNAUTHORIZED, challenge, "Unauthorized").into_response()
}
