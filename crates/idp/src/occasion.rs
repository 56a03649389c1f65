//! The occasion on which somebody does something: through which client, from where, and with what was sent along.

use std::{net::IpAddr, sync::Arc};

use model::LogType;
use schema::Object;

use crate::{
    Visitor,
    log::{Event, cut},
    snapshot::RegisteredClient,
};

/// Through which client somebody does something, from where, and with what.
#[derive(Clone)]
pub struct Occasion {
    pub client: Option<Arc<RegisteredClient>>,
    pub ip: IpAddr,
    pub user_agent: Option<String>,
    /// The host that was called, which names the issuer.
    pub host: String,
    /// What was sent along, for customers' code; never a password.
    pub body: Object,
    pub query: Object,
}

impl Occasion {
    /// The occasion that a browser makes.
    pub fn of(visitor: &Visitor, client: Option<Arc<RegisteredClient>>) -> Occasion {
        Occasion {
            client,
            ip: visitor.ip,
            user_agent: visitor.user_agent.clone(),
            host: visitor.host.clone(),
            body: Object::new(),
            query: Object::new(),
        }
    }

    /// An event that was caused on it.
    pub fn event(&self, kind: LogType, description: impl Into<String>) -> Event {
        Event {
            client_id: self.client.as_ref().map(|client| client.view.client_id.clone()),
            client_name: self.client.as_ref().map(|client| client.view.name.clone()),
            ip: Some(self.ip.to_string()),
            hostname: Some(self.host.clone()),
            user_agent: self.user_agent.as_deref().map(cut),
            ..Event::new(kind, description)
        }
    }
}
