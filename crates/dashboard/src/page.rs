//! The one page of the dashboard: what is managed, written into it, and the policy that it lives under.

use axum::{
    extract::Request,
    response::{Html, IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use web::{Origin, Scheme, is_this_machine};

use crate::files;

/// What the dashboard needs to know before it can ask anything.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Managed {
    pub base: &'static str,
    pub version: &'static str,
    /// The client that the dashboard is.
    pub client_id: &'static str,
    /// The file with the certificate of the local authority, where whoever asks sits at this machine and needs it.
    pub ca: Option<String>,
    /// The path below which its people log in.
    pub authority: String,
    /// The issuer of its tokens.
    pub issuer: String,
    pub tenant: TenantInView,
}

/// The tenant that is looked at.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantInView {
    pub name: String,
    pub domain: String,
    /// `development`, `staging` or `production`.
    pub environment: serde_json::Value,
    /// The identifier of its Management API.
    pub audience: String,
    /// The path below which it is called from here.
    pub prefix: String,
    /// Whether the address names no tenant, so that it is the host's.
    pub is_host: bool,
}

/// The page, for a browser that can keep a secret.
pub async fn page(request: Request) -> Response {
    let origin = request.extensions().get::<Origin>();
    if !origin.is_some_and(is_secure) {
        return (StatusCode::FORBIDDEN, Html(INSECURE)).into_response();
    }
    let Some(managed) = request.extensions().get::<Managed>() else {
        return (StatusCode::NOT_FOUND, Html(NO_TENANT)).into_response();
    };
    let Some(index) = files::built(files::INDEX) else {
        return (StatusCode::NOT_FOUND, Html(NOT_BUILT)).into_response();
    };
    let nonce = uuid::Uuid::new_v4().simple().to_string();
    let config = serde_json::to_string(managed).unwrap_or_default().replace('<', "\\u003c");
    let html = String::from_utf8_lossy(&index).replace("__NONCE__", &nonce).replace("__CONFIG__", &config);
    guarded(html, &policy(&nonce), "DENY")
}

/// A page under a policy, kept by nobody, and framed by nobody (`DENY`) or by pages of this host (`SAMEORIGIN`).
pub fn guarded(html: String, policy: &str, framed: &'static str) -> Response {
    let mut response = Html(html).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, framed),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether browsers treat this origin as a secure context, where there is cryptography and no eavesdropper.
fn is_secure(origin: &Origin) -> bool {
    origin.scheme == Scheme::Https || is_this_machine(&origin.host)
}

fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; \
         connect-src 'self'; font-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'"
    )
}

const INSECURE: &str = "<!doctype html><html lang=\"en\"><title>HTTPS is needed</title>\
    <h1>The dashboard needs HTTPS here</h1><p>Over plain HTTP a browser offers no cryptography except on this \
    machine itself, and anybody on the way could read along. Open the https:// address that the server printed when \
    it started, or put a proxy with a certificate in front of it.</p></html>";
const NO_TENANT: &str = "<!doctype html><html lang=\"en\"><title>No such tenant</title>\
    <h1>There is no tenant of this name</h1><p><a href=\"/dashboard/\">Back to the dashboard</a></p></html>";
const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><title>Not built</title>\
    <h1>This program was built without the dashboard</h1><p>Build it with <code>npm ci &amp;&amp; npm run build</code> \
    in <code>dashboard/</code> and compile again, or use <code>make run</code>, which does both.</p></html>";

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use web::{Origin, Scheme};

    use super::is_secure;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        let ip = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let over = |scheme, host: &str| is_secure(&Origin { ip, peer: ip, scheme, host: host.into() });
        for host in ["localhost:8080", "a.localhost", "127.0.0.1:8080", "127.9.9.9", "[::1]:8080", "[::1]"] {
            assert!(over(Scheme::Http, host), "{host}");
        }
        for host in
            ["idp.example", "localhost.example:8080", "192.168.0.7:8080", "[::2]:8080", "127.0.0.1.example"]
        {
            assert!(!over(Scheme::Http, host), "{host}");
            assert!(over(Scheme::Https, host), "{host}");
        }
    }
}
