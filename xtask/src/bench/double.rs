//! What a test waits for: a double from the start of its process to the first token, and many tenants of one double.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use countersign_dev::{Server, Tenant};

/// Starts so many doubles, one after another, and then one with so many tenants; whether the first token comes soon enough.
pub fn measure(binary: &Path, starts: usize, tenants: usize) -> Result<bool> {
    let mut waits = (0..starts).map(|_| first_token(binary)).collect::<Result<Vec<_>>>()?;
    let mut bare = (0..starts).map(|_| nothing(binary)).collect::<Result<Vec<_>>>()?;
    waits.sort();
    bare.sort();
    let at = |sorted: &[Duration], percent: usize| ms(sorted[(sorted.len() - 1) * percent / 100]);
    println!("from the start of the process to a token, {starts} times:");
    println!(
        "  median {:.1} ms, p90 {:.1} ms, worst {:.1} ms",
        at(&waits, 50),
        at(&waits, 90),
        at(&waits, 100)
    );
    println!("  of which the process itself (--version): median {:.1} ms", at(&bare, 50));

    let server = Server::with(binary).start()?;
    let before = resident_kib(&server)?;
    let begun = Instant::now();
    let made = (0..tenants).map(|_| server.new_tenant()).collect::<Result<Vec<Tenant>, _>>()?;
    let making = begun.elapsed();
    let begun = Instant::now();
    for tenant in &made {
        tenant.token()?;
    }
    let asking = begun.elapsed();
    let after = resident_kib(&server)?;
    println!("{tenants} tenants side by side in one process, each with a port of its own:");
    println!("  made in {:.1} s, {:.2} ms each", making.as_secs_f64(), ms(making) / tenants as f64);
    println!(
        "  a token from each in {:.1} s, {:.2} ms each",
        asking.as_secs_f64(),
        ms(asking) / tenants as f64
    );
    let each = after.saturating_sub(before) / tenants as u64;
    println!("  {} MiB resident, {} before them: {each} KiB each", after / 1024, before / 1024);
    Ok(at(&waits, 50) < LONGEST_WAIT)
}

fn first_token(binary: &Path) -> Result<Duration> {
    let begun = Instant::now();
    let server = Server::with(binary).start()?;
    server.tenant().token()?;
    Ok(begun.elapsed())
}

/// How long a process of the same program takes to do nothing.
fn nothing(binary: &Path) -> Result<Duration> {
    let begun = Instant::now();
    let status = Command::new(binary).arg("--version").stdout(Stdio::null()).status()?;
    ensure!(status.success(), "--version failed");
    Ok(begun.elapsed())
}

fn resident_kib(server: &Server) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid()))?;
    let line =
        status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the kernel reports VmRSS")?;
    Ok(line.split_whitespace().next().context("VmRSS has a value")?.parse()?)
}

fn ms(span: Duration) -> f64 {
    span.as_secs_f64() * 1e3
}

/// In milliseconds.
const LONGEST_WAIT: f64 = 50.0;
