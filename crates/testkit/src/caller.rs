//! Whoever calls a tenant: with a token or without, in JSON, as a form, or byte by byte.

use std::sync::Arc;

use axum::{body::Body, response::Response};
use http::{Method, Request, header};
use serde_json::Value;

use web::{Connection, PeerCertificate};

use crate::{Answer, TestTenant, server::PEER};

/// A tenant, and the token that is shown to it below `/api`.
#[derive(Clone)]
pub struct Caller {
    tenant: TestTenant,
    token: Option<String>,
    certificate: Option<Arc<PeerCertificate>>,
}

impl Caller {
    pub(crate) fn new(tenant: TestTenant, token: Option<String>) -> Self {
        Caller { tenant, token, certificate: None }
    }

    /// The same caller, showing a certificate.
    #[must_use]
    pub fn showing(self, certificate: Option<PeerCertificate>) -> Self {
        Caller { certificate: certificate.map(Arc::new), ..self }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], Body::empty()).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.json(Method::POST, path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.json(Method::PATCH, path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.json(Method::PUT, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, &[], Body::empty()).await
    }

    pub async fn json(&self, method: Method, path: &str, body: Value) -> Answer {
        self.send(method, path, &[("content-type", "application/json")], body.to_string()).await
    }

    /// Posts a form, as it is written.
    pub async fn form(&self, path: &str, form: impl Into<Body>) -> Answer {
        self.send(Method::POST, path, &[("content-type", "application/x-www-form-urlencoded")], form).await
    }

    /// Sends whatever it is given; a `host` or `authorization` among the headers takes the place of ours.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        self.tenant.server().send(self.request(method, path, headers, body)).await
    }

    /// The answer to a read, with its body still to be read.
    pub async fn open(&self, path: &str) -> Response {
        self.tenant.server().respond(self.request(Method::GET, path, &[], Body::empty())).await
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Request<Body> {
        let mut request = Request::builder().method(method).uri(path);
        let says = |name| headers.iter().any(|(given, _)| *given == name);
        if !says("host") {
            request = request.header(header::HOST, self.tenant.domain());
        }
        if let Some(token) = self.token.as_ref().filter(|_| path.starts_with("/api/"))
            && !says("authorization")
        {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body.into()).expect("a test asks for a well-formed path");
        if let Some(certificate) = &self.certificate {
            let connection =
                Connection { peer: PEER.into(), tls: true, certificate: Some(certificate.clone()) };
            request.extensions_mut().insert(connection);
        }
        request
    }
}

/// The owner's calls, in short.
impl TestTenant {
    pub async fn get(&self, path: &str) -> Answer {
        self.as_owner().get(path).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.as_owner().post(path, body).await
    }

    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.as_owner().patch(path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.as_owner().put(path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.as_owner().delete(path).await
    }
}
