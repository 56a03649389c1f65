//! `/oauth/par`: an application that proves itself says what it will ask for at `/authorize` (RFC 9126).

use axum::{
    Extension, Json,
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use idp::{
    Code, Tenant,
    authorize::{self, Asked, Pushed},
};
use serde_json::json;
use std::time::Duration;
use web::{BodyError, MediaType, Origin};

use crate::{
    authorize::{taken, visitor},
    error::Error,
    parameters,
};

/// `POST /oauth/par`
pub async fn push(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    parts: Parts,
    body: Body,
) -> Response {
    match pushed(&tenant, &origin, &parts, body).await {
        Ok(Pushed { request_uri, expires_in }) => {
            let body = Json(json!({ "request_uri": request_uri, "expires_in": expires_in }));
            let headers = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (StatusCode::CREATED, headers, body).into_response()
        }
        Err(refusal) => {
            refusal.trace(&tenant, parts.uri.path());
            refusal.into_response()
        }
    }
}

async fn pushed(tenant: &Tenant, origin: &Origin, parts: &Parts, body: Body) -> Result<Pushed, Error> {
    if !MediaType::of(&parts.headers).is_some_and(|media| media.is_form()) {
        let words = "The request body must be application/x-www-form-urlencoded";
        return Err(Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "invalid_request", words));
    }
    let bytes = web::read_body(body, MOST, DEADLINE).await.map_err(|error| match error {
        BodyError::TooLarge => {
            let words = "The request body is larger than 10 KiB";
            Error::new(StatusCode::PAYLOAD_TOO_LARGE, "invalid_request", words)
        }
        BodyError::Slow => {
            Error::new(StatusCode::REQUEST_TIMEOUT, "invalid_request", "The request body took too long")
        }
        BodyError::Broken => Error::invalid_request("The request body ended early"),
    })?;
    let mut pairs = web::form(&bytes).map_err(|error| Error::invalid_request(error.to_string()))?;
    // What proves the client is no part of what it asks for.
    pairs.retain(|(name, _)| !PROOFS.contains(&name.as_str()));
    let asked: Asked = taken(pairs, Asked::slot, Asked::keep).map_err(in_json)?;
    let request = parameters::read(parts, origin, Body::from(bytes)).await?;
    let visitor = visitor(&parts.headers, origin);
    authorize::push(tenant, &request, asked, &visitor).await.map_err(in_json)
}

/// A refusal that only this application hears: RFC 9126 §2.3 has it as the token endpoint does, but for one status.
fn in_json(error: idp::Error) -> Error {
    match error {
        idp::Error::Refused { code: Code::UnauthorizedClient | Code::AccessDenied, description } => {
            Error::invalid_request(description)
        }
        other => Error::from(other),
    }
}

const PROOFS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];
/// The greatest body, in bytes.
const MOST: usize = 10 * 1024;
const DEADLINE: Duration = Duration::from_secs(15);
