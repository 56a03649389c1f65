//! What an operation answers.

use axum::{
    Json,
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use schema::Object;
use serde_json::Value;

use crate::about::About;

/// A status, a body if there is one, a `Link` if there are more pages, and the version of what is shown.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub body: Option<Value>,
    pub link: Option<String>,
    pub etag: Option<String>,
    /// What a write was about.
    pub about: Option<About>,
    /// Events that are sent as they come, in place of a body.
    pub stream: Option<Body>,
}

impl Answer {
    pub fn ok(body: impl Into<Value>) -> Self {
        Answer { body: Some(body.into()), ..Answer::of(StatusCode::OK) }
    }

    pub fn created(body: Object) -> Self {
        Answer { body: Some(Value::Object(body)), ..Answer::of(StatusCode::CREATED) }
    }

    /// Something that has begun.
    pub fn accepted(body: Object) -> Self {
        Answer { body: Some(Value::Object(body)), ..Answer::of(StatusCode::ACCEPTED) }
    }

    /// A success that says nothing.
    pub fn empty() -> Self {
        Answer::of(StatusCode::OK)
    }

    pub fn no_content() -> Self {
        Answer::of(StatusCode::NO_CONTENT)
    }

    /// The same, with what it was about.
    pub fn about(self, about: About) -> Self {
        Answer { about: Some(about), ..self }
    }

    /// Server-sent events.
    pub fn events(events: Body) -> Self {
        Answer { stream: Some(events), ..Answer::of(StatusCode::OK) }
    }

    /// The same, with the version of what it shows.
    pub fn tagged(self, etag: String) -> Self {
        Answer { etag: Some(etag), ..self }
    }

    fn of(status: StatusCode) -> Self {
        Answer { status, body: None, link: None, etag: None, about: None, stream: None }
    }
}

/// Proxies are told not to wait for a whole answer.
const EVENTS: [(HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "text/event-stream"), (HeaderName::from_static("x-accel-buffering"), "no")];

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match (self.stream, self.body) {
            (Some(events), _) => (self.status, EVENTS, events).into_response(),
            (None, Some(body)) => (self.status, Json(body)).into_response(),
            (None, None) => self.status.into_response(),
        };
        for (name, value) in [(header::LINK, self.link), (header::ETAG, self.etag)] {
            if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
