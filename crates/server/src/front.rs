//! In front of every door: which host was called, from where, and so which tenant is meant.

use std::{
    convert::Infallible,
    sync::{Arc, LazyLock},
    task::{Context, Poll},
};

use axum::{
    Json, Router,
    body::Body,
    extract::Request,
    response::Response,
    routing::{future::RouteFuture, get},
};
use http::{HeaderName, StatusCode, header::CONTENT_TYPE};
use idp::Tenants;
use serde_json::json;
use tower::Service;
use web::{Connection, Origin, TrustedProxies};

/// All doors behind one service.
#[derive(Debug, Clone)]
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
    /// The doors to these tenants, with the yardstick of the benchmark among them if it is wanted.
    pub fn new(
        tenants: Tenants,
        trusted: Arc<TrustedProxies>,
        limit: management_api::RateLimit,
        bench: bool,
    ) -> Self {
        let mut doors = authentication_api::router().merge(management_api::router(limit));
        doors = doors.route("/healthz", get(healthy));
        if bench {
            doors = doors.route("/bench/constant", get(constant));
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

/// For load balancers: whoever can answer this can issue tokens.
async fn healthy() -> Json<serde_json::Value> {
    Json(json!({ "status": "ok" }))
}

/// The yardstick of the benchmark: an answer as large as a token's, for no work.
async fn constant() -> ([(HeaderName, &'static str); 1], &'static str) {
    ([(CONTENT_TYPE, "application/json")], CONSTANT.as_str())
}

/// 1,000 bytes of JSON.
static CONSTANT: LazyLock<String> = LazyLock::new(|| json!({ "constant": "x".repeat(985) }).to_string());

#[cfg(test)]
mod tests {
    use super::CONSTANT;

    #[test]
    fn the_yardstick_is_as_long_as_it_says() {
        assert_eq!(CONSTANT.len(), 1_000);
    }
}
