//! A throw-away PostgreSQL: made from nothing, on loopback, without durability, gone with the process that asked for it.
//! It never touches a cluster that was there before.

mod encrypted;

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

pub use encrypted::Encrypted;

use crate::scratch::Scratch;

/// A running cluster; dropping it stops and deletes it.
#[derive(Debug)]
pub struct Postgres {
    postmaster: Child,
    port: u16,
    scratch: Scratch,
}

/// What sets a cluster apart from others.
#[derive(Debug, Default)]
struct Kind {
    statements: Vec<String>,
    /// Files in its data folder.
    files: Vec<(&'static str, String)>,
    settings: Vec<&'static str>,
}

impl Postgres {
    /// Starts a fresh cluster with the named databases in it.
    pub fn start(programs: &Path, databases: &[&str]) -> Result<Self> {
        let statements = databases.iter().map(|name| format!("CREATE DATABASE {name}")).collect();
        Self::of(programs, Scratch::new("postgres")?, Kind { statements, ..Kind::default() })
    }

    fn of(programs: &Path, scratch: Scratch, kind: Kind) -> Result<Self> {
        let owner = owner(scratch.path())?;
        let data = scratch.path().join("data");

        let initdb = ["--no-sync", "--no-locale", "--encoding=UTF8", "--auth=trust", "--username=postgres"];
        let made = owner.command(&programs.join("initdb")).args(initdb).arg("-D").arg(&data).output()?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        create(&owner, programs, &data, &kind.statements)?;
        for (name, text) in &kind.files {
            owner.write(&data.join(name), text)?;
        }

        let port = free_port()?;
        let mut postmaster = owner.command(Path::new("sh"));
        postmaster.args(["-c", KEEPER, "keeper"]).arg(programs.join("postgres")).arg("-D").arg(&data);
        postmaster.arg("-k").arg(scratch.path()).args(["-h", "127.0.0.1", "-p", &port.to_string(), "-F"]);
        postmaster.args([
            "-c",
            "max_connections=300",
            "-c",
            "full_page_writes=off",
            "-c",
            "synchronous_commit=off",
        ]);
        postmaster.args(kind.settings.iter().flat_map(|setting| ["-c", setting]));
        let log = fs::File::create(scratch.path().join("log"))?;
        let postmaster = postmaster.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).spawn()?;

        let mut cluster = Self { postmaster, port, scratch };
        cluster.wait_until_ready(&data)?;
        Ok(cluster)
    }

    /// The address of one of its databases.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn wait_until_ready(&mut self, data: &Path) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(60);
        while Instant::now() < deadline {
            // The eighth line of this file is the state of the postmaster.
            let state = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
            if state.lines().nth(7).is_some_and(|line| line.trim() == "ready") {
                return Ok(());
            }
            if let Some(status) = self.postmaster.try_wait()? {
                bail!("PostgreSQL stopped at its start: {status}");
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        bail!("PostgreSQL was not ready after a minute")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.postmaster.stdin.take());
        if let Err(error) = self.postmaster.wait() {
            eprintln!("PostgreSQL: {error}");
        }
    }
}

/// Where `initdb` and `postgres` are, if this machine has them.
pub fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut packaged: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    packaged.sort();
    let complete = |folder: &PathBuf| ["initdb", "postgres"].iter().all(|name| folder.join(name).is_file());
    std::env::split_paths(&path).chain(packaged.into_iter().rev()).find(complete)
}

/// A port nobody listens on at this moment.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Whom the cluster belongs to: PostgreSQL refuses to run as root.
struct Owner {
    ids: Option<(u32, u32)>,
    home: PathBuf,
}

impl Owner {
    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.home);
        if let Some((user, group)) = self.ids {
            command.uid(user).gid(group);
        }
        command
    }

    /// Writes what nobody else may read.
    fn write(&self, path: &Path, text: &str) -> Result<()> {
        fs::write(path, text)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        let (user, group) = self.ids.unzip();
        Ok(chown(path, user, group)?)
    }
}

fn owner(folder: &Path) -> Result<Owner> {
    let home = folder.to_path_buf();
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(Owner { ids: None, home });
    }
    let accounts = fs::read_to_string("/etc/passwd")?;
    let ids = ["postgres", "nobody"].iter().find_map(|name| account(&accounts, name));
    let (user, group) =
        ids.context("root may not run PostgreSQL, and there is no user postgres or nobody")?;
    chown(folder, Some(user), Some(group))?;
    Ok(Owner { ids: Some((user, group)), home })
}

fn account(accounts: &str, name: &str) -> Option<(u32, u32)> {
    let mut fields = accounts
        .lines()
        .map(|line| line.split(':'))
        .find_map(|mut fields| (fields.next() == Some(name)).then_some(fields))?;
    Some((fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?))
}

/// Creates databases and users before the cluster listens, so that no client program is needed.
fn create(owner: &Owner, programs: &Path, data: &Path, statements: &[String]) -> Result<()> {
    let mut single = owner.command(&programs.join("postgres"));
    single.args(["--single", "-F", "-D"]).arg(data).arg("postgres");
    let mut single = single.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut input = single.stdin.take().context("standard input was asked for")?;
    for statement in statements {
        writeln!(input, "{statement}")?;
    }
    drop(input);
    let created = single.wait_with_output()?;
    ensure!(created.status.success(), "making databases: {}", String::from_utf8_lossy(&created.stderr));
    Ok(())
}

/// Becomes the postmaster; beside it waits a shell that stops it when standard input closes, even when the chore was killed.
const KEEPER: &str = r#"exec 3<&0
(trap '' INT TERM HUP; read -r _ <&3; kill -INT $$) >/dev/null 2>&1 &
exec "$@" </dev/null 3<&-"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_name() {
        let accounts =
            "root:x:0:0::/root:/bin/sh\nbroken\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(account(accounts, "postgres"), Some((101, 104)));
        assert_eq!(account(accounts, "broken"), None);
        assert_eq!(account(accounts, "nobody"), None);
    }
}
