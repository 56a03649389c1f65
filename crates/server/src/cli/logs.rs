//! The tenant's log: as lines that go on, and held against its seals.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, Result};
use clap::Subcommand;
use idp::audit::{self, Doubt, Finding, Report};
use serde_json::Value;
use tokio::time::{self, Duration};

use super::{Place, admin::Opened, management::Management, print};
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
    /// Hold the log against its seals, whether or not a server runs; the status is 1 if anything is wrong
    Verify {
        /// File of a checkpoint that was kept elsewhere; may be repeated
        #[arg(long, value_name = "FILE")]
        checkpoint: Vec<PathBuf>,
    },
    /// Print the last checkpoint, to be kept elsewhere
    Checkpoint,
}

pub async fn logs(place: &Place, command: Logs) -> Result<ExitCode> {
    match command {
        Logs::Tail { lines, follow, q, json } => tail(place, lines, follow, q, json).await?,
        Logs::Verify { checkpoint } => return verify(place, &checkpoint).await,
        Logs::Checkpoint => {
            let opened = Opened::of(place, Some(place.tenant())).await?;
            let checkpoint = audit::checkpoint(&opened.tenant(place.tenant())?).await?;
            opened.close().await;
            say!(
                "{}",
                checkpoint.context("nothing of this log is sealed: set log_seals and start the server")?
            );
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Says of the tenant's log what is wrong with it, each in a line.
async fn verify(place: &Place, kept: &[PathBuf]) -> Result<ExitCode> {
    let read = |file: &PathBuf| std::fs::read_to_string(file).with_context(|| file.display().to_string());
    let kept = kept.iter().map(read).collect::<Result<Vec<_>>>()?;
    let keeping = place.config([])?.log_keeping();
    let opened = Opened::of(place, Some(place.tenant())).await?;
    let tenant = opened.tenant(place.tenant())?;
    let expired = keeping.expired_meanwhile(tenant.clock().now_ms());
    let report = audit::verify(&tenant, &kept, expired).await;
    opened.close().await;
    let Report { sealed, unsealed, expired, checkpoints, expired_checkpoints, first, last, findings } =
        report?;
    for finding in &findings {
        say!("{}", words(finding));
    }
    if let (Some(first), Some(last)) = (first, last) {
        say!("{sealed} events are sealed, from {first} to {last}.");
    }
    say!(
        "{expired} of them were old enough to go, {unsealed} events are not sealed yet, {checkpoints} checkpoints agree."
    );
    if expired_checkpoints > 0 {
        say!("{expired_checkpoints} checkpoints are older than what is kept, and say nothing any more.");
    }
    if sealed == 0 {
        say!("Nothing is sealed: set log_seals and start the server.");
    }
    if findings.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    say!("{} findings.", findings.len());
    Ok(ExitCode::FAILURE)
}

fn words(finding: &Finding) -> String {
    match finding {
        Finding::Removed { log_id } => format!("removed   {log_id}"),
        Finding::Altered { log_id } => format!("altered   {log_id}"),
        Finding::Moved { log_id, behind: Some(behind) } => {
            format!("moved     {log_id}: it did not follow {behind}")
        }
        Finding::Moved { log_id, behind: None } => {
            format!("moved     {log_id}: something else stood before it")
        }
        Finding::Added { log_id } => format!("added     {log_id}: it was never sealed"),
        Finding::MissingParts { from, to } => format!("missing   the seals of parts {from} to {to}"),
        Finding::UnknownKey { part, key } => format!("unknown   the key {key}, which seals part {part}"),
        Finding::Checkpoint { part: Some(part), reason } => {
            format!("checkpoint of part {part}: {}", doubt(*reason))
        }
        Finding::Checkpoint { part: None, reason } => format!("checkpoint: {}", doubt(*reason)),
    }
}

fn doubt(reason: Doubt) -> &'static str {
    match reason {
        Doubt::Unsigned => "it is not signed by this tenant",
        Doubt::Contradicts => "it says something else than the seals",
        Doubt::SealsGone => "the seals that it is about are gone",
    }
}

async fn tail(place: &Place, lines: u8, follow: bool, q: Option<String>, json: bool) -> Result<()> {
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
