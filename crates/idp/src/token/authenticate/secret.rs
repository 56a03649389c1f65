//! Proof by a shared secret (RFC 6749 §2.3.1): in the `Authorization` header or in the body, wherever the client is
//! registered to send it.

use std::{borrow::Cow, sync::Arc};

use model::{Secret, TokenEndpointAuthMethod};

use super::{Method, Proved, unauthorized};
use crate::{
    Result,
    snapshot::{NamedSecret, RegisteredClient},
    token::Issuance,
};

/// Proves the secret of a client, or refuses as if it were unknown.
pub fn prove(issuance: &Issuance, client: Option<&Arc<RegisteredClient>>) -> Result<Proved> {
    let Issuance { tenant, snapshot, request, .. } = issuance;
    let given = request.client_secret.as_ref().map_or("", Secret::expose);
    let primary = client.and_then(|client| client.secret);
    let named = client.map_or(&[][..], |client| snapshot.secrets(&client.view.client_id));
    // An unknown client costs the same work as a wrong secret, and hears the same answer.
    let hashes =
        [primary.as_ref().unwrap_or(&NO_SECRET)].into_iter().chain(named.iter().map(|one| &one.hash));
    let found = tenant.secrets().position(given.as_bytes(), hashes);
    let (Some(client), Some(found)) = (client, found) else { return Err(unauthorized()) };
    let credential = match found.checked_sub(1).and_then(|i| named.get(i)) {
        None => Cow::Borrowed(PRIMARY),
        Some(secret) if secret.is_good_at(tenant.clock().now_ms()) => Cow::Owned(secret.id.to_string()),
        Some(NamedSecret { .. }) => {
            issuance.note(|notes| notes.reason = Some("expired_credential"));
            return Err(unauthorized());
        }
    };
    let method = if request.is_basic { Method::ClientSecretBasic } else { Method::ClientSecretPost };
    if !takes(client, method) {
        issuance.note(|notes| notes.reason = Some("wrong_method"));
        return Err(unauthorized());
    }
    Ok(Proved { client: client.clone(), method, credential: Some(credential) })
}

/// Whether the client is registered to send its secret there. One that says nothing of it may send it in either place.
fn takes(client: &RegisteredClient, method: Method) -> bool {
    // A client that proves itself with a key keeps its secret, but the secret proves nothing.
    if client.view.client_authentication_methods.is_some() {
        return false;
    }
    match client.view.token_endpoint_auth_method {
        Some(TokenEndpointAuthMethod::ClientSecretBasic) => method == Method::ClientSecretBasic,
        Some(TokenEndpointAuthMethod::ClientSecretPost) => method == Method::ClientSecretPost,
        // What a public client may not have, its grant says.
        Some(TokenEndpointAuthMethod::None) | None => true,
    }
}

/// The name of the secret that the client itself holds.
pub const PRIMARY: &str = "primary";
/// No secret hashes to this, short of a broken SHA-256.
const NO_SECRET: [u8; 32] = [0; 32];
