//! What a run costs, for whoever changes the engine: `cargo test --release -p actions --test it cost -- --ignored --nocapture`.

use std::time::Instant;

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{LIMIT, action, input, sandbox};

const RUNS: u32 = 5_000;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "it measures, and takes its time"]
#[expect(clippy::print_stdout, reason = "what it measures is what it is for")]
async fn what_a_typical_run_costs() {
    let code = "exports.onExecute = async (event, api) => {
        api.accessToken.setCustomClaim('https://a.example/client', event.client.name);
        api.accessToken.setCustomClaim('https://a.example/scopes', event.accessToken.scope.length);
    };";
    let event = json!({
        "accessToken": { "customClaims": {}, "scope": ["read", "write"] },
        "client": { "client_id": "x".repeat(32), "metadata": {}, "name": "a client" },
        "request": { "body": { "grant_type": "client_credentials" }, "geoip": {}, "ip": "203.0.113.7", "method": "POST" },
        "resource_server": { "identifier": "https://api.example" }, "tenant": { "id": "default" },
        "transaction": { "requested_scopes": [], "target_scopes": ["read", "write"] }, "secrets": {},
    });
    let (sandbox, script) = (sandbox(), action(code));
    for at_once in [1, 4] {
        let (began, mut callers, mut processor) = (Instant::now(), JoinSet::new(), 0.0);
        for _ in 0..at_once {
            let (sandbox, script, event) = (sandbox.clone(), script.clone(), event.clone());
            callers.spawn(async move {
                let mut processor = 0.0;
                for _ in 0..RUNS / at_once {
                    let run = sandbox.run("tenant", &script, input(event.clone()), LIMIT).await;
                    assert!(run.outcome.is_ok());
                    processor += run.stats.processor_ms;
                }
                processor
            });
        }
        while let Some(caller) = callers.join_next().await {
            processor += caller.unwrap();
        }
        let each = |time: f64| time * 1e6 / f64::from(RUNS);
        println!(
            "{at_once} at once: {:.0} µs each, of which the script {:.0} µs of processor time",
            each(began.elapsed().as_secs_f64()),
            each(processor / 1e3),
        );
    }
}
