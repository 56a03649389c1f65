//! What an operation answers.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use schema::Object;
use serde_json::Value;

/// A status, a body if there is one, and a `Link` if there are more pages.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Option<Value>,
    pub link: Option<String>,
}

impl Answer {
    pub fn ok(body: impl Into<Value>) -> Self {
        Answer { status: StatusCode::OK, body: Some(body.into()), link: None }
    }

    pub fn created(body: Object) -> Self {
        Answer { status: StatusCode::CREATED, body: Some(Value::Object(body)), link: None }
    }

    pub fn no_content() -> Self {
        Answer { status: StatusCode::NO_CONTENT, body: None, link: None }
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Some(body) => (self.status, Json(body)).into_response(),
            None => self.status.into_response(),
        };
        if let Some(link) = self.link.and_then(|link| HeaderValue::try_from(link).ok()) {
            response.headers_mut().insert(header::LINK, link);
        }
        response
    }
}
