//! Who changed one thing, when, and from what to what: read from the log.

use http::Method;
use idp::clock::iso;
use model::{NOUNS, ResourceServer};
use schema::Resource;
use serde_json::{Value, json};
use store::LogRow;

use crate::{
    Answer, Call, Error, Operation, about::object, collection::Lifecycle, error::Result, operation::run,
};

pub fn operations() -> Vec<Operation> {
    let path = "/history/{kind}/{id}";
    vec![
        Operation::ours(Method::GET, path, "Get the history of an object", &["read:logs"], run!(history))
            .reading(&["take"]),
    ]
}

async fn history(call: Call) -> Result<Answer> {
    let (kind, id) = (call.parameter("kind"), call.parameter("id"));
    if !NOUNS.iter().any(|noun| noun.path.split('/').next() == Some(kind)) {
        return Err(Error::not_found("There is no such kind of object.", Some("inexistent_kind")));
    }
    let take = call.number("take", 1, 100)?.unwrap_or(50);
    // An API is called by its identifier too.
    let api = match kind == ResourceServer::NOUN.path {
        true => ResourceServer::find(&call.tenant, id).await?,
        false => None,
    };
    let id = api.as_ref().map_or(id, |api| &api.id);
    // What was written a moment ago is read too.
    call.tenant.flush_logs().await;
    let rows = call.tenant.store().logs().about(call.tenant.name(), &object(kind, id), take).await?;
    let entries: Vec<Value> = rows.into_iter().map(entry).collect();
    Ok(Answer::ok(json!({ "entries": entries })))
}

fn entry(row: LogRow) -> Value {
    let rest: Value = row.rest.and_then(|rest| serde_json::from_str(&rest).ok()).unwrap_or_default();
    let details = &rest["details"];
    let changes = details.get("changes").cloned().unwrap_or_else(|| json!([]));
    json!({
        "log_id": row.log_id, "date": iso(row.date), "summary": row.description, "actor": details["actor"],
        "ip": row.ip, "changes": changes,
    })
}
