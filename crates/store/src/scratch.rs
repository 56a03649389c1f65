//! Stores to be thrown away, for tests: a directory, or a database of its own on the server that
//! `TEST_DATABASE` names. Removed when dropped. Never part of the product.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tempfile::TempDir;
use tokio_postgres::Client;

use crate::{Location, Result, db};

/// A place for a store that is removed when this is dropped.
#[derive(Debug)]
pub struct ScratchStore {
    pub location: Location,
    remains: Remains,
}

#[derive(Debug)]
enum Remains {
    Directory(#[expect(dead_code, reason = "kept to be dropped")] TempDir),
    Database { server: String, name: String },
}

/// A new place on the database the environment asks for: PostgreSQL with `TEST_DATABASE`, SQLite without.
pub async fn location() -> ScratchStore {
    match postgres().await {
        Some(scratch) => scratch,
        None => sqlite(),
    }
}

/// A new directory.
///
/// # Panics
///
/// If the directory cannot be made.
pub fn sqlite() -> ScratchStore {
    let directory = tempfile::tempdir().expect("a temporary directory can be made");
    ScratchStore {
        location: Location::Sqlite { dir: directory.path().to_owned() },
        remains: Remains::Directory(directory),
    }
}

/// A new database on the server `TEST_DATABASE` names, if it names one.
///
/// # Panics
///
/// If that server refuses.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration; this is theirs")]
pub async fn postgres() -> Option<ScratchStore> {
    let server = std::env::var("TEST_DATABASE").ok()?;
    Some(postgres_on(server).await)
}

/// A new database on that server.
///
/// # Panics
///
/// If that server refuses.
#[expect(clippy::disallowed_methods, reason = "a name that no other run has")]
pub async fn postgres_on(server: String) -> ScratchStore {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let started = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("scratch_{}_{}_{number}", std::process::id(), started.as_nanos());
    execute(&server, &format!("create database {name}")).await.expect("the server lets us make a database");
    let url = elsewhere(&server, &name);
    ScratchStore { location: Location::Postgres { url }, remains: Remains::Database { server, name } }
}

impl Drop for ScratchStore {
    fn drop(&mut self) {
        let Remains::Database { server, name } = &self.remains else { return };
        let (server, sql) = (server.clone(), format!("drop database if exists {name} with (force)"));
        // A test's runtime cannot wait here, hence a thread with one of its own.
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(execute(&server, &sql)).ok()
        });
        let _ = dropping.join();
    }
}

async fn execute(server: &str, sql: &str) -> Result<()> {
    let client = client(server).await?;
    client.batch_execute(sql).await.map_err(db::Error::database)
}

/// Who speaks SQL to a server as the store does.
///
/// # Errors
///
/// If there is no way there.
pub async fn client(server: &str) -> Result<Client> {
    db::client(server).await
}

/// The address of another database on the same server.
fn elsewhere(server: &str, name: &str) -> String {
    let (address, options) =
        server.split_once('?').map_or((server, None), |(address, rest)| (address, Some(rest)));
    let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
    let host = rest.split_once('/').map_or(rest, |(host, _)| host);
    let options = options.map(|options| format!("?{options}")).unwrap_or_default();
    format!("{scheme}://{host}/{name}{options}")
}
