//! Tenants: a name, a revision that every change of the tenant moves, and a body. Who polls compares revisions;
//! this never tells anybody on its own.

use schema::Object;

use crate::db::{Db, Error, Result, Row, Statement};
use crate::documents::{body_from_text, body_to_text};

/// The tenants of this installation.
#[derive(Clone, Debug)]
pub struct Tenants {
    db: Db,
}

/// A tenant as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct TenantRow {
    pub name: String,
    pub rev: i64,
    pub body: Object,
}

impl Tenants {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
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
        self.db.commit(vec![insert.labelled("name")].into()).await.map(drop)
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

/// The name stands in every index; the rest of the entry needs its room.
const LONGEST_NAME: usize = 255;
