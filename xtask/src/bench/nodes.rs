//! `cargo xtask bench nodes`: how many tokens two nodes on one PostgreSQL issue beside one alone. Each node is kept to a
//! processor of its own, so that one alone does not take the place of both; what drives them, and PostgreSQL, which writes a
//! log event for each token, take what is left.

use std::path::Path;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::load::{Figures, Load};
use super::report::Spread;
use super::scenario::Scenario;
use super::seed::Seed;
use crate::postgres::{self, Postgres};
use crate::scratch::Scratch;
use crate::server::{Node, Server};

/// What one round measured of one kind of token.
struct Round {
    one: Figures,
    two: [Figures; 2],
}

/// Measures, and prints the table.
pub fn measure(binary: &Path, clients: usize, duration: Duration, rounds: usize) -> Result<bool> {
    let programs = postgres::programs().context("initdb and postgres are not installed")?;
    let cluster = Postgres::start(&programs, &["nodes"])?;
    let (scratch, url) = (Scratch::new("bench-nodes")?, cluster.url("nodes"));
    let seed = Seed::new(clients);
    let file = scratch.path().join("seed.yaml");
    std::fs::write(&file, seed.yaml())?;
    let folders = ["a", "b"].map(|name| scratch.path().join(name));
    let first =
        Server::start_node(binary, &folders[0], &Node { url: &url, seed: Some(&file), processor: 0 })?;
    eprintln!("seeded {clients} clients, serving after {:.1} s", first.started_in.as_secs_f64());
    std::fs::create_dir(&folders[1])?;
    std::fs::copy(folders[0].join("master.key"), folders[1].join("master.key"))?;
    let second = Server::start_node(binary, &folders[1], &Node { url: &url, seed: None, processor: 1 })?;

    let mut figures = [Vec::new(), Vec::new()];
    for number in 1..=rounds {
        eprintln!("round {number} of {rounds}");
        for (scenario, figures) in SCENARIOS.into_iter().zip(&mut figures) {
            let requests = scenario.requests(&first.host, &seed);
            let ask = |server| load(server, scenario, &requests, duration);
            let one = ask(&first)?;
            let two = thread::scope(|scope| -> Result<_> {
                let beside = scope.spawn(|| ask(&second));
                let one = ask(&first)?;
                Ok([one, beside.join().ok().context("a load does not panic")??])
            })?;
            figures.push(Round { one, two });
        }
    }
    // The servers look once a second.
    thread::sleep(Duration::from_secs(2));
    let lost = first.lost_log_events()? + second.lost_log_events()?;

    let processors = thread::available_parallelism()?;
    println!(
        "{clients} clients, {processors} processors, {rounds} rounds of {} s each; median (min–max)\n",
        duration.as_secs()
    );
    println!("| | one node | two nodes | ratio | server µs each, one node | two nodes |");
    println!("|---|---:|---:|---:|---:|---:|");
    for (scenario, figures) in SCENARIOS.into_iter().zip(&figures) {
        let spread = |pick: &dyn Fn(&Round) -> f64| Spread::of(figures.iter().map(pick).collect());
        let both = |round: &Round| round.two.iter().map(|figures| figures.per_second).sum::<f64>();
        println!(
            "| {} | {} | {} | {} | {} | {} |",
            scenario.name(),
            spread(&|round| round.one.per_second).show(0),
            spread(&both).show(0),
            spread(&|round| both(round) / round.one.per_second).show(2),
            spread(&|round| round.one.processor_us).show(1),
            spread(&|round| round.two.iter().map(|figures| figures.processor_us).sum::<f64>() / 2.0).show(1),
        );
    }
    println!("\nlog events lost in all rounds: {lost}");
    for server in [first, second] {
        server.stop()?;
    }
    Ok(true)
}

fn load(server: &Server, scenario: Scenario, requests: &[Vec<u8>], duration: Duration) -> Result<Figures> {
    let before = server.processor_time()?;
    let measured = Load { address: server.http, connections: CONNECTIONS, duration, requests }.run()?;
    let used = server.processor_time()?.saturating_sub(before);
    scenario.check(&measured.sample)?;
    let figures = measured.figures(used);
    ensure!(figures.per_second > 0.0, "no token at all");
    Ok(figures)
}

const SCENARIOS: [Scenario; 2] = [Scenario::Rs256Many, Scenario::Es256Many];
const CONNECTIONS: usize = 32;
