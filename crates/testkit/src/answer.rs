//! What came back, read whole; and what an access token says, unproved.

use std::ops::Index;

use axum::response::Response;
use bytes::Bytes;
use http::HeaderMap;
use http_body_util::BodyExt;
use jose::Token;
use serde_json::Value;

/// A response, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Bytes,
    /// The body as JSON, or `null` if it is none.
    pub body: Value,
}

impl Answer {
    pub(crate) async fn read(response: Response) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body in memory can be read").to_bytes();
        let body = serde_json::from_slice(&bytes).unwrap_or_default();
        Answer { status: parts.status.as_u16(), headers: parts.headers, bytes, body }
    }

    /// The answer, if it has this status.
    #[track_caller]
    pub fn must_be(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.start());
        self
    }

    /// The header of this name, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The names of the headers, sorted.
    pub fn header_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.headers.keys().map(|name| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The beginning of the body, for messages.
    pub fn start(&self) -> String {
        self.text().chars().take(600).collect()
    }

    /// The names of the body's members, in their order.
    pub fn members(&self) -> Vec<&str> {
        self.body.as_object().into_iter().flat_map(|object| object.keys().map(String::as_str)).collect()
    }

    /// The text of a member.
    #[track_caller]
    pub fn str(&self, member: &str) -> &str {
        self.body[member].as_str().unwrap_or_else(|| panic!("no text {member} in {}", self.start()))
    }

    /// The elements of a body that is an array.
    #[track_caller]
    pub fn items(&self) -> &[Value] {
        self.body.as_array().unwrap_or_else(|| panic!("no array: {}", self.start()))
    }
}

impl Index<&str> for Answer {
    type Output = Value;

    fn index(&self, member: &str) -> &Value {
        &self.body[member]
    }
}

/// The claims of a compact token, in their order, whoever signed it.
pub fn claims(token: &str) -> Value {
    let parsed = Token::parse(token).expect("an access token is a compact token");
    Value::Object(parsed.claims().expect("its payload is a JSON object"))
}

/// The header of a compact token.
pub fn header(token: &str) -> Value {
    Token::parse(token).expect("an access token is a compact token").header().clone()
}
