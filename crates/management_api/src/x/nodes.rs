//! The nodes that serve this installation: which versions, since when, and whether they keep up.

use http::Method;
use idp::{clock::iso, nodes};
use serde_json::{Value, json};
use store::Engine;

use crate::{Answer, Call, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    vec![Operation::ours(Method::GET, "/nodes", "List nodes", &["read:nodes"], run!(list))]
}

async fn list(call: Call) -> Result<Answer> {
    // They serve all tenants.
    call.must_administer_all()?;
    let nodes = nodes::all(&call.tenants).await?.into_iter().map(|(node, state)| {
        json!({
            "id": node.id, "name": node.name, "address": node.address, "version": node.version,
            "started_at": iso(node.started), "seen_at": iso(node.seen), "state": state.name(),
            "behind": node.behind,
        })
    });
    let store = match call.tenants.store().engine() {
        Engine::Sqlite => "sqlite",
        Engine::Postgres => "postgres",
    };
    Ok(Answer::ok(json!({ "store": store, "nodes": nodes.collect::<Vec<Value>>() })))
}
