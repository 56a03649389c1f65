//! How often a tenant's pages may be asked for. They share the buckets of the Authentication API, and so does what they say
//! about them: `X-RateLimit-*`.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::StatusCode;
use idp::{Tenant, usage};
use web::{Buckets, Origin};

use crate::{message::problem, screen::Screen};

/// Shows a page in place of the one that was asked for when the tenant's bucket is empty.
pub async fn limited(
    State(buckets): State<Arc<Buckets>>,
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    request: Request,
    next: Next,
) -> Response {
    let (mut response, standing) = match buckets.take(tenant.name(), tenant.clock().now()) {
        Ok(standing) => (next.run(request).await, standing),
        Err(standing) => {
            usage::report_limit(&tenant, Some(origin.ip));
            let (parts, _) = request.into_parts();
            (problem(&tenant, &parts, StatusCode::TOO_MANY_REQUESTS, Screen::BUSY), standing)
        }
    };
    standing.write(response.headers_mut());
    response
}
