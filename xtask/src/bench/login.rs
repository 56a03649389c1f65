//! `cargo xtask bench login`: how many people log in with their passwords in a second, beside how many passwords this
//! machine can hash with nothing around it, and what somebody waits for a token meanwhile.

use std::cell::RefCell;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde_json::json;

use super::api::Api;
use super::load::{Figures, Load};
use super::report::Spread;
use super::scenario::Scenario;
use super::seed::Seed;
use super::sign::on_all_cores;
use crate::attack::{Wire, percentile};
use crate::scratch::Scratch;
use crate::server::{Server, processor_time};

/// What one round measured.
struct Round {
    /// Bare hashes a second, and the processor time of each in milliseconds.
    hashes: (f64, f64),
    /// Logins, for each number of connections.
    rates: Vec<Figures>,
    /// What part of the processors asking took meanwhile.
    asking: Vec<f64>,
    /// How long a machine waits for a token while nobody logs in, and while people do.
    quiet: Vec<Duration>,
    busy: Vec<Duration>,
}

/// Measures, prints, and says whether the hash is all that counts.
pub fn measure(binary: &Path, duration: Duration, rounds: usize) -> Result<bool> {
    let scratch = Scratch::new("bench-login")?;
    let seed = Seed::new(1);
    let file = scratch.path().join("seed.yaml");
    std::fs::write(&file, seed.yaml())?;
    let server = Server::start_for_bench(binary, &scratch.path().join("data"), &file)?;
    let logins = logins(&Api::of(&server, binary)?, &server.host)?;
    let token = Scenario::Es256Many.requests(&server.host, &seed).pop().context("there is a client")?;

    let mut figures = Vec::new();
    for number in 1..=rounds {
        eprintln!("round {number} of {rounds}");
        let hashes = hashes(duration)?;
        let load = |connections| Load { address: server.http, connections, duration, requests: &logins };
        let (mut rates, mut asking) = (Vec::new(), Vec::new());
        let processors = thread::available_parallelism()?.get() as f64;
        for connections in CONNECTIONS {
            let (begun, before) = (Instant::now(), server.processor_time()?);
            let asked = processor_time(std::process::id())?;
            let measured = load(connections).run()?;
            let asked = processor_time(std::process::id())?.saturating_sub(asked);
            asking.push(asked.as_secs_f64() / begun.elapsed().as_secs_f64() / processors);
            rates.push(measured.figures(server.processor_time()?.saturating_sub(before)));
        }
        let quiet = caller(&server, &token, &|begun| begun.elapsed() >= duration)?;
        let is_over = AtomicBool::new(false);
        let busy = thread::scope(|scope| -> Result<_> {
            let caller = scope.spawn(|| caller(&server, &token, &|_| is_over.load(Ordering::Relaxed)));
            let loaded = load(CONNECTIONS[1]).run();
            is_over.store(true, Ordering::Relaxed);
            loaded?;
            caller.join().ok().context("the caller does not panic")?
        })?;
        figures.push(Round { hashes, rates, asking, quiet, busy });
    }

    let spread = |pick: &dyn Fn(&Round) -> f64| Spread::of(figures.iter().map(pick).collect());
    println!("{PEOPLE} people, {rounds} rounds of {} s each; median (min–max)\n", duration.as_secs());
    println!("hashes alone                     {} a second", spread(&|round| round.hashes.0).show(1));
    println!("  processor time each            {} ms", spread(&|round| round.hashes.1).show(2));
    let mut is_bound = true;
    for (n, connections) in CONNECTIONS.into_iter().enumerate() {
        let rate = spread(&|round| round.rates[n].per_second);
        let ratio = spread(&|round| round.rates[n].per_second / round.hashes.0);
        let (p50, p99) = (spread(&|round| round.rates[n].p50_ms), spread(&|round| round.rates[n].p99_ms));
        println!("logins, {connections:>2} connections           {} a second", rate.show(1));
        let asking = spread(&|round| round.asking[n]);
        println!("  / hashes alone                 {}, and asking takes {}", ratio.show(3), asking.show(3));
        println!("  p50, p99                       {} ms, {} ms", p50.show(0), p99.show(0));
        let used = spread(&|round| round.rates[n].processor_us / 1000.0);
        let share = spread(&|round| round.hashes.1 / (round.rates[n].processor_us / 1000.0));
        println!("  server's processor time each   {} ms", used.show(2));
        println!("  the hash's share of it         {}", share.show(3));
        is_bound &= share.median() >= BOUND;
    }
    let ms = |time: Duration| time.as_secs_f64() * 1000.0;
    for (what, percent) in [("p50", 50), ("p99", 99)] {
        let quiet = spread(&|round| ms(percentile(&round.quiet, percent)));
        let busy = spread(&|round| ms(percentile(&round.busy, percent)));
        println!(
            "a machine's token, {what}           {} ms; while people log in {} ms",
            quiet.show(2),
            busy.show(2)
        );
    }
    println!(
        "\nbound by the hash (at least {BOUND} of a login's processor time): {}",
        if is_bound { "yes" } else { "no" }
    );
    Ok(is_bound)
}

