//! `run.json`: how others on this machine find the running server.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, test_kill_process};
use serde::{Deserialize, Serialize};

/// What a running server says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunFile {
    pub pid: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub https: Option<String>,
    /// Where it is watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<String>,
    pub issuer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<PathBuf>,
}

/// The data folder, held by one server for as long as this lives.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "the lock lies on the open file")] File);

impl Held {
    /// Takes the folder, or names the server that has it.
    pub fn take(data_dir: &Path) -> Result<Held> {
        let path = data_dir.join("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path);
        let file = file
            .with_context(|| format!("opening {}: is the data folder yours to write to?", path.display()))?;
        match file.try_lock() {
            Ok(()) => Ok(Held(file)),
            Err(TryLockError::WouldBlock) => {
                let who = RunFile::read(data_dir)
                    .map_or_else(|_| "another server".into(), |run| format!("process {}", run.pid));
                bail!(
                    "{who} serves {} already: stop it, or name another folder with --data-dir",
                    data_dir.display()
                )
            }
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("locking {}", path.display()))
            }
        }
    }
}

impl RunFile {
    /// Where it listens, for people to read.
    pub fn address(&self) -> &str {
        self.https.as_deref().or(self.http.as_deref()).unwrap_or_default()
    }

    /// Written whole or not at all.
    pub fn write(&self, data_dir: &Path) -> Result<()> {
        let path = path(data_dir);
        let temporary = path.with_extension("json.new");
        std::fs::write(&temporary, serde_json::to_vec_pretty(self)?)?;
        std::fs::rename(&temporary, &path).with_context(|| format!("writing {}", path.display()))
    }

    pub fn read(data_dir: &Path) -> Result<RunFile> {
        let path = path(data_dir);
        let text = std::fs::read(&path).with_context(|| {
            format!(
                "no server runs on {}: start it with `countersign serve --data-dir {0}`",
                data_dir.display()
            )
        })?;
        serde_json::from_slice(&text).with_context(|| format!("reading {}", path.display()))
    }

    /// The default tenant's host, with its port if that is not 443.
    pub fn domain(&self) -> &str {
        self.issuer.trim_start_matches("https://").trim_end_matches('/')
    }

    /// Whether the process that wrote it is still there, or another that has its number now.
    pub fn is_alive(&self) -> bool {
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        self.pid != std::process::id()
            && pid.is_some_and(|pid| test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
    }

    pub fn remove(data_dir: &Path) {
        // If it is gone already, so much the better.
        let _ = std::fs::remove_file(path(data_dir));
    }
}

fn path(data_dir: &Path) -> PathBuf {
    data_dir.join("run.json")
}
