//! Whether anybody tampered with the log: how far it is sealed, what was signed of it, and its verification, which goes on in
//! the background.

use http::{Method, StatusCode};
use idp::{
    audit::{self, Checkpoint, Sealed},
    clock::iso,
    jobs::{self, Job, JobState, Kind, LogVerification},
};
use jiff::Timestamp;
use schema::{Object, Shaped};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Answer, Call, Error, Operation,
    error::Result,
    operation::run,
    tickets::{object, read},
};

pub fn operations() -> Vec<Operation> {
    let scopes = &["read:logs"];
    let (checkpoints, all) = ("/audit/checkpoints", "/audit/verifications");
    let row = |method, path, summary, run| Operation::ours(method, path, summary, scopes, run);
    vec![
        row(Method::GET, "/audit", "Get how far the log is sealed", run!(state)),
        row(Method::GET, checkpoints, "List checkpoints of the log", run!(signed))
            .reading(&["take", "before"]),
        row(Method::GET, all, "List verifications of the log", run!(list)),
        row(Method::POST, all, "Verify the log", run!(verify)).grave(),
        row(Method::GET, "/audit/verifications/{id}", "Get a verification of the log", run!(one)),
    ]
}

async fn state(call: Call) -> Result<Answer> {
    // What was written a moment ago waits for its seal too.
    call.tenant.flush_logs().await;
    let keeping = call.tenants.log_keeping();
    let sealed = audit::sealed_so_far(&call.tenant).await?;
    let checkpoint = audit::checkpoints(&call.tenant, i64::MAX, 1).await?.pop();
    Ok(Answer::ok(json!({
        "log_seals": keeping.is_some_and(|keeping| keeping.is_sealed),
        "retention_days": keeping.map(|keeping| keeping.days),
        "sealed": sealed.map(|Sealed { part, log_id, newest, since, waiting }| json!({
            "part": part, "log_id": log_id, "date": iso(newest), "since": iso(since), "waiting": waiting,
        })),
        "checkpoint": checkpoint.map(told),
    })))
}

async fn signed(call: Call) -> Result<Answer> {
    let take = call.number("take", 1, 100)?.unwrap_or(50);
    let before = call.number("before", 1, i64::MAX)?.unwrap_or(i64::MAX);
    let signed = audit::checkpoints(&call.tenant, before, take).await?;
    Ok(Answer::ok(json!({ "checkpoints": signed.into_iter().map(told).collect::<Vec<Value>>() })))
}

fn told((said, compact): (Checkpoint, String)) -> Value {
    json!({
        "part": said.part, "log_id": said.log_id, "seal": said.seal, "signed_at": iso(said.iat * 1000),
        "checkpoint": compact,
    })
}

/// Which part of the log is to be verified.
#[derive(Deserialize, Shaped)]
struct Wanted {
    /// The time of the first event that is looked at; all that are kept without.
    #[field(format(DateTime))]
    from: Option<String>,
    /// Checkpoints that somebody kept.
    #[field(max(50), each_max(8_192))]
    checkpoints: Option<Vec<String>>,
}

async fn verify(mut call: Call) -> Result<Answer> {
    let Wanted { from, checkpoints } = read(call.take_body())?;
    let since = from.and_then(|from| from.parse::<Timestamp>().ok()).map(Timestamp::as_millisecond);
    let checkpoints = checkpoints.unwrap_or_default();
    if since.is_some() && !checkpoints.is_empty() {
        return Err(Error::body("Checkpoints are held against all that is kept: leave out from."));
    }
    call.tenant.flush_logs().await;
    let Some(job) = jobs::verify_log(&call.tenant, &LogVerification { since, checkpoints }).await? else {
        let message = "The log is being verified already: wait until that has ended.";
        return Err(Error::new(StatusCode::CONFLICT, message, Some("verification_running")));
    };
    Ok(Answer::accepted(shown(&job)?))
}

async fn list(call: Call) -> Result<Answer> {
    let jobs = jobs::recent(&call.tenant, Kind::LogVerification, MOST).await?;
    let mut all = jobs.iter().map(shown).collect::<Result<Vec<Object>>>()?;
    // There can be a thousand of each.
    for report in all.iter_mut().filter_map(|one| one.get_mut("report")?.as_object_mut()) {
        report.shift_remove("findings");
    }
    Ok(Answer::ok(json!({ "verifications": all })))
}

async fn one(call: Call) -> Result<Answer> {
    let found = jobs::read(&call.tenant, call.parameter("id")).await?;
    match found.filter(|job| Kind::of(job) == Some(Kind::LogVerification)) {
        Some(job) => Ok(Answer::ok(shown(&job)?)),
        None => Err(Error::not_found("The verification does not exist.", None)),
    }
}

fn shown(job: &Job) -> Result<Object> {
    let asked: LogVerification = jobs::asked(job)?;
    let told = jobs::told(job)?;
    let mut shown = object(json!({
        "id": job.id, "status": job.state.name(), "created_at": iso(job.created * 1000),
        "from": asked.since.map(iso), "checkpoints": asked.checkpoints.len(),
    }));
    if matches!(job.state, JobState::Pending | JobState::Processing) {
        shown.insert("percentage_done".into(), json!(told.done * 100 / told.total.max(1)));
    }
    if let Some(problem) = told.problem {
        shown.insert("problem".into(), json!(problem));
    }
    if let Some(verified) = told.verified {
        let count = verified.report.findings.len() + verified.more;
        let mut report = object(serde_json::to_value(verified.report)?);
        report.insert("findings_count".into(), json!(count));
        shown.insert("report".into(), Value::Object(report));
    }
    Ok(shown)
}

/// How many verifications are listed.
const MOST: i64 = 20;
