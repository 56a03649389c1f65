//! A sandbox of this crate's own worker.

use std::time::Duration;

use actions::{Config, Entry, Input, Program, Run, Sandbox, Script};
use serde_json::{Value, json, value::to_raw_value};

/// All that a run of these tests may take; nothing that works comes near it.
pub const LIMIT: Duration = Duration::from_secs(20);

pub fn sandbox() -> Sandbox {
    let program = Program { path: env!("CARGO_BIN_EXE_sandbox-worker").into(), arguments: Vec::new() };
    Sandbox::start(Config { program, workers: 2, memory: 32 << 20, processor: Duration::from_millis(500) })
}

pub fn action(code: &str) -> Script {
    let api = ["access.deny", "accessToken.setCustomClaim"].map(str::to_owned).to_vec();
    Script::new(code, Entry::Export { handler: "onExecute".into(), api })
}

/// An action whose handler has this body.
pub fn body(body: &str) -> Script {
    action(&format!("exports.onExecute = async (event, api) => {{ {body} }};"))
}

pub fn input(event: Value) -> Input {
    Input { event: to_raw_value(&event).unwrap(), kept: Vec::new(), given: None, now: 1_000 }
}

pub async fn run(script: &Script) -> Run {
    sandbox().run("tenant", script, input(json!({ "n": 1 })), LIMIT).await
}

/// What the body sets as the claim `out`.
pub async fn out(code: &str) -> Value {
    let run = run(&body(code)).await;
    assert_eq!(run.outcome, Ok(Value::Null), "{code}: {:?}", run.logs);
    run.calls.last().map_or(Value::Null, |call| call.arguments[1].clone())
}
