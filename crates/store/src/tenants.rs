//! Tenants: a name, a revision that every change of the tenant moves, and a body. Who polls compares revisions;
//! this never tells anybody on its own.

use schema::Object;

use crate::db::{self, Db, Error, Result, Row, Statement};
use crate::documents::{body_from_text, body_to_text};

/// The tenants of this installation.
#[derive(Clone, Debug)]
pub struct Tenants {
    db: Db,
    log_db: Db,
}

/// A tenant as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantRow {
    pub name: String,
    pub rev: i64,
    pub body: Object,
}

impl Tenants {
    pub(crate) fn new(db: Db, log_db: Db) -> Self {
        Self { db, log_db }
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

    /// Adds a tenant, at revision 0; [`Error::Taken`] with the label `name` if there is one of that name.
    pub async fn insert(&self, name: &str, body: &Object) -> Result<()> {
        if name.len() > LONGEST_NAME {
            return Err(Error::TooLong { what: "name".to_owned() });
        }
        let insert = Statement::new(
            "insert into tenants (name, rev, body) values ($1, 0, $2)",
            vec![name.into(), body_to_text(body)?.into()],
        );
        self.db.commit(vec![insert.labelled("name")].into()).await?;
        self.db.say();
        Ok(())
    }

    /// Removes a tenant with all that there is of it, so that a later one of its name finds nothing. Where that ends half-way,
    /// the tenant is still there and can be removed again.
    pub async fn remove(&self, name: &str) -> Result<()> {
        let delete = |table| {
            let column = if table == "tenants" { "name" } else { "tenant" };
            Statement::new(format!("delete from {table} where {column} = $1"), vec![name.into()])
        };
        let (main, logs) = db::tables_of_tenants();
        self.log_db.commit(logs.map(delete).collect::<Vec<_>>().into()).await?;
        self.db.commit(main.map(delete).collect::<Vec<_>>().into()).await.map(drop)
    }

    /// The body of the tenant of this name.
    pub async fn body(&self, name: &str) -> Result<Option<Object>> {
        let rows = self.db.rows("select body from tenants where name = $1", vec![name.into()]).await?;
        rows.first().map(|row| body_from_text(row.str(0)?)).transpose()
    }

    /// Replaces the body of a tenant and moves its revision; the list of changes names it with the kind
    /// [`TENANT`]. [`Error::Conflict`] if there is no such tenant.
    pub async fn replace(&self, name: &str, body: &Object) -> Result<i64> {
        let replace = Statement::new(
            "update tenants set rev = rev + 1, body = $2 where name = $1 returning rev",
            vec![name.into(), body_to_text(body)?.into()],
        );
        let change = Statement::new(
            "insert into changes (tenant, rev, kind, id) select name, rev, $2, name from tenants where name = $1",
            vec![name.into(), TENANT.into()],
        );
        let committed = self.db.commit(vec![replace.expecting(1), change].into()).await?;
        self.db.say();
        committed.rows.first().ok_or(Error::Conflict)?.int(0)
    }

    /// The revision of every tenant, by name; cheap enough to be asked every second.
    pub async fn revisions(&self) -> Result<Vec<(String, i64)>> {
        let rows = self.db.rows("select name, rev from tenants order by name", vec![]).await?;
        rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
    }
}

fn tenant(row: &Row) -> Result<TenantRow> {
    let body = body_from_text(row.str(2)?)?;
    Ok(TenantRow { name: row.text(0)?, rev: row.int(1)?, body })
}

/// The kind under which the list of changes names the tenant itself.
pub const TENANT: &str = "tenant";
/// The name stands in every index; the rest of the entry needs its room.
const LONGEST_NAME: usize = 255;
