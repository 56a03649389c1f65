//! Tenants: a name, a revision that every change of the tenant moves, and a body. Who polls compares revisions;
//! this never tells anybody on its own.

use crate::db::{Batch, Db, Error, Result, Row, Statement};
use crate::documents::{Body, body_from_text, body_to_text};
use crate::logs::Logs;

/// The tenants of this installation.
#[derive(Clone, Debug)]
pub struct Tenants {
    db: Db,
    logs: Logs,
}

/// A tenant as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantRow {
    pub name: String,
    pub rev: i64,
    pub body: Body,
}

impl Tenants {
    /// The kind under which a change of the tenant's own body is listed among the changes.
    pub const KIND: &'static str = "tenant";

    pub(crate) fn new(db: Db, logs: Logs) -> Self {
        Self { db, logs }
    }

    /// All tenants, by name.
    pub async fn list(&self) -> Result<Vec<TenantRow>> {
        self.db
            .rows("select name, rev, body from tenants order by name", vec![])
            .await?
            .iter()
            .map(tenant)
            .collect()
    }

    /// The tenant of that name.
    pub async fn read(&self, name: &str) -> Result<Option<TenantRow>> {
        let rows =
            self.db.rows("select name, rev, body from tenants where name = $1", vec![name.into()]).await?;
        rows.first().map(tenant).transpose()
    }

    /// Adds a tenant, at revision 0; [`Error::Taken`] with the label `name` if there is one of that name.
    pub async fn insert(&self, name: &str, body: &Body) -> Result<()> {
        if name.len() > LONGEST_NAME {
            return Err(Error::TooLong { what: "name".to_owned() });
        }
        let insert = Statement::new(
            "insert into tenants (name, rev, body) values ($1, 0, $2)",
            vec![name.into(), body_to_text(body)?.into()],
        );
        self.db.commit(vec![insert.labelled("name")].into()).await.map(drop)
    }

    /// Replaces the body of a tenant and answers the new revision; [`Error::Conflict`] if there is none.
    pub async fn replace(&self, name: &str, body: &Body) -> Result<i64> {
        let replace = Statement::new(
            "update tenants set rev = rev + 1, body = $2 where name = $1 returning rev",
            vec![name.into(), body_to_text(body)?.into()],
        );
        let change = Statement::new(
            "insert into changes (tenant, rev, kind, id) select name, rev, $2, name from tenants where name = $1",
            vec![name.into(), Self::KIND.into()],
        );
        let committed = self.db.commit(vec![replace.expecting(1), change].into()).await?;
        committed.rows.first().ok_or(Error::Conflict)?.int(0)
    }

    /// Deletes a tenant with everything it has; [`Error::Conflict`] if there is none.
    pub async fn delete(&self, name: &str) -> Result<()> {
        let mut batch = Batch::new();
        batch.push(Statement::new("delete from tenants where name = $1", vec![name.into()]).expecting(1));
        batch.extend(
            [
                "delete from documents where tenant = $1",
                "delete from document_keys where tenant = $1",
                "delete from document_uniques where tenant = $1",
                "delete from changes where tenant = $1",
            ]
            .map(|sql| Statement::new(sql, vec![name.into()])),
        );
        // The logs may lie in another file. They go first: when that fails, the deletion can be asked for again.
        self.logs.forget(name).await?;
        self.db.commit(batch).await.map(drop)
    }

    /// The revision of every tenant, by name; cheap enough to be asked every second.
    ///
    /// A tenant that was deleted and made again starts over: compare for being different, not for being higher.
    pub async fn revisions(&self) -> Result<Vec<(String, i64)>> {
        let rows = self.db.rows("select name, rev from tenants order by name", vec![]).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
    }
}

fn tenant(row: &Row) -> Result<TenantRow> {
    let body = body_from_text(row.str(2)?)?;
    Ok(TenantRow { name: row.text(0)?, rev: row.int(1)?, body })
}

/// The name stands in every index; the rest of the entry needs its room.
const LONGEST_NAME: usize = 255;
