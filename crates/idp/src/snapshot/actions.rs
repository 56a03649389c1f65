//! The customers' code that a tenant runs: what is bound to a trigger and deployed, in its order, and the one hook that
//! is enabled. Only what is run is held; other triggers are stored and wait.

use std::{collections::BTreeMap, sync::Arc};

use ::actions::Script;
use imbl::HashMap as Shared;
use model::{Action, ActionSecret, ActionVersion, Hook, HookTrigger, Secret, TriggerBindings};
use schema::Resource;

use super::Snapshot;
use crate::{Result, documents::Document};

/// A trigger that is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    CredentialsExchange,
}

impl Trigger {
    /// Every trigger that is run; whatever else can be bound is only stored.
    pub const ALL: [Trigger; 1] = [Trigger::CredentialsExchange];

    /// Its name on the wire.
    pub fn id(self) -> &'static str {
        match self {
            Trigger::CredentialsExchange => "credentials-exchange",
        }
    }

    /// The trigger of this name, if it is run.
    pub fn run(id: &str) -> Option<Trigger> {
        Trigger::ALL.into_iter().find(|trigger| trigger.id() == id)
    }
}

/// An action at its place in a trigger, as it was deployed.
#[derive(Debug)]
pub struct BoundAction {
    pub id: Arc<str>,
    pub name: String,
    /// The version of the action.
    pub version_id: String,
    /// The version of the trigger that it is written for.
    pub trigger_version: Option<String>,
    pub script: Script,
    pub secrets: Secrets,
}

/// A hook that is enabled.
#[derive(Debug)]
pub struct EnabledHook {
    pub id: Arc<str>,
    pub name: String,
    pub script: Script,
    pub secrets: Secrets,
}

/// What the code finds by name.
pub type Secrets = BTreeMap<String, Secret>;

/// What a snapshot holds of customers' code.
#[derive(Clone, Default)]
pub(super) struct Actions {
    /// Deployed for a trigger that is run, bound or not, by the action's identifier.
    deployed: Shared<Arc<str>, Arc<BoundAction>>,
    bindings: Option<Arc<TriggerBindings>>,
    /// What of `bindings` is deployed.
    bound: Arc<[Arc<BoundAction>]>,
    /// Whether something is bound that could not be read.
    lacks: bool,
    /// By its identifier; one, but while another takes its place.
    hooks: Shared<Arc<str>, Arc<EnabledHook>>,
}

impl Snapshot {
    /// What runs at a trigger, in this order.
    pub fn bound(&self, trigger: Trigger) -> &[Arc<BoundAction>] {
        match trigger {
            Trigger::CredentialsExchange => &self.actions.bound,
        }
    }

    /// Whether something bound to the trigger could not be read. It might have refused, so nothing goes on without it.
    pub fn lacks(&self, trigger: Trigger) -> bool {
        match trigger {
            Trigger::CredentialsExchange => self.actions.lacks,
        }
    }

    /// The hook that runs when a client asks for a token of its own.
    pub fn hook(&self) -> Option<&Arc<EnabledHook>> {
        // Each token asks, and looking through nothing costs more than seeing that there is nothing.
        if self.actions.hooks.is_empty() { None } else { self.actions.hooks.values().next() }
    }
}

impl Actions {
    pub fn put_action(&mut self, document: Document) -> Result<()> {
        let Action { id, name, deployed_version, .. } = Action::view(&document.body)?;
        if let Some(version) = deployed_version
            && let Some(trigger) = version.supported_triggers.iter().find(|t| Trigger::run(&t.id).is_some())
        {
            let trigger_version = trigger.version.clone();
            let ActionVersion { id: version_id, code, secrets, .. } = version;
            let (id, secrets): (Arc<str>, _) = (id.into(), by_name(secrets));
            let script = Trigger::CredentialsExchange.script(code);
            let action = BoundAction { id: id.clone(), name, version_id, trigger_version, script, secrets };
            self.deployed.insert(id, Arc::new(action));
        }
        self.bind();
        Ok(())
    }

