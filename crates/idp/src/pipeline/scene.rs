//! What rules and actions are told of a login, as far as both are told the same.

use std::{collections::BTreeMap, sync::Arc};

use model::{LogType, User};
use schema::Object;
use serde_json::{Value, json};

use super::{Occurrence, Protocol};
use crate::{
    RegisteredConnection, Result, Tenant,
    actions::{NO_NOTES, without_credentials},
    log::{self, Event},
    permissions,
    snapshot::Snapshot,
    user,
};

/// A login, and what had to be looked up about it.
pub struct Scene<'a> {
    pub tenant: &'a Tenant,
    pub snapshot: &'a Snapshot,
    pub occurrence: &'a Occurrence<'a>,
    pub connection: Option<&'a Arc<RegisteredConnection>>,
    /// The names of the person's roles.
    pub roles: Vec<String>,
    /// The clients that the session serves.
    pub clients: Vec<String>,
}

impl<'a> Scene<'a> {
    pub async fn of(
        tenant: &'a Tenant,
        snapshot: &'a Snapshot,
        occurrence: &'a Occurrence<'a>,
    ) -> Result<Scene<'a>> {
        let roles = permissions::roles_of(tenant, &occurrence.user.user_id).await?;
        let roles = roles.into_iter().map(|role| role.name).collect();
        let clients = match occurrence.session {
            Some(session) => tenant.store().sessions().clients(tenant.name(), &session.id).await?,
            None => Vec::new(),
        };
        let connection = occurrence.connection.and_then(|name| snapshot.connection(name));
        Ok(Scene { tenant, snapshot, occurrence, connection, roles, clients })
    }

    /// Whether the browser can go elsewhere first.
    pub fn can_redirect(&self) -> bool {
        self.occurrence.asked.is_some() && !self.occurrence.is_silent
    }

    /// What stood in the query, and in the body; of who is back, with what they bring.
    pub fn parameters(&self) -> [Object; 2] {
        let Occurrence { request, resumed, .. } = self.occurrence;
        [&request.query, &request.body].map(|sent| {
            let mut sent = without_credentials(sent);
            sent.extend(resumed.iter().flat_map(|resumed| resumed.parameters.clone()));
            sent
        })
    }

    /// How often the person has logged in, this time included. Where no browser is, it is counted when tokens are given.
    pub fn logins_count(&self) -> u64 {
        let counted = self.occurrence.user.logins_count.unwrap_or_default();
        match self.occurrence.protocol {
            Protocol::Password | Protocol::ResourceOwner => counted + 1,
            Protocol::OidcBasicProfile
            | Protocol::OidcImplicitProfile
            | Protocol::OidcHybridProfile
            | Protocol::DeviceCode
            | Protocol::RefreshToken
            | Protocol::RedirectCallback => counted,
        }
    }

    /// Free notes of the client.
    pub fn client_metadata(&self) -> &BTreeMap<String, String> {
        self.occurrence.client.view.client_metadata.as_ref().unwrap_or(&NO_NOTES)
    }

    /// Free notes of the connection.
    pub fn connection_metadata(&self) -> Value {
        let metadata = self.connection.and_then(|connection| connection.view.metadata.as_ref());
        metadata.map_or_else(|| json!({}), |metadata| json!(metadata))
    }

    /// An event about it.
    pub fn event(&self, kind: LogType, description: String) -> Event {
        let Occurrence { client, request, user, audience, .. } = self.occurrence;
        Event {
            client_id: Some(client.view.client_id.clone()),
            client_name: Some(client.view.name.clone()),
            audience: audience.map(log::cut),
            ..user::about(request.event(kind, description), user)
        }
    }
}

/// What code is told of a person: no secret of any account.
pub fn profile(user: &User) -> Object {
    let identities: Vec<Value> = user
        .identities
        .iter()
        .map(|identity| {
            let mut told = json!({
                "connection": identity.connection,
                "isSocial": identity.is_social,
                "provider": identity.provider,
                "user_id": identity.user_id,
            });
            if let Some(profile) = &identity.profile_data {
                told["profileData"] = Value::Object(profile.clone());
            }
            told
        })
        .collect();
    let text = |text: &Option<String>| text.as_deref().map(Value::from);
    let told = [
        ("user_id", Some(json!(user.user_id))),
        ("email", text(&user.email)),
        ("email_verified", user.email.as_ref().map(|_| json!(user.email_verified))),
        ("username", text(&user.username)),
        ("phone_number", text(&user.phone_number)),
        ("phone_verified", user.phone_verified.map(Value::from)),
        ("name", text(&user.name)),
        ("nickname", text(&user.nickname)),
        ("given_name", text(&user.given_name)),
        ("family_name", text(&user.family_name)),
        ("picture", text(&user.picture)),
        ("created_at", text(&user.created_at)),
        ("updated_at", text(&user.updated_at)),
        ("last_password_reset", text(&user.last_password_reset)),
        ("multifactor", user.multifactor.as_ref().map(|kinds| json!(kinds))),
        ("user_metadata", user.user_metadata.clone().map(Value::Object)),
        ("app_metadata", user.app_metadata.clone().map(Value::Object)),
        ("identities", Some(json!(identities))),
    ];
    told.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}
