//! How often a tenant's Authentication API may be called. The layer allocates no future; every answer says where the
//! tenant's bucket stands.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use idp::{Tenant, usage};
use pin_project_lite::pin_project;
use tower::{Layer, Service};
use web::{Buckets, Origin, Standing};

use crate::error::Error;

/// Refuses what is beyond a tenant's bucket.
#[derive(Debug, Clone)]
pub struct Limited(pub Arc<Buckets>);

/// Takes a request out of the tenant's bucket; when there is none left, that is refused.
pub fn take(buckets: &Buckets, tenant: &Tenant, origin: Option<&Origin>) -> Result<Standing, Box<Response>> {
    buckets.take(tenant.name(), tenant.clock().now()).map_err(|standing| {
        usage::report_limit(tenant, origin.map(|origin| origin.ip));
        let refusal = Error::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests", TOO_MANY);
        let mut response = refusal.into_response();
        standing.write(response.headers_mut());
        Box::new(response)
    })
}

impl<S> Layer<S> for Limited {
    type Service = LimitedService<S>;

    fn layer(&self, inner: S) -> LimitedService<S> {
        LimitedService { inner, buckets: self.0.clone() }
    }
}

/// A door behind the tenant's bucket.
#[derive(Debug, Clone)]
pub struct LimitedService<S> {
    inner: S,
    buckets: Arc<Buckets>,
}

impl<S: Service<Request, Response = Response>> Service<Request> for LimitedService<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = LimitedFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Some(tenant) = request.extensions().get::<Tenant>() else {
            return LimitedFuture::Goes { inner: self.inner.call(request), standing: None };
        };
        match take(&self.buckets, tenant, request.extensions().get()) {
            Ok(standing) => LimitedFuture::Goes { inner: self.inner.call(request), standing: Some(standing) },
            Err(refusal) => LimitedFuture::Ends { refusal: Some(refusal) },
        }
    }
}

pin_project! {
    /// The future of [`LimitedService`].
    #[project = Ended]
    pub enum LimitedFuture<F> {
        Goes { #[pin] inner: F, standing: Option<Standing> },
        Ends { refusal: Option<Box<Response>> },
    }
}

impl<F, E> Future for LimitedFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let (mut response, standing) = match self.project() {
            Ended::Goes { inner, standing } => (std::task::ready!(inner.poll(cx))?, *standing),
            Ended::Ends { refusal } => match refusal.take() {
                Some(refusal) => (*refusal, None),
                None => return Poll::Pending,
            },
        };
        if let Some(standing) = standing {
            standing.write(response.headers_mut());
        }
        Poll::Ready(Ok(response))
    }
}

/// Auth0's words.
const TOO_MANY: &str =
    "Too many requests. Check the X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset headers.";
