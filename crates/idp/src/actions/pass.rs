//! One pass through the code of a trigger: what each piece of it may still take, and what is told of it afterwards.

use std::time::Instant;

use ::actions::{Call, Failure, Script};
use model::LogType;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Execution, LIMIT, Step, keep, kept, remember, run, told};
use crate::{
    Result, Tenant, id,
    log::{self, Event},
    snapshot::actions::Trigger,
};

/// A pass, as far as it is.
pub(crate) struct Pass<'a> {
    tenant: &'a Tenant,
    execution: Execution,
    began: Instant,
}

/// A piece of code that is run in it.
pub(crate) struct Piece<'a> {
    pub name: &'a str,
    pub script: &'a Script,
    /// What `api` answers from; what has none keeps nothing either.
    pub given: Option<&'a Value>,
}

impl<'a> Pass<'a> {
    pub fn begin(tenant: &'a Tenant, trigger: Trigger) -> Pass<'a> {
        let (id, began) = (id::execution(), tenant.clock().now_ms());
        let execution = Execution { id, trigger, began, ended: 0, steps: Vec::new() };
        Pass { tenant, execution, began: Instant::now() }
    }

    /// Runs a piece of code, and makes of it what `read` makes of what it gave and called; lines that are to stand with those
    /// of its console may be added.
    pub async fn run<T>(
        &mut self,
        piece: Piece<'_>,
        event: &impl Serialize,
        read: impl FnOnce(
            std::result::Result<Value, Failure>,
            &[Call],
            &mut Vec<String>,
        ) -> std::result::Result<T, Failure>,
    ) -> Result<std::result::Result<T, Failure>> {
        let Piece { name, script, given } = piece;
        let (tenant, trigger) = (self.tenant, self.execution.trigger);
        let left = LIMIT.saturating_sub(self.began.elapsed());
        let began = tenant.clock().now_ms();
        let known = given.map(|_| kept(tenant, trigger)).unwrap_or_default();
        let run = run(tenant, script, event, (known, given), left).await?;
        keep(tenant, trigger, &run.calls);
        let mut logs = run.logs;
        let outcome = read(run.outcome, &run.calls, &mut logs);
        let error = outcome.as_ref().err().map(told);
        let ended = tenant.clock().now_ms();
        self.execution.add(Step { name: name.to_owned(), began, ended, error, logs });
        Ok(outcome)
    }

    /// Remembers it. The log hears of code that failed, and of what it said on the console.
    pub fn end(mut self, event: impl FnOnce(LogType, String) -> Event) {
        self.execution.ended = self.tenant.clock().now_ms();
        let failed = self.execution.failed();
        let says_something = self.execution.steps.iter().any(|step| !step.logs.is_empty());
        if let Some(failed) = failed {
            let event = event(LogType::ActionsExecutionFailed, failed.words());
            self.tenant.log(telling(event, &self.execution));
        } else if says_something {
            let kind = LogType::ActionsExecuted;
            self.tenant.log(telling(event(kind, kind.description().to_owned()), &self.execution));
        }
        remember(self.tenant, self.execution);
    }
}

/// The event, with what happened in an execution.
pub(crate) fn telling(mut event: Event, execution: &Execution) -> Event {
    let mut details = json!({ "actions": execution.details() });
    if let Some(error) = execution.failed().and_then(|failed| failed.error.clone()) {
        details["error"] = error;
    }
    event.rest.insert("details".into(), details);
    event
}

impl Execution {
    /// The piece of code that failed, if one did: nothing runs after it.
    pub fn failed(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.error.is_some())
    }

    /// `details.actions` of the log.
    pub fn details(&self) -> Value {
        let mut details = json!({ "executions": [self.id] });
        let spoken = self.steps.iter().filter(|step| !step.logs.is_empty());
        let console: Vec<_> = spoken.map(|step| json!({ "action": step.name, "lines": step.logs })).collect();
        if !console.is_empty() {
            details["console"] = console.into();
        }
        details
    }
}

impl Step {
    /// Which one failed, and why, as the log says it.
    pub fn words(&self) -> String {
        let message = self.error.as_ref().map_or(&Value::Null, |error| &error["message"]);
        log::cut(&format!("{}: {}", self.name, message.as_str().unwrap_or_default()))
    }
}
