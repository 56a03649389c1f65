//! The suites made of Rust: the workspace's tests on both stores, and what is demanded of the sources.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::grounds::{Grounds, answers, check, stream};
use super::{Outcome, python};
use crate::tally::Tally;
use crate::{bom, docs, tidy};

/// Every test of the workspace; those that read `../shared` are ignored, and named, where it is missing.
pub fn on_sqlite(grounds: &mut Grounds) -> Result<Outcome> {
    let shared = grounds.root.join("../shared");
    let given = shared.join("spec/contract.json").exists() && shared.join("recordings").exists();
    let mut cargo = grounds.cargo(&["test", "--workspace", "--locked", "--no-fail-fast"]);
    if given {
        cargo.args(["--", "--include-ignored"]);
    }
    Ok(Outcome::Ran(libtest(&mut cargo)?))
}

/// The same test programs again, of the packages that remember something.
pub fn on_postgres(grounds: &mut Grounds) -> Result<Outcome> {
    let programs = test_programs(grounds)?;
    let Some(database) = grounds.database("tests")? else {
        return Ok(Outcome::Skipped("initdb and postgres are not installed".into()));
    };
    let encrypted = grounds.encrypted()?.map(|cluster| (cluster.place(), cluster.files()));
    let (place, files) = encrypted.context("PostgreSQL was there a moment ago")?;
    let mut total = Tally::default();
    for TestProgram { path, home } in programs {
        println!("{}", path.display());
        let mut command = grounds.command(&path);
        command.current_dir(&home).env("CARGO_MANIFEST_DIR", &home).env("TEST_DATABASE", &database);
        command.env("TEST_DATABASE_TLS", &place).env("TEST_DATABASE_TLS_FILES", &files);
        total += libtest(&mut command)?;
    }
    Ok(Outcome::Ran(total))
}

const REMEMBERING: [&str; 6] = ["store", "idp", "management_api", "authentication_api", "testkit", "server"];

/// Tidiness, pages made from the program, the scripts, format and clippy: one test each.
pub fn lint(grounds: &mut Grounds) -> Result<Outcome> {
    let clippy = ["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"];
    let mut total = Tally::default();
    total += check("tidy", tidy::run()?);
    total += check("docs", docs::run(true)?);
    total += python::lint(grounds)?;
    total += component(grounds, "fmt", "fmt", &["fmt", "--all", "--check"])?;
    total += component(grounds, "clippy", "clippy", &clippy)?;
    Ok(Outcome::Ran(total))
}

/// What the program is made of: whether the list of it is true, and whether all of it may be there.
pub fn parts(grounds: &mut Grounds) -> Result<Outcome> {
    let mut total = check("bom", bom::check(&grounds.root)?);
    let deny = ["deny", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"];
    total += component(grounds, "deny", "deny", &deny)?;
    total += advisories(grounds)?;
    Ok(Outcome::Ran(total))
}

/// Known faults of what others wrote; the list of them is not in this checkout.
fn advisories(grounds: &Grounds) -> Result<Tally> {
    // A network that swallows what it is asked is not waited for.
    let fetched = grounds.command("timeout").args(["120", "cargo", "deny", "fetch", "db"]).output();
    if !fetched.is_ok_and(|fetched| fetched.status.success()) {
        println!("skipped: advisories: cargo deny is not installed, or cannot fetch the list of them");
        return Ok(Tally { skipped: 1, ..Tally::default() });
    }
    component(grounds, "advisories", "deny", &["deny", "check", "--disable-fetch", "advisories"])
}

fn component(grounds: &Grounds, name: &str, tool: &str, words: &[&str]) -> Result<Tally> {
    if !answers("cargo", &[tool, "--version"]) {
        println!("skipped: {name}: cargo {tool} is not installed");
        return Ok(Tally { skipped: 1, ..Tally::default() });
    }
    Ok(check(name, stream(&mut grounds.cargo(words), |_| ())?.success()))
}

/// Runs test programs and adds up what they say; one that dies without a word counts as a failure.
fn libtest(command: &mut Command) -> Result<Tally> {
    let mut tally = Tally::default();
    let status = stream(command, |line| {
        if let Some(counted) = Tally::read_libtest(line) {
            tally += counted;
        } else if line.starts_with("skipped: ") {
            tally.skipped += 1;
        }
    })?;
    if !status.success() && tally.failed == 0 {
        tally.failed = 1;
    }
    Ok(tally)
}

struct TestProgram {
    path: PathBuf,
    home: PathBuf,
}

/// Asks cargo for the programs it built (and builds what is missing).
fn test_programs(grounds: &Grounds) -> Result<Vec<TestProgram>> {
    let mut cargo = grounds.cargo(&["test", "--workspace", "--locked", "--no-run", "--message-format=json"]);
    let built = cargo.stderr(Stdio::inherit()).output()?;
    ensure!(built.status.success(), "the tests do not build");
    let mut programs = Vec::new();
    for line in String::from_utf8(built.stdout)?.lines() {
        let message: Value = serde_json::from_str(line)?;
        let Some(path) = message["executable"].as_str() else { continue };
        let manifest =
            message["manifest_path"].as_str().context("cargo names the manifest of what it built")?;
        let home = Path::new(manifest).parent().context("a manifest lies in a folder")?;
        let is_test = message["profile"]["test"] == true;
        if is_test && REMEMBERING.iter().any(|package| home.ends_with(package)) {
            programs.push(TestProgram { path: path.into(), home: home.into() });
        }
    }
    Ok(programs)
}
