//! What a token is bound to, so that it is worth nothing without its holder: a key (RFC 9449) or a certificate (RFC 8705).
//! No token is issued without what its API or its client demands.

pub mod nonce;

use std::borrow::Cow;

use jose::dpop;
use model::{ProofMechanism, ProofOfPossession, ProofRequiredFor};
use serde::Serialize;

use super::{Granted, Issuance};
use crate::{
    Code, Result,
    authorize::is_public,
    possession,
    snapshot::{Api, RegisteredClient},
};

/// What a token is bound to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Binding {
    /// Nothing: whoever has it may use it (RFC 6750).
    #[default]
    Bearer,
    /// The key of this thumbprint (RFC 7638).
    Key(String),
    /// The certificate of this SHA-256.
    Certificate(String),
}

/// The `cnf` claim (RFC 7800).
#[derive(Debug, Serialize)]
pub enum Confirmation<'a> {
    /// RFC 9449 §6.1
    #[serde(rename = "jkt")]
    Key(&'a str),
    /// RFC 8705 §3.1
    #[serde(rename = "x5t#S256")]
    Certificate(&'a str),
}

impl Binding {
    /// The `token_type` of the answer; a token bound to a certificate is used as any other (RFC 8705 §3).
    pub fn token_type(&self) -> &'static str {
        match self {
            Binding::Key(_) => "DPoP",
            Binding::Bearer | Binding::Certificate(_) => "Bearer",
        }
    }

    /// The certificate, where it is one.
    pub fn certificate(self) -> Option<String> {
        match self {
            Binding::Certificate(thumbprint) => Some(thumbprint),
            Binding::Bearer | Binding::Key(_) => None,
        }
    }

    /// What the token says of it.
    pub fn confirmation(&self) -> Option<Confirmation<'_>> {
        match self {
            Binding::Bearer => None,
            Binding::Key(jkt) => Some(Confirmation::Key(jkt)),
            Binding::Certificate(thumbprint) => Some(Confirmation::Certificate(thumbprint)),
        }
    }
}

/// What the token will be bound to, as API and client demand and the caller proves.
pub async fn of(issuance: &Issuance<'_>, granted: &Granted) -> Result<Binding> {
    match &granted.api.view.proof_of_possession {
        Some(rules) => by_rules(issuance, &granted.client, &granted.api, rules).await,
        None if demands(&granted.client) => unbindable(&granted.client, &granted.api),
        None => Ok(Binding::Bearer),
    }
}

/// The same of a token in a person's name. Where the API says nothing of it, a client that sends a proof wants its token
/// bound (RFC 9449 §5); without an API the token is for `/userinfo`, which reads proofs.
pub async fn of_person(
    issuance: &Issuance<'_>,
    client: &RegisteredClient,
    api: Option<&Api>,
) -> Result<Binding> {
    if let Some((api, rules)) = api.and_then(|api| Some((api, api.view.proof_of_possession.as_ref()?))) {
        return by_rules(issuance, client, api, rules).await;
    }
    match key(issuance, is_public(client)).await? {
        Some(binding) => {
            issuance.note(|notes| notes.trace.binding = Some(said(&binding)));
            Ok(binding)
        }
        None if demands(client) => {
            issuance.note(|notes| notes.reason = Some("no_proof"));
            let id = &client.view.client_id;
            Code::InvalidRequest.refuse(format!("Client \"{id}\" is issued tokens only with a DPoP proof."))
        }
        None => Ok(Binding::Bearer),
    }
}

/// Whether nothing that goes through a browser, where nobody proves anything, satisfies client and API.
pub fn is_demanded(client: &RegisteredClient, api: Option<&Api>) -> bool {
    let rules = api.and_then(|api| api.view.proof_of_possession.as_ref());
    demands(client) || rules.is_some_and(|rules| demands_of(rules, client))
}

