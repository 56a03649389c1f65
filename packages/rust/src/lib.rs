//! Starts `countersign dev`, waits for it and speaks its control API. Nothing here waits on an async runtime; each call
//! takes about a millisecond. The server ends with the process that started it.
//!
//! ```no_run
//! # fn main() -> Result<(), countersign_dev::Error> {
//! let server = countersign_dev::Server::start()?;
//! let tenant = server.new_tenant()?;
//! tenant.fault(countersign_dev::Fault::status(429).path("/oauth/token"))?;
//! assert_eq!(tenant.token().unwrap_err().status, Some(429));
//! # Ok(())
//! # }
//! ```

mod clock;
mod control;
mod fault;
mod tenant;

use std::{
    fmt,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde::Deserialize;

pub use crate::{
    clock::Clock,
    fault::{Fault, Waiting},
    tenant::{NewTenant, Tenant},
};
use crate::{control::Control, tenant::Told};

/// How a server is started.
#[derive(Debug)]
pub struct Builder {
    command: Command,
    patience: Duration,
}

/// A running server; dropping it stops it, and nothing is left behind.
#[derive(Debug)]
pub struct Server {
    child: Child,
    run: Run,
    control: Control,
}

/// Where everything is.
#[derive(Debug, Deserialize)]
struct Run {
    control: String,
    ca: Option<PathBuf>,
    tenant: Told,
}

/// Why something did not happen.
#[derive(Debug)]
pub struct Error {
    pub message: String,
    /// The status with which the server refused.
    pub status: Option<u16>,
}

impl Server {
    /// Starts the program that `COUNTERSIGN_BINARY` names, or `countersign` on the path.
    pub fn start() -> Result<Server, Error> {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is no part of the server, and has no configuration"
        )]
        let program = std::env::var("COUNTERSIGN_BINARY").unwrap_or_else(|_| "countersign".into());
        Server::with(program).start()
    }

    /// Starts another program, or with more than is usual.
    pub fn with(program: impl AsRef<Path>) -> Builder {
        let mut command = Command::new(program.as_ref());
        command.args(["dev", "--json", "--stop-with-stdin"]);
        // What configures another server is not for this one.
        let names = std::env::vars_os().map(|(name, _)| name);
        names.filter(|name| name.as_encoded_bytes().starts_with(b"COUNTERSIGN_")).for_each(|name| {
            command.env_remove(name);
        });
        Builder { command, patience: Duration::from_secs(30) }
    }

    /// A tenant of one's own.
    pub fn new_tenant(&self) -> Result<Tenant, Error> {
        self.tenant_with(&NewTenant::default())
    }

    /// The same, with this.
    pub fn tenant_with(&self, wanted: &NewTenant) -> Result<Tenant, Error> {
        Ok(Tenant::new(self.control.clone(), self.control.send("POST", "/tenants", Some(wanted))?))
    }

    /// The tenant that is there from the start, and has what the seed says.
    pub fn tenant(&self) -> Tenant {
        Tenant::new(self.control.clone(), self.run.tenant.clone())
    }

    /// The clock of the server and of all its tenants.
    pub fn clock(&self) -> Clock {
        Clock::new(self.control.clone(), "/clock".into())
    }

    /// Where the control API is.
    pub fn control(&self) -> &str {
        &self.run.control
    }

    /// The file of the authority that HTTPS clients have to believe.
    pub fn ca(&self) -> Option<&Path> {
        self.run.ca.as_deref()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }
}

impl Builder {
    /// A tenant export for the default tenant.
    #[must_use]
    pub fn seed(mut self, file: impl AsRef<Path>) -> Self {
        self.command.arg("--seed").arg(file.as_ref());
        self
    }

    /// A further word of the command line.
    #[must_use]
    pub fn arg(mut self, word: &str) -> Self {
        self.command.arg(word);
        self
    }

    /// A variable of its environment, such as `COUNTERSIGN_LOG`.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// How long it is waited for.
    #[must_use]
    pub fn patience(self, patience: Duration) -> Self {
        Builder { patience, ..self }
    }

    /// Starts it and waits until it serves.
    pub fn start(mut self) -> Result<Server, Error> {
        self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.command.spawn().map_err(|error| Error::from(format!("not started: {error}")))?;
        match announced(&mut child, self.patience) {
            Ok(run) => Ok(Server { control: Control::new(&run.control), child, run }),
            Err(error) => {
                // It may have ended by itself.
                let _ = child.kill();
                let _ = child.wait();
                Err(error)
            }
        }
    }
}

/// The line with which the server says where everything is. What it says afterwards of itself goes to standard error.
fn announced(child: &mut Child, patience: Duration) -> Result<Run, Error> {
    let (Some(out), Some(err)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Error::from("its output is not to be had".to_owned()));
    };
    let (tells, told) = mpsc::channel();
    thread::spawn(move || {
        let (mut out, mut line) = (BufReader::new(out), String::new());
        let read = out.read_line(&mut line);
        // Nobody waits any more, then.
        let _ = tells.send(read.map(|_| line));
        let _ = std::io::copy(&mut out, &mut std::io::sink());
    });
    let line = match told.recv_timeout(patience) {
        Ok(line) => line.map_err(|error| Error::from(error.to_string()))?,
        Err(_) => return Err(Error::from(format!("it said nothing within {} s", patience.as_secs()))),
    };
    if line.is_empty() {
        let mut said = String::new();
        let _ = BufReader::new(err).read_to_string(&mut said);
        return Err(Error::from(format!("it stopped: {}", said.trim())));
    }
    thread::spawn(move || std::io::copy(&mut BufReader::new(err), &mut std::io::stderr()));
    serde_json::from_str(&line).map_err(|error| Error::from(format!("it said {line:?}: {error}")))
}

impl Drop for Server {
    fn drop(&mut self) {
        // It stops when its standard input ends.
        drop(self.child.stdin.take());
        let asked = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if asked.elapsed() > LONGEST_STOP {
                // It may have ended meanwhile.
                let _ = self.child.kill();
                let _ = self.child.wait();
                return;
            }
            thread::sleep(Duration::from_millis(2));
        }
    }
}

const LONGEST_STOP: Duration = Duration::from_secs(15);

impl From<String> for Error {
    fn from(message: String) -> Error {
        Error { message, status: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(f, "{status}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for Error {}
