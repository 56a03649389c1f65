//! `countersign doctor`: what was looked at, a line each.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::{
    Place,
    admin::Opened,
    print::{Output, plain},
};
use crate::{
    cli::print::say,
    doctor::{self, Finding, Findings, State},
};

#[derive(Debug, Args)]
pub struct Doctor {
    /// Look at every document and every seal of the log as well, which takes a while
    #[arg(long)]
    deep: bool,
    #[command(flatten)]
    output: Output,
}

pub async fn doctor(place: &Place, command: Doctor) -> Result<ExitCode> {
    let mut all = Vec::new();
    let mut tell = |finding: &Finding| match command.output.json {
        true => all.push(finding.clone()),
        false => print(finding),
    };
    let worst = doctor::look(place, command.deep, &mut tell).await?;
    if command.output.json {
        say!("{:#}", serde_json::json!({ "state": worst, "checks": all }));
    }
    Ok(code(worst))
}

/// Looks only at whether the store fits together.
pub async fn consistency(place: &Place) -> Result<ExitCode> {
    let config = place.config([])?;
    let opened = Opened::of(place, None).await?;
    let mut findings = Findings::default();
    doctor::consistency(&opened, &config, &mut findings).await;
    opened.close().await;
    let mut worst = State::Ok;
    for finding in findings {
        worst = worst.max(finding.state);
        print(&finding);
    }
    Ok(code(worst))
}

fn print(finding: &Finding) {
    let Finding { check, state, found, next } = finding;
    let state = match state {
        State::Ok => "ok",
        State::Warning => "warning",
        State::Problem => "problem",
    };
    // What strangers wrote stays out of the terminal.
    let clean = |text: &str| plain(&serde_json::Value::from(text));
    say!("{state:8} {check:16} {}", clean(found));
    if let Some(next) = next {
        say!("{:8} {:16} → {}", "", "", clean(next));
    }
}

fn code(worst: State) -> ExitCode {
    match worst {
        State::Ok | State::Warning => ExitCode::SUCCESS,
        State::Problem => ExitCode::FAILURE,
    }
}
