//! The client that is asking, if it can prove that it is.

use std::sync::Arc;

use model::Secret;

use super::Issuance;
use crate::{Code, Result, authorize::is_public, snapshot::RegisteredClient};

/// Finds the client and proves its secret.
pub async fn client(issuance: &Issuance<'_>) -> Result<Arc<RegisteredClient>> {
    let Issuance { is_test, tenant, snapshot, request, .. } = issuance;
    if request.client_assertion.is_some() {
        return Code::InvalidClient.refuse("Client authentication by assertion is not supported.");
    }
    let Some(id) = request.client_id.as_deref().filter(|id| !id.is_empty()) else {
        return Code::InvalidClient.refuse("Missing client_id");
    };
    let given = request.client_secret.as_ref().map_or("", Secret::expose);
    let client = snapshot.client(id);
    // An unknown client costs the same work as a wrong secret, and hears the same answer.
    let expected = client.and_then(|client| client.secret).unwrap_or(NO_SECRET);
    let proved = tenant.secrets().matches(given.as_bytes(), &expected);
    match client {
        Some(client) if *is_test || (proved && uses_secret(client)) => Ok(client.clone()),
        _ => Code::Unauthorized.refuse("Unauthorized"),
    }
}

/// Finds the client; one that has no way to prove itself is believed (RFC 6749 §2.1), and its secret not read.
pub async fn client_or_public(issuance: &Issuance<'_>) -> Result<Arc<RegisteredClient>> {
    let named = issuance.request.client_id.as_deref().and_then(|id| issuance.snapshot.client(id));
    match named {
        Some(public) if is_public(public) && uses_secret(public) => Ok(public.clone()),
        _ => client(issuance).await,
    }
}

/// A client that proves itself with a key keeps its secret, but the secret proves nothing.
fn uses_secret(client: &RegisteredClient) -> bool {
    client.view.client_authentication_methods.is_none()
}

/// No secret hashes to this, short of a broken SHA-256.
const NO_SECRET: [u8; 32] = [0; 32];
