//! `POST /oauth/device/code` (RFC 8628 §3.1): a device without a browser begins to wait for its user.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use idp::{device, log::Event, token::Request};
use model::LogType;
use serde_json::json;

use crate::{error::Error, posted::Posted, token::event};

/// The two codes, or why not.
pub async fn code(Posted { tenant, origin, parts, body: request }: Posted<Request>) -> Response {
    match device::begin(&tenant, &request).await {
        Ok(begun) => {
            let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            let body = json!({
                "device_code": begun.device_code.expose(), "user_code": begun.user_code,
                "verification_uri": begun.verification_uri, "expires_in": begun.expires_in,
                "interval": begun.interval, "verification_uri_complete": begun.verification_uri_complete,
            });
            (no_store, Json(body)).into_response()
        }
        Err(error) => {
            if let idp::Error::Refused { description, .. } = &error {
                let event = event(LogType::Fdeaz, idp::log::cut(description), &origin, &parts.headers);
                tenant.log(Event { client_id: request.client_id.as_deref().map(idp::log::cut), ..event });
            }
            Error::answer(error, &tenant, parts.uri.path())
        }
    }
}
