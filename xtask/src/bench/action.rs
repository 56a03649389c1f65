//! The Action of the bench: two claims from what it is told, made through the Management API, bound for one scenario.

use anyhow::{Context, Result};
use serde_json::json;

use super::api::Api;

/// A deployed Action of a running server.
#[derive(Debug)]
pub struct Action {
    api: Api,
    id: String,
}

const CODE: &str = "exports.onExecuteCredentialsExchange = async (event, api) => {
  api.accessToken.setCustomClaim('https://bench.example/client', event.client.name);
  api.accessToken.setCustomClaim('https://bench.example/scopes', event.accessToken.scope.length);
};";
const TRIGGER: &str = "credentials-exchange";

impl Action {
    /// Makes and deploys it.
    pub fn deploy(api: Api) -> Result<Action> {
        let action = json!({
            "name": "bench", "code": CODE, "supported_triggers": [{ "id": TRIGGER, "version": "v2" }],
            "deploy": true,
        });
        let made = api.call("POST", "/api/v2/actions/actions", &action)?;
        let id = made["id"].as_str().context("a new Action has an id")?.to_owned();
        Ok(Action { api, id })
    }

    /// Binds it, or takes it away again.
    pub fn bind(&self, is_bound: bool) -> Result<()> {
        let binding = json!({ "display_name": "bench", "ref": { "type": "action_id", "value": self.id } });
        let bindings = if is_bound { vec![binding] } else { Vec::new() };
        let path = format!("/api/v2/actions/triggers/{TRIGGER}/bindings");
        self.api.call("PATCH", &path, &json!({ "bindings": bindings })).map(drop)
    }
}
