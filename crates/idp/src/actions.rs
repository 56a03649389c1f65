//! Customers' code as this server runs it: where, with what it kept from earlier runs, and what is remembered of each
//! run. What its calls come to is decided by whoever runs it.

mod execution;
mod kept;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

pub use ::actions::{Call, Failure, MODULES, Script, Stats};
use ::actions::{Entry, Input, Kept, Run, Sandbox};
use serde::Serialize;
use serde_json::{Value, json, value::to_raw_value};

pub use self::execution::{Execution, Step};
use self::{execution::Executions, kept::Keeper};
use crate::{
    Result, Tenant,
    snapshot::actions::{Secrets, Trigger},
};

/// What the actions of a trigger may take together.
pub const LIMIT: Duration = Duration::from_secs(20);

/// The errors that a hook can answer with, beside any other.
pub(crate) const HOOK_ERRORS: [&str; 3] = ["InvalidScopeError", "InvalidRequestError", "ServerError"];

/// What a tenant has for its code.
pub(crate) struct Scripts {
    sandbox: Arc<OnceLock<Sandbox>>,
    kept: Keeper,
    executions: Executions,
}

impl Scripts {
    pub fn new(sandbox: Arc<OnceLock<Sandbox>>) -> Scripts {
        Scripts { sandbox, kept: Keeper::default(), executions: Executions::default() }
    }
}

impl Trigger {
    /// Code for this trigger, as it is run.
    pub fn script(self, code: impl Into<String>) -> Script {
        let (handler, functions) = match self {
            Trigger::CredentialsExchange => ("onExecuteCredentialsExchange", CREDENTIALS_EXCHANGE),
        };
        let api = functions.iter().map(|&function| function.to_owned()).collect();
        Script::new(code, Entry::Export { handler: handler.into(), api })
    }
}

const CREDENTIALS_EXCHANGE: &[&str] = &[
    "access.deny",
    "accessToken.setCustomClaim",
    "transaction.addTargetScope",
    "transaction.removeTargetScope",
    "transaction.setTargetScopes",
    "transaction.clearTargetScopes",
];

/// The code of a hook, as it is run.
pub fn hook(code: impl Into<String>) -> Script {
    Script::new(code, Entry::Callback { errors: HOOK_ERRORS.map(str::to_owned).to_vec() })
}

/// The code of a rule, as it is run: it is given what happened, its tenant's settings, and what it knows of this server.
/// What it calls back is `{ user, context }`.
pub fn rule(code: impl std::fmt::Display) -> Script {
    // On the first line, so that lines are counted as the author counts them.
    let code = format!(
        "module.exports = function (user, context, configuration, auth0, callback) {{ return ({code}\n)(user, context, \
         function (error, user, context) {{ callback(error, error ? undefined : {{ user: user, context: context }}); }}); }};"
    );
    Script::new(code, Entry::Callback { errors: RULE_ERRORS.map(str::to_owned).to_vec() })
}

/// The errors that a rule can call back, beside any other.
const RULE_ERRORS: [&str; 2] = ["UnauthorizedError", "ValidationError"];

/// Finds what is wrong with code for a trigger, as far as loading it tells.
pub async fn check(tenant: &Tenant, script: &Script) -> std::result::Result<(), Failure> {
    match tenant.0.scripts.sandbox.get() {
        Some(sandbox) => sandbox.check(tenant.name(), script, LIMIT).await,
        None => Err(Failure::Unavailable),
    }
}

/// A run that changes nothing, for whoever writes the code.
#[derive(Debug)]
pub struct Tried {
    /// What is told of it: the error, or nothing.
    pub payload: Value,
    /// How long it took, by the names that the wire has for it.
    pub stats: Value,
    pub outcome: std::result::Result<Value, Failure>,
    pub calls: Vec<Call>,
    pub logs: Vec<String>,
}

/// Tries an action with an event; what it asks for is told and not done.
pub async fn try_action(
    tenant: &Tenant,
    script: &Script,
    secrets: &Secrets,
    mut event: Value,
) -> Result<Tried> {
    if let Value::Object(event) = &mut event {
        event.insert("secrets".into(), exposed(secrets));
    }
    tried(tenant, script, &event).await
}

