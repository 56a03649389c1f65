//! The client that is asking, if it can prove that it is. It proves itself in the way it is registered for, and in no
//! other.

mod assertion;
mod certificate;
mod federated;
mod secret;

use std::{borrow::Cow, sync::Arc};

use model::TokenEndpointAuthMethod;

use super::Issuance;
use crate::{Code, Error, Result, authorize::is_public, snapshot::RegisteredClient};

/// A client that proved itself.
#[derive(Clone)]
pub struct Proved {
    pub client: Arc<RegisteredClient>,
    pub method: Method,
    /// Which of its secrets, keys or certificates it used.
    pub credential: Option<Cow<'static, str>>,
}

/// How a client proves itself (RFC 6749 §2.3, RFC 7523, RFC 8705).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    None,
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
    TlsClientAuth,
    SelfSignedTlsClientAuth,
    /// A token of an issuer that the client trusts.
    Federated,
}

impl Method {
    /// The name in metadata, where it has one there.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::None => "none",
            Method::ClientSecretBasic => "client_secret_basic",
            Method::ClientSecretPost => "client_secret_post",
            Method::PrivateKeyJwt => "private_key_jwt",
            Method::TlsClientAuth => "tls_client_auth",
            Method::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
            Method::Federated => "federated_credential",
        }
    }

    /// What the client is registered for; without a word of it, a secret in either place.
    pub fn of(client: &RegisteredClient) -> Method {
        let view = &client.view;
        match (view.client_authentication_methods.as_deref(), view.token_endpoint_auth_method) {
            (Some(methods), _) if methods.tls_client_auth.is_some() => Method::TlsClientAuth,
            (Some(methods), _) if methods.self_signed_tls_client_auth.is_some() => {
                Method::SelfSignedTlsClientAuth
            }
            (Some(_), _) => Method::PrivateKeyJwt,
            (None, Some(TokenEndpointAuthMethod::None)) => Method::None,
            (None, Some(TokenEndpointAuthMethod::ClientSecretBasic)) => Method::ClientSecretBasic,
            (None, Some(TokenEndpointAuthMethod::ClientSecretPost) | None) => Method::ClientSecretPost,
        }
    }
}

/// Finds the client and proves that it is asking.
pub async fn client(issuance: &Issuance<'_>) -> Result<Proved> {
    let outcome = prove(issuance).await;
    issuance.note(|notes| {
        notes.trace.method = match &outcome {
            Ok(proved) => Some(proved.method.as_str()),
            Err(_) => notes.trace.method.or_else(|| tried(issuance)),
        };
        notes.trace.credential = outcome.as_ref().ok().and_then(|proved| proved.credential.clone());
    });
    let proved = outcome?;
    issuance.tenant.used(&proved, issuance.request.ip);
    Ok(proved)
}

async fn prove(issuance: &Issuance<'_>) -> Result<Proved> {
    let request = issuance.request;
    if let Some(given) = &request.client_assertion {
        return assertion::prove(issuance, given.expose()).await;
    }
    let Some(id) = request.client_id.as_deref().filter(|id| !id.is_empty()) else {
        return Code::InvalidClient.refuse("Missing client_id");
    };
    let client = issuance.snapshot.client(id);
    if issuance.is_test {
        return client.map(tested).ok_or_else(unauthorized);
    }
    match client.map(|client| (client, Method::of(client))) {
        // RFC 6749 §2.3: one way at a time, so that a secret is not overlooked.
        Some((client, method @ (Method::TlsClientAuth | Method::SelfSignedTlsClientAuth)))
            if request.client_secret.is_none() =>
        {
            certificate::prove(issuance, client, method)
        }
        Some(_) | None => secret::prove(issuance, client),
    }
}

/// Finds the client; one that has no way to prove itself is believed (RFC 6749 §2.1), and its secret not read.
pub async fn client_or_public(issuance: &Issuance<'_>) -> Result<Proved> {
    let named = issuance.request.client_id.as_deref().and_then(|id| issuance.snapshot.client(id));
    match named {
        Some(public) if is_public(public) && Method::of(public) == Method::None => {
            issuance.note(|notes| notes.trace.method = Some(Method::None.as_str()));
            Ok(Proved { client: public.clone(), method: Method::None, credential: None })
        }
        _ => client(issuance).await,
    }
}

/// How a client that was refused tried to prove itself, as far as the request itself tells.
fn tried(issuance: &Issuance) -> Option<&'static str> {
    let request = issuance.request;
    let method = match (&request.client_assertion, &request.client_secret) {
        (Some(_), _) => Method::PrivateKeyJwt,
        (None, Some(_)) if request.is_basic => Method::ClientSecretBasic,
        (None, Some(_)) => Method::ClientSecretPost,
        (None, None) => return None,
    };
    Some(method.as_str())
}

/// A client in whose place somebody asks, as if it had proved itself in its own way.
fn tested(client: &Arc<RegisteredClient>) -> Proved {
    Proved { client: client.clone(), method: Method::of(client), credential: None }
}

/// One answer for an unknown client, a wrong secret and a secret in the wrong place.
fn unauthorized() -> Error {
    Error::Refused { code: Code::Unauthorized, description: Cow::Borrowed("Unauthorized") }
}

/// Why a proof is not believed: what the tenant's log says, and the word that it is counted by. The caller hears
/// [`FAILED`].
struct Flaw {
    cause: Cow<'static, str>,
    reason: &'static str,
}

impl Flaw {
    fn new(cause: impl Into<Cow<'static, str>>) -> Flaw {
        Flaw { cause: cause.into(), reason: "bad_assertion" }
    }

    /// Refuses, and leaves the cause to the log.
    fn refuse<T>(self, issuance: &Issuance) -> Result<T> {
        issuance.note(|notes| {
            notes.reason = Some(self.reason);
            notes.client_authentication_error = Some(self.cause);
        });
        Code::InvalidClient.refuse(FAILED)
    }
}

/// What the caller hears of a proof by key or certificate that is not believed.
const FAILED: &str = "Client authentication failed";
