//! The nonces that proofs may have to hold (RFC 9449 §8): a keyed hash of the time, the same on every node, so that none is
//! kept. Turning the tenant's sealing key ends those that are out; whoever holds one is told another.

use crate::Tenant;

/// The header that carries one.
pub const HEADER: &str = "dpop-nonce";
/// How many seconds one is handed out; it is taken for as long again.
const WINDOW: i64 = 300;

/// The nonce of this moment.
pub fn now(tenant: &Tenant, now: i64) -> String {
    of(tenant, now.div_euclid(WINDOW))
}

/// Whether a nonce was handed out lately. It is no secret, so it is compared as any text.
pub fn is_good(tenant: &Tenant, nonce: &str, now: i64) -> bool {
    let window = now.div_euclid(WINDOW);
    [window, window - 1].into_iter().any(|window| of(tenant, window) == nonce)
}

fn of(tenant: &Tenant, window: i64) -> String {
    let key = tenant.0.vault.derived(tenant.name(), "DPoP nonce");
    jose::b64url_encode(jose::hmac_sha256(&key, &window.to_be_bytes()))
}
