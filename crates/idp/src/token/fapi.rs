//! The security profiles that a client may be held to (FAPI 1.0 Advanced, FAPI 2.0 Security Profile), as far as they are of
//! the token endpoint; `authorize` has the rest. What does not comply is refused here, when it asks; it may be configured.

use jose::Algorithm;
use model::{SigningAlgorithm, client::ComplianceLevel};

use super::{
    Binding, Granted, Issuance, Notes, Request,
    authenticate::{Method, Proved},
    reason,
};
use crate::{
    Code, Error, Result,
    snapshot::{Api, RegisteredClient, Snapshot},
};

/// What a level demands.
struct Rules {
    by_certificate: bool,
    /// Whether it is the second profile, which wants tokens bound and names the algorithms (§5.3.2.1 and §5.4.1).
    is_second: bool,
}

/// Which profile a client is held to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// FAPI 1.0 Advanced.
    First,
    /// FAPI 2.0 Security Profile.
    Second,
}

/// The profile of a client that is held to one.
pub fn profile(client: &RegisteredClient) -> Option<Profile> {
    let is_second = rules(client.view.compliance_level)?.is_second;
    Some(if is_second { Profile::Second } else { Profile::First })
}

fn rules(level: Option<ComplianceLevel>) -> Option<Rules> {
    let (by_certificate, is_second) = match level? {
        ComplianceLevel::None => return None,
        ComplianceLevel::Fapi1AdvPkjPar => (false, false),
        ComplianceLevel::Fapi1AdvMtlsPar => (true, false),
        ComplianceLevel::Fapi2SpPkjMtls => (false, true),
        ComplianceLevel::Fapi2SpMtlsMtls => (true, true),
    };
    Some(Rules { by_certificate, is_second })
}

/// Refuses what the level of the client does not allow of how it proved itself, of its settings and of its API's.
pub(in crate::token) fn check(issuance: &Issuance, proved: &Proved, granted: &Granted) -> Result<()> {
    check_proof(issuance, proved)?;
    check_api(&granted.client, &granted.api)
}

/// Refuses what the level of the client does not allow of how it proved itself, and of its settings.
pub(in crate::token) fn check_proof(issuance: &Issuance, proved: &Proved) -> Result<()> {
    let client = &proved.client.view;
    let Some(rules) = rules(client.compliance_level) else { return Ok(()) };
    let is_demanded = match proved.method {
        Method::PrivateKeyJwt => !rules.by_certificate,
        Method::TlsClientAuth | Method::SelfSignedTlsClientAuth => rules.by_certificate,
        Method::None | Method::ClientSecretBasic | Method::ClientSecretPost | Method::Federated => false,
    };
    if !is_demanded {
        return Code::InvalidClient
            .refuse("The compliance level of the client demands another way to authenticate.");
    }
    if client.oidc_conformant != Some(true) {
        return Code::UnauthorizedClient
            .refuse("The compliance level of the client demands that it is OIDC conformant.");
    }
    if !rules.is_second {
        return Ok(());
    }
    let credential = proved.credential.as_deref();
    let credential = credential.and_then(|id| issuance.snapshot.credential(&client.client_id, id));
    let key = credential.and_then(|credential| credential.key.as_ref());
    if key.is_some_and(|key| !is_strong(key.algorithm())) {
        return Code::InvalidClient
            .refuse("The compliance level of the client demands PS256, ES256 or EdDSA.");
    }
    Ok(())
}

/// Refuses an API whose tokens are not signed as the level of the client demands.
pub fn check_api(client: &RegisteredClient, api: &Api) -> Result<()> {
    if !is_second(client) {
        return Ok(());
    }
    match api.view.signing_alg {
        SigningAlgorithm::PS256 | SigningAlgorithm::ES256 | SigningAlgorithm::EdDSA => Ok(()),
        SigningAlgorithm::HS256 | SigningAlgorithm::RS256 | SigningAlgorithm::RS512 => Code::InvalidTarget.refuse(
            "The compliance level of the client demands an API whose tokens are signed with PS256, ES256 or EdDSA.",
        ),
    }
}

/// Refuses a token that is not bound as the level of the client demands.
pub fn check_binding(client: &RegisteredClient, binding: &Binding) -> Result<()> {
    match binding {
        Binding::Bearer | Binding::Key(_) if is_second(client) => Code::InvalidRequest
            .refuse("The compliance level of the client demands a token that is bound to its certificate."),
        Binding::Bearer | Binding::Key(_) | Binding::Certificate(_) => Ok(()),
    }
}

/// Whether the client is held to any level. Nobody gives such a client a password (FAPI 1.0 Part 1 §5.2.2, FAPI 2.0 §5.3.2.1).
pub fn is_held(client: &RegisteredClient) -> bool {
    rules(client.view.compliance_level).is_some()
}

fn is_second(client: &RegisteredClient) -> bool {
    rules(client.view.compliance_level).is_some_and(|rules| rules.is_second)
}

fn is_strong(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::PS256 | Algorithm::ES256 | Algorithm::EdDSA)
}

/// The refusal in the codes of the standards alone (RFC 6749 §5.2, RFC 8707 §2), if the client is held to a level. It is
/// counted as it would be without.
pub(in crate::token) fn standard(
    snapshot: &Snapshot,
    request: &Request,
    notes: &mut Notes,
    error: Error,
) -> Error {
    let named = notes.client_id.as_deref().or(request.client_id.as_deref());
    let client = named.and_then(|id| snapshot.client(id));
    if client.and_then(|client| rules(client.view.compliance_level)).is_none() {
        return error;
    }
    let word = reason(&error, true);
    notes.reason.get_or_insert(word);
    match error {
        Error::Refused { code: Code::Unauthorized, description } => {
            Error::Refused { code: Code::InvalidClient, description }
        }
        Error::Refused { code: Code::AccessDenied, description } => {
            let code = match word {
                "no_audience" | "unknown_api" | "api_refuses" => Code::InvalidTarget,
                "scope_not_granted" => Code::InvalidScope,
                "no_grant" => Code::UnauthorizedClient,
                _ => Code::InvalidRequest,
            };
            Error::Refused { code, description }
        }
        other => other,
    }
}
