//! Whoever asks for a token from somewhere: over a connection of their own, or through a proxy, with what they say of
//! themselves.

use std::net::{IpAddr, SocketAddr};

use axum::{body::Body, extract::Request};
use http::{Method, header};
use serde_json::Value;
use web::Connection;

use crate::{Answer, TestTenant};

/// Somebody at an address, with these headers beside.
#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    pub peer: &'a str,
    pub headers: &'a [(&'a str, &'a str)],
}

impl<'a> Asker<'a> {
    /// Somebody at an address who says nothing of it.
    pub fn at(peer: &'a str) -> Self {
        Asker { peer, headers: &[] }
    }

    /// The same, with headers.
    pub fn saying(self, headers: &'a [(&'a str, &'a str)]) -> Self {
        Asker { headers, ..self }
    }

    /// The answer of the token endpoint to a body in JSON.
    pub async fn asks(self, tenant: &TestTenant, body: Value) -> Answer {
        let mut request = Request::builder().method(Method::POST).uri("/oauth/token");
        request = request.header(header::HOST, tenant.domain());
        request = request.header(header::CONTENT_TYPE, "application/json");
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::from(body.to_string())).expect("a test sends what can be sent");
        let ip: IpAddr = self.peer.parse().expect("a test names an address");
        let peer = SocketAddr::new(ip, 50_000);
        request.extensions_mut().insert(Connection { peer, tls: true, certificate: None });
        tenant.server().send(request).await
    }
}
