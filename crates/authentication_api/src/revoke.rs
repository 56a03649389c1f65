//! `POST /oauth/revoke` (RFC 7009): an application lets go of a token.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header, request::Parts};
use idp::{
    Tenant,
    log::Event,
    token::{self, Request},
};
use model::LogType;
use web::Origin;

use crate::{cors, error::Error, posted::Posted, token::event};

/// An empty answer, also for a token that nobody knows.
pub async fn revoke(Posted { tenant, origin, parts, body: request }: Posted<Request>) -> Response {
    let asker = request.client_id.clone();
    let mut response = answer(&tenant, request, &origin, &parts).await;
    cors::share(&tenant, asker.as_deref(), &parts.headers, response.headers_mut());
    response
}

async fn answer(tenant: &Tenant, request: Request, origin: &Origin, parts: &Parts) -> Response {
    match token::revoke(tenant, &request).await {
        Ok(revoked) => {
            if let Some(user_id) = revoked {
                let description = LogType::Srrt.description().to_owned();
                let event = event(LogType::Srrt, description, origin, &parts.headers);
                tenant.log(Event { client_id: request.client_id, user_id: Some(user_id), ..event });
            }
            let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (StatusCode::OK, no_store).into_response()
        }
        Err(error) => Error::answer(error, tenant, parts.uri.path()),
    }
}
