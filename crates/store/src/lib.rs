//! What is remembered, on SQLite or PostgreSQL; the only room that knows SQL. It keeps documents, tenants and
//! logs without knowing what any of them means.

pub mod db;
mod documents;
mod log_condition;
mod log_queue;
mod log_row;
mod logs;
mod master;
#[cfg(feature = "scratch")]
pub mod scratch;
mod sealed;
mod tenants;
mod writes;

use std::fmt;
use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::Arc;

pub use db::{Error, Part, Result};
pub use documents::{Change, Document, Documents, Matching, Span};
pub use log_condition::{Bound, Column, Condition};
pub use log_queue::LogQueue;
pub use log_row::LogRow;
pub use logs::Logs;
pub use master::{MasterError, MasterKeys};
pub use schema::Key;
pub use sealed::{SealError, SealingKey, SealingRing};
pub use tenants::{TENANT, TenantRow, Tenants};
pub use writes::Write;

use db::Db;

/// Everything that is remembered. Clones share it.
#[derive(Clone, Debug)]
pub struct Store {
    parts: Arc<Parts>,
}

/// Where the store is.
#[derive(Clone, PartialEq, Eq)]
pub enum Location {
    /// `countersign.db` and `logs.db` in a directory, which is made if need be.
    Sqlite { dir: PathBuf },
    /// A PostgreSQL database.
    Postgres { url: String },
}

#[derive(Debug)]
struct Parts {
    db: Db,
    documents: Documents,
    tenants: Tenants,
    logs: Logs,
    log_db: Db,
}

impl Store {
    /// Opens the store, creating it or bringing it up to date if need be.
    pub async fn open(at: &Location) -> Result<Self> {
        let (db, log_db) = match at {
            Location::Sqlite { dir } => {
                DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(Error::database)?;
                tokio::try_join!(
                    Db::sqlite(dir.join("countersign.db")),
                    Db::sqlite_logs(dir.join("logs.db"))
                )?
            }
            Location::Postgres { url } => {
                let db = Db::postgres(url).await?;
                (db.clone(), db)
            }
        };
        let logs = Logs::new(log_db.clone());
        let tenants = Tenants::new(db.clone());
        let documents = Documents::new(db.clone());
        Ok(Self { parts: Arc::new(Parts { db, documents, tenants, logs, log_db }) })
    }

    /// Declared nouns.
    pub fn documents(&self) -> &Documents {
        &self.parts.documents
    }

    /// Tenants and their revisions.
    pub fn tenants(&self) -> &Tenants {
        &self.parts.tenants
    }

    /// Tenant logs.
    pub fn logs(&self) -> &Logs {
        &self.parts.logs
    }

    /// Finishes what has been asked for and lets go of the database, also for clones of this store.
    pub async fn close(self) {
        self.parts.db.close().await;
        self.parts.log_db.close().await;
    }
}

impl fmt::Debug for Location {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { dir } => formatter.debug_struct("Sqlite").field("dir", dir).finish(),
            // The address holds a password.
            Self::Postgres { .. } => formatter.write_str("Postgres { url: Secret(..) }"),
        }
    }
}
