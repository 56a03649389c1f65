//! Two layers every door wears: a name for each request, and the headers no answer goes out without. Neither
//! allocates a future.

use std::{
    pin::Pin,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    task::{Context, Poll, ready},
};

use http::{
    HeaderValue, Request, Response,
    header::{STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS},
};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

use crate::{Connection, Scheme, TrustedProxies, address};

/// Gives every request a [`RequestId`] in its extensions.
pub fn request_id() -> RequestIdLayer {
    RequestIdLayer
}

/// The name of a request in logs: twenty hexadecimal digits, unique but no secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(pub String);

impl RequestId {
    fn next() -> Self {
        let count = COUNT.fetch_add(1, Relaxed);
        let mut id = String::with_capacity(20);
        for part in [*PREFIX, count] {
            let digits = (0..10).rev().map(|place| HEX[(part >> (4 * place)) as usize & 0xf]);
            id.extend(digits.map(char::from));
        }
        Self(id)
    }
}

impl std::fmt::Display for RequestId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The layer of [`request_id`].
#[derive(Clone, Copy, Debug)]
pub struct RequestIdLayer;

impl<S> Layer<S> for RequestIdLayer {
    type Service = WithRequestId<S>;

    fn layer(&self, inner: S) -> WithRequestId<S> {
        WithRequestId { inner }
    }
}

/// A service whose requests have a [`RequestId`].
#[derive(Clone, Debug)]
pub struct WithRequestId<S> {
    inner: S,
}

impl<S: Service<Request<B>>, B> Service<Request<B>> for WithRequestId<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> S::Future {
        request.extensions_mut().insert(RequestId::next());
        self.inner.call(request)
    }
}

/// Sets `X-Content-Type-Options` on every answer and `Strict-Transport-Security` on those that go out over
/// HTTPS, unless the answer already has them.
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
        let connection = request.extensions().get::<Connection>().copied().unwrap_or_default();
        let scheme = address::scheme(request.headers(), &connection, &self.trusted);
        SecurityHeadersFuture { inner: self.inner.call(request), scheme }
    }
}

pin_project! {
    /// The future of [`WithSecurityHeaders`].
    #[derive(Debug)]
    pub struct SecurityHeadersFuture<F> {
        #[pin]
        inner: F,
        scheme: Scheme,
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
        if *this.scheme == Scheme::Https {
            headers.entry(STRICT_TRANSPORT_SECURITY).or_insert(ONE_YEAR);
        }
        Poll::Ready(Ok(response))
    }
}

const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const ONE_YEAR: HeaderValue = HeaderValue::from_static("max-age=31536000");

const HEX: &[u8; 16] = b"0123456789abcdef";
static COUNT: AtomicU64 = AtomicU64::new(0);
/// Tells this process from its earlier lives and from other nodes.
static PREFIX: LazyLock<u64> = LazyLock::new(|| {
    let mut bytes = [0; 8];
    let random = rustls::crypto::aws_lc_rs::default_provider().secure_random;
    random.fill(&mut bytes).expect("the system has randomness, or there would be no TLS either");
    u64::from_ne_bytes(bytes)
});
