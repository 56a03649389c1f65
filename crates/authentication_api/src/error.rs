//! How the Authentication API says no: `{"error", "error_description"}` (RFC 6749 §5.2), with the statuses
//! that Auth0 answers, which are often not the RFC's (`m2m` 5.8).

use std::borrow::Cow;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use idp::Code;
use serde::Serialize;

/// A refusal, or something internal whose words stay here.
#[derive(Debug)]
pub struct Error {
    status: StatusCode,
    body: Body,
    internal: Option<anyhow::Error>,
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
        Error {
            status,
            body: Body { error, error_description: description.into(), error_uri: None },
            internal: None,
        }
    }

    /// RFC 6749 §5.2: the request itself is malformed.
    pub fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Error::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// The words for the log.
    pub fn description(&self) -> &str {
        &self.body.error_description
    }
}

impl From<idp::Error> for Error {
    fn from(error: idp::Error) -> Self {
        match error {
            idp::Error::Refused { code, description } => {
                let (status, name) = wire(code);
                let mut refusal = Error::new(status, name, description);
                // Recorded with this one only.
                if code == Code::UnauthorizedClient && refusal.description().starts_with("Grant type") {
                    refusal.body.error_uri = Some("https://auth0.com/docs/clients/client-grant-types");
                }
                refusal
            }
            idp::Error::Internal(error) => Error::internal(error),
            idp::Error::Conflict | idp::Error::Taken { .. } => {
                Error::internal(anyhow::anyhow!("a token needed a write"))
            }
        }
    }
}

impl Error {
    fn internal(error: anyhow::Error) -> Self {
        let refusal = Error::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", "Internal error");
        Error { internal: Some(error), ..refusal }
    }
}

fn wire(code: Code) -> (StatusCode, &'static str) {
    match code {
        Code::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
        Code::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
        // Not `invalid_client`: SDKs map this very pair (`m2m` S33).
        Code::Unauthorized => (StatusCode::UNAUTHORIZED, "access_denied"),
        Code::AccessDenied => (StatusCode::FORBIDDEN, "access_denied"),
        Code::UnauthorizedClient => (StatusCode::FORBIDDEN, "unauthorized_client"),
        Code::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Some(error) = &self.internal {
            tracing::error!(error = format!("{error:#}"), "an Authentication API request failed");
        }
        let mut response = (self.status, Json(self.body)).into_response();
        // Recorded: refusals carry a longer list than tokens, and no `Pragma` (`m2m` S46).
        response.headers_mut().insert(
            header::CACHE_CONTROL,
            HeaderValue::from_static(
                "private, no-store, no-cache, must-revalidate, post-check=0, pre-check=0, no-transform",
            ),
        );
        response
    }
}
