//! The tenant's log, as lines that go on.

use anyhow::Result;
use clap::Subcommand;
use serde_json::Value;
use tokio::time::{self, Duration};

use super::{Place, management::Management, print};
use crate::cli::print::say;

#[derive(Debug, Subcommand)]
pub enum Logs {
    /// Show the newest events, and go on with --follow
    Tail {
        /// How many of the newest to start with, at most 100
        #[arg(long, short = 'n', default_value_t = 10, value_parser = clap::value_parser!(u8).range(0..=100))]
        lines: u8,
        /// Go on showing what happens
        #[arg(long, short)]
        follow: bool,
        /// Only events that match, such as `type:feccft`
        #[arg(long, value_name = "QUERY")]
        q: Option<String>,
        /// One JSON object in each line
        #[arg(long)]
        json: bool,
    },
}

pub async fn logs(place: &Place, command: Logs) -> Result<()> {
    let Logs::Tail { lines, follow, q, json } = command;
    let api = Management::of(place).await?;
    let per_page = lines.max(1).to_string();
    let mut query = vec![("per_page", per_page.as_str()), ("sort", "date:-1")];
    if let Some(q) = &q {
        query.push(("q", q));
    }
    let Value::Array(mut newest) = api.get("logs", &query).await? else { return Ok(()) };
    newest.truncate(lines.into());
    newest.reverse();
    let mut widths = [0; 4];
    print_events(&mut widths, &newest, json);
    let mut last = newest.last().and_then(|event| event["log_id"].as_str()).unwrap_or_default().to_owned();
    if !follow {
        return Ok(());
    }
    loop {
        time::sleep(Duration::from_secs(1)).await;
        let mut query = vec![("per_page", "100"), ("sort", "date:-1")];
        let newer = match (last.as_str(), &q) {
            ("", None) => "log_id:*".to_owned(),
            ("", Some(q)) => q.clone(),
            (last, None) => format!("log_id:{{{last} TO *]"),
            (last, Some(q)) => format!("log_id:{{{last} TO *] AND ({q})"),
        };
        query.push(("q", &newer));
        let Value::Array(mut events) = api.get("logs", &query).await? else { continue };
        events.reverse();
        print_events(&mut widths, &events, json);
        if let Some(newest) = events.last().and_then(|event| event["log_id"].as_str()) {
            last = newest.to_owned();
        }
    }
}

/// The widths only ever grow, so that what follows stays below what was there.
fn print_events(widths: &mut [usize; 4], events: &[Value], json: bool) {
    if json {
        events.iter().for_each(|event| say!("{event}"));
        return;
    }
    let lines: Vec<_> = events.iter().map(cells).collect();
    lines.iter().for_each(|cells| print::widen(widths, cells));
    lines.iter().for_each(|cells| say!("{}", print::aligned(widths, cells)));
}

fn cells(event: &Value) -> [String; 5] {
    let cell = |name: &str| event.get(name).map(print::plain).unwrap_or_default();
    let who = [cell("client_name"), cell("client_id")].into_iter().find(|who| !who.is_empty());
    [cell("date"), cell("type"), cell("ip"), who.unwrap_or_default(), cell("description") + &why(event)]
}

/// Why a token was refused, which the caller's words leave open.
fn why(event: &Value) -> String {
    let details = &event["details"];
    match (&details["trace"]["reason"], &details["client_authentication_error"]) {
        (Value::Null, _) => String::new(),
        (reason, Value::Null) => format!(" ({})", print::plain(reason)),
        (reason, cause) => format!(" ({}: {})", print::plain(reason), print::plain(cause)),
    }
}
