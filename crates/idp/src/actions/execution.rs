//! What is remembered of the runs of customers' code: the last ones, on the node where they ran.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
};

use serde_json::{Value, json};

use crate::{clock::iso, snapshot::actions::Trigger};

/// How many runs of a tenant are remembered.
const MOST: usize = 1_000;

/// What happened once at a trigger.
#[derive(Debug)]
pub struct Execution {
    pub id: String,
    pub trigger: Trigger,
    /// In milliseconds since 1970.
    pub began: i64,
    pub ended: i64,
    pub steps: Vec<Step>,
}

/// One action of it.
#[derive(Debug)]
pub struct Step {
    pub name: String,
    pub began: i64,
    pub ended: i64,
    pub error: Option<Value>,
    /// Lines of the console.
    pub logs: Vec<String>,
}

impl Execution {
    fn show(&self) -> Value {
        let step = |step: &Step| {
            let mut shown = json!({ "action_name": step.name });
            if let Some(error) = &step.error {
                shown["error"] = json!({ "id": error["name"], "msg": error["message"] });
            }
            if !step.logs.is_empty() {
                shown["logs"] = json!(step.logs);
            }
            shown["started_at"] = iso(step.began).into();
            shown["ended_at"] = iso(step.ended).into();
            shown
        };
        let is_whole = self.steps.iter().all(|step| step.error.is_none());
        json!({
            "id": self.id,
            "trigger_id": self.trigger.id(),
            "status": if is_whole { "final" } else { "partial" },
            "results": self.steps.iter().map(step).collect::<Vec<_>>(),
            "created_at": iso(self.began),
            "updated_at": iso(self.ended),
        })
    }
}

#[derive(Default)]
pub(super) struct Executions(Mutex<VecDeque<Execution>>);

impl Executions {
    pub fn remember(&self, execution: Execution) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST {
            all.pop_front();
        }
        all.push_back(execution);
    }

    pub fn find(&self, id: &str) -> Option<Value> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter().rev().find(|execution| execution.id == id).map(Execution::show)
    }
}
