//! A tenant, with an application that may call an API.

use std::ops::Deref;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Clock, Error, Fault, Waiting, control::Control};

/// What a tenant is to have; what is not said is chosen.
#[derive(Debug, Clone, Default, Serialize)]
pub struct NewTenant {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The identifier of its API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// What the application is beyond one that asks in its own name, in the words of the Management API.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub application: Map<String, Value>,
    /// What else it has, as a seed file says it.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub seed: Map<String, Value>,
}

/// What is told of a tenant.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Told {
    pub name: String,
    /// Host and port.
    pub domain: String,
    pub issuer: String,
    pub token_endpoint: String,
    pub jwks_uri: String,
    /// The same over plain HTTP.
    pub http: String,
    pub client_id: String,
    pub client_secret: String,
    pub audience: String,
    pub scope: String,
    pub management_audience: String,
}

/// A tenant; see [`Told`] for what it has.
#[derive(Debug, Clone)]
pub struct Tenant {
    told: Told,
    control: Control,
}

impl Deref for Tenant {
    type Target = Told;

    fn deref(&self) -> &Told {
        &self.told
    }
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
}

#[derive(Deserialize)]
struct Faults {
    faults: Vec<Waiting>,
}

impl Tenant {
    pub(crate) fn new(control: Control, told: Told) -> Tenant {
        Tenant { told, control }
    }

    /// A token of the tenant's application for its API.
    pub fn token(&self) -> Result<String, Error> {
        let Told { http, client_id, client_secret, audience, .. } = &self.told;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id),
            ("client_secret", client_secret),
            ("audience", audience),
        ];
        let answer: Token = self.control.post_form(&format!("{http}oauth/token"), &form)?;
        Ok(answer.access_token)
    }

    /// A token for the tenant's Management API with every scope.
    pub fn management_token(&self) -> Result<String, Error> {
        let token: Token = self.call("POST", "/management-token")?;
        Ok(token.access_token)
    }

    /// The tenant's own clock.
    pub fn clock(&self) -> Clock {
        Clock::new(self.control.clone(), self.path("/clock"))
    }

    /// Lets something go wrong.
    pub fn fault(&self, fault: Fault) -> Result<Waiting, Error> {
        self.control.send("POST", &self.path("/faults"), Some(&fault))
    }

    /// The faults that wait.
    pub fn faults(&self) -> Result<Vec<Waiting>, Error> {
        Ok(self.call::<Faults>("GET", "/faults")?.faults)
    }

    pub fn remove_fault(&self, id: u64) -> Result<(), Error> {
        self.call("DELETE", &format!("/faults/{id}"))
    }

    pub fn clear_faults(&self) -> Result<(), Error> {
        self.call("DELETE", "/faults")
    }

    /// Replaces the signing keys by such as were never published before.
    pub fn rotate_keys(&self) -> Result<(), Error> {
        self.call("POST", "/rotate-keys")
    }

    pub fn remove(self) -> Result<(), Error> {
        self.call("DELETE", "")
    }

    fn call<T: for<'d> Deserialize<'d>>(&self, method: &str, beyond: &str) -> Result<T, Error> {
        self.control.send(method, &self.path(beyond), None::<&Value>)
    }

    /// Names have no letter that a path would have to escape.
    fn path(&self, beyond: &str) -> String {
        format!("/tenants/{}{beyond}", self.told.name)
    }
}
