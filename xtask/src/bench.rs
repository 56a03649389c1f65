//! `cargo xtask bench token`: how many tokens a second, beside a constant answer of the same server and the bare signing rate
//! of this machine. Only ratios taken in the same round are worth comparing between machines or days.

mod action;
mod api;
mod clients;
mod double;
mod load;
mod login;
mod nodes;
mod report;
mod scenario;
pub mod seed;
mod sign;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};

use crate::scratch::Scratch;
use crate::server::Server;
use action::Action;
use api::Api;
use load::Load;
use report::{Report, Round};
use scenario::Scenario;
use seed::Seed;
use sign::Key;

/// Measures tokens and prints.
pub fn tokens(flags: &[&str]) -> Result<bool> {
    let plan = Plan::read(flags)?;
    in_release("token", flags, |binary| {
        let report = measure(binary, &plan)?;
        println!("{report}");
        if let Some(path) = &plan.json {
            std::fs::write(path, format!("{:#}\n", report.json()))?;
        }
        Ok(true)
    })
}

/// Measures logins and prints.
pub fn logins(flags: &[&str]) -> Result<bool> {
    let unknown = flags.iter().find(|flag| ["--clients", "--json"].contains(flag));
    if let Some(flag) = unknown {
        bail!("bench login has no {flag}: it takes --seconds and --rounds");
    }
    let plan = Plan::read(flags)?;
    in_release("login", flags, |binary| login::measure(binary, plan.duration, plan.rounds))
}

/// Measures two nodes beside one, and prints.
pub fn nodes(flags: &[&str]) -> Result<bool> {
    let (flags, is_debug) = without_debug(flags);
    let plan = Plan { clients: 1000, ..Plan::default() }.told(&flags)?;
    let measure = |binary: &Path| nodes::measure(binary, plan.clients, plan.duration, plan.rounds);
    if is_debug {
        let root = crate::root()?;
        cargo(&root, &["build", "--locked", "-p", "server"])?;
        return measure(&root.join("target/debug/countersign"));
    }
    in_release("nodes", &flags, measure)
}

/// Measures a server with more and more clients, and prints.
pub fn clients(flags: &[&str]) -> Result<bool> {
    let (flags, is_debug) = without_debug(flags);
    let (mut numbers, mut rest) = (MANY.to_vec(), Vec::new());
    for pair in flags.chunks(2) {
        match pair {
            ["--clients", list] => numbers = list.split(',').map(str::parse).collect::<Result<_, _>>()?,
            other => rest.extend(other),
        }
    }
    let plan = Plan::default().told(&rest)?;
    let root = crate::root()?;
    let (profile, folder) = if is_debug { (&[][..], "debug") } else { (&["--release"][..], "release") };
    let build = |words: &[&str]| cargo(&root, &[&["build", "--locked"], profile, words].concat());
    build(&["-p", "testkit", "--bin", "bench-clients"])?;
    let target = root.join("target");
    let measure = |server: &Path| {
        let programs = clients::Programs {
            server: server.to_owned(),
            filler: target.join(folder).join("bench-clients"),
        };
        clients::measure(&programs, &numbers, plan.duration)
    };
    if is_debug {
        build(&["-p", "server"])?;
        return measure(&target.join("debug/countersign"));
    }
    in_release("clients", &flags, measure)
}

/// Whether a debug build is to be measured, which only shows that the bench works.
fn without_debug<'a>(flags: &[&'a str]) -> (Vec<&'a str>, bool) {
    let rest: Vec<&str> = flags.iter().copied().filter(|word| *word != "--debug").collect();
    let is_debug = rest.len() < flags.len();
    (rest, is_debug)
}

const MANY: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// Measures test doubles and prints; each client is a tenant.
pub fn double(flags: &[&str]) -> Result<bool> {
    let plan = Plan::read(&[&["--clients", "1000", "--rounds", "50"], flags].concat())?;
    in_release("dev", flags, |binary| double::measure(binary, plan.rounds, plan.clients))
}

/// Measures a release binary in one; builds both and becomes the second first.
fn in_release(what: &str, flags: &[&str], measure: impl FnOnce(&Path) -> Result<bool>) -> Result<bool> {
    let root = crate::root()?;
    if !cfg!(debug_assertions) {
        return measure(&root.join("target/release/countersign"));
    }
    for package in ["server", "xtask"] {
        cargo(&root, &["build", "--release", "--locked", "-p", package])?;
    }
    let status =
        Command::new(root.join("target/release/xtask")).args(["bench", what]).args(flags).status()?;
    Ok(status.success())
}

