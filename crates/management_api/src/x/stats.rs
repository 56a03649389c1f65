//! How many tokens were issued and refused, how long that took, and when each client was last seen.

use std::collections::HashMap;

use http::Method;
use idp::{clock::iso, token::REASONS};
use serde_json::{Map, Value, json};
use store::{Count, Of, Width};

use super::period::{Period, Steps};
use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let scopes = &["read:stats"];
    let get = |path: &str, summary: &str, scopes: &[&'static str], run| {
        Operation::ours(Method::GET, path, summary, scopes, run)
    };
    vec![
        get("/stats/tokens", "Get the numbers of tokens", scopes, run!(tokens)).reading(&[
            "from",
            "to",
            "interval",
            "group_by",
            "client_id",
            "audience",
        ]),
        get("/stats/latency", "Get how long tokens took", scopes, run!(latency))
            .reading(&["from", "to", "interval"]),
        get(
            "/last-used",
            "Get when clients were last used",
            &["read:stats", "read:clients"],
            run!(last_used),
        )
        .reading(&["client_ids"]),
    ]
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// How many clients or APIs have a series of their own.
const TOP: i64 = 6;
/// How many clients can be asked about at once.
const MOST_CLIENTS: usize = 100;

/// The step that the query asks for, and the slots it is made of.
fn interval(call: &Call) -> Result<(i64, Width)> {
    match call.query("interval").unwrap_or("hour") {
        "minute" => Ok((60_000, Width::Minute)),
        "hour" => Ok((HOUR, Width::Hour)),
        "day" => Ok((DAY, Width::Hour)),
        _ => Err(Error::query("Query validation error: 'No enum match' on property interval.")),
    }
}

async fn tokens(call: Call) -> Result<Answer> {
    let (step, width) = interval(&call)?;
    let steps = Period::of(&call, DAY)?.in_steps(step)?;
    let of = match call.query("group_by").unwrap_or("none") {
        "none" => Of::All,
        "reason" => Of::Reason,
        "client" | "api" if width == Width::Minute => {
            let reason = "Clients and APIs are counted by the hour";
            return Err(Error::query(format!("Query validation error: '{reason}' on property interval.")));
        }
        "client" => Of::Client,
        "api" => Of::Api,
        _ => return Err(Error::query("Query validation error: 'No enum match' on property group_by.")),
    };
    let only = only(&call, of)?;
    // What was counted a moment ago is read too.
    call.tenant.flush_logs().await;
    let series = match of {
        Of::Client | Of::Api => match only {
            Some(value) => vec![of_one(&call, (of, width), steps, value).await?],
            None => by_value(&call, (of, width), steps).await?,
        },
        Of::All | Of::Reason | Of::Latency | Of::Logins | Of::SignUps | Of::LeakedPasswords => {
            by_word(&call, (of, width), steps).await?
        }
    };
    Ok(Answer::ok(json!({
        "from": iso(steps.from), "to": iso(steps.to), "interval_ms": step, "times": steps.times(),
        "series": series,
    })))
}

/// All tokens in one series, or the refusals by their reasons.
async fn by_word(call: &Call, what: (Of, Width), steps: Steps) -> Result<Vec<Value>> {
    let tallies = call.tenant.store().tallies();
    let counts = tallies.series(call.tenant.name(), what, (steps.from, steps.to), steps.step, None).await?;
    if what.0 == Of::All {
        return Ok(vec![Series::of(steps, &counts).shown("all", "All")]);
    }
    let reasons = REASONS.iter().filter(|(reason, _)| counts.iter().any(|count| count.value == *reason));
    let mut series: Vec<(i64, Value)> = reasons
        .map(|(reason, words)| {
            let counts: Vec<Count> = counts.iter().filter(|count| count.value == *reason).cloned().collect();
            let series = Series::of(steps, &counts);
            (-series.refused.iter().sum::<i64>(), series.shown(reason, words))
        })
        .collect();
    series.sort_by_key(|(refused, _)| *refused);
    Ok(series.into_iter().map(|(_, series)| series).collect())
}

/// The one client or API that is asked about.
fn only(call: &Call, of: Of) -> Result<Option<&str>> {
    for (name, grouped) in [("client_id", Of::Client), ("audience", Of::Api)] {
        match call.query(name) {
            Some(value) if of == grouped => return Ok(Some(value)),
            Some(_) => {
                let reason = "Goes with group_by client or api";
                return Err(Error::query(format!("Query validation error: '{reason}' on property {name}.")));
            }
            None => {}
        }
    }
    Ok(None)
}

/// One client or API, whether or not anybody asked for it.
async fn of_one(call: &Call, what: (Of, Width), steps: Steps, value: &str) -> Result<Value> {
    let (tallies, tenant) = (call.tenant.store().tallies(), call.tenant.name());
    let period = (steps.from, steps.to);
    let counts = tallies.series(tenant, what, period, steps.step, Some(&[value.to_owned()])).await?;
    Ok(Series::of(steps, &counts).shown(value, &label(call, what.0, value)))
}