async fn by_rules(
    issuance: &Issuance<'_>,
    client: &RegisteredClient,
    api: &Api,
    rules: &ProofOfPossession,
) -> Result<Binding> {
    let binding = match rules.mechanism {
        ProofMechanism::Dpop => key(issuance, api.view.dpop_nonce == Some(true) || is_public(client)).await?,
        ProofMechanism::Mtls => certificate(issuance),
    };
    match binding {
        Some(binding) => {
            issuance.note(|notes| notes.trace.binding = Some(said(&binding)));
            Ok(binding)
        }
        None if demands(client) || demands_of(rules, client) => {
            issuance.note(|notes| notes.reason = Some("no_proof"));
            unproved(api, rules.mechanism)
        }
        None => Ok(Binding::Bearer),
    }
}

fn demands(client: &RegisteredClient) -> bool {
    client.view.require_proof_of_possession == Some(true)
}

/// Whether an API issues nothing without proof to such a client.
fn demands_of(rules: &ProofOfPossession, client: &RegisteredClient) -> bool {
    rules.required && (rules.required_for != Some(ProofRequiredFor::PublicClients) || is_public(client))
}

fn unbindable(client: &RegisteredClient, api: &Api) -> Result<Binding> {
    Code::InvalidRequest.refuse(format!(
        "Client \"{}\" requires proof of possession, which resource server \"{}\" does not use.",
        client.view.client_id, api.view.identifier
    ))
}

fn unproved(api: &Api, mechanism: ProofMechanism) -> Result<Binding> {
    let proof = match mechanism {
        ProofMechanism::Dpop => "a DPoP proof",
        ProofMechanism::Mtls => "a client certificate",
    };
    let identifier = &api.view.identifier;
    Code::InvalidRequest
        .refuse(format!("A token for resource server \"{identifier}\" is issued only with {proof}."))
}

/// The certificate that the caller showed; which authority made it does not matter here.
fn certificate(issuance: &Issuance) -> Option<Binding> {
    let certificate = issuance.request.certificate.as_ref()?;
    Some(Binding::Certificate(possession::thumbprint(&certificate.der)))
}

/// The key that the caller proves to hold, if it sends a proof at all.
async fn key(issuance: &Issuance<'_>, wants_nonce: bool) -> Result<Option<Binding>> {
    let Issuance { tenant, request, .. } = issuance;
    let Some(proof) = &request.dpop else { return Ok(None) };
    let advertised = format!("{}{}", tenant.issuer(&request.host), request.path.trim_start_matches('/'));
    let called = request.url.as_deref().and_then(|url| possession::meant(tenant, url));
    let uris = [called.unwrap_or(&advertised), &advertised];
    let now = tenant.clock().now();
    let asked = dpop::Request { method: "POST", uris: &uris, now, access_token: None };
    let proof = match dpop::verify(proof, &asked) {
        Ok(proof) => proof,
        Err(invalid) => return Code::InvalidDpopProof.refuse(format!("Invalid DPoP proof: {invalid}")),
    };
    if wants_nonce || proof.nonce.is_some() {
        let is_good = proof.nonce.as_deref().is_some_and(|nonce| nonce::is_good(tenant, nonce, now));
        // The next one goes along with the token too, so that nobody is asked twice.
        issuance.note(|notes| notes.headers.push((nonce::HEADER, nonce::now(tenant, now))));
        if !is_good {
            return Code::UseDpopNonce.refuse("Authorization server requires nonce in DPoP proof");
        }
    }
    if !possession::is_first_use(tenant, &proof).await? {
        return Code::InvalidDpopProof.refuse("Invalid DPoP proof: it was used before");
    }
    Ok(Some(Binding::Key(proof.jkt)))
}

/// What the trace says of it.
fn said(binding: &Binding) -> Cow<'static, str> {
    match binding {
        Binding::Bearer => "none".into(),
        Binding::Key(jkt) => format!("DPoP {jkt}").into(),
        Binding::Certificate(thumbprint) => format!("mTLS {thumbprint}").into(),
    }
}
