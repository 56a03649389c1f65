//! The customers' code that a tenant runs: what is bound to a trigger and deployed, in its order, the one hook of each
//! trigger that is enabled, and the rules. Only what is run is held; other triggers are stored and wait.

use std::{collections::BTreeMap, sync::Arc};

use ::actions::Script;
use imbl::HashMap as Shared;
use model::{
    Action, ActionSecret, ActionVersion, Hook, HookTrigger, Rule, RulesConfig, Secret, TriggerBindings,
};
use schema::Resource;

use super::Snapshot;
use crate::{Result, documents::Document};

/// A trigger that is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    CredentialsExchange,
    /// Somebody has logged in, before anything is issued in their name.
    PostLogin,
    PreUserRegistration,
    PostUserRegistration,
    PostChangePassword,
}

impl Trigger {
    /// Every trigger that is run; whatever else can be bound is only stored.
    pub const ALL: [Trigger; 5] = [
        Trigger::CredentialsExchange,
        Trigger::PostLogin,
        Trigger::PreUserRegistration,
        Trigger::PostUserRegistration,
        Trigger::PostChangePassword,
    ];

    /// Its name on the wire.
    pub fn id(self) -> &'static str {
        match self {
            Trigger::CredentialsExchange => "credentials-exchange",
            Trigger::PostLogin => "post-login",
            Trigger::PreUserRegistration => "pre-user-registration",
            Trigger::PostUserRegistration => "post-user-registration",
            Trigger::PostChangePassword => "post-change-password",
        }
    }

    /// The trigger that hooks of this one are run at.
    pub fn of_hook(trigger: HookTrigger) -> Option<Trigger> {
        match trigger {
            HookTrigger::CredentialsExchange => Some(Trigger::CredentialsExchange),
            HookTrigger::PreUserRegistration => Some(Trigger::PreUserRegistration),
            HookTrigger::PostUserRegistration => Some(Trigger::PostUserRegistration),
            HookTrigger::PostChangePassword => Some(Trigger::PostChangePassword),
            HookTrigger::SendPhoneMessage => None,
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
    pub trigger: Trigger,
    pub script: Script,
    /// The same code, as it goes on when somebody is back whom it sent away.
    pub continuing: Option<Script>,
    pub secrets: Secrets,
}

/// A hook that is enabled.
#[derive(Debug)]
pub struct EnabledHook {
    pub id: Arc<str>,
    pub name: String,
    pub trigger: Trigger,
    pub script: Script,
    pub secrets: Secrets,
}

/// A rule that is enabled.
#[derive(Debug)]
pub struct EnabledRule {
    pub id: Arc<str>,
    pub name: String,
    pub order: i64,
    pub script: Script,
}

/// What the code finds by name.
pub type Secrets = BTreeMap<String, Secret>;

/// What a snapshot holds of customers' code.
#[derive(Clone, Default)]
pub(super) struct Actions {
    /// Deployed for a trigger that is run, bound or not, by the action's identifier.
    deployed: Shared<Arc<str>, Arc<BoundAction>>,
    /// By its identifier; of each trigger one, but while another takes its place.
    hooks: Shared<Arc<str>, Arc<EnabledHook>>,
    at: [Bound; Trigger::ALL.len()],
    /// The rules that are enabled, in their order.
    rules: Arc<[Arc<EnabledRule>]>,
    /// What all rules find by name.
    configuration: Arc<Secrets>,
}

/// What is bound to one trigger.
#[derive(Clone, Default)]
struct Bound {
    bindings: Option<Arc<TriggerBindings>>,
    /// What of `bindings` is deployed.
    actions: Arc<[Arc<BoundAction>]>,
    /// Whether something is bound that could not be read.
    lacks: bool,
}

impl Snapshot {
    /// What runs at a trigger, in this order.
    pub fn bound(&self, trigger: Trigger) -> &[Arc<BoundAction>] {
        &self.actions.at[trigger as usize].actions
    }

    /// Whether something bound to the trigger could not be read. It might have refused, so nothing goes on without it.
    pub fn lacks(&self, trigger: Trigger) -> bool {
        self.actions.at[trigger as usize].lacks
    }

    /// The hook that runs at a trigger.
    pub fn hook(&self, trigger: Trigger) -> Option<&Arc<EnabledHook>> {
        // Each token asks, and looking through nothing costs more than seeing that there is nothing.
        match self.actions.hooks.is_empty() {
            true => None,
            false => self.actions.hooks.values().find(|hook| hook.trigger == trigger),
        }
    }

    /// The rules that run when somebody has logged in, in this order.
    pub fn rules(&self) -> &[Arc<EnabledRule>] {
        &self.actions.rules
    }

    /// What all rules find by name.
    pub fn rules_configuration(&self) -> &Secrets {
        &self.actions.configuration
    }
}

impl Actions {
    pub fn put_action(&mut self, document: Document) -> Result<()> {
        let Action { id, name, deployed_version, .. } = Action::view(&document.body)?;
        if let Some(version) = deployed_version
            && let Some((trigger, trigger_version)) = version
                .supported_triggers
                .iter()
                .find_map(|named| Some((Trigger::run(&named.id)?, named.version.clone())))
        {
            let ActionVersion { id: version_id, code, secrets, .. } = version;
            let (id, secrets): (Arc<str>, _) = (id.into(), by_name(secrets));
            let continuing = trigger.continuing(&code);
            let script = trigger.script(code);
            let action = BoundAction {
                id: id.clone(),
                name,
                version_id,
                trigger_version,
                trigger,
                script,
                continuing,
                secrets,
            };
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
        if let Some(trigger) = Trigger::run(&document.id) {
            self.at[trigger as usize].bindings = Some(Arc::new(TriggerBindings::view(&document.body)?));
            self.bind();
        }
        Ok(())
    }

    pub fn forget_bindings(&mut self, id: &str) {
        if let Some(trigger) = Trigger::run(id) {
            self.at[trigger as usize].bindings = None;
            self.bind();
        }
    }

    pub fn put_hook(&mut self, document: Document) -> Result<()> {
        let Hook { name, script, trigger_id, enabled, hook_secrets, .. } = Hook::view(&document.body)?;
        if enabled && let Some(trigger) = Trigger::of_hook(trigger_id) {
            let id: Arc<str> = document.id.into();
            let secrets = hook_secrets.unwrap_or_default();
            let script = crate::actions::hook(trigger, script);
            let hook = EnabledHook { id: id.clone(), name, trigger, script, secrets };
            self.hooks.insert(id, Arc::new(hook));
        }
        Ok(())
    }

    pub fn forget_hook(&mut self, id: &str) {
        self.hooks.remove(id);
    }

    /// One that cannot be read is missed: it might have refused, so it stands there as code that fails.
    pub fn put_rule(&mut self, document: Document) -> Result<()> {
        let rule = Rule::view(&document.body);
        let read = match rule {
            Ok(Rule { enabled: false, .. }) => return Ok(()),
            Ok(Rule { name, order, script, .. }) => (name, order.unwrap_or_default(), script),
            Err(_) => (document.id.clone(), 0, UNREADABLE.to_owned()),
        };
        let (name, order, script) = read;
        let rule = EnabledRule { id: document.id.into(), name, order, script: crate::actions::rule(&script) };
        let mut rules = self.rules.to_vec();
        rules.retain(|other| other.id != rule.id);
        rules.insert(rules.partition_point(|other| other.order <= rule.order), Arc::new(rule));
        self.rules = rules.into();
        Ok(())
    }

    pub fn forget_rule(&mut self, id: &str) {
        if self.rules.iter().any(|rule| &*rule.id == id) {
            self.rules = self.rules.iter().filter(|rule| &*rule.id != id).cloned().collect();
        }
    }

    pub fn put_setting(&mut self, document: Document) -> Result<()> {
        let RulesConfig { value, .. } = RulesConfig::view(&document.body)?;
        Arc::make_mut(&mut self.configuration).insert(document.id, value);
        Ok(())
    }

    pub fn forget_setting(&mut self, key: &str) {
        if self.configuration.contains_key(key) {
            Arc::make_mut(&mut self.configuration).remove(key);
        }
    }

    fn bind(&mut self) {
        for trigger in Trigger::ALL {
            let bindings = self.at[trigger as usize].bindings.clone();
            let actions = self.deployed_of(trigger, bindings.as_deref());
            let lacks = bindings.as_ref().is_some_and(|of| of.bindings.len() != actions.len());
            self.at[trigger as usize] = Bound { bindings, actions, lacks };
        }
    }

    /// What of the bindings of a trigger is deployed for it.
    fn deployed_of(&self, trigger: Trigger, bindings: Option<&TriggerBindings>) -> Arc<[Arc<BoundAction>]> {
        let bindings = bindings.into_iter().flat_map(|of_trigger| &of_trigger.bindings);
        let bound = bindings.filter_map(|binding| {
            let action = self.deployed.get(binding.action_id.as_str())?;
            if action.trigger != trigger {
                return None;
            }
            let Some(more) = binding.secrets.clone().filter(|secrets| !secrets.is_empty()) else {
                return Some(action.clone());
            };
            let mut secrets = action.secrets.clone();
            secrets.extend(by_name(more));
            Some(Arc::new(BoundAction {
                id: action.id.clone(),
                name: action.name.clone(),
                version_id: action.version_id.clone(),
                trigger_version: action.trigger_version.clone(),
                trigger,
                script: action.script.clone(),
                continuing: action.continuing.clone(),
                secrets,
            }))
        });
        bound.collect()
    }
}

/// In whose place a rule is that cannot be read.
const UNREADABLE: &str = "function () { throw new Error('The rule cannot be read'); }";

/// The secrets of an action, as its code is given them.
pub fn by_name(secrets: Vec<ActionSecret>) -> Secrets {
    secrets.into_iter().filter_map(|secret| Some((secret.name, secret.value?))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Actions, Trigger};
    use crate::documents::Document;

    const AT: &str = "2026-07-01T12:00:00.000000000Z";

    fn document(id: &str, body: Value) -> Document {
        let Value::Object(body) = body else { panic!("an object") };
        Document { id: id.into(), body, version: 1, created: 0, updated: 0 }
    }

    fn lacks(actions: &Actions) -> bool {
        actions.at[Trigger::CredentialsExchange as usize].lacks
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
        assert!(lacks(&actions));
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
        assert!(!lacks(&actions));
        actions.forget_action("a");
        assert!(lacks(&actions));
        actions.put_bindings(document("credentials-exchange", bindings(json!([])))).unwrap();
        assert!(!lacks(&actions));
    }

    #[test]
    fn rules_stand_in_their_order_and_one_that_cannot_be_read_fails() {
        let mut actions = Actions::default();
        let rule = |name: &str, order: i64, enabled: bool| {
            json!({ "id": name, "name": name, "order": order, "enabled": enabled, "stage": "login_success",
                "script": "function (user, context, callback) {}" })
        };
        for (name, order, enabled) in [("b", 2, true), ("a", 1, true), ("off", 0, false), ("c", 3, true)] {
            actions.put_rule(document(name, rule(name, order, enabled))).unwrap();
        }
        actions.put_rule(document("odd", json!({ "enabled": 7 }))).unwrap();
        let names =
            |actions: &Actions| actions.rules.iter().map(|rule| rule.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&actions), ["odd", "a", "b", "c"]);
        actions.forget_rule("odd");
        actions.forget_rule("a");
        actions.put_rule(document("a", rule("a", 9, true))).unwrap();
        assert_eq!(names(&actions), ["b", "c", "a"]);
    }
}
