//! What strangers may send, made up by a machine for a while: each target of `fuzz/` from its kept corpus onwards. What is
//! found beside it lives as long as the run; a crash is kept in `fuzz/artifacts`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use super::grounds::{Grounds, answers, stream};
use super::{Outcome, failures};
use crate::scratch::Scratch;
use crate::tally::Tally;

/// How long each target runs, in seconds, unless the environment says otherwise.
const SECONDS: u32 = 10;
const SECONDS_VARIABLE: &str = "FUZZ_SECONDS";
/// In MiB: what needs more has found a bomb.
const MEMORY: u32 = 2048;

/// Builds the targets and runs one after another.
pub fn run(grounds: &mut Grounds) -> Result<Outcome> {
    if !answers("cargo", &["+nightly", "--version"]) {
        return Ok(Outcome::Skipped("a nightly toolchain is not installed".into()));
    }
    if !has_cargo_fuzz() {
        println!("installing cargo-fuzz");
        let _ = stream(&mut grounds.cargo(&["install", "cargo-fuzz", "--locked", "--quiet"]), |_| ());
        if !has_cargo_fuzz() {
            return Ok(Outcome::Skipped("cargo-fuzz is not installed and cannot be fetched".into()));
        }
    }
    if !stream(&mut fuzz(grounds, &["build"]), |_| ())?.success() {
        println!("fuzz: the targets do not build");
        return Ok(Outcome::Ran(Tally::of(false)));
    }
    // `cargo fuzz run` would build again for each of them.
    let host = grounds.command("rustc").args(["+nightly", "--print", "host-tuple"]).output()?;
    let host = String::from_utf8(host.stdout).context("rustc names its host")?;
    let built = grounds.root.join("fuzz/target").join(host.trim()).join("release");
    let scratch = Scratch::new("fuzz")?;
    let mut total = Tally::default();
    for target in targets(grounds)? {
        total += run_one(grounds, &target, &built.join(&target), &scratch)?;
    }
    Ok(Outcome::Ran(total))
}

fn run_one(grounds: &Grounds, target: &str, program: &Path, scratch: &Scratch) -> Result<Tally> {
    let fuzz = grounds.root.join("fuzz");
    let (found, artifacts) = (scratch.path().join(target), fuzz.join("artifacts").join(target));
    std::fs::create_dir(&found)?;
    std::fs::create_dir_all(&artifacts)?;
    let mut command = grounds.command(program);
    command.arg(&found).arg(fuzz.join("corpus").join(target));
    command.arg(format!("-max_total_time={}", seconds())).arg(format!("-rss_limit_mb={MEMORY}"));
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    command.args(["-timeout=60", "-verbosity=0", "-print_final_stats=1"]);
    // The servers of a target leave their stores behind when its process ends.
    let ran =
        command.env("TMPDIR", scratch.path()).output().with_context(|| program.display().to_string())?;
    let said = String::from_utf8_lossy(&ran.stderr);
    let passed = ran.status.success();
    if !passed {
        println!("{said}");
    }
    let tried = said.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    let (tried, word) = (tried.unwrap_or("0").trim(), if passed { "passed" } else { "FAILED" });
    println!("fuzz {target} {word}: {tried} inputs");
    if !passed {
        failures::note(&format!("{target} FAILED"));
    }
    Ok(Tally::of(passed))
}

fn targets(grounds: &Grounds) -> Result<Vec<String>> {
    let listed = fuzz(grounds, &["list"]).output()?;
    let listed = String::from_utf8(listed.stdout).context("cargo fuzz lists its targets")?;
    Ok(listed.lines().map(str::to_owned).collect())
}

fn fuzz(grounds: &Grounds, words: &[&str]) -> Command {
    let mut cargo = grounds.cargo(&["+nightly", "fuzz"]);
    cargo.args(words);
    cargo
}

fn has_cargo_fuzz() -> bool {
    answers("cargo", &["+nightly", "fuzz", "--version"])
}

fn seconds() -> u32 {
    let given = std::env::var_os(SECONDS_VARIABLE);
    given.and_then(|seconds| seconds.to_str()?.parse().ok()).unwrap_or(SECONDS)
}
