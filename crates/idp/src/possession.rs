//! Whether whoever sends an access token to one of our own doors holds what it is bound to (RFC 9449 §7, RFC 8705 §3).

use jose::dpop;
use serde_json::{Map, Value};
use url::Url;

use crate::{Result, Tenant};

/// What came with an access token.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// The token, as it was sent.
    pub token: &'a str,
    /// Whether it was sent under the scheme of tokens that are bound to keys.
    pub is_dpop: bool,
    /// The proof; of several, all.
    pub proof: Option<&'a str>,
    /// The certificate in DER.
    pub certificate: Option<&'a [u8]>,
    pub method: &'a str,
    /// The address that was called.
    pub url: &'a str,
}

/// Whether the token may be used by whoever sent it. One that is bound to nothing may, as long as nobody claims more.
pub async fn is_proved(tenant: &Tenant, claims: &Map<String, Value>, shown: &Shown<'_>) -> Result<bool> {
    let Some(confirmation) = claims.get("cnf") else { return Ok(!shown.is_dpop) };
    let bound_to = |name: &str| confirmation.get(name).and_then(Value::as_str);
    match (bound_to("jkt"), bound_to("x5t#S256")) {
        (Some(jkt), None) => holds_key(tenant, jkt, shown).await,
        (None, Some(expected)) => {
            let print = shown.certificate.map(thumbprint);
            Ok(!shown.is_dpop && print.as_deref() == Some(expected))
        }
        // Bound to what nobody here can prove.
        _ => Ok(false),
    }
}

async fn holds_key(tenant: &Tenant, jkt: &str, shown: &Shown<'_>) -> Result<bool> {
    let (true, Some(proof)) = (shown.is_dpop, shown.proof) else { return Ok(false) };
    let now = tenant.clock().now();
    let Some(url) = meant(tenant, shown.url) else { return Ok(false) };
    // Where TLS ends before us, and who ends it does not say so, the caller knows better.
    let over_tls = url.replacen("http://", "https://", 1);
    let uris = [url, &over_tls];
    let asked = dpop::Request { method: shown.method, uris: &uris, now, access_token: Some(shown.token) };
    match dpop::verify(proof, &asked) {
        Ok(proof) if proof.jkt == jkt => is_first_use(tenant, &proof).await,
        Ok(_) => Ok(false),
        Err(invalid) => {
            tracing::debug!(tenant = tenant.name(), %invalid, "a DPoP proof was not accepted");
            Ok(false)
        }
    }
}

/// The address that was called, if its host is one of the tenant's. A proof for another server, passed on here under that
/// server's `Host`, proves nothing.
pub fn meant<'a>(tenant: &Tenant, url: &'a str) -> Option<&'a str> {
    let called = Url::parse(url).ok()?;
    called.host_str().is_some_and(|name| tenant.is_meant(name)).then_some(url)
}

/// What a certificate in DER is known by (RFC 8705 §3.1).
pub fn thumbprint(der: &[u8]) -> String {
    jose::b64url_encode(jose::sha256(der))
}

/// Uses a proof up, on every node (RFC 9449 §11.1). A stranger's key cannot use up another's identifiers.
pub async fn is_first_use(tenant: &Tenant, proof: &dpop::Proof) -> Result<bool> {
    tenant.use_once("dpop", &format!("{}\n{}", proof.jkt, proof.jti), proof.expires + KEPT).await
}

/// How long, in seconds, a proof that is too old is remembered, for nodes whose clocks differ.
const KEPT: i64 = 60;
