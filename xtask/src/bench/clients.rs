//! `cargo xtask bench clients`: what a server costs that holds so many clients, each with a grant: the time until it serves,
//! its memory, tokens for all of them, and what it takes to make one more.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::api::Api;
use super::load::{Figures, Load};
use super::scenario::Scenario;
use super::seed::{self, Seed};
use crate::scratch::Scratch;
use crate::server::Server;

/// The programs that this takes.
#[derive(Debug)]
pub struct Programs {
    pub server: PathBuf,
    /// Fills a store with clients.
    pub filler: PathBuf,
}

/// What was measured with so many clients.
struct Row {
    clients: usize,
    filled: Duration,
    started: Duration,
    /// Resident, and the most that ever was, in KiB.
    memory: (u64, u64),
    tokens: Figures,
    /// How long it took to make a client, the median of some.
    change: Duration,
}

/// Measures one number of clients after the other, and prints the table.
pub fn measure(programs: &Programs, numbers: &[usize], duration: Duration) -> Result<bool> {
    let mut rows = Vec::new();
    for &clients in numbers {
        rows.push(row(programs, clients, duration).with_context(|| format!("{clients} clients"))?);
        eprintln!("{clients} clients done");
    }
    println!(
        "| clients | filled in | serves after | resident | most | each | tokens a second | p50 | p99 | server µs | a change |"
    );
    println!("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
    // What the first has beside its clients is in all of them.
    let (fewest, least) =
        rows.first().map(|row| (row.clients, row.memory.0)).context("nothing to measure")?;
    for Row { clients, filled, started, memory: (resident, most), tokens, change } in &rows {
        let each = match clients - fewest {
            0 => "–".to_owned(),
            more => format!("{:.1} KiB", resident.saturating_sub(least) as f64 / more as f64),
        };
        println!(
            "| {clients} | {:.1} s | {:.2} s | {:.0} MiB | {:.0} MiB | {each} | {:.0} | {:.2} ms | {:.2} ms | {:.1} | {:.1} ms |",
            filled.as_secs_f64(),
            started.as_secs_f64(),
            *resident as f64 / 1024.0,
            *most as f64 / 1024.0,
            tokens.per_second,
            tokens.p50_ms,
            tokens.p99_ms,
            tokens.processor_us,
            change.as_secs_f64() * 1000.0,
        );
    }
    Ok(true)
}

fn row(programs: &Programs, clients: usize, duration: Duration) -> Result<Row> {
    let scratch = Scratch::new("bench-clients")?;
    let (data, seed) = (scratch.path().join("data"), Seed::new(clients));
    let file = scratch.path().join("seed.yaml");
    std::fs::write(&file, Seed::new(1).yaml())?;
    Server::start_for_bench(&programs.server, &data, &file)?.stop()?;
    let filled = fill(&programs.filler, &data, &seed, &scratch.path().join("credentials"))?;

    let server = Server::start(&programs.server, &data)?;
    // What was needed to read them all is given back meanwhile.
    std::thread::sleep(Duration::from_secs(2));
    let memory = (server.memory("VmRSS")?, server.memory("VmHWM")?);
    let requests = Scenario::Es256Many.requests(&server.host, &seed.spread(MOST_ASKING));
    let before = server.processor_time()?;
    let measured =
        Load { address: server.http, connections: CONNECTIONS, duration, requests: &requests }.run()?;
    let used = server.processor_time()?.saturating_sub(before);
    Scenario::Es256Many.check(&measured.sample)?;
    let api = Api::of(&server, &programs.server)?;
    let mut changes = (0..CHANGES).map(|number| change(&api, number)).collect::<Result<Vec<_>>>()?;
    changes.sort_unstable();
    let row = Row {
        clients,
        filled,
        started: server.started_in,
        memory,
        tokens: measured.figures(used),
        change: changes[changes.len() / 2],
    };
    server.stop()?;
    Ok(row)
}

fn fill(filler: &Path, data: &Path, seed: &Seed, credentials: &Path) -> Result<Duration> {
    let mut file = BufWriter::new(std::fs::File::create(credentials)?);
    for seed::Client { id, secret } in &seed.clients {
        writeln!(file, "{id} {secret}")?;
    }
    file.into_inner()?;
    let begun = Instant::now();
    let status = Command::new(filler).arg(data).arg(credentials).status()?;
    ensure!(status.success(), "the store could not be filled");
    Ok(begun.elapsed())
}

/// Makes a client, which the node follows before it answers.
fn change(api: &Api, number: usize) -> Result<Duration> {
    let begun = Instant::now();
    api.call("POST", "/api/v2/clients", &json!({ "name": format!("late {number}") }))?;
    Ok(begun.elapsed())
}

const CONNECTIONS: usize = 64;
/// How many of the clients ask, spread over all.
const MOST_ASKING: usize = 100_000;
const CHANGES: usize = 21;
