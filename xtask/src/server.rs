//! The product as a chore sees it: a binary that is started on a folder, says where it listens, and is stopped again.

use std::fs::{self, File};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// A running server; dropping it stops it.
#[derive(Debug)]
pub struct Server {
    child: Child,
    data: PathBuf,
    /// Where plain HTTP is served.
    pub http: SocketAddr,
    /// The host under which the default tenant is reached.
    pub host: String,
    /// From the start of the process to the first word that it serves.
    pub started_in: Duration,
}

/// One of several servers on a database.
#[derive(Debug)]
pub struct Node<'a> {
    pub url: &'a str,
    pub seed: Option<&'a Path>,
    /// The only one it runs on, by number.
    pub processor: usize,
}

impl Server {
    /// Starts `binary` on the folder `data` and waits until it serves.
    pub fn start(binary: &Path, data: &Path) -> Result<Self> {
        Self::run(Command::new(binary).arg("serve"), data)
    }

    /// The same with a seed, and with the constant answer at `/bench/constant`.
    pub fn start_for_bench(binary: &Path, data: &Path, seed: &Path) -> Result<Self> {
        let mut command = Command::new(binary);
        Self::run(command.env("COUNTERSIGN_BENCH", "true").arg("serve").arg("--seed").arg(seed), data)
    }

    /// The same with a seed, and believing what this machine forwards.
    pub fn start_behind_a_proxy(binary: &Path, data: &Path, seed: &Path) -> Result<Self> {
        let mut command = Command::new(binary);
        let proxies = r#"["127.0.0.1"]"#;
        Self::run(
            command.env("COUNTERSIGN_TRUSTED_PROXIES", proxies).arg("serve").arg("--seed").arg(seed),
            data,
        )
    }

    /// Starts one of several nodes, on a processor of its own where this machine lets us choose.
    pub fn start_node(binary: &Path, data: &Path, node: &Node<'_>) -> Result<Self> {
        let bound = Command::new("taskset").args(["-c", &node.processor.to_string(), "true"]).output();
        let mut command = match bound.is_ok_and(|tried| tried.status.success()) {
            true => {
                let mut command = Command::new("taskset");
                command.arg("-c").arg(node.processor.to_string()).arg(binary);
                command
            }
            false => Command::new(binary),
        };
        command.args(["serve", "--domain", "idp.example", "--database", node.url]);
        if let Some(seed) = node.seed {
            command.arg("--seed").arg(seed);
        }
        Self::run(&mut command, data)
    }

    fn run(command: &mut Command, data: &Path) -> Result<Self> {
        fs::create_dir_all(data)?;
        let (announcement, log) = (data.join("run.json"), data.with_extension("log"));
        if announcement.exists() {
            fs::remove_file(&announcement)?;
        }
        let (out, err) = (File::create(&log)?, File::options().append(true).open(&log)?);
        command.args(["--listen", "127.0.0.1:0", "--tls-listen", "127.0.0.1:0", "--data-dir"]).arg(data);
        let begun = Instant::now();
        let mut child = command.stdout(out).stderr(err).spawn()?;
        match wait(&mut child, &announcement, begun) {
            Ok((http, host, started_in)) => {
                Ok(Self { child, data: data.to_path_buf(), http, host, started_in })
            }
            Err(error) => {
                child.kill()?;
                child.wait()?;
                Err(error.context(tail(&log)))
            }
        }
    }

    /// How many log events the server says it had to drop.
    pub fn lost_log_events(&self) -> Result<u64> {
        let log = fs::read_to_string(self.data.with_extension("log"))?;
        let lost = log.lines().filter(|line| line.contains("these events are lost"));
        Ok(lost.filter_map(|line| line.rsplit_once("events=")?.1.trim().parse::<u64>().ok()).sum())
    }

    /// A Management API token, printed by the binary's own `admin token`.
    pub fn admin_token(&self, binary: &Path) -> Result<String> {
        let printed = Command::new(binary).args(["admin", "token", "--data-dir"]).arg(&self.data).output()?;
        ensure!(printed.status.success(), "admin token: {}", String::from_utf8_lossy(&printed.stderr));
        Ok(String::from_utf8(printed.stdout)?.trim().to_owned())
    }

    /// The processor time that it has used, without that of the processes in which customers' code runs.
    pub fn processor_time(&self) -> Result<Duration> {
        processor_time(self.pid())
    }

    /// What the kernel says of its memory under a name such as `VmRSS`, in KiB.
    pub fn memory(&self, name: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let line = line.with_context(|| format!("the kernel reports {name}"))?;
        Ok(line.split_whitespace().next().context("it has a value")?.parse()?)
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop and waits until it has.
    pub fn stop(mut self) -> Result<()> {
        let asked = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.pid())]).status()?;
        ensure!(asked.success(), "cannot signal the server");
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.child.try_wait()?.is_none() {
            ensure!(Instant::now() < deadline, "the server did not stop within 20 seconds");
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only when it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The processor time that a process has used.
pub fn processor_time(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, which may hold anything, ends with the last parenthesis; user and system time are fields 14 and 15.
    let (_, fields) = stat.rsplit_once(')').context("a process has a name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    Ok(Duration::from_millis(ticks.sum::<Result<u64, _>>()? * MS_PER_TICK))
}

/// How long a start may take: a million clients are read first, perhaps by a debug build.
const PATIENCE: Duration = Duration::from_secs(600);
/// The kernel counts processor time for people in hundredths of a second.
const MS_PER_TICK: u64 = 10;

fn wait(child: &mut Child, announcement: &Path, begun: Instant) -> Result<(SocketAddr, String, Duration)> {
    loop {
        // The file may be seen half-written: what does not parse is not there yet.
        let text = fs::read_to_string(announcement).unwrap_or_default();
        if let Ok(run) = serde_json::from_str::<Value>(&text) {
            let started_in = begun.elapsed();
            let http = run["http"].as_str().context("run.json names no http address")?;
            let issuer = run["issuer"].as_str().context("run.json names no issuer")?;
            let host = issuer.trim_start_matches("https://").trim_end_matches('/');
            return Ok((http.parse()?, host.to_owned(), started_in));
        }
        if let Some(status) = child.try_wait()? {
            bail!("the server stopped at its start: {status}");
        }
        ensure!(begun.elapsed() < PATIENCE, "the server did not serve within {} s", PATIENCE.as_secs());
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    format!("its last words:\n{}", lines[lines.len().saturating_sub(20)..].join("\n"))
}