/// The clients or APIs that were asked for most, and all others together.
async fn by_value(call: &Call, what: (Of, Width), steps: Steps) -> Result<Vec<Value>> {
    let (tallies, tenant) = (call.tenant.store().tallies(), call.tenant.name());
    let period = (steps.from, steps.to);
    let top = tallies.top(tenant, what, period, TOP).await?;
    let counts = tallies.series(tenant, what, period, steps.step, Some(&top)).await?;
    let mut others = Series::of(steps, &tallies.total(tenant, what, period, steps.step).await?);
    let mut shown = Vec::new();
    for value in top {
        let counts: Vec<Count> = counts.iter().filter(|count| count.value == value).cloned().collect();
        let series = Series::of(steps, &counts);
        others.subtract(&series);
        shown.push(series.shown(&value, &label(call, what.0, &value)));
    }
    if !others.is_empty() {
        shown.push(others.shown("other", "Other"));
    }
    Ok(shown)
}

/// The name of a client or an API, if it still is there.
fn label(call: &Call, of: Of, value: &str) -> String {
    let snapshot = call.tenant.snapshot();
    let name = match of {
        Of::Client => snapshot.client(value).map(|client| client.view.name.clone()),
        Of::Api => snapshot.api(value).and_then(|api| api.view.name.clone()),
        Of::All | Of::Reason | Of::Latency | Of::Logins | Of::SignUps | Of::LeakedPasswords => None,
    };
    name.unwrap_or_else(|| value.to_owned())
}

/// Two numbers for each step.
struct Series {
    issued: Vec<i64>,
    refused: Vec<i64>,
}

impl Series {
    fn of(steps: Steps, counts: &[Count]) -> Series {
        let mut series = Series { issued: vec![0; steps.len()], refused: vec![0; steps.len()] };
        for count in counts {
            let place = steps.place(count.start);
            if let (Some(issued), Some(refused)) =
                (series.issued.get_mut(place), series.refused.get_mut(place))
            {
                *issued += count.issued;
                *refused += count.refused;
            }
        }
        series
    }

    fn subtract(&mut self, part: &Series) {
        let less = |all: &mut Vec<i64>, part: &Vec<i64>| {
            // Between two reads more may have been counted.
            all.iter_mut().zip(part).for_each(|(all, part)| *all = (*all - part).max(0));
        };
        less(&mut self.issued, &part.issued);
        less(&mut self.refused, &part.refused);
    }

    fn is_empty(&self) -> bool {
        self.issued.iter().chain(&self.refused).all(|n| *n == 0)
    }

    fn shown(&self, key: &str, label: &str) -> Value {
        json!({ "key": key, "label": label, "issued": self.issued, "refused": self.refused })
    }
}

async fn latency(call: Call) -> Result<Answer> {
    let (step, width) = interval(&call)?;
    let steps = Period::of(&call, DAY)?.in_steps(step)?;
    call.tenant.flush_logs().await;
    let tallies = call.tenant.store().tallies();
    let spreads = tallies.latency(call.tenant.name(), width, (steps.from, steps.to), step).await?;
    let by_place: HashMap<usize, _> =
        spreads.iter().map(|spread| (steps.place(spread.start), spread)).collect();
    let each = |read: &dyn Fn(&store::Spread) -> Value, none: Value| -> Value {
        (0..steps.len())
            .map(|place| by_place.get(&place).map_or(none.clone(), |spread| read(spread)))
            .collect()
    };
    let share = |share: f64| {
        let ms = move |spread: &store::Spread| {
            json!(spread.quantile(share).map(|ms| (ms * 1000.0).round() / 1000.0))
        };
        each(&ms, Value::Null)
    };
    Ok(Answer::ok(json!({
        "from": iso(steps.from), "to": iso(steps.to), "interval_ms": step, "times": steps.times(),
        "p50": share(0.5), "p95": share(0.95), "p99": share(0.99),
        "count": each(&|spread| json!(spread.count), json!(0)),
    })))
}

async fn last_used(call: Call) -> Result<Answer> {
    let ids: Vec<String> =
        call.query("client_ids").unwrap_or_default().split(',').map(str::to_owned).collect();
    let ids: Vec<String> = ids.into_iter().filter(|id| !id.is_empty()).collect();
    if ids.is_empty() || ids.len() > MOST_CLIENTS || ids.iter().any(|id| id.contains('\0') || id.len() > 255)
    {
        let reason = format!("Expected 1 to {MOST_CLIENTS} client identifiers with commas between");
        return Err(Error::query(format!("Query validation error: '{reason}' on property client_ids.")));
    }
    call.tenant.flush_logs().await;
    let (tallies, tenant) = (call.tenant.store().tallies(), call.tenant.name());
    // The hour that has begun, and the 23 before it.
    let to = call.tenant.clock().now_ms().div_euclid(HOUR) * HOUR + HOUR;
    let steps = Steps { from: to - DAY, to, step: HOUR };
    let counts =
        tallies.series(tenant, (Of::Client, Width::Hour), (steps.from, to), HOUR, Some(&ids)).await?;
    let used = tallies.last_used(tenant, &ids).await?;
    let mut clients = Map::new();
    for id in ids {
        let counts: Vec<Count> = counts.iter().filter(|count| count.value == id).cloned().collect();
        let Series { issued, refused } = Series::of(steps, &counts);
        let last = used.iter().find(|used| used.client_id == id).map(|used| iso(used.last));
        let shown = json!({
            "last_used": last, "issued_24h": issued.iter().sum::<i64>(),
            "refused_24h": refused.iter().sum::<i64>(), "hours": issued,
        });
        clients.insert(id, shown);
    }
    Ok(Answer::ok(json!({ "clients": clients })))
}
