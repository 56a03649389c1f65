//! The layer every door wears: the headers no answer goes out without. It allocates no future.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{
    HeaderValue, Request, Response,
    header::{STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS},
};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::{Connection, Scheme, TrustedProxies, address};

/// Sets `X-Content-Type-Options` on every answer and `Strict-Transport-Security` on those that go out over
/// HTTPS, unless the answer already has them. Never for this very machine: whatever else is developed on `localhost`
/// would have to speak HTTPS for a year.
pub fn security_headers(trusted: Arc<TrustedProxies>) -> SecurityHeadersLayer {
    SecurityHeadersLayer { trusted }
}

/// The layer of [`security_headers`].
#[derive(Clone, Debug)]
pub struct SecurityHeadersLayer {
    trusted: Arc<TrustedProxies>,
}

impl<S> Layer<S> for SecurityHeadersLayer {
    type Service = WithSecurityHeaders<S>;

    fn layer(&self, inner: S) -> WithSecurityHeaders<S> {
        WithSecurityHeaders { inner, trusted: self.trusted.clone() }
    }
}

/// A service whose answers have the security headers.
#[derive(Clone, Debug)]
pub struct WithSecurityHeaders<S> {
    inner: S,
    trusted: Arc<TrustedProxies>,
}

impl<S, A, B> Service<Request<A>> for WithSecurityHeaders<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = Response<B>;
    type Error = S::Error;
    type Future = SecurityHeadersFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let connection = request.extensions().get::<Connection>().cloned().unwrap_or_default();
        let scheme = address::scheme(request.headers(), &connection, &self.trusted);
        let pins = scheme == Scheme::Https && !address::asks_this_machine(request.headers(), request.uri());
        SecurityHeadersFuture { inner: self.inner.call(request), pins }
    }
}

pin_project! {
    /// The future of [`WithSecurityHeaders`].
    #[derive(Debug)]
    pub struct SecurityHeadersFuture<F> {
        #[pin]
        inner: F,
        pins: bool,
    }
}

impl<F, B, E> Future for SecurityHeadersFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        let headers = response.headers_mut();
        headers.entry(X_CONTENT_TYPE_OPTIONS).or_insert(NOSNIFF);
        // RFC 6797 §7.2: never over plain HTTP.
        if *this.pins {
            headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(ONE_YEAR);
        }
        Poll::Ready(Ok(response))
    }
}

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");
