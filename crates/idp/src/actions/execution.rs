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

/// Bytes of the console that are kept of all steps together: the log keeps them too.
const CONSOLE: usize = 8 * 1024;

impl Execution {
    /// Adds a step, with as much of its console as there is room for.
    pub fn add(&mut self, mut step: Step) {
        let used: usize = self.steps.iter().flat_map(|step| &step.logs).map(String::len).sum();
        let mut room = CONSOLE.saturating_sub(used);
        let all = step.logs.len();
        step.logs.retain(|line| {
            let fits = line.len() <= room;
            room = if fits { room - line.len() } else { 0 };
            fits
        });
        if step.logs.len() < all {
            step.logs.push(format!("({} more lines)", all - step.logs.len()));
        }
        self.steps.push(step);
    }

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_lines_is_cut() {
        let trigger = Trigger::CredentialsExchange;
        let mut execution = Execution { id: String::new(), trigger, began: 0, ended: 0, steps: Vec::new() };
        let logs = || (0..100).map(|_| "x".repeat(256)).collect::<Vec<_>>();
        for _ in 0..3 {
            execution.add(Step { name: String::new(), began: 0, ended: 0, error: None, logs: logs() });
        }
        let kept: Vec<_> = execution.steps.iter().map(|step| step.logs.len()).collect();
        assert_eq!(kept, [33, 1, 1]);
        assert_eq!(execution.steps[0].logs[32], "(68 more lines)");
    }
}
