//! The people who administer: who a token of the built-in tenant stands for, and what they may do in the tenant
//! it was made for. Roles are looked up at each request, so that what is taken away is gone at once.

use model::{Administrator, EXTRA_SCOPES, MANAGEMENT_SCOPES};
use schema::Resource;
use serde_json::Value;

use crate::{
    Result, Tenant, Tenants,
    access_token::{self, AccessToken, Invalid},
    session,
    tenants::ADMINISTRATORS,
    user,
    visitor::Visitor,
};

/// The client of the built-in tenant that the dashboard is.
pub const DASHBOARD: &str = "dashboard";

/// Whether a client of this tenant is the dashboard.
pub fn is_dashboard(tenant: &Tenant, client_id: &str) -> bool {
    tenant.name() == ADMINISTRATORS && client_id == DASHBOARD
}

/// Where the dashboard may be returned to after a login: the origin that it was opened at, and no list. Who could
/// answer there would need no code.
pub fn callback(visitor: &Visitor) -> String {
    format!("{}/dashboard/callback", visitor.origin)
}

/// The same after a logout.
pub fn after_logout(visitor: &Visitor) -> String {
    format!("{}/dashboard/", visitor.origin)
}

/// Believes a token that the built-in tenant made for this tenant's Management API, with the scopes that the
/// person's roles come with now.
pub async fn verify(
    tenants: &Tenants,
    tenant: &Tenant,
    compact: &str,
) -> Result<std::result::Result<AccessToken, Invalid>> {
    let Some(builtin) = tenants.administrators() else { return Ok(Err(Invalid::Token)) };
    let token = match access_token::verify(&builtin, compact, &tenant.management_audience()) {
        Ok(token) if token.client_id == DASHBOARD => token,
        Ok(_) => return Ok(Err(Invalid::Token)),
        Err(invalid) => return Ok(Err(invalid)),
    };
    let Some(user_id) = token.claims.get("sub").and_then(Value::as_str) else {
        return Ok(Err(Invalid::Token));
    };
    // Who logs out, or is logged out, takes the token along.
    let session = token.claims.get("sid").and_then(Value::as_str).unwrap_or_default();
    if !session::is_alive(&builtin, session).await? {
        return Ok(Err(Invalid::Token));
    }
    let (person, administrator) = (user::by_id(&builtin, user_id).await?, of_user(&builtin, user_id).await?);
    match (person, administrator) {
        (Some(person), Some(administrator))
            if !person.blocked && administrator.administers(tenant.name()) =>
        {
            let (scopes, email) = (scopes(&administrator), person.email);
            Ok(Ok(AccessToken { scopes, administrator: Some(administrator), email, ..token }))
        }
        _ => Ok(Err(Invalid::Token)),
    }
}

/// The administrator that a user of the built-in tenant is, if they are one.
pub async fn of_user(builtin: &Tenant, user_id: &str) -> Result<Option<Administrator>> {
    let found = builtin.read(&Administrator::NOUN, user_id).await?;
    Ok(found.map(|document| Administrator::view(&document.body)).transpose()?)
}

/// Every scope that an administrator's roles come with.
pub fn scopes(administrator: &Administrator) -> Vec<String> {
    let known = MANAGEMENT_SCOPES.iter().chain(EXTRA_SCOPES).map(|(scope, _)| *scope);
    known.filter(|scope| administrator.may(scope)).map(str::to_owned).collect()
}
