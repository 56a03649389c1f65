//! The claims of an access token, in the order in which Auth0 writes them (recorded).

use schema::Object;
use serde::Serialize;
use serde_json::Value;

use super::{binding::Confirmation, signing::Signing};

/// What an access token of a machine says.
#[derive(Debug, Serialize)]
pub struct Claims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    org_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<&'a str>,
    /// RFC 9068 §2.2
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gty: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    azp: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    permissions: Option<Vec<&'a str>>,
    /// RFC 9396 §9.1
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authorization_details: &'a [Value],
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation<'a>>,
    /// What customers' code adds; none of it has a name of the above.
    #[serde(flatten)]
    more: &'a Object,
}

/// The claims of what was granted, in the API's dialect.
pub fn of<'a>(signing: &'a Signing) -> Claims<'a> {
    let Signing { issuance, granted, dialect, issuer, issued_at, jti, .. } = signing;
    let client_id = granted.client.view.client_id.as_str();
    let is_rfc9068 = dialect.is_rfc9068();
    let permissions = (dialect.has_permissions() && granted.api.view.enforce_policies == Some(true))
        .then(|| granted.scope.split(' ').filter(|scope| !scope.is_empty()).collect());
    let organization = granted.organization.as_deref();
    let names_allowed = issuance
        .snapshot
        .settings
        .as_ref()
        .is_some_and(|settings| settings.allow_organization_name_in_authentication_api == Some(true));
    Claims {
        iss: issuer,
        sub: format!("{client_id}@clients"),
        aud: &granted.api.view.identifier,
        iat: *issued_at,
        exp: issued_at + granted.lifetime,
        scope: &granted.scope,
        org_id: organization.map(|organization| organization.id.as_str()),
        org_name: organization.filter(|_| names_allowed).map(|organization| organization.name.as_str()),
        jti: jti.as_deref(),
        client_id: is_rfc9068.then_some(client_id),
        gty: (!is_rfc9068).then_some("client-credentials"),
        azp: (!is_rfc9068).then_some(client_id),
        permissions,
        authorization_details: &granted.details,
        cnf: granted.binding.confirmation(),
        more: &granted.claims,
    }
}
