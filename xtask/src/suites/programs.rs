//! The suites that stand outside and talk to a running server: durability, the official clients, the pages.

use std::ffi::OsStr;
use std::process::Command;

use super::Outcome;
use super::grounds::{Grounds, answers, stream};
use crate::postgres;
use crate::tally::Tally;
use anyhow::{Context, Result, ensure};

/// Nothing acknowledged is lost when the process is killed: SQLite.
pub fn durability_on_sqlite(grounds: &mut Grounds) -> Result<Outcome> {
    if !has_python() {
        return no_python();
    }
    let mut all = Tally::default();
    for (script, _) in SCRIPTS {
        all += durability(grounds, script, &[])?;
    }
    Ok(Outcome::Ran(all))
}

/// The same on PostgreSQL.
pub fn durability_on_postgres(grounds: &mut Grounds) -> Result<Outcome> {
    if !has_python() {
        return no_python();
    }
    let Some(programs) = postgres::programs() else {
        return Ok(Outcome::Skipped("initdb and postgres are not installed".into()));
    };
    let mut all = Tally::default();
    for (script, name) in SCRIPTS.into_iter().chain([("spread", "spread")]) {
        let database = grounds.database(name)?.context("PostgreSQL was there a moment ago")?;
        all += durability(grounds, script, &["--database".as_ref(), database.as_ref()])?;
    }
    // It stops its database, so it has one of its own.
    all += durability(grounds, "nodes", &["--postgres".as_ref(), programs.as_ref()])?;
    Ok(Outcome::Ran(all))
}

/// What was changed, what was revoked, what was logged, and the databases where that is done.
const SCRIPTS: [(&str, &str); 3] =
    [("run", "durability"), ("revocation", "revocation"), ("streams", "streams")];

fn durability(grounds: &Grounds, script: &str, words: &[&OsStr]) -> Result<Tally> {
    let binary = grounds.binary()?;
    let mut program = grounds.command("python3");
    program.arg(format!("tests/durability/{script}")).arg("--server-binary").arg(binary).args(words);
    match counted(&mut program)? {
        Outcome::Ran(tally) => Ok(tally),
        Outcome::Skipped(_) => Ok(Tally::default()),
    }
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

/// Certificates from the directory that Let's Encrypt gives people to test against.
pub fn acme(grounds: &mut Grounds) -> Result<Outcome> {
    if !has_python() {
        return no_python();
    }
    let binary = grounds.binary()?;
    let mut program = grounds.command("tests/acme/run");
    counted(program.arg("--server-binary").arg(binary))
}

/// The official clients.
pub fn clients(grounds: &mut Grounds) -> Result<Outcome> {
    clients_with(grounds, &[])
}

/// The same against a test double, and the packages that start one.
pub fn clients_of_double(grounds: &mut Grounds) -> Result<Outcome> {
    clients_with(grounds, &["--dev"])
}

fn clients_with(grounds: &mut Grounds, words: &[&str]) -> Result<Outcome> {
    let program = grounds.root.join("tests/clients/run");
    if !program.is_file() {
        return Ok(Outcome::Skipped("tests/clients/run is not there".into()));
    }
    let binary = grounds.binary()?;
    let mut program = grounds.command(program);
    counted(program.args(words).arg("--server-binary").arg(binary))
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
