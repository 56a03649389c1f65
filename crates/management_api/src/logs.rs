//! The tenant's log: by checkpoint, by search, one event.

use http::Method;
use idp::log::record;
use schema::{Object, Selection};
use serde_json::{Value, json};
use store::Condition;

use crate::{Answer, Call, Error, Operation, error::Result, filter, operation::run};

/// Only so many hits can be paged through.
const REACH: i64 = 1_000;
/// The longest `q`.
const LONGEST: usize = 1_000;

pub fn operations() -> Vec<Operation> {
    let scopes = &["read:logs", "read:logs_users"];
    vec![
        Operation::new(Method::GET, "/logs", "Search log events", scopes, run!(list)).reading(&[
            "q",
            "search",
            "page",
            "per_page",
            "sort",
            "fields",
            "include_fields",
            "include_totals",
            "from",
            "take",
        ]),
        Operation::new(Method::GET, "/logs/{id}", "Get a log event", scopes, run!(read)),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    // What was logged a moment ago is read too.
    call.tenant.flush_logs().await;
    match (call.query("from"), call.number("take", 1, 100)?) {
        (None, None) => search(call).await,
        (from, take) => {
            // Everything else is ignored with a checkpoint.
            let take = take.unwrap_or(50);
            let rows = call.tenant.store().logs().after(call.tenant.name(), from, take).await?;
            let next = rows.last().map_or(from.unwrap_or_default(), |row| row.log_id.as_str()).to_owned();
            let url =
                format!("<https://{}/api/v2/logs?from={next}&take={take}>; rel=\"next\"", call.origin.host);
            let shown = rows.into_iter().map(|row| Value::Object(record(&call.tenant, row))).collect();
            Ok(Answer { link: Some(url), ..Answer::ok(Value::Array(shown)) })
        }
    }
}

async fn search(call: Call) -> Result<Answer> {
    let condition = condition(call.query("q").or(call.query("search")))?;
    page_of(&call, &condition).await
}

/// One page of the events that meet a condition.
pub async fn page_of(call: &Call, condition: &Condition) -> Result<Answer> {
    let (start, per_page, totals) = part(call)?;
    let newest_first = match call.query("sort") {
        None | Some("date:-1") => true,
        Some("date:1") => false,
        Some(_) => {
            return Err(Error::query(
                "Query validation error: 'The log is sorted by date:1 or date:-1' on property sort.",
            ));
        }
    };
    let logs = call.tenant.store().logs();
    let rows = logs.search(call.tenant.name(), condition, newest_first, start, per_page).await?;
    let selection = call.selection()?;
    let shown: Vec<Value> = rows
        .into_iter()
        .map(|row| {
            let mut record = record(&call.tenant, row);
            select(&mut record, &selection);
            Value::Object(record)
        })
        .collect();
    Ok(Answer::ok(match totals {
        // `total` is the length of the page.
        true => {
            json!({ "start": start, "limit": per_page, "length": shown.len(), "total": shown.len(), "logs": shown })
        }
        false => Value::Array(shown),
    }))
}

/// Where the page that is asked for begins, how long it is, and whether totals are asked for.
fn part(call: &Call) -> Result<(i64, i64, bool)> {
    let page = call.number("page", 0, i64::from(i32::MAX))?.unwrap_or(0);
    let per_page = call.number("per_page", 0, 100)?.unwrap_or(50);
    let totals = call.flag("include_totals")?.unwrap_or(false);
    let start = page * per_page;
    if start + per_page > REACH && page > 0 {
        return Err(Error::query(format!("You can only page through the first {REACH} records.")));
    }
    Ok((start, per_page, totals))
}

/// What the query looks for.
pub fn condition(q: Option<&str>) -> Result<Condition> {
    let q = q.unwrap_or_default();
    if q.len() > LONGEST {
        return Err(Error::new(http::StatusCode::URI_TOO_LONG, "The query is too long.", None));
    }
    let bad = |bad: filter::BadQuery| Error::query(bad.to_string());
    match q.trim().is_empty() {
        true => Ok(Condition::Everything),
        false => filter::lucene(q).and_then(|filter| filter.log_condition()).map_err(bad),
    }
}

async fn read(call: Call) -> Result<Answer> {
    call.tenant.flush_logs().await;
    match call.tenant.store().logs().read(call.tenant.name(), call.parameter("id")).await? {
        Some(row) => Ok(Answer::ok(record(&call.tenant, row))),
        None => Err(Error::not_found("The log event does not exist.", Some("inexistent_log"))),
    }
}

fn select(record: &mut Object, selection: &Selection) {
    // Recorded: what identifies an event is shown whatever is asked for (`Auth0_Api_V2_Logs`).
    record.retain(|name, _| name == "_id" || selection.wants(name));
}
