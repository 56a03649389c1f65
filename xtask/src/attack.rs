//! `cargo xtask attack`: a hundred thousand guesses at one client's secret, from a thousand addresses, while the client
//! goes on asking for tokens. What its caller waits is measured before, meanwhile and afterwards, in one run on one
//! machine; the attack must not add more than ten milliseconds at the 99th percentile, and not refuse it once.

mod http;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    bench::seed::{Client, ES256, Seed},
    scratch::Scratch,
    server::Server,
};
pub use http::Wire;

/// Builds the server, attacks it and prints what came of it; true if nobody was held up.
pub fn run(flags: &[&str]) -> Result<bool> {
    let (mut guesses, mut release) = (100_000, false);
    let mut words = flags.iter();
    while let Some(word) = words.next() {
        match *word {
            "--guesses" => guesses = words.next().context("--guesses wants a number")?.parse()?,
            "--release" => release = true,
            other => bail!("not understood: {other}"),
        }
    }
    let root = crate::root()?;
    let profile = if release { &["--release"][..] } else { &[] };
    let built = Command::new("cargo")
        .current_dir(&root)
        .args(["build", "--locked", "-p", "server"])
        .args(profile)
        .status()?;
    ensure!(built.success(), "the server does not build");
    let folder = if release { "release" } else { "debug" };
    simulate(&root.join("target").join(folder).join("countersign"), guesses)
}

fn simulate(binary: &Path, guesses: usize) -> Result<bool> {
    let scratch = Scratch::new("attack")?;
    let seed = Seed::new(2);
    let file = scratch.path().join("seed.yaml");
    std::fs::write(&file, seed.yaml())?;
    let server = Server::start_behind_a_proxy(binary, &scratch.path().join("data"), &file)?;
    let scene = Scene { address: server.http, host: server.host.clone(), client: &seed.clients[0] };

    let times = scene.refusals()?;
    println!("a wrong secret is refused in {}, an unknown client in {} (median)", ms(times.0), ms(times.1));

    let before = scene.good_caller(&|so_far| so_far >= QUIET)?;
    let (is_over, made) = (AtomicBool::new(false), AtomicUsize::new(0));
    let begun = Instant::now();
    let (meanwhile, statuses) = thread::scope(|scope| -> Result<_> {
        let attackers: Vec<_> =
            (0..ATTACKERS).map(|_| scope.spawn(|| scene.attack(&made, guesses))).collect();
        let good = scope.spawn(|| scene.good_caller(&|_| is_over.load(Ordering::Relaxed)));
        let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
        for attacker in attackers {
            for (status, times) in attacker.join().map_err(|_| anyhow::anyhow!("an attacker panicked"))?? {
                *statuses.entry(status).or_default() += times;
            }
        }
        is_over.store(true, Ordering::Relaxed);
        let good = good.join().map_err(|_| anyhow::anyhow!("the good caller panicked"))??;
        Ok((good, statuses))
    })?;
    let took = begun.elapsed();
    let after = scene.good_caller(&|so_far| so_far >= QUIET)?;
    ensure!(!statuses.contains_key(&200), "a guess was answered with a token");

    let rate = guesses as f64 / took.as_secs_f64();
    println!(
        "{guesses} guesses from {ADDRESSES} addresses in {:.1} s, {rate:.0} a second: {statuses:?}",
        took.as_secs_f64()
    );
    for (name, times) in [("before", &before), ("meanwhile", &meanwhile), ("afterwards", &after)] {
        println!(
            "the good caller {name}: {} requests, all granted, p50 {}, p99 {}",
            times.len(),
            ms(percentile(times, 50)),
            ms(percentile(times, 99))
        );
    }
    let quiet = percentile(&before, 99).max(percentile(&after, 99));
    let added = percentile(&meanwhile, 99).saturating_sub(quiet);
    println!("the attack added {} at p99; at most {} are allowed", ms(added), ms(ALLOWED));
    Ok(added <= ALLOWED)
}

/// A server, the client that is attacked, and its one good caller.
struct Scene<'a> {
    address: SocketAddr,
    host: String,
    client: &'a Client,
}

