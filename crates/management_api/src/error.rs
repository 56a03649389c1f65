//! How the Management API says no: `{"statusCode", "error", "message", "errorCode"}`.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

pub type Result<T> = std::result::Result<T, Error>;

/// A refusal with its status, words and code; or something internal, whose words stay here.
#[derive(Debug)]
pub struct Error {
    pub status: StatusCode,
    pub message: String,
    pub code: Option<&'static str>,
    internal: Option<anyhow::Error>,
    /// Recorded: a token that cannot be believed is answered with its reason twice.
    twice: bool,
}

impl Error {
    pub fn new(status: StatusCode, message: impl Into<String>, code: Option<&'static str>) -> Self {
        Error { status, message: message.into(), code, internal: None, twice: false }
    }

    /// No token, or one that is not good any more.
    pub fn unauthorized(message: &str) -> Self {
        Error::new(StatusCode::UNAUTHORIZED, message, None)
    }

    /// A token that cannot be believed.
    pub fn invalid_token() -> Self {
        Error { twice: true, ..Error::unauthorized("Invalid token") }
    }

    /// The body is at fault.
    pub fn body(message: impl Into<String>) -> Self {
        Error::new(StatusCode::BAD_REQUEST, message, Some("invalid_body"))
    }

    /// The query is at fault.
    pub fn query(message: impl Into<String>) -> Self {
        Error::new(StatusCode::BAD_REQUEST, message, Some("invalid_query_string"))
    }

    /// What was asked for contradicts what is there.
    pub fn operation(message: impl Into<String>) -> Self {
        Error::new(StatusCode::BAD_REQUEST, message, Some("operation_not_supported"))
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Error::new(StatusCode::CONFLICT, message, None)
    }

    /// Whether somebody else changed the same thing a moment ago.
    pub fn is_race(&self) -> bool {
        self.status == StatusCode::CONFLICT && self.message == CHANGED
    }

    /// There is nothing here.
    pub fn not_found(message: impl Into<String>, code: Option<&'static str>) -> Self {
        Error::new(StatusCode::NOT_FOUND, message, code)
    }

    /// The token's scopes suffice, and still it is not for whoever asks.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Error::new(StatusCode::FORBIDDEN, message, Some("operation_not_supported"))
    }

    /// The token's scopes do not suffice.
    pub fn insufficient_scope(expected: &[&str]) -> Self {
        let message = format!("Insufficient scope, expected any of: {}", expected.join(","));
        Error::new(StatusCode::FORBIDDEN, message, Some("insufficient_scope"))
    }

    /// The answer's body.
    fn body_json(&self) -> Value {
        let mut body = json!({
            "statusCode": self.status.as_u16(),
            "error": self.status.canonical_reason().unwrap_or("Error"),
            "message": self.message,
        });
        if let Some(code) = self.code {
            body["errorCode"] = json!(code);
        }
        if self.twice {
            body["attributes"] = json!({ "error": self.message });
        }
        body
    }
}

const CHANGED: &str = "The resource was changed by another request; read it again.";

impl From<schema::Violation> for Error {
    fn from(violation: schema::Violation) -> Self {
        Error::body(format!("Payload validation error: {violation}"))
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        idp::Error::from(error).into()
    }
}

/// A stored document that cannot be read is our fault; a caller's body was checked before.
impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        idp::Error::from(error).into()
    }
}

impl From<idp::Error> for Error {
    fn from(error: idp::Error) -> Self {
        match error {
            idp::Error::Refused { description, .. } => Error::body(description),
            idp::Error::Password(refusal) => Error::body(refusal.to_string()),
            idp::Error::Conflict => Error::conflict(CHANGED),
            idp::Error::Taken { key } => Error::conflict(format!("Another resource has the same {key}.")),
            idp::Error::TooMuch(what) => Error::query(format!("Too many or too long: {what}.")),
            idp::Error::TooSlow => Error::query("The search took too long; ask for less, or for a prefix."),
            idp::Error::Internal(_) if error.is_passing() => Error {
                internal: Some(error.into()),
                ..Error::new(StatusCode::SERVICE_UNAVAILABLE, idp::PASSING, None)
            },
            idp::Error::Internal(error) => Error {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                message: "Internal error".into(),
                code: None,
                internal: Some(error),
                twice: false,
            },
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Some(error) = &self.internal {
            tracing::error!(error = format!("{error:#}"), "a Management API request failed");
        }
        let mut response = (self.status, Json(self.body_json())).into_response();
        if self.status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, idp::RETRY_AFTER.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
