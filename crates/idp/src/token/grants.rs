//! The grants: what each may issue, as a value. Each of them says itself how its client proves itself.

mod client_credentials;

use model::GrantType;

use super::{Granted, Issuance};
use crate::{Code, Result};

/// What the client may be issued by the grant that its request names.
pub fn check(issuance: &Issuance) -> Result<Granted> {
    let Some(name) = issuance.request.grant_type.as_deref().filter(|name| !name.is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: grant_type");
    };
    match GrantType::from_wire(name) {
        Some(GrantType::ClientCredentials) => client_credentials::check(issuance),
        // RFC 6749 §5.2: these may be written on a client, but are not served.
        None
        | Some(
            GrantType::AuthorizationCode
            | GrantType::Implicit
            | GrantType::RefreshToken
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
