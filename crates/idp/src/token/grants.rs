//! The grants: what each may issue. Each of them says itself how its client proves itself.

mod authorization_code;
mod client_credentials;
mod refresh_token;

use std::sync::Arc;

use model::GrantType;

pub(super) use self::client_credentials::unserved;
pub use self::refresh_token::revoke;
use super::{Issuance, Issued, Request, authenticate};
use crate::{Code, Result, Tenant, snapshot::RegisteredClient};

/// Issues what the grant that the request names allows.
pub async fn issue(tenant: &Tenant, request: &Request) -> Result<Issued> {
    let Some(name) = request.grant_type.as_deref().filter(|name| !name.is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: grant_type");
    };
    match GrantType::from_wire(name) {
        Some(GrantType::ClientCredentials) => {
            machine(&Issuance { is_test: false, tenant, snapshot: &tenant.snapshot(), request })
        }
        // On the heap, so that a machine's token does not carry their room.
        Some(GrantType::AuthorizationCode) => Box::pin(authorization_code::issue(tenant, request)).await,
        Some(GrantType::RefreshToken) => Box::pin(refresh_token::issue(tenant, request)).await,
        // RFC 6749 §5.2: these may be written on a client, but are not served.
        None
        | Some(
            GrantType::Implicit
            | GrantType::Password
            | GrantType::PasswordRealm
            | GrantType::MfaOob
            | GrantType::MfaOtp
            | GrantType::MfaRecoveryCode
            | GrantType::PasswordlessOtp
            | GrantType::DeviceCode
            | GrantType::TokenExchange
            | GrantType::FederatedConnectionAccessToken
            | GrantType::Ciba
            | GrantType::Webauthn
            | GrantType::JwtBearer,
        ) => Code::UnsupportedGrantType.refuse("Grant type not supported"),
    }
}

/// What a machine gets of its own.
pub fn machine(issuance: &Issuance) -> Result<Issued> {
    super::sign(issuance, client_credentials::check(issuance)?)
}

/// The client, if it may use this grant; one without a secret is believed, since the grant proves itself.
fn public_client(issuance: &Issuance, grant: GrantType) -> Result<Arc<RegisteredClient>> {
    let client = authenticate::client_or_public(issuance)?;
    if client.view.grant_types.as_deref().unwrap_or_default().contains(&grant) {
        return Ok(client);
    }
    let name = issuance.request.grant_type.as_deref().unwrap_or_default();
    Code::GrantTypeNotAllowed.refuse(format!("Grant type '{name}' not allowed for the client."))
}
