//! How somebody proves who they are.

use model::{Secret, User};

use super::Login;
use crate::{Code, Occasion, Result, Tenant, connection::database, user, visitor::Visitor};

/// Whoever has this identifier and password.
pub async fn password(
    tenant: &Tenant,
    login: &Login,
    identifier: &str,
    password: Secret,
    visitor: &Visitor,
) -> Result<User> {
    let snapshot = tenant.snapshot();
    let Some(connection) = snapshot.connection(user::CONNECTION) else {
        return Code::InvalidRequest.refuse("There is no connection to log in with.");
    };
    let client = snapshot.client(login.asked.client_id.as_deref().unwrap_or_default()).cloned();
    let occasion = Occasion::of(visitor, client);
    database::verify(tenant, connection, identifier, password, &occasion).await
}
