//! How log streams fare: what was delivered, what waits, what went wrong.

use http::Method;
use idp::{Tenant, clock::iso, log_streams};
use model::LogStream;
use schema::Resource;
use serde_json::{Value, json};

use crate::{Answer, Call, Operation, collection::existing, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let scopes = &["read:log_streams"];
    let one = "/log-streams/{id}/health";
    vec![
        Operation::ours(
            Method::GET,
            "/log-streams/health",
            "Get the health of log streams",
            scopes,
            run!(all),
        ),
        Operation::ours(Method::GET, one, "Get the health of a log stream", scopes, run!(read)),
    ]
}

async fn all(call: Call) -> Result<Answer> {
    let mut streams = Vec::new();
    for document in call.tenant.all(&LogStream::NOUN).await? {
        streams.push(shown(&call.tenant, &LogStream::view(&document.body)?).await?);
    }
    Ok(Answer::ok(json!({ "log_streams": streams })))
}

async fn read(call: Call) -> Result<Answer> {
    let document = existing::<LogStream>(&call).await?;
    Ok(Answer::ok(shown(&call.tenant, &LogStream::view(&document.body)?).await?))
}

async fn shown(tenant: &Tenant, stream: &LogStream) -> Result<Value> {
    let health = log_streams::health(tenant, stream).await?;
    let time = |ms: Option<i64>| ms.map(iso);
    let undelivered = log_streams::undelivered(tenant, stream.kind);
    let now = undelivered.map(|reason| json!({ "date": null, "problem": reason }));
    let dated = health.problems.iter().map(|one| json!({ "date": iso(one.at), "problem": one.problem }));
    let problems: Vec<Value> = now.into_iter().chain(dated).collect();
    Ok(json!({
        "id": stream.id,
        "status": stream.status.name(),
        "is_delivered": undelivered.is_none(),
        "delivered": health.delivered,
        "last_success_at": time(health.succeeded),
        "failing_since": time(health.failing),
        "waiting": health.waiting.events,
        "oldest_waiting_at": time(health.waiting.oldest),
        "problems": problems,
    }))
}
