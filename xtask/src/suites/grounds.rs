//! What the suites share: the checkout, the server binary, the throw-away PostgreSQL. Each is made when first asked for.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};

use super::failures;
use crate::postgres::{self, Encrypted, Postgres};
use crate::tally::Tally;

/// The ground the suites stand on.
pub struct Grounds {
    /// The folder this checkout lies in.
    pub root: PathBuf,
    postgres: Option<Postgres>,
    encrypted: Option<Encrypted>,
}

impl Grounds {
    pub fn new() -> Result<Self> {
        Ok(Self { root: crate::root()?, postgres: None, encrypted: None })
    }

    /// The address of a database in the throw-away cluster, or `None` where PostgreSQL is not installed.
    pub fn database(&mut self, name: &str) -> Result<Option<String>> {
        if self.postgres.is_none() {
            let Some(programs) = postgres::programs() else { return Ok(None) };
            println!("starting PostgreSQL from {}", programs.display());
            self.postgres = Some(Postgres::start(
                &programs,
                &["tests", "durability", "revocation", "streams", "spread"],
            )?);
        }
        Ok(self.postgres.as_ref().map(|cluster| cluster.url(name)))
    }

    /// A cluster that speaks TLS, or `None` where PostgreSQL is not installed.
    pub fn encrypted(&mut self) -> Result<Option<&Encrypted>> {
        if self.encrypted.is_none() {
            self.encrypted = postgres::programs().map(|programs| Encrypted::start(&programs)).transpose()?;
        }
        Ok(self.encrypted.as_ref())
    }

    /// The server, as the sources and the built dashboard are now.
    pub fn binary(&self) -> Result<PathBuf> {
        let built = self.cargo(&["build", "-p", "server", "--locked"]).status()?;
        ensure!(built.success(), "the server does not build");
        Ok(self.root.join("target/debug/countersign"))
    }

    /// Cargo in this checkout.
    pub fn cargo(&self, words: &[&str]) -> Command {
        let mut cargo = self.command("cargo");
        cargo.args(words);
        cargo
    }

    /// A program run in this checkout, on SQLite unless told otherwise.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        command.current_dir(&self.root).env_remove("TEST_DATABASE").env_remove("TEST_DATABASE_TLS");
        command
    }
}

/// Runs a command, passes its standard output through as it comes, and shows each line to `see`. Tests that it says failed
/// are kept, to be named once more at the end.
pub fn stream(command: &mut Command, mut see: impl FnMut(&str)) -> Result<ExitStatus> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context(name)?;
    let mut output = BufReader::new(child.stdout.take().context("standard output was asked for")?);
    let mut line = Vec::new();
    while output.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        failures::note(text.trim_end());
        see(text.trim_end());
        line.clear();
    }
    Ok(child.wait()?)
}

/// Says whether something that is demanded holds, and counts it.
pub fn check(name: &str, passed: bool) -> Tally {
    let said = format!("{name} {}", if passed { "passed" } else { "FAILED" });
    println!("{said}");
    failures::note(&said);
    Tally::of(passed)
}

/// Whether a program is there and answers.
pub fn answers(program: &str, words: &[&str]) -> bool {
    let quiet = Command::new(program).args(words).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}