    pub fn forget_action(&mut self, id: &str) {
        self.deployed.remove(id);
        self.bind();
    }

    pub fn put_bindings(&mut self, document: Document) -> Result<()> {
        if Trigger::run(&document.id).is_some() {
            self.bindings = Some(Arc::new(TriggerBindings::view(&document.body)?));
            self.bind();
        }
        Ok(())
    }

    pub fn forget_bindings(&mut self, id: &str) {
        if Trigger::run(id).is_some() {
            self.bindings = None;
            self.bind();
        }
    }

    pub fn put_hook(&mut self, document: Document) -> Result<()> {
        let Hook { name, script, trigger_id, enabled, hook_secrets, .. } = Hook::view(&document.body)?;
        if enabled && trigger_id == HookTrigger::CredentialsExchange {
            let id: Arc<str> = document.id.into();
            let secrets = hook_secrets.unwrap_or_default();
            let hook = EnabledHook { id: id.clone(), name, script: crate::actions::hook(script), secrets };
            self.hooks.insert(id, Arc::new(hook));
        }
        Ok(())
    }

    pub fn forget_hook(&mut self, id: &str) {
        self.hooks.remove(id);
    }

    fn bind(&mut self) {
        let bindings = self.bindings.iter().flat_map(|of_trigger| &of_trigger.bindings);
        let bound = bindings.filter_map(|binding| {
            let action = self.deployed.get(binding.action_id.as_str())?;
            let Some(more) = binding.secrets.clone().filter(|secrets| !secrets.is_empty()) else {
                return Some(action.clone());
            };
            let mut secrets = action.secrets.clone();
            secrets.extend(by_name(more));
            let BoundAction { id, name, version_id, trigger_version, script, .. } = &**action;
            let (id, name, version_id) = (id.clone(), name.clone(), version_id.clone());
            let (trigger_version, script) = (trigger_version.clone(), script.clone());
            Some(Arc::new(BoundAction { id, name, version_id, trigger_version, script, secrets }))
        });
        self.bound = bound.collect();
        self.lacks =
            self.bindings.as_ref().is_some_and(|of_trigger| of_trigger.bindings.len() != self.bound.len());
    }
}

/// The secrets of an action, as its code is given them.
pub fn by_name(secrets: Vec<ActionSecret>) -> Secrets {
    secrets.into_iter().filter_map(|secret| Some((secret.name, secret.value?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Actions;
    use crate::documents::Document;

    const AT: &str = "2026-07-01T12:00:00.000000000Z";

    fn document(id: &str, body: Value) -> Document {
        let Value::Object(body) = body else { panic!("an object") };
        Document { id: id.into(), body, version: 1, created: 0, updated: 0 }
    }

    fn bindings(of_trigger: Value) -> Value {
        json!({ "id": "credentials-exchange", "bindings": of_trigger })
    }

    #[test]
    fn what_is_bound_and_cannot_be_read_is_missed() {
        let mut actions = Actions::default();
        let one = bindings(
            json!([{ "id": "b", "action_id": "a", "display_name": "stamp", "created_at": AT, "updated_at": AT }]),
        );
        actions.put_bindings(document("credentials-exchange", one)).unwrap();
        assert!(actions.lacks);
        let triggers = json!([{ "id": "credentials-exchange", "version": "v2" }]);
        let version = json!({
            "id": "v", "action_id": "a", "code": "", "deployed": true, "number": 1, "secrets": [],
            "created_at": AT, "updated_at": AT, "supported_triggers": triggers,
        });
        let action = json!({
            "id": "a", "name": "stamp", "supported_triggers": triggers, "code": "", "secrets": [], "dependencies": [],
            "all_changes_deployed": true, "created_at": AT, "updated_at": AT, "deployed_version": version,
        });
        actions.put_action(document("a", action)).unwrap();
        assert!(!actions.lacks);
        actions.forget_action("a");
        assert!(actions.lacks);
        actions.put_bindings(document("credentials-exchange", bindings(json!([])))).unwrap();
        assert!(!actions.lacks);
    }
}
