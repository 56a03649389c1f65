//! The grants: what each may issue. Each of them says itself how its client proves itself.

mod authorization_code;
mod client_credentials;
mod device_code;
mod password;
mod refresh_token;

use model::GrantType;

pub use self::refresh_token::{introspect, revoke};
use super::{
    Issuance, Issued, actions, audience,
    authenticate::{self, Method, Proved},
    binding, fapi, limits, protection, signing,
};
use crate::{Code, Result};

/// Issues what the grant that the request names allows.
pub async fn issue(issuance: &Issuance<'_>) -> Result<Issued> {
    let Some(name) = issuance.request.grant_type.as_deref().filter(|name| !name.is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: grant_type");
    };
    match GrantType::from_wire(name) {
        Some(GrantType::ClientCredentials) => machine(issuance).await,
        // A test is of what a machine gets of its own.
        Some(_) if issuance.is_test => Code::UnsupportedGrantType.refuse("Grant type not supported"),
        // On the heap, so that a machine's token does not carry their room.
        Some(GrantType::AuthorizationCode) => Box::pin(authorization_code::issue(issuance)).await,
        Some(GrantType::RefreshToken) => Box::pin(refresh_token::issue(issuance)).await,
        Some(grant @ (GrantType::Password | GrantType::PasswordRealm)) => {
            Box::pin(password::issue(issuance, grant)).await
        }
        Some(GrantType::DeviceCode) => Box::pin(device_code::issue(issuance)).await,
        // RFC 6749 §5.2: these may be written on a client, but are not served.
        None
        | Some(
            GrantType::Implicit
            | GrantType::MfaOob
            | GrantType::MfaOtp
            | GrantType::MfaRecoveryCode
            | GrantType::PasswordlessOtp
            | GrantType::TokenExchange
            | GrantType::FederatedConnectionAccessToken
            | GrantType::Ciba
            | GrantType::Webauthn
            | GrantType::JwtBearer,
        ) => Code::UnsupportedGrantType.refuse("Grant type not supported"),
    }
}

/// What a machine gets of its own.
async fn machine(issuance: &Issuance<'_>) -> Result<Issued> {
    let proved = protection::guarded(issuance, authenticate::client(issuance)).await?;
    limits::admit(issuance, &proved.client)?;
    let mut granted = client_credentials::check(issuance, &proved)?;
    issuance.note(|notes| notes.trace.client_grant = granted.grant.view.id.clone().into());
    fapi::check(issuance, &proved, &granted)?;
    granted.binding = binding::of(issuance, &granted).await?;
    fapi::check_binding(&granted.client, &granted.binding)?;
    let taken = limits::take(issuance, &granted)?;
    actions::credentials_exchange(issuance, &mut granted).await?;
    let issued_at = signing::settle(issuance, &granted).await?;
    let issued = super::sign(issuance, granted, issued_at)?;
    taken.keep();
    Ok(issued)
}

/// Counts the request of a client without a secret, once its grant has proved itself: its name is everybody's, and
/// strangers would use up what its users may have.
fn admit_public(issuance: &Issuance, proved: &Proved) -> Result<()> {
    if proved.method == Method::None { limits::admit(issuance, &proved.client) } else { Ok(()) }
}

/// The client, if it may use this grant; one without a secret is believed, since the grant proves itself.
async fn public_client(issuance: &Issuance<'_>, grant: GrantType) -> Result<Proved> {
    let proved = protection::guarded(issuance, authenticate::client_or_public(issuance)).await?;
    if proved.method != Method::None {
        limits::admit(issuance, &proved.client)?;
    }
    fapi::check_proof(issuance, &proved)?;
    let is_for_strangers = matches!(grant, GrantType::AuthorizationCode | GrantType::RefreshToken);
    let is_allowed = proved.client.view.grant_types.as_deref().unwrap_or_default().contains(&grant);
    if is_allowed && (is_for_strangers || !audience::is_strict(&proved.client)) {
        return Ok(proved);
    }
    let name = issuance.request.grant_type.as_deref().unwrap_or_default();
    Code::GrantTypeNotAllowed.refuse(format!("Grant type '{name}' not allowed for the client."))
}
