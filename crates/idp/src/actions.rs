//! Customers' code as this server runs it: where, with what it kept from earlier runs, and what is remembered of each
//! run. What its calls come to is decided by whoever runs it.

mod execution;
mod kept;
mod pass;
mod scripts;

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

pub use ::actions::{Call, Failure, MODULES, Script, Stats};
use ::actions::{Input, Kept, Run, Sandbox, Thrown};
use schema::Object;
use serde::Serialize;
use serde_json::{Value, json, value::to_raw_value};

use self::{execution::Executions, kept::Keeper};
pub use self::{
    execution::{Execution, Step},
    scripts::{callback, hook, rule},
};
pub(crate) use self::{
    pass::{Pass, Piece, telling},
    scripts::UNAUTHORIZED,
};
use crate::{
    Result, Tenant,
    snapshot::actions::{Secrets, Trigger},
};

/// What the actions of a trigger may take together.
pub const LIMIT: Duration = Duration::from_secs(20);

/// What is said of code that failed; what exactly happened stands in the tenant's log.
pub(crate) const FAILED: &str = "The tenant's own code for this request failed.";

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
    // What `api` answers of a login, as far as the event tells.
    let (request, protocol) = (&event["request"], event["transaction"]["protocol"].as_str());
    let given = json!({
        "canRedirect": protocol.is_some_and(|protocol| protocol.starts_with("oidc-")),
        "iss": request["hostname"],
        "sub": event["user"]["user_id"],
        "ip": request["ip"],
        "parameters": request["query"].as_object().cloned().unwrap_or_default(),
    });
    tried(tenant, script, &event, Some(&given)).await
}

/// Tries a hook with its arguments but the callback: client, scope, audience, context.
pub async fn try_hook(tenant: &Tenant, script: &Script, arguments: [Value; 4]) -> Result<Tried> {
    tried(tenant, script, &arguments, None).await
}

/// The secrets as the code is given them.
pub(crate) fn exposed(secrets: &Secrets) -> Value {
    secrets.iter().map(|(name, secret)| (name.clone(), Value::from(secret.expose()))).collect()
}

/// Runs a script with what somebody made up; what its trigger kept is not at hand.
pub(crate) async fn tried(
    tenant: &Tenant,
    script: &Script,
    event: &impl Serialize,
    given: Option<&Value>,
) -> Result<Tried> {
    let began = std::time::Instant::now();
    let Run { outcome, calls, logs, stats } = run(tenant, script, event, (Vec::new(), given), LIMIT).await?;
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

/// What the code of a trigger kept, as far as it may still see it.
pub(crate) fn kept(tenant: &Tenant, trigger: Trigger) -> Vec<Kept> {
    tenant.0.scripts.kept.visible(trigger, tenant.clock().now_ms())
}

/// Keeps what a run wants kept.
pub(crate) fn keep(tenant: &Tenant, trigger: Trigger, calls: &[Call]) {
    tenant.0.scripts.kept.take(trigger, tenant.clock().now_ms(), calls);
}

/// Runs code of this tenant, with what its trigger kept, and what `api` answers from.
pub(crate) async fn run(
    tenant: &Tenant,
    script: &Script,
    event: &impl Serialize,
    (kept, given): (Vec<Kept>, Option<&Value>),
    limit: Duration,
) -> Result<Run> {
    let Some(sandbox) = tenant.0.scripts.sandbox.get() else {
        let outcome = Err(Failure::Unavailable);
        return Ok(Run { outcome, calls: Vec::new(), logs: Vec::new(), stats: Stats::default() });
    };
    let given = given.map(to_raw_value).transpose()?;
    let input = Input { event: to_raw_value(event)?, kept, given, now: tenant.clock().now_ms() };
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

/// What was sent along, without what proves somebody.
pub(crate) fn without_credentials(parameters: &Object) -> Object {
    let is_plain = |(name, _): &(&String, &Value)| !CREDENTIALS.contains(&name.as_str());
    parameters.iter().filter(is_plain).map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Parameters that prove somebody.
const CREDENTIALS: &[&str] = &[
    "password",
    "new_password",
    "client_secret",
    "client_assertion",
    "refresh_token",
    "code",
    "code_verifier",
    "assertion",
    "subject_token",
    "actor_token",
    "mfa_token",
    "otp",
    "oob_code",
    "binding_code",
    "recovery_code",
    "device_code",
    "auth_req_id",
    "access_token",
    "id_token",
    "login_ticket",
];

/// The longest reason that is passed on, in characters.
const REASON: usize = 1_000;

/// A reason that code gives, as it is passed on.
pub(crate) fn reason(value: &Value) -> String {
    value.as_str().unwrap_or_default().chars().take(REASON).collect()
}

/// A text that a function of `api` was given.
pub(crate) fn text<'a>(value: &'a Value, function: &str) -> std::result::Result<&'a str, Failure> {
    value.as_str().ok_or_else(|| no_text(function))
}

pub(crate) fn no_text(function: &str) -> Failure {
    thrown(&format!("api.{function} was not given a text"))
}

/// The failure of code that asked for what cannot be.
pub(crate) fn thrown(message: &str) -> Failure {
    Failure::Threw(Thrown { name: "TypeError".into(), message: message.into(), stack: String::new() })
}
