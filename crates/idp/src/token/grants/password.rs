//! The password grants: a person's name and password for tokens, in the tenant's default database (RFC 6749 §4.3) or in the
//! one that a realm names. Nobody is at a browser, so there is no session, and nobody is asked for consent.

use std::sync::Arc;

use model::{GrantType, User};
use serde_json::json;
use store::Redeemed;

use super::{admit_public, public_client};
use crate::{
    Code, Result,
    connection::{RegisteredConnection, database},
    id, permissions,
    pipeline::{Method, Protocol},
    snapshot::RegisteredClient,
    token::{
        Authorization, Issuance, Issued, audience, fapi,
        person::{self, Granted, Way, occasion},
    },
    user,
};

/// Issues what somebody lets an application have by giving it their password.
pub async fn issue(issuance: &Issuance<'_>, grant: GrantType) -> Result<Issued> {
    let Issuance { tenant, request, .. } = *issuance;
    let proved = public_client(issuance, grant).await?;
    let client = proved.client.clone();
    if fapi::is_held(&client) {
        return Code::UnsupportedGrantType.refuse("Grant type not supported");
    }
    let given = |value: Option<&str>, name: &str| match value.filter(|value| !value.is_empty()) {
        Some(value) => Ok(value.to_owned()),
        None => Code::InvalidRequest.refuse(format!("Missing required parameter: {name}")),
    };
    let username = given(request.username.as_deref(), "username")?;
    let password = given(request.password.as_ref().map(model::Secret::expose), "password")?;
    if request.organization.as_deref().is_some_and(|organization| !organization.is_empty()) {
        return Code::InvalidRequest.refuse("parameter organization is not allowed for this client");
    }
    let (connection, protocol) = match grant {
        GrantType::PasswordRealm => {
            let name = given(request.realm.as_deref(), "realm")?;
            (realm(issuance, &client, &name)?, Protocol::ResourceOwner)
        }
        _ => (default(issuance, &client)?, Protocol::Password),
    };
    let occasion = occasion(issuance, &client);
    let user = database::verify(tenant, &connection, &username, password.into(), &occasion).await?;
    admit_public(issuance, &proved)?;

    let audience = audience::named(tenant, request.audience.as_deref());
    let scope = match request.scope.as_deref().filter(|scope| !scope.is_empty()) {
        Some(scope) => scope.to_owned(),
        None => everything(issuance, &user, audience.as_deref()).await?,
    };
    let offered = scope.split(' ').filter(|one| *one != audience::ONLINE_ACCESS);
    let authorization = Authorization {
        user_id: user.user_id.clone(),
        auth_time: tenant.clock().now(),
        connection: Some(connection.view.name.clone()),
        audience,
        scope: offered.collect::<Vec<_>>().join(" "),
        methods: vec![json!(Method::now(tenant, "pwd"))],
        gty: Some("password".to_owned()),
        ..Authorization::default()
    };
    let granted = Granted::of(issuance, &client, authorization, Some(protocol)).await?;
    let issued = person::issue(issuance, &granted, Way::default(), Redeemed::Nothing, id::family()).await?;
    user::note_login(tenant, &user.user_id, Some(granted.document), &occasion.ip.to_string()).await?;
    Ok(issued)
}

/// The database that a realm means, if the client may use it. One that it may not is as good as none.
fn realm(
    issuance: &Issuance<'_>,
    client: &RegisteredClient,
    realm: &str,
) -> Result<Arc<RegisteredConnection>> {
    match issuance.snapshot.realm(realm).filter(|connection| is_usable(client, connection)) {
        Some(connection) => Ok(connection.clone()),
        None => Code::UnknownRealm.refuse(format!("Unknown realm {}", crate::log::cut(realm))),
    }
}

/// The database that the tenant has chosen for requests that name none.
fn default(issuance: &Issuance<'_>, client: &RegisteredClient) -> Result<Arc<RegisteredConnection>> {
    let settings = issuance.snapshot.settings.as_deref();
    let name = settings.and_then(|settings| settings.default_directory.as_deref()).unwrap_or_default();
    match issuance.snapshot.connection(name).filter(|connection| is_usable(client, connection)) {
        Some(connection) => Ok(connection.clone()),
        None => {
            issuance.note(|notes| notes.reason = Some("invalid_request"));
            Code::ServerError.refuse("Authorization server not configured with default connection.")
        }
    }
}

fn is_usable(client: &RegisteredClient, connection: &RegisteredConnection) -> bool {
    let client_id = &client.view.client_id;
    connection.is_database() && connection.is_active() && connection.is_enabled_for(client_id)
}

/// All that an API has for a person: what is meant by asking for nothing in particular.
async fn everything(issuance: &Issuance<'_>, user: &User, audience: Option<&str>) -> Result<String> {
    let Some(api) = audience.and_then(|audience| issuance.snapshot.api(audience)) else {
        return Ok(String::new());
    };
    if api.view.enforce_policies == Some(true) {
        let held = permissions::of(issuance.tenant, &user.user_id, &api.view.identifier).await?;
        return Ok(held.join(" "));
    }
    let all: Vec<&str> = api.view.scopes.iter().flatten().map(|scope| scope.value.as_str()).collect();
    Ok(all.join(" "))
}
