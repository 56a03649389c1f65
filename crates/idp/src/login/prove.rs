//! How somebody proves who they are: with a name and a password, or as somebody new.

use std::sync::Arc;

use model::{Secret, User};

use super::Login;
use crate::{
    Code, Occasion, RegisteredConnection, Result, Tenant, administrators,
    connection::database::{self, SignUp},
    recovery, user,
    visitor::Visitor,
};

/// The database that people log in with: the one that the login is restricted to, or the client's own.
pub fn connection(tenant: &Tenant, login: &Login) -> Result<Arc<RegisteredConnection>> {
    let snapshot = tenant.snapshot();
    let client_id = login.asked.client_id.as_deref().unwrap_or_default();
    let is_enabled = |connection: &Arc<RegisteredConnection>| {
        connection.is_database()
            && connection.is_active()
            && (connection.is_enabled_for(client_id) || administrators::is_dashboard(tenant, client_id))
    };
    let usual = || {
        let furnished = snapshot.connection(user::CONNECTION).cloned();
        furnished
            .filter(is_enabled)
            .or_else(|| snapshot.connections_of(client_id).into_iter().find(is_enabled))
    };
    let named = login.connection.as_deref();
    let found = named.map_or_else(usual, |name| snapshot.connection(name).cloned().filter(is_enabled));
    found.map_or_else(|| Code::InvalidRequest.refuse("no connections enabled for the client"), Ok)
}

/// Whoever has this identifier and password.
pub async fn password(
    tenant: &Tenant,
    login: &Login,
    identifier: &str,
    password: Secret,
    visitor: &Visitor,
) -> Result<User> {
    let connection = connection(tenant, login)?;
    database::verify(tenant, &connection, identifier, password, &occasion(tenant, login, visitor)).await
}

/// Somebody new.
pub async fn sign_up(tenant: &Tenant, login: &Login, wanted: SignUp, visitor: &Visitor) -> Result<User> {
    let connection = connection(tenant, login)?;
    database::sign_up(tenant, &connection, wanted, &occasion(tenant, login, visitor)).await
}

/// Has a message sent to whoever has this identifier, if there is somebody, with which they choose another password.
pub async fn reset(tenant: &Tenant, login: &Login, identifier: &str, visitor: &Visitor) -> Result<()> {
    let connection = connection(tenant, login)?;
    recovery::request(tenant, &connection, identifier, &occasion(tenant, login, visitor)).await
}

fn occasion(tenant: &Tenant, login: &Login, visitor: &Visitor) -> Occasion {
    let client = login.asked.client_id.as_deref().and_then(|id| tenant.snapshot().client(id).cloned());
    Occasion { query: login.asked.as_query(), ..Occasion::of(visitor, client) }
}
