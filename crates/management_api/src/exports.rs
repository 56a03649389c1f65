//! What came out of an export, for whoever has the link: no token is asked for, as browsers and scripts follow the link that
//! a job shows. It is good for a minute.

use std::convert::Infallible;

use axum::{
    body::Body,
    extract::{Path, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use http_body_util::channel::Channel;
use idp::{Tenant, jobs};

use crate::Error;

/// The code, and what browsers call the file.
pub const PATH: &str = "/api/x/exports/{code}/{name}";

/// Sends the file, piece by piece.
pub async fn download(Path((code, name)): Path<(String, String)>, request: Request) -> Response {
    let Some(tenant) = request.extensions().get::<Tenant>().cloned() else { return gone().into_response() };
    match jobs::download(&tenant, &code).await {
        Ok(Some(download)) => file(download, &name),
        Ok(None) => gone().into_response(),
        Err(error) => Error::from(error).into_response(),
    }
}

fn file(download: jobs::Download, name: &str) -> Response {
    let (mut pieces, body) = Channel::<Bytes, Infallible>::new(1);
    tokio::spawn(async move {
        for number in 0.. {
            match download.piece(number).await {
                Ok(Some(piece)) => {
                    // Whoever fetches it has gone.
                    let Ok(()) = pieces.send_data(piece.into()).await else { break };
                }
                Ok(None) => break,
                Err(error) => {
                    let (error, tenant, job) = (format!("{error:#}"), download.tenant.name(), &download.job);
                    tracing::error!(tenant, job, error, "an export broke off");
                    break;
                }
            }
        }
    });
    let mut response = Response::new(Body::new(body));
    let name: String =
        name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')).collect();
    let disposition = HeaderValue::try_from(format!("attachment; filename=\"{name}\""));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/gzip"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(disposition) = disposition {
        headers.insert(header::CONTENT_DISPOSITION, disposition);
    }
    response
}

fn gone() -> Error {
    Error::new(StatusCode::NOT_FOUND, "The link has expired, or was never made.", None)
}