/// An application that takes passwords, people who have some, and the login of each.
fn logins(api: &Api, host: &str) -> Result<Vec<Vec<u8>>> {
    let client = json!({
        "name": "bench login", "app_type": "regular_web", "oidc_conformant": true, "grant_types": [GRANT],
        "token_endpoint_auth_method": "client_secret_post",
    });
    let client = api.call("POST", "/api/v2/clients", &client)?;
    let text = |name: &str| client[name].as_str().context("a new client has an id and a secret");
    let (id, secret) = (text("client_id")?, text("client_secret")?);
    let mut requests = Vec::new();
    for n in 0..PEOPLE {
        let email = format!("person{n}@bench.example");
        let person =
            json!({ "connection": REALM, "email": email, "password": PASSWORD, "email_verified": true });
        api.call("POST", "/api/v2/users", &person)?;
        let escaped = |text: &str| text.replace(':', "%3A").replace('/', "%2F").replace('@', "%40");
        let body = format!(
            "grant_type={}&realm={REALM}&client_id={id}&client_secret={secret}&username={}&password={PASSWORD}&scope=openid",
            escaped(GRANT),
            escaped(&email),
        );
        requests.push(
            format!(
                "POST /oauth/token HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .into_bytes(),
        );
    }
    Ok(requests)
}

/// Passwords hashed per second as the server does it, one thread on each core, and the processor time of each. Where
/// others use the machine too, only the second says something.
fn hashes(duration: Duration) -> Result<(f64, f64)> {
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| anyhow::anyhow!("{error}"))?;
    let blocks = params.block_count();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (begun, before) = (Instant::now(), processor_time(std::process::id())?);
    let rate = on_all_cores(duration, || {
        MEMORY.with_borrow_mut(|memory| {
            memory.resize(blocks, Block::default());
            let mut hash = [0; 32];
            let hashed = argon2.hash_password_into_with_memory(PASSWORD.as_bytes(), SALT, &mut hash, memory);
            hashed.map_err(|error| anyhow::anyhow!("{error}"))
        })
    })?;
    let used = processor_time(std::process::id())?.saturating_sub(before);
    Ok((rate, used.as_secs_f64() * 1000.0 / (rate * begun.elapsed().as_secs_f64())))
}

/// Somebody who asks for a token every few milliseconds until it is enough: what each took, sorted.
fn caller(server: &Server, request: &[u8], enough: &dyn Fn(Instant) -> bool) -> Result<Vec<Duration>> {
    let mut wire = Wire::connect(server.http)?;
    let (mut times, begun) = (Vec::new(), Instant::now());
    while !enough(begun) {
        let asked = Instant::now();
        let status = wire.ask(request)?;
        times.push(asked.elapsed());
        ensure!(status == 200, "a token was refused with {status}");
        thread::sleep(PAUSE);
    }
    times.sort_unstable();
    Ok(times)
}

thread_local! {
    /// What a thread hashes in, again and again.
    static MEMORY: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

const GRANT: &str = "http://auth0.com/oauth/grant-type/password-realm";
const REALM: &str = "Username-Password-Authentication";
const SALT: &[u8] = b"sixteen bytes...";
const PASSWORD: &str = "correct-horse-battery-staple-1A";
/// So many that nobody logs in twice at once.
const PEOPLE: usize = 128;
/// How many log in at once: few more than there are processors, and as many as wait in a rush.
const CONNECTIONS: [usize; 2] = [8, 64];
const PAUSE: Duration = Duration::from_millis(2);
/// What part of a login's processor time the hash must be. The rate alone says less: whoever asks is on this machine too.
const BOUND: f64 = 0.9;
