//! What doors beside the token endpoint begin with: whose tenant it is, who asks from where, and the body, read.

use axum::{
    Extension,
    extract::{FromRequest, FromRequestParts, Request as HttpRequest},
    response::{IntoResponse, Response},
};
use http::request::Parts;
use idp::{Tenant, token::Request};
use schema::Object;
use web::Origin;

use crate::{error::Error, parameters};

/// A request whose body was read as `T`.
pub struct Posted<T> {
    pub tenant: Tenant,
    pub origin: Origin,
    pub parts: Parts,
    pub body: T,
}

impl<S: Send + Sync, T: Read> FromRequest<S> for Posted<T> {
    /// Why the body is none.
    type Rejection = Response;

    async fn from_request(request: HttpRequest, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let said = |error: axum::extract::rejection::ExtensionRejection| error.into_response();
        let Extension(tenant) = Extension::from_request_parts(&mut parts, state).await.map_err(said)?;
        let Extension(origin) = Extension::from_request_parts(&mut parts, state).await.map_err(said)?;
        let body = T::read(&parts, &origin, body).await.map_err(Error::into_response)?;
        Ok(Posted { tenant, origin, parts, body })
    }
}

/// What a body can be read as.
pub trait Read: Sized {
    fn read(
        parts: &Parts,
        origin: &Origin,
        body: axum::body::Body,
    ) -> impl Future<Output = Result<Self, Error>> + Send;
}

/// What is asked of the token endpoint and its neighbours.
impl Read for Request {
    async fn read(parts: &Parts, origin: &Origin, body: axum::body::Body) -> Result<Self, Error> {
        parameters::read(parts, origin, body).await
    }
}

/// The members, each once.
impl Read for Object {
    async fn read(parts: &Parts, _origin: &Origin, body: axum::body::Body) -> Result<Self, Error> {
        parameters::members(parts, body).await
    }
}
