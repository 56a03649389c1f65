//! Declared nouns as documents: one table for all kinds, and rows for the keys they are looked up by. Every call
//! names its tenant and sees nothing of another. It never looks inside a body.

use std::sync::Arc;

use schema::Object;
use tokio::sync::Semaphore;

use crate::db::{Batch, Db, Error, Result, Row, Statement, Value};
use crate::writes::{self, Write};

/// The documents of all tenants.
#[derive(Clone, Debug)]
pub struct Documents {
    db: Db,
    searching: Arc<Semaphore>,
}

/// A document as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    pub id: String,
    pub body: Object,
    /// Counts the replacements, from 1.
    pub version: i64,
    /// Microseconds since 1970, as given at the insertion.
    pub created: i64,
    /// Microseconds since 1970, as given at the last replacement.
    pub updated: i64,
}

/// Which documents: those of a kind in which every named key has one of its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    pub kind: &'static str,
    pub keys: Vec<(&'static str, Vec<String>)>,
}

/// Which part of an ordered list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    Offset {
        offset: i64,
        limit: i64,
    },
    /// What comes after a document, given by its `created` and `id`.
    After {
        after: Option<(i64, String)>,
        limit: i64,
    },
}

/// A document that was written or deleted, and the tenant's revision since when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub rev: i64,
    pub kind: String,
    pub id: String,
}

impl Documents {
    pub(crate) fn new(db: Db) -> Self {
        Self { db, searching: Arc::new(Semaphore::new(SEARCHES)) }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.db
    }

    /// Held by whoever searches.
    pub(crate) fn searching(&self) -> &Semaphore {
        &self.searching
    }

    /// The document with that id.
    pub async fn read(&self, tenant: &str, kind: &str, id: &str) -> Result<Option<Document>> {
        let sql = "select id, body, version, created, updated from documents where tenant = $1 and kind = $2 and id = $3";
        first(&self.db.rows(sql, vec![tenant.into(), kind.into(), id.into()]).await?)
    }

    /// The document that has this value under that key; of several that share it, the one with the lowest id.
    pub async fn find(&self, tenant: &str, kind: &str, key: &str, value: &str) -> Result<Option<Document>> {
        // Written so that every planner looks up keys, whatever it believes about the tables; `materialized` keeps
        // PostgreSQL from reading the keys of all documents in the order of their ids.
        let sql = "with found as materialized (
                     select id from document_keys where tenant = $1 and kind = $2 and name = $3 and value = $4)
                   select id, body, version, created, updated from documents where tenant = $1 and kind = $2 and id = coalesce(
                     (select id from document_uniques where tenant = $1 and kind = $2 and name = $3 and value = $4),
                     (select min(id) from found))";
        first(&self.db.rows(sql, vec![tenant.into(), kind.into(), key.into(), value.into()]).await?)
    }

    /// A part of the list of matching documents, in the order of their creation.
    pub async fn page(&self, tenant: &str, matching: &Matching, span: Span) -> Result<Vec<Document>> {
        let (mut condition, mut arguments) = matching.condition(tenant)?;
        let mut argument = |value: Value| {
            arguments.push(value);
            format!("${}", arguments.len())
        };
        let ending = match span {
            Span::Offset { offset, limit } => {
                format!("limit {} offset {}", argument(limit.max(0).into()), argument(offset.max(0).into()))
            }
            Span::After { after, limit } => {
                if let Some((created, id)) = after {
                    let (created, id) = (argument(created.into()), argument(id.into()));
                    condition.push_str(&format!(" and (created, id) > ({created}, {id})"));
                }
                format!("limit {}", argument(limit.max(0).into()))
            }
        };
        let sql = format!(
            "select id, body, version, created, updated from documents where {condition} order by created, id {ending}"
        );
        self.db.rows(sql, arguments).await?.iter().map(document).collect()
    }

    /// How many documents match.
    pub async fn count(&self, tenant: &str, matching: &Matching) -> Result<i64> {
        let (condition, arguments) = matching.condition(tenant)?;
        let rows =
            self.db.rows(format!("select count(*) from documents where {condition}"), arguments).await?;
        rows.first().ok_or_else(|| Error::database("a count without a row"))?.int(0)
    }

    /// All documents of a kind, in the order of their creation.
    pub async fn all(&self, tenant: &str, kind: &str) -> Result<Vec<Document>> {
        let sql = "select id, body, version, created, updated from documents where tenant = $1 and kind = $2
                   order by created, id";
        self.db.rows(sql, vec![tenant.into(), kind.into()]).await?.iter().map(document).collect()
    }

    /// Writes, all or nothing, one after the other; answers the tenant's new revision, or the present one if
    /// nothing was to be changed.
    ///
    /// A vanished document, an outdated version or an unknown tenant is [`Error::Conflict`]; an id or unique value
    /// in use is [`Error::Taken`] with the name of the key, or `id`.
    pub async fn commit(&self, tenant: &str, writes: Vec<Write>) -> Result<i64> {
        let mut batch = Batch::new();
        let is_change = writes.iter().any(Write::is_change);
        // First, because its lock makes the writers of a tenant take turns: revisions have no gaps.
        let revision = if is_change {
            "update tenants set rev = rev + 1 where name = $1 returning rev"
        } else if writes.iter().any(Write::is_write) {
            "update tenants set rev = rev where name = $1 returning rev"
        } else {
            "select rev from tenants where name = $1"
        };
        batch.push(Statement::new(revision, vec![tenant.into()]).expecting(1));
        for write in writes {
            batch.extend(writes::statements(tenant, write)?);
        }
        let committed = self.db.commit(batch).await?;
        if is_change {
            self.db.say();
        }
        committed.rows.first().ok_or(Error::Conflict)?.int(0)
    }

    /// What changed after a revision, oldest first.
    ///
    /// Every revision has at least one change unless it was forgotten; a reader that finds a gap after the
    /// revision it knows must load everything anew.
    pub async fn changes(&self, tenant: &str, after_rev: i64) -> Result<Vec<Change>> {
        let sql = "select rev, kind, id from changes where tenant = $1 and rev > $2 order by rev, kind, id";
        let change = |row: &Row| Ok(Change { rev: row.int(0)?, kind: row.text(1)?, id: row.text(2)? });
        self.db.rows(sql, vec![tenant.into(), after_rev.into()]).await?.iter().map(change).collect()
    }

    /// Forgets the changes up to and including a revision, so that their list does not grow for ever.
    pub async fn forget_changes(&self, tenant: &str, up_to_rev: i64) -> Result<()> {
        let sql = "delete from changes where tenant = $1 and rev <= $2";
        let forget = Statement::new(sql, vec![tenant.into(), up_to_rev.into()]);
        self.db.commit(vec![forget].into()).await.map(drop)
    }
}