/// Measures searches for people, in a release build; whether all are fast enough.
pub fn users(numbers: &[&str]) -> Result<bool> {
    let root = crate::root()?;
    cargo(&root, &["build", "--release", "--locked", "-p", "testkit", "--bin", "bench-users"])?;
    Ok(Command::new(root.join("target/release/bench-users")).args(numbers).status()?.success())
}

fn cargo(root: &Path, words: &[&str]) -> Result<()> {
    let status = Command::new("cargo").current_dir(root).args(words).status()?;
    ensure!(status.success(), "cargo {} failed", words.join(" "));
    Ok(())
}

fn measure(binary: &Path, plan: &Plan) -> Result<Report> {
    let scratch = Scratch::new("bench")?;
    let (idle_kib, second_start) = idle(binary, &scratch.path().join("idle"))?;

    let seed = Seed::new(plan.clients);
    let file = scratch.path().join("seed.yaml");
    std::fs::write(&file, seed.yaml())?;
    let server = Server::start_for_bench(binary, &scratch.path().join("data"), &file)?;
    eprintln!("seeded {} clients, serving after {:.1} s", plan.clients, server.started_in.as_secs_f64());

    let action = Action::deploy(Api::of(&server, binary)?)?;
    let mut rounds = Vec::new();
    for number in 1..=plan.rounds {
        eprintln!("round {number} of {}", plan.rounds);
        rounds.push(round(&server, &seed, &action, plan.duration)?);
    }
    // The server looks once a second.
    std::thread::sleep(Duration::from_secs(2));
    let lost = server.lost_log_events()?;
    Ok(Report { rounds, idle_kib, second_start, lost, clients: plan.clients, duration: plan.duration })
}

/// Every scenario once, and the bare signing rate in between.
fn round(server: &Server, seed: &Seed, action: &Action, duration: Duration) -> Result<Round> {
    let mut round = Round::default();
    for key in Key::ALL {
        round.signatures.push((key, sign::rate(key, duration)?));
    }
    for connections in CONNECTIONS {
        for scenario in Scenario::ALL {
            let requests = scenario.requests(&server.host, seed);
            action.bind(scenario == Scenario::Rs256Action)?;
            let load = Load { address: server.http, connections, duration, requests: &requests };
            let before = server.processor_time()?;
            let measured =
                load.run().with_context(|| format!("{} at {connections} connections", scenario.name()))?;
            let used = server.processor_time()?.saturating_sub(before);
            scenario.check(&measured.sample).with_context(|| format!("the answer to {}", scenario.name()))?;
            round.loads.push((scenario, connections, measured.figures(used)));
        }
    }
    Ok(round)
}

const CONNECTIONS: [usize; 2] = [16, 64];

/// Resident memory of a server with nothing to do, and how long its second start takes.
fn idle(binary: &Path, data: &Path) -> Result<(u64, Duration)> {
    let first = Server::start(binary, data)?;
    std::thread::sleep(Duration::from_secs(2));
    let kib = first.memory("VmRSS")?;
    first.stop()?;
    let second = Server::start(binary, data)?;
    Ok((kib, second.started_in))
}

/// What was asked for on the command line.
struct Plan {
    duration: Duration,
    clients: usize,
    rounds: usize,
    json: Option<PathBuf>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { duration: Duration::from_secs(5), clients: 10_000, rounds: 3, json: None }
    }
}

impl Plan {
    fn read(flags: &[&str]) -> Result<Self> {
        Self::default().told(flags)
    }

    /// What was asked for otherwise.
    fn told(mut self, flags: &[&str]) -> Result<Self> {
        let plan = &mut self;
        for pair in flags.chunks(2) {
            match pair {
                ["--seconds", value] => plan.duration = Duration::from_secs(value.parse()?),
                ["--clients", value] => plan.clients = value.parse()?,
                ["--rounds", value] => plan.rounds = value.parse()?,
                ["--json", path] => plan.json = Some(path.into()),
                other => bail!("not understood: {}", other.join(" ")),
            }
        }
        ensure!(
            plan.clients > 0 && plan.rounds > 0 && !plan.duration.is_zero(),
            "a bench needs at least one of each"
        );
        Ok(self)
    }
}
