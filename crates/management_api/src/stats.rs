//! How many people are active, and how many logins and sign-ups there were on each day.

use std::collections::BTreeMap;

use http::Method;
use idp::clock::iso;
use jiff::{civil::Date, tz::TimeZone};
use serde_json::{Value, json};
use store::{Of, Width};

use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let scopes = &["read:stats"];
    vec![
        Operation::new(
            Method::GET,
            "/stats/active-users",
            "Get active users count",
            scopes,
            run!(active_users),
        ),
        Operation::new(Method::GET, "/stats/daily", "Get daily stats", scopes, run!(daily))
            .reading(&["from", "to"]),
    ]
}

const DAY: i64 = 24 * 3_600_000;
/// Somebody who logged in within so many days is active.
const ACTIVE_DAYS: i64 = 30;

async fn active_users(call: Call) -> Result<Answer> {
    // Who logged in a moment ago is counted too.
    call.tenant.flush_logs().await;
    let since = call.tenant.clock().now_ms() - ACTIVE_DAYS * DAY;
    let active = call.tenant.store().tallies().active_people(call.tenant.name(), since).await?;
    Ok(Answer::ok(active))
}

/// The days of which anything was counted, the first and the last of the period included.
async fn daily(call: Call) -> Result<Answer> {
    let today = call.tenant.clock().now_ms().div_euclid(DAY) * DAY;
    let to = day(&call, "to")?.unwrap_or(today);
    let from = day(&call, "from")?.unwrap_or(to - ACTIVE_DAYS * DAY);
    if from > to {
        return Err(Error::query("Query validation error: 'It is after the end' on property from."));
    }
    call.tenant.flush_logs().await;
    let (tallies, tenant) = (call.tenant.store().tallies(), call.tenant.name());
    let mut days: BTreeMap<i64, Day> = BTreeMap::new();
    for of in [Of::Logins, Of::SignUps, Of::LeakedPasswords] {
        for count in tallies.series(tenant, (of, Width::Hour), (from, to + DAY), DAY, None).await? {
            let day = days.entry(count.start).or_default();
            match of {
                Of::Logins => day.logins += count.issued,
                Of::SignUps => day.signups += count.issued,
                _ => day.leaked_passwords += count.issued,
            }
        }
    }
    let shown = |(start, day): (i64, Day)| {
        let ended = (start + DAY).min(call.tenant.clock().now_ms());
        json!({
            "date": iso(start), "logins": day.logins, "signups": day.signups,
            "leaked_passwords": day.leaked_passwords, "created_at": iso(start), "updated_at": iso(ended),
        })
    };
    Ok(Answer::ok(days.into_iter().map(shown).collect::<Vec<Value>>()))
}

/// What was counted on one day.
#[derive(Default)]
struct Day {
    logins: i64,
    signups: i64,
    leaked_passwords: i64,
}

/// The first millisecond of a day of the query, which is written `YYYYMMDD`.
fn day(call: &Call, name: &str) -> Result<Option<i64>> {
    let Some(text) = call.query(name) else { return Ok(None) };
    let fail = || {
        let reason = "Expected a day as YYYYMMDD";
        Error::query(format!("Query validation error: '{reason}' on property {name}."))
    };
    if text.len() != 8 || !text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(fail());
    }
    let number = |part: &str| part.parse::<i16>().map_err(|_| fail());
    let (year, month, day) = (number(&text[..4])?, number(&text[4..6])?, number(&text[6..])?);
    let date = Date::new(year, month as i8, day as i8).map_err(|_| fail())?;
    let begin = TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_err(|_| fail())?;
    Ok(Some(begin.as_millisecond()))
}
