//! What people may do with the tenant's APIs: of themselves, and through the roles they have.

use model::role::Role;
use schema::Resource;

use crate::{Result, Tenant};

/// What somebody may do with an API, as its scopes are called. What the API does not define any more is not among it.
pub async fn of(tenant: &Tenant, user_id: &str, audience: &str) -> Result<Vec<String>> {
    let Some(api) = tenant.snapshot().api(audience).cloned() else { return Ok(Vec::new()) };
    let mut held = tenant.store().ties().permissions(tenant.name(), user_id, audience).await?;
    held.retain(|name| api.scopes.contains(name.as_str()));
    Ok(held)
}

/// The roles that somebody has, in the order in which they came to them.
pub async fn roles_of(tenant: &Tenant, user_id: &str) -> Result<Vec<Role>> {
    let mut roles = Vec::new();
    for id in tenant.store().ties().roles(tenant.name(), user_id, 0, MOST_ROLES).await? {
        if let Some(document) = tenant.read(&Role::NOUN, &id).await? {
            roles.push(Role::view(&document.body)?);
        }
    }
    Ok(roles)
}

/// How many roles somebody may have.
pub const MOST_ROLES: i64 = 50;
/// How many permissions a role may have, and how many a person of their own.
pub const MOST_PERMISSIONS: i64 = 1_000;
