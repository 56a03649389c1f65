//! `POST /oauth/introspect` (RFC 7662): what a token is worth now, for whoever it concerns. `GET /oauth/token-status`: what
//! is revoked, for APIs that would rather know all of it than ask about each token.

use axum::{
    Extension, Json,
    extract::RawQuery,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use idp::{
    Tenant,
    token::{self, Request},
};
use serde_json::json;

use crate::{error::Error, posted::Posted};

/// What the token says, or that it is not active.
pub async fn introspect(Posted { tenant, parts, body: request, .. }: Posted<Request>) -> Response {
    match token::introspect(&tenant, &request).await {
        Ok(told) => {
            let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            let told = told.map_or_else(|| json!({ "active": false }), |told| json!(told));
            (no_store, Json(told)).into_response()
        }
        Err(error) => Error::answer(error, &tenant, parts.uri.path()),
    }
}

/// What is revoked, as hashes of what tokens are known by; of what is new, with `since`.
pub async fn token_status(
    Extension(tenant): Extension<Tenant>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let since = match since(query.as_deref().unwrap_or_default()) {
        Ok(since) => since,
        Err(refusal) => return refusal.into_response(),
    };
    let snapshot = tenant.snapshot();
    let tag = format!("\"{}\"", snapshot.revocations.tag());
    let known = headers.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok()).unwrap_or_default();
    let is_known = known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag);
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let (revision, refused) = snapshot.revocations.since(since.unwrap_or(0));
        Json(json!({ "revision": revision, "refused": refused })).into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=1"));
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    response
}

fn since(query: &str) -> Result<Option<i64>, Error> {
    let pairs = web::form(query.as_bytes()).map_err(|error| Error::invalid_request(error.to_string()))?;
    let mut given = pairs.iter().filter(|(name, _)| name == "since").map(|(_, value)| value.parse::<i64>());
    match (given.next(), given.next()) {
        (None, _) => Ok(None),
        (Some(Ok(since)), None) if since >= 0 => Ok(Some(since)),
        _ => Err(Error::invalid_request("since must be one revision")),
    }
}
