//! The catalogue of triggers, as it was recorded, and which trigger a body means.

use http::Method;
use schema::Object;
use serde_json::{Value, json};

use crate::{Answer, Call, Error, Operation, call::cut, error::Result, operation::run};

/// A trigger in one of its versions.
pub struct Trigger {
    pub id: &'static str,
    pub version: &'static str,
    is_current: bool,
    runtimes: &'static [&'static str],
    pub default_runtime: &'static str,
    /// Bound by the thing that uses it, and not in an order of actions.
    pub is_of_entity: bool,
    /// The version whose actions can be bound beside its own.
    compatible: Option<&'static str>,
}

const BOTH: &[&str] = &["node18-actions", "node22"];
const NEW: &[&str] = &["node22"];

const TRIGGERS: &[Trigger] = &[
    Trigger { compatible: Some("v2"), ..current("post-login", "v3", BOTH) },
    Trigger { runtimes: &["node18", "node22"], default_runtime: "node16", ..old("post-login", "v2") },
    old("post-login", "v1"),
    current("credentials-exchange", "v2", BOTH),
    old("credentials-exchange", "v1"),
    current("pre-user-registration", "v2", BOTH),
    old("pre-user-registration", "v1"),
    current("post-user-registration", "v2", BOTH),
    old("post-user-registration", "v1"),
    current("post-change-password", "v2", BOTH),
    old("post-change-password", "v1"),
    current("send-phone-message", "v2", BOTH),
    old("send-phone-message", "v1"),
    current("password-reset-post-challenge", "v1", BOTH),
    current("custom-phone-provider", "v1", BOTH),
    current("custom-email-provider", "v1", BOTH),
    entity("custom-token-exchange", &["node18", "node22"]),
    entity("event-stream", NEW),
    entity("password-hash-migration", NEW),
    entity("mcp-tool", NEW),
    // In the published list, but not in the recorded one.
    current("login-post-identifier", "v1", NEW),
    current("signup-post-identifier", "v1", NEW),
    current("post-credential-validation", "v1", NEW),
];

const fn current(id: &'static str, version: &'static str, runtimes: &'static [&'static str]) -> Trigger {
    let (is_current, default_runtime) = (true, "node22");
    Trigger { id, version, is_current, runtimes, default_runtime, is_of_entity: false, compatible: None }
}

const fn old(id: &'static str, version: &'static str) -> Trigger {
    Trigger { is_current: false, default_runtime: "node12", ..current(id, version, NEW) }
}

const fn entity(id: &'static str, runtimes: &'static [&'static str]) -> Trigger {
    Trigger { is_of_entity: true, ..current(id, "v1", runtimes) }
}

pub fn operations() -> Vec<Operation> {
    vec![Operation::new(Method::GET, "/actions/triggers", "Get triggers", &["read:actions"], run!(list))]
}

async fn list(_call: Call) -> Result<Answer> {
    let triggers: Vec<Value> = TRIGGERS.iter().map(Trigger::shown).collect();
    Ok(Answer::ok(json!({ "triggers": triggers })))
}

impl Trigger {
    fn shown(&self) -> Value {
        let compatible = self.compatible.map(|version| json!({ "id": self.id, "version": version }));
        json!({
            "id": self.id,
            "version": self.version,
            "status": if self.is_current { "CURRENT" } else { "DEPRECATED" },
            "runtimes": self.runtimes,
            "default_runtime": self.default_runtime,
            "binding_policy": if self.is_of_entity { "entity-bound" } else { "trigger-bound" },
            "compatible_triggers": Vec::from_iter(compatible),
            // Ours: whether what is bound to it runs here.
            "is_run": idp::snapshot::actions::Trigger::run(self.id).is_some(),
        })
    }
}

/// The current version of a trigger.
pub fn named(id: &str) -> Option<&'static Trigger> {
    TRIGGERS.iter().find(|trigger| trigger.id == id && trigger.is_current)
}

/// The trigger that a body names, whose version it completes.
pub fn of(body: &mut Object) -> Result<&'static Trigger> {
    let given = &body.get("supported_triggers").and_then(|list| list.get(0)).cloned().unwrap_or_default();
    let id = given["id"].as_str().unwrap_or_default();
    let fail = |property: &str, value: &str| {
        let value = cut(value);
        Err(Error::body(format!(
            "Payload validation error: 'No enum match for: {value}' on property supported_triggers[0].{property}."
        )))
    };
    let Some(current) = named(id) else { return fail("id", id) };
    let trigger = match given["version"].as_str() {
        None => current,
        Some(version) => match TRIGGERS.iter().find(|t| t.id == id && t.version == version) {
            Some(trigger) => trigger,
            None => return fail("version", version),
        },
    };
    let normal = json!([{ "id": trigger.id, "version": trigger.version }]);
    body.insert("supported_triggers".into(), normal);
    Ok(trigger)
}

/// The name of the trigger that a whole draft is for.
pub fn id_in(draft: &Object) -> &str {
    let first = draft.get("supported_triggers").and_then(|list| list.get(0));
    first.and_then(|trigger| trigger["id"].as_str()).unwrap_or_default()
}
