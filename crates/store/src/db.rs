//! One SQL text, two databases. Statements use `$1`, the types `bigint` and `text`, and no function that
//! only one of the two knows; a change is a batch. Nothing here knows what the tables mean.

mod batch;
pub mod copy;
mod dialect;
mod error;
mod migration;
mod notices;
mod postgres;
mod postgres_address;
mod postgres_copy;
mod postgres_tls;
mod sqlite;
mod sqlite_copy;
mod sqlite_writer;
mod table;
mod value;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

pub use batch::{Batch, Committed, Sql, Statement};
pub use dialect::{Engine, Part};
pub use error::{Error, Result};
pub use postgres::Postgres;
pub use sqlite::{LOGS, MAIN, Sqlite};
pub use table::{Rows, Table, Type};
pub use value::{Cell, Row, Value};

use migration::Section;
use postgres_address::Address;
use rusqlite::Connection;
use sqlite::Durability;
use tracing::{Instrument as _, Span, trace_span};

/// An open database. Clones share it.
#[derive(Clone, Debug)]
pub enum Db {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Who speaks SQL to a PostgreSQL as the store does.
#[cfg(feature = "scratch")]
pub(crate) async fn client(url: &str) -> Result<tokio_postgres::Client> {
    Address::checked(url)?.client().await
}

/// Opens a file beside the database, creating it if need be, for who writes to it alone. Blocks. A commit survives a crash
/// of the process.
pub(crate) fn spool_file(path: &Path) -> Result<Connection> {
    sqlite::create(path)?;
    sqlite::connect(path, Durability::Normal)
}

/// Every table, each with a row for a tenant or for something of one: those of everything but the logs, and those of the
/// logs.
pub(crate) fn tables_of_tenants() -> (impl Iterator<Item = &'static str>, impl Iterator<Item = &'static str>)
{
    let (main, logs) = (copy::tables(&[Section::Main]), copy::tables(&[Section::Logs]));
    (main.map(|(table, _)| table), logs.map(|(table, _)| table))
}

impl Db {
    /// Opens the file of everything but the logs, creating it if need be. A commit survives a power cut.
    pub async fn sqlite(path: PathBuf) -> Result<Self> {
        Self::file(path, Durability::Full, Section::Main).await
    }

    /// Opens the file of the logs, creating it if need be. A commit survives a crash of the process.
    pub async fn sqlite_logs(path: PathBuf) -> Result<Self> {
        Self::file(path, Durability::Normal, Section::Logs).await
    }

    /// Connects to a PostgreSQL database that holds everything.
    pub async fn postgres(url: &str) -> Result<Self> {
        Postgres::open(url).await.map(Self::Postgres)
    }

    /// Whether the address of a PostgreSQL database can be understood. Nothing is read and nobody called.
    pub(crate) fn check_address(url: &str) -> Result<()> {
        Address::parse(url).map(drop)
    }

    /// Whether somebody on the way to a PostgreSQL database could pose as it.
    pub(crate) fn believes_anybody(url: &str) -> Result<bool> {
        Ok(Address::parse(url)?.believes_anybody())
    }

    /// Which database it is.
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
        }
    }

    /// Reads.
    pub async fn rows(&self, sql: impl Into<Sql>, arguments: Vec<Value>) -> Result<Vec<Row>> {
        value::check(&arguments)?;
        let sql = sql.into();
        let span = self.reading(&sql);
        let rows = async {
            match self {
                Self::Sqlite(sqlite) => sqlite.rows(sql, arguments, None).await,
                Self::Postgres(postgres) => postgres.rows(sql, arguments).await,
            }
        };
        rows.instrument(span).await
    }

    /// Reads, but stops the statement at a deadline and then answers [`Error::TooSlow`]. It is stopped as well
    /// when the caller goes away.
    pub async fn rows_until(
        &self,
        deadline: Instant,
        sql: impl Into<Sql>,
        arguments: Vec<Value>,
    ) -> Result<Vec<Row>> {
        value::check(&arguments)?;
        let sql = sql.into();
        let span = self.reading(&sql);
        let rows = async {
            match self {
                Self::Sqlite(sqlite) => sqlite.rows(sql, arguments, Some(deadline)).await,
                Self::Postgres(postgres) => postgres.rows_until(deadline, sql, arguments).await,
            }
        };
        rows.instrument(span).await
    }

    /// Writes a batch, whole or not at all. It is durable when this returns.
    pub async fn commit(&self, batch: Batch) -> Result<Committed> {
        batch.statements.iter().try_for_each(|statement| value::check(&statement.arguments))?;
        let span = self.writing(batch.statements.len());
        let committed = async {
            match self {
                Self::Sqlite(sqlite) => sqlite.commit(batch).await,
                Self::Postgres(postgres) => postgres.commit(batch).await,
            }
        };
        committed.instrument(span).await
    }

    /// Inserts many rows into one table, all or none, except those whose key exists already; with them happens what
    /// the statements say, unless all of them were there before. Answers whether that was not so.
    pub async fn insert(&self, rows: Arc<Rows>, and: Vec<Statement>) -> Result<bool> {
        rows.check()?;
        and.iter().try_for_each(|statement| value::check(&statement.arguments))?;
        match self {
            Self::Sqlite(sqlite) => {
                let committed = sqlite.commit(Batch { rows: Some(rows), statements: and }).await?;
                Ok(committed.inserted > 0)
            }
            Self::Postgres(postgres) => postgres.insert(&rows, and).await,
        }
    }

    /// From now on hears of other nodes' changes, and tells them of its own, where the database has a way to.
    pub fn listen(&self) {
        if let Self::Postgres(postgres) = self {
            postgres.listen();
        }
    }

    /// Says to other nodes that something was changed. Never waits.
    pub fn say(&self) {
        if let Self::Postgres(postgres) = self {
            postgres.notices().say();
        }
    }

    /// Returns when another node may have changed something since somebody waited last; never, where nobody listens. One
    /// may wait.
    pub async fn heard(&self) {
        match self {
            Self::Sqlite(_) => std::future::pending().await,
            Self::Postgres(postgres) => postgres.notices().heard().await,
        }
    }

    /// Finishes what has been asked for and lets go; later calls answer [`Error::Closed`].
    pub async fn close(&self) {
        match self {
            Self::Sqlite(sqlite) => sqlite.close().await,
            Self::Postgres(postgres) => postgres.close(),
        }
    }

    /// The span of a statement that reads. The text of one of a few has no value in it; of others nothing is told.
    fn reading(&self, sql: &Sql) -> Span {
        let text = match sql {
            Sql::Constant(text) => Some(*text),
            Sql::Composed(_) => None,
        };
        let system = self.engine().name();
        trace_span!(target: "span", "store read", otel.kind = "client", db.system.name = system, db.query.text = text)
    }

    /// The span of so many statements that write.
    fn writing(&self, statements: usize) -> Span {
        let system = self.engine().name();
        trace_span!(target: "span", "store write", otel.kind = "client", db.system.name = system, db.operation.batch.size = statements)
    }

    async fn file(path: PathBuf, durability: Durability, section: Section) -> Result<Self> {
        let open = move || Sqlite::open(&path, durability, section);
        tokio::task::spawn_blocking(open).await.map_err(Error::database)?.map(Self::Sqlite)
    }
}
