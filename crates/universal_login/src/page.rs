//! What all pages share: the frame in which they stand, and the headers that keep everything else out of it.

use askama::Template;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use url::Url;

use crate::text;

/// A page that is being made. The frame shows its title and needs its nonce, so a template holds it as `page`.
#[derive(Debug, Clone)]
pub struct Page {
    pub title: String,
    pub nonce: String,
    /// Where its forms may lead beside this host.
    form_targets: Vec<String>,
}

impl Page {
    pub fn new(title: impl Into<String>) -> Page {
        let nonce = jose::b64url_encode(jose::random_bytes::<16>());
        Page { title: format!("{} · {}", title.into(), text::PRODUCT), nonce, form_targets: Vec::new() }
    }

    /// A page whose form ends in a redirect to this address: browsers look at where it leads as well.
    #[must_use]
    pub fn leading_to(mut self, address: &str) -> Page {
        self.form_targets.extend(source(address));
        self
    }

    /// The answer that shows it.
    pub fn answer(&self, status: StatusCode, template: &impl Template) -> Response {
        let html = match template.render() {
            Ok(html) => html,
            Err(error) => {
                tracing::error!(%error, "a page cannot be made");
                return StatusCode::INTERNAL_SERVER_ERROR.into_response();
            }
        };
        let targets: String = self.form_targets.iter().map(|target| format!(" {target}")).collect();
        let policy = format!(
            "default-src 'none'; style-src 'nonce-{}'; img-src data:; form-action 'self'{targets}; frame-ancestors 'none'; \
             base-uri 'none'",
            self.nonce
        );
        let Ok(policy) = HeaderValue::try_from(policy) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let fixed = HeaderValue::from_static;
        let headers = [
            (header::CONTENT_SECURITY_POLICY, policy),
            (header::CONTENT_TYPE, fixed("text/html; charset=utf-8")),
            (header::CACHE_CONTROL, fixed("no-store")),
            (header::X_FRAME_OPTIONS, fixed("DENY")),
            // The address of a page holds what a login is known by. Our own forms still say where they come from.
            (header::REFERRER_POLICY, fixed("same-origin")),
        ];
        (status, headers, Body::from(html)).into_response()
    }
}

/// An address as a source of a content security policy: its origin, or its scheme where it has none.
pub fn source(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    match url.scheme() {
        "http" | "https" => Some(url.origin().ascii_serialization()),
        scheme => Some(format!("{scheme}:")),
    }
}

#[cfg(test)]
mod tests {
    use super::source;

    #[test]
    fn an_address_is_an_origin_or_a_scheme() {
        for (address, expected) in [
            ("https://app.example/cb?a=b;c", Some("https://app.example")),
            ("http://localhost:3000/cb", Some("http://localhost:3000")),
            ("https://bücher.example/", Some("https://xn--bcher-kva.example")),
            ("com.app:/cb", Some("com.app:")),
            ("not an address", None),
        ] {
            assert_eq!(source(address).as_deref(), expected, "{address}");
        }
    }
}