/// Tries a hook with its arguments but the callback: client, scope, audience, context.
pub async fn try_hook(tenant: &Tenant, script: &Script, arguments: [Value; 4]) -> Result<Tried> {
    tried(tenant, script, &arguments).await
}

/// The secrets as the code is given them.
pub(crate) fn exposed(secrets: &Secrets) -> Value {
    secrets.iter().map(|(name, secret)| (name.clone(), Value::from(secret.expose()))).collect()
}

async fn tried(tenant: &Tenant, script: &Script, event: &impl Serialize) -> Result<Tried> {
    let began = std::time::Instant::now();
    let Run { outcome, calls, logs, stats } = run(tenant, script, event, Vec::new(), LIMIT).await?;
    let total = began.elapsed().as_secs_f64() * 1e3;
    let payload = match &outcome {
        Ok(result) if result.is_null() => json!({}),
        Ok(result) => result.clone(),
        Err(failure) => json!({ "error": told(failure) }),
    };
    let ms = |time: f64| time.round() as i64;
    let stats = json!({
        "total_request_duration_ms": ms(total),
        "total_runtime_execution_duration_ms": ms(stats.load_ms + stats.script_ms),
        "runtime_processing_duration_ms": ms(stats.processor_ms),
        "action_duration_ms": ms(stats.script_ms),
        "runtime_external_call_duration_ms": 0,
        "boot_duration_ms": ms(stats.load_ms),
        "network_duration_ms": ms((total - stats.load_ms - stats.script_ms).max(0.0)),
    });
    Ok(Tried { payload, stats, outcome, calls, logs })
}

/// A failure as whoever wrote the code reads it.
pub(crate) fn told(failure: &Failure) -> Value {
    let (name, message) = (failure.name(), failure.message());
    let lines = match failure {
        Failure::Threw(thrown) if !thrown.stack.is_empty() => format!("\n{}", thrown.stack),
        _ => String::new(),
    };
    json!({ "message": message, "name": name, "stack": format!("{name}: {message}{lines}") })
}

/// Runs code of this tenant for a trigger, with what the trigger's code kept.
pub(crate) async fn run_for(
    tenant: &Tenant,
    trigger: Trigger,
    script: &Script,
    event: &impl Serialize,
    limit: Duration,
) -> Result<Run> {
    let kept = tenant.0.scripts.kept.visible(trigger, tenant.clock().now_ms());
    run(tenant, script, event, kept, limit).await
}

/// Keeps what a run wants kept.
pub(crate) fn keep(tenant: &Tenant, trigger: Trigger, calls: &[Call]) {
    tenant.0.scripts.kept.take(trigger, tenant.clock().now_ms(), calls);
}

/// Runs code of this tenant that keeps nothing.
pub(crate) async fn run(
    tenant: &Tenant,
    script: &Script,
    event: &impl Serialize,
    kept: Vec<Kept>,
    limit: Duration,
) -> Result<Run> {
    let Some(sandbox) = tenant.0.scripts.sandbox.get() else {
        let outcome = Err(Failure::Unavailable);
        return Ok(Run { outcome, calls: Vec::new(), logs: Vec::new(), stats: Stats::default() });
    };
    let input = Input { event: to_raw_value(event)?, kept, now: tenant.clock().now_ms() };
    Ok(sandbox.run(tenant.name(), script, input, limit).await)
}

/// Remembers what happened at a trigger.
pub(crate) fn remember(tenant: &Tenant, execution: Execution) {
    tenant.0.scripts.executions.remember(execution);
}

/// What is remembered of a run on this node, as the wire shows it.
pub fn execution(tenant: &Tenant, id: &str) -> Option<Value> {
    tenant.0.scripts.executions.find(id)
}

/// Free notes of a noun, where it has none.
pub(crate) static NO_NOTES: BTreeMap<String, String> = BTreeMap::new();
