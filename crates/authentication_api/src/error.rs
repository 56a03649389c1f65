//! How the Authentication API says no: `{"error", "error_description"}` (RFC 6749 §5.2), with the statuses
//! that Auth0 answers, which are often not the RFC's.

use std::borrow::Cow;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use idp::{Code, Tenant};
use serde::Serialize;

/// A refusal, or something internal whose words stay here.
#[derive(Debug)]
pub struct Error {
    status: StatusCode,
    body: Body,
    internal: Option<idp::Error>,
}

#[derive(Debug, Serialize)]
struct Body {
    error: &'static str,
    error_description: Cow<'static, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_uri: Option<&'static str>,
}

impl Error {
    pub fn new(status: StatusCode, error: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        let body = Body { error, error_description: description.into(), error_uri: None };
        Error { status, body, internal: None }
    }

    /// RFC 6749 §5.2: the request itself is malformed.
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Error::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The name on the wire.
    pub fn name(&self) -> &'static str {
        self.body.error
    }

    /// The words for the tenant's log.
    pub fn description(&self) -> &str {
        &self.body.error_description
    }

    /// The answer, after the operator was told what the caller does not hear.
    pub fn answer(error: impl Into<Error>, tenant: &Tenant, path: &str) -> Response {
        let error = error.into();
        error.trace(tenant, path);
        error.into_response()
    }

    /// Tells the operator what the caller does not hear.
    pub fn trace(&self, tenant: &Tenant, path: &str) {
        if let Some(error) = &self.internal {
            let (tenant, error) = (tenant.name(), format!("{error:#}"));
            tracing::error!(tenant, path, error, "an Authentication API request failed");
        }
    }
}

impl From<idp::Error> for Error {
    fn from(error: idp::Error) -> Self {
        match error {
            idp::Error::Refused { code, description } => {
                let (status, error_uri) = wire(code);
                let body = Body { error: code.name(), error_description: description, error_uri };
                Error { status, body, internal: None }
            }
            idp::Error::Password(refusal) => {
                Error::new(StatusCode::BAD_REQUEST, refusal.code(), refusal.message())
            }
            // What this door writes is new, and what it reads is found by a key.
            idp::Error::Internal(_)
            | idp::Error::Conflict
            | idp::Error::Taken { .. }
            | idp::Error::TooMuch(_)
            | idp::Error::TooSlow => {
                let refusal = match error.is_passing() {
                    true => {
                        Error::new(StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", idp::PASSING)
                    }
                    false => Error::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Internal error"),
                };
                Error { internal: Some(error), ..refusal }
            }
        }
    }
}

/// The status and, with one of them, where more is to be read.
fn wire(code: Code) -> (StatusCode, Option<&'static str>) {
    let status = StatusCode::from_u16(code.wire().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, (code == Code::GrantTypeNotAllowed).then_some(CLIENT_GRANT_TYPES))
}

const CLIENT_GRANT_TYPES: &str = "https://auth0.com/docs/clients/client-grant-types";

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.body)).into_response();
        // Recorded: refusals carry a longer list than tokens, and no `Pragma`.
        response.headers_mut().insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static(
                "private, no-store, no-cache, must-revalidate, post-check=0, pre-check=0, no-transform",
            ),
        );
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, idp::RETRY_AFTER.into());
        }
        response
    }
}
