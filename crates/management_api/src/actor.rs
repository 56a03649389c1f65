//! Who it is that asks: what the log and the history of an object say about it.

use idp::{Tenant, access_token::AccessToken, owner::OWNER};
use serde_json::{Value, json};

/// Who asked, as people call them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub client_id: String,
    /// The person, where one asks.
    pub user_id: Option<String>,
    pub name: String,
}

impl Actor {
    /// The one place that names whoever a token stands for.
    pub fn of(tenant: &Tenant, token: &AccessToken) -> Actor {
        let client_id = token.client_id.clone();
        let user_id = token.administrator.as_ref().map(|person| person.user_id.clone());
        let name = match (&token.email, tenant.snapshot().client(&client_id)) {
            (Some(email), _) => email.clone(),
            (None, Some(client)) => client.view.name.clone(),
            (None, None) if client_id == OWNER => "Owner of the data folder".to_owned(),
            (None, None) => client_id.clone(),
        };
        Actor { client_id, user_id, name }
    }

    pub fn shown(&self) -> Value {
        let mut shown = json!({ "name": self.name, "client_id": self.client_id });
        if let Some(user_id) = &self.user_id {
            shown["user_id"] = json!(user_id);
        }
        shown
    }
}