impl Scene<'_> {
    /// Asks for a token every few milliseconds until it has had enough; answers how long each took, sorted.
    fn good_caller(&self, enough: &(dyn Fn(Duration) -> bool + Sync)) -> Result<Vec<Duration>> {
        let mut wire = Wire::connect(self.address)?;
        let request = self.request(&self.client.id, &self.client.secret, &[("x-forwarded-for", GOOD)]);
        let (mut times, begun) = (Vec::new(), Instant::now());
        while !enough(begun.elapsed()) {
            let asked = Instant::now();
            let status = wire.ask(&request)?;
            times.push(asked.elapsed());
            ensure!(status == 200, "the good caller was answered {status}");
            thread::sleep(PAUSE);
        }
        times.sort_unstable();
        Ok(times)
    }

    /// Guesses until all have been made, each from the next address, some of them pretending to be the good caller.
    fn attack(&self, made: &AtomicUsize, guesses: usize) -> Result<BTreeMap<u16, usize>> {
        let mut wire = Wire::connect(self.address)?;
        let mut statuses = BTreeMap::new();
        loop {
            let n = made.fetch_add(1, Ordering::Relaxed);
            if n >= guesses {
                return Ok(statuses);
            }
            let from = format!("10.{}.{}.9", n % ADDRESSES / 250, n % ADDRESSES % 250);
            let chain = format!("{GOOD}, {from}");
            let said = if n.is_multiple_of(2) { from.as_str() } else { chain.as_str() };
            let headers = [("x-forwarded-for", said), ("auth0-forwarded-for", GOOD)];
            let request = self.request(&self.client.id, &format!("guess {n}"), &headers);
            *statuses.entry(wire.ask(&request)?).or_default() += 1;
        }
    }

    /// How long a refusal takes where nobody is held up: of a client that exists, and of one that does not.
    fn refusals(&self) -> Result<(Duration, Duration)> {
        let mut wire = Wire::connect(self.address)?;
        let mut times = [Vec::new(), Vec::new()];
        for n in 0..2 * REFUSALS {
            let unknown = n % 2;
            let from = format!("172.{}.{}.9", 16 + n / 250, n % 250);
            let id = if unknown == 0 { self.client.id.clone() } else { "x".repeat(self.client.id.len()) };
            let request = self.request(&id, &"y".repeat(64), &[("x-forwarded-for", &from)]);
            let asked = Instant::now();
            let status = wire.ask(&request)?;
            times[unknown].push(asked.elapsed());
            ensure!(status == 401, "a first guess was answered {status}");
        }
        times.iter_mut().for_each(|times| times.sort_unstable());
        Ok((percentile(&times[0], 50), percentile(&times[1], 50)))
    }

    fn request(&self, id: &str, secret: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let body = format!(
            "grant_type=client_credentials&client_id={id}&client_secret={}&audience={}",
            secret.replace(' ', "+"),
            ES256.audience
        );
        let mut request = format!(
            "POST /oauth/token HTTP/1.1\r\nhost: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
             content-length: {}\r\n",
            self.host,
            body.len()
        );
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        request.push_str(&body);
        request.into_bytes()
    }
}

/// Of sorted times the one that so many percent do not exceed.
pub fn percentile(times: &[Duration], percent: usize) -> Duration {
    let last = times.len().saturating_sub(1);
    times.get(last * percent / 100).copied().unwrap_or_default()
}

fn ms(time: Duration) -> String {
    format!("{:.3} ms", time.as_secs_f64() * 1000.0)
}

/// How much the attack may add to what the good caller waits at the 99th percentile.
const ALLOWED: Duration = Duration::from_millis(10);
/// For how long it is measured without an attack, before and after.
const QUIET: Duration = Duration::from_secs(4);
const PAUSE: Duration = Duration::from_millis(2);
const GOOD: &str = "203.0.113.5";
const ADDRESSES: usize = 1_000;
const ATTACKERS: usize = 8;
const REFUSALS: usize = 1_000;
