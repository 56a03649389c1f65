//! The suites that stand outside and talk to a running server: durability, the official clients, the pages.

use std::process::Command;

use super::Outcome;
use super::grounds::{Grounds, answers, stream};
use crate::tally::Tally;
use anyhow::{Context, Result, ensure};

/// Nothing acknowledged is lost when the process is killed: SQLite.
pub fn durability_on_sqlite(grounds: &mut Grounds) -> Result<Outcome> {
    if !has_python() {
        return no_python();
    }
    durability(grounds, None)
}

/// The same on PostgreSQL.
pub fn durability_on_postgres(grounds: &mut Grounds) -> Result<Outcome> {
    if !has_python() {
        return no_python();
    }
    let names = ["durability", "revocation", "streams"].map(|name| grounds.database(name));
    let [changed, revoked, streamed] = names;
    match changed?.zip(revoked?).zip(streamed?) {
        Some(((changed, revoked), streamed)) => durability(grounds, Some([changed, revoked, streamed])),
        None => Ok(Outcome::Skipped("initdb and postgres are not installed".into())),
    }
}

/// First what was changed, then what was revoked, then what was logged, each on a database of its own.
fn durability(grounds: &mut Grounds, databases: Option<[String; 3]>) -> Result<Outcome> {
    let binary = grounds.binary()?;
    let mut all = Tally::default();
    for (n, script) in ["run", "revocation", "streams"].into_iter().enumerate() {
        let mut program = grounds.command("python3");
        program.arg(format!("tests/durability/{script}")).arg("--server-binary").arg(&binary);
        if let Some(databases) = &databases {
            program.args(["--database", &databases[n]]);
        }
        if let Outcome::Ran(tally) = counted(&mut program)? {
            all += tally;
        }
    }
    Ok(Outcome::Ran(all))
}

/// What `deploy/` holds, with the tools it is for.
pub fn deploy(grounds: &mut Grounds) -> Result<Outcome> {
    if !has_python() {
        return no_python();
    }
    let binary = grounds.binary()?;
    let mut program = grounds.command("tests/deploy/run");
    counted(program.arg("--server-binary").arg(binary))
}

/// The official clients.
pub fn clients(grounds: &mut Grounds) -> Result<Outcome> {
    let program = grounds.root.join("tests/clients/run");
    if !program.is_file() {
        return Ok(Outcome::Skipped("tests/clients/run is not there".into()));
    }
    let binary = grounds.binary()?;
    let mut program = grounds.command(program);
    counted(program.arg("--server-binary").arg(binary))
}

/// The dashboard: its own units, then every page in Chromium against a running server.
pub fn dashboard(grounds: &mut Grounds) -> Result<Outcome> {
    if let Some(missing) = no_browser() {
        return Ok(missing);
    }
    let built = stream(grounds.command("make").arg("dashboard"), |_| ())?;
    ensure!(built.success(), "the dashboard does not build");
    let binary = grounds.binary()?;
    let mut program = grounds.command("tests/dashboard/run");
    counted(program.arg("--server-binary").arg(binary))
}

/// The hosted pages: every one in Chromium against a running server, without scripts.
pub fn pages(grounds: &mut Grounds) -> Result<Outcome> {
    if let Some(missing) = no_browser() {
        return Ok(missing);
    }
    let binary = grounds.binary()?;
    let mut program = grounds.command("tests/dashboard/run");
    counted(program.args(["--folder", "tests/pages", "--server-binary"]).arg(binary))
}

fn no_browser() -> Option<Outcome> {
    if !answers("npm", &["--version"]) {
        return Some(Outcome::Skipped("Node and npm are not installed".into()));
    }
    let has_browser = answers("chromium", &["--version"]);
    (!has_browser).then(|| Outcome::Skipped("chromium is not installed".into()))
}

/// Runs a program whose last line is its tally.
fn counted(program: &mut Command) -> Result<Outcome> {
    let mut last = None;
    let status = stream(program, |line| last = Tally::read(line))?;
    let mut tally = last.with_context(|| format!("no tally in its last line ({status})"))?;
    if !status.success() && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(Outcome::Ran(tally))
}

pub fn has_python() -> bool {
    answers("python3", &["--version"])
}

pub fn no_python() -> Result<Outcome> {
    Ok(Outcome::Skipped("python3 is not installed".into()))
}
