//! Connections as the snapshot holds them: who may use which, and what a database of them is told.

use std::sync::Arc;

use imbl::HashSet as SharedSet;
use model::{Connection, ConnectionClient, DatabaseOptions};
use schema::{Object, Resource};
use serde_json::{Value, json};

use crate::{Change, Result, Tenant};

pub mod database;
mod people;
pub mod secrets;

pub use people::remove_people;

/// A connection, ready to be used. Copies share what is in it.
#[derive(Clone)]
pub struct RegisteredConnection {
    pub id: Arc<str>,
    pub view: Arc<Connection>,
    /// What a database is told; nothing for other strategies.
    database: Option<Arc<DatabaseOptions>>,
    clients: SharedSet<Arc<str>>,
}

impl RegisteredConnection {
    /// A connection of a stored document, its secrets opened, and the clients that may use it.
    pub(crate) fn of(mut body: Object, clients: SharedSet<Arc<str>>) -> Result<RegisteredConnection> {
        secrets::join(&mut body);
        let view = Connection::view(&body)?;
        let database = Connection::database_options(&body).transpose()?;
        let id = view.id.as_str().into();
        Ok(RegisteredConnection { id, view: Arc::new(view), database: database.map(Arc::new), clients })
    }

    /// The same connection, and other clients that may use it.
    pub(crate) fn with(&self, clients: SharedSet<Arc<str>>) -> RegisteredConnection {
        RegisteredConnection { clients, ..self.clone() }
    }

    /// Whether a client may use it.
    pub fn is_enabled_for(&self, client_id: &str) -> bool {
        self.view.is_domain_connection || self.clients.contains(client_id)
    }

    /// The clients that may use it, by their identifiers.
    pub fn clients(&self) -> Vec<&str> {
        let mut clients: Vec<&str> = self.clients.iter().map(Arc::as_ref).collect();
        clients.sort_unstable();
        clients
    }

    /// Whether it holds passwords.
    pub fn is_database(&self) -> bool {
        self.database.is_some()
    }

    /// What a database is told; `None` for other strategies.
    pub fn database(&self) -> Option<&DatabaseOptions> {
        self.database.as_deref()
    }

    /// Whether people may log in with it at all.
    pub fn is_active(&self) -> bool {
        self.view.authentication.is_none_or(|authentication| authentication.active)
            && self.database().is_none_or(|database| database.disable_sign_in != Some(true))
    }

    /// Whether a realm of a request means it.
    pub fn is_realm(&self, realm: &str) -> bool {
        self.view.name == realm || self.view.realms.iter().flatten().any(|name| name == realm)
    }
}

/// What `password_options` of a database say where nobody says anything (recorded).
pub fn password_options() -> Value {
    json!({
        "complexity": {
            "character_type_rule": "all", "identical_characters": "allow", "sequential_characters": "allow",
            "max_length_exceeded": "error", "min_length": 15, "character_types": []
        },
        "profile_data": {
            "active": false,
            "blocked_fields": [
                "name", "username", "nickname", "email", "phone_number", "user_metadata.name",
                "user_metadata.first", "user_metadata.last"
            ]
        },
        "history": { "active": false, "size": 3 },
        "dictionary": { "active": false, "custom": [], "default": "en_100k" }
    })
}

/// Lets a client use a connection.
pub fn enable(connection_id: &str, client_id: &str) -> Change {
    let id = pair(connection_id, client_id);
    let mut body = Object::new();
    for (name, value) in [("id", id.as_str()), ("connection_id", connection_id), ("client_id", client_id)] {
        body.insert(name.into(), json!(value));
    }
    Change::create::<ConnectionClient>(id, body)
}

/// Lets it no longer.
pub fn disable(connection_id: &str, client_id: &str) -> Change {
    Change::delete::<ConnectionClient>(pair(connection_id, client_id))
}

/// What lets a new client use the connections there are, unless the tenant does not want that.
pub fn enable_all(tenant: &Tenant, client_id: &str) -> Vec<Change> {
    let snapshot = tenant.snapshot();
    let flags = snapshot.settings.as_ref().and_then(|settings| settings.flags.as_ref());
    if flags.is_some_and(|flags| flags.enable_client_connections == Some(false)) {
        return Vec::new();
    }
    snapshot.connections().map(|connection| enable(&connection.id, client_id)).collect()
}

fn pair(connection_id: &str, client_id: &str) -> String {
    format!("{connection_id}:{client_id}")
}
