//! In front of every door: which host was called, from where, and so which tenant is meant.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{Json, Router, body::Body, extract::Request, response::Response, routing::future::RouteFuture};
use http::StatusCode;
use idp::Tenants;
use serde_json::json;
use tower::Service;
use web::{Connection, Origin, TrustedProxies};

/// All doors behind one service.
#[derive(Clone)]
pub struct Front {
    tenants: Tenants,
    trusted: Arc<TrustedProxies>,
    doors: Router,
    /// Answers a request whose host is malformed.
    bad_host: Router,
    /// Answers a request to a host that is nobody's.
    nobody: Router,
}

impl Front {
    pub fn new(
        tenants: Tenants,
        trusted: Arc<TrustedProxies>,
        limit: management_api::RateLimit,
        bench: bool,
    ) -> Self {
        let mut doors = authentication_api::router().merge(management_api::router(limit));
        if bench {
            doors = doors.route("/bench/constant", axum::routing::get(constant));
        }
        let doors = doors.fallback(async || refusal(StatusCode::NOT_FOUND, "Not Found"));
        let bad_host = Router::new()
            .fallback(async || refusal(StatusCode::BAD_REQUEST, "The Host header is malformed."));
        let nobody = Router::new()
            .fallback(async || refusal(StatusCode::NOT_FOUND, "There is no tenant of this name."));
        Front { tenants, trusted, doors, bad_host, nobody }
    }
}

impl Service<Request<Body>> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = RouteFuture<Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let connection = request.extensions().get::<Connection>().copied().unwrap_or_default();
        let origin = match Origin::read(request.headers(), request.uri(), &connection, &self.trusted) {
            Ok(origin) => origin,
            Err(_) => return self.bad_host.call(request),
        };
        match self.tenants.resolve(&origin.host) {
            None => self.nobody.call(request),
            Some(tenant) => {
                request.extensions_mut().insert(origin);
                request.extensions_mut().insert(tenant);
                self.doors.call(request)
            }
        }
    }
}

fn refusal(status: StatusCode, message: &'static str) -> (StatusCode, Json<serde_json::Value>) {
    let error = status.canonical_reason();
    (status, Json(json!({ "statusCode": status.as_u16(), "error": error, "message": message })))
}

/// The yardstick of the benchmark: an answer as large as a token's, for no work.
async fn constant() -> ([(http::HeaderName, &'static str); 1], &'static str) {
    ([(http::header::CONTENT_TYPE, "application/json")], CONSTANT)
}

const CONSTANT: &str = {
    // 1,000 bytes of JSON.
    const FILL: &[u8; 986] = &[b'x'; 986];
    const BYTES: [u8; 1000] = {
        let mut bytes = [0; 1000];
        let (head, tail) = (b"{\"constant\":\"", b"\"}");
        let mut i = 0;
        while i < 1000 {
            bytes[i] = if i < 13 {
                head[i]
            } else if i >= 998 {
                tail[i - 998]
            } else {
                FILL[i - 13]
            };
            i += 1;
        }
        bytes
    };
    match std::str::from_utf8(&BYTES) {
        Ok(text) => text,
        Err(_) => panic!("ASCII is UTF-8"),
    }
};