impl Matching {
    /// All documents of a kind.
    pub fn all(kind: &'static str) -> Self {
        Self { kind, keys: Vec::new() }
    }

    /// Narrows to documents that have one of the values under a key.
    #[must_use]
    pub fn with(mut self, key: &'static str, values: Vec<String>) -> Self {
        self.keys.push((key, values));
        self
    }

    fn condition(&self, tenant: &str) -> Result<(String, Vec<Value>)> {
        let mut condition = "tenant = $1 and kind = $2".to_owned();
        let mut arguments: Vec<Value> = vec![tenant.into(), self.kind.into()];
        for (name, values) in &self.keys {
            if values.is_empty() {
                condition.push_str(" and 1 = 0");
                continue;
            }
            if arguments.len() + values.len() > MOST_VALUES {
                return Err(Error::TooMany { what: format!("values for {name}") });
            }
            arguments.push((*name).into());
            let name = format!("${}", arguments.len());
            let mut list = Vec::with_capacity(values.len());
            for value in values {
                arguments.push(value.as_str().into());
                list.push(format!("${}", arguments.len()));
            }
            let which =
                format!("tenant = $1 and kind = $2 and name = {name} and value in ({})", list.join(", "));
            condition.push_str(&format!(
                " and id in (select id from document_keys where {which}
                  union all select id from document_uniques where {which})"
            ));
        }
        Ok((condition, arguments))
    }
}

fn first(rows: &[Row]) -> Result<Option<Document>> {
    rows.first().map(document).transpose()
}

pub(crate) fn document(row: &Row) -> Result<Document> {
    let body = body_from_text(row.str(1)?)?;
    Ok(Document { id: row.text(0)?, body, version: row.int(2)?, created: row.int(3)?, updated: row.int(4)? })
}

/// The text that is stored for a body.
pub(crate) fn body_to_text(body: &Object) -> Result<String> {
    serde_json::to_string(body).map_err(Error::database)
}

/// The body that was stored as a text.
pub(crate) fn body_from_text(text: &str) -> Result<Object> {
    serde_json::from_str(text).map_err(Error::database)
}

/// How many searches run at once: one leaves a reader of the file to those who do not search.
const SEARCHES: usize = 1;
/// Fewer than either database takes arguments.
const MOST_VALUES: usize = 10_000;
