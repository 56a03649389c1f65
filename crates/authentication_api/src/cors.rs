//! What scripts of other origins may read (CORS). A question beforehand is always answered, since it tells nothing; an
//! answer may be read from the origins of the client that it is for. Cookies count only where a login from an
//! application's own page needs them, and there the origin is looked at before anything is done.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use idp::{Tenant, origins};
use pin_project_lite::pin_project;
use tower::{Layer, Service};

/// What a script may send.
const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, DELETE");
const HEADERS: HeaderValue =
    HeaderValue::from_static("authorization, auth0-client, content-type, dpop, x-request-language");
/// What a script may read beside the body.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "dpop-nonce, location, retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset",
);
/// Seconds that a browser need not ask again.
const FOR: HeaderValue = HeaderValue::from_static("600");
/// Where a browser's cookies count though another origin asks.
const WITH_COOKIES: &[&str] = &["/co/authenticate", "/user/ssodata"];

/// Answers what browsers ask beforehand.
#[derive(Debug, Clone, Copy)]
pub struct Preflights;

impl<S> Layer<S> for Preflights {
    type Service = PreflightService<S>;

    fn layer(&self, inner: S) -> PreflightService<S> {
        PreflightService(inner)
    }
}

/// A door that answers preflights.
#[derive(Debug, Clone)]
pub struct PreflightService<S>(S);

impl<S: Service<Request, Response = Response>> Service<Request> for PreflightService<S> {
    type Response = Response;
    type Error = S::Error;
    type Future = PreflightFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let headers = request.headers();
        let asks = headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        match headers.get(header::ORIGIN).filter(|_| request.method() == Method::OPTIONS && asks) {
            Some(origin) => {
                let answer = preflight(origin, WITH_COOKIES.contains(&request.uri().path()));
                PreflightFuture::Ends { answer: Some(Box::new(answer)) }
            }
            None => PreflightFuture::Goes { inner: self.0.call(request) },
        }
    }
}

/// `OPTIONS /oauth/token`
pub async fn token(headers: HeaderMap) -> Response {
    match headers.get(header::ORIGIN) {
        Some(origin) => preflight(origin, false),
        None => StatusCode::NO_CONTENT.into_response(),
    }
}

fn preflight(origin: &HeaderValue, with_cookies: bool) -> Response {
    let mut response = StatusCode::NO_CONTENT.into_response();
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, FOR);
    if with_cookies {
        headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    vary(headers);
    response
}

/// Lets the origin that asks read an answer to this client, if the client names it.
pub fn share(tenant: &Tenant, client_id: Option<&str>, asking: &HeaderMap, answer: &mut HeaderMap) {
    // Machines have none, and this is on their way.
    let Some(origin) = asking.get(header::ORIGIN) else { return };
    vary(answer);
    let client = client_id.and_then(|id| tenant.snapshot().client(id).cloned());
    let is_named = |text: &str| client.as_ref().is_some_and(|client| origins::may_read(&client.view, text));
    if origin.to_str().is_ok_and(is_named) {
        open(origin.clone(), answer);
    }
}

/// Lets every origin read an answer: whoever has the token that it took could read it anyway.
pub fn share_with_all(answer: &mut HeaderMap) {
    open(HeaderValue::from_static("*"), answer);
}

/// Lets an origin read an answer that depends on the browser's cookies.
pub fn share_with_cookies(origin: HeaderValue, answer: &mut HeaderMap) {
    vary(answer);
    answer.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    open(origin, answer);
}

fn open(origin: HeaderValue, answer: &mut HeaderMap) {
    answer.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

fn vary(answer: &mut HeaderMap) {
    answer.append(header::VARY, HeaderValue::from_static("origin"));
}

pin_project! {
    /// The future of [`PreflightService`].
    #[project = Ended]
    pub enum PreflightFuture<F> {
        Goes { #[pin] inner: F },
        Ends { answer: Option<Box<Response>> },
    }
}

impl<F, E> Future for PreflightFuture<F>
where
    F: Future<Output = Result<Response, E>>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Ended::Goes { inner } => Poll::Ready(ready!(inner.poll(cx))),
            Ended::Ends { answer } => match answer.take() {
                Some(answer) => Poll::Ready(Ok(*answer)),
                None => Poll::Pending,
            },
        }
    }
}
