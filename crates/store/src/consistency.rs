//! What of the store does not fit together: rows that name what is not there, numbers that run ahead of each other. It
//! changes nothing and knows no noun; which columns name which documents it is told.

use crate::db::{Db, Result, Value};
use crate::documents::Documents;

/// Looks at a whole store.
#[derive(Clone, Debug)]
pub struct Consistency<'a> {
    pub(crate) db: &'a Db,
    pub(crate) log_db: &'a Db,
}

/// What has to name something that is there.
#[derive(Clone, Copy, Debug)]
pub enum Names {
    /// A column of a table.
    Column { table: &'static str, column: &'static str },
    /// A search key of a kind of documents.
    Key { kind: &'static str, key: &'static str },
}

/// What is named.
#[derive(Clone, Copy, Debug)]
pub enum Named {
    /// A document of one of these kinds, by its id.
    Ids(&'static [&'static str]),
    /// A document of a kind, by a unique key.
    Unique { kind: &'static str, key: &'static str },
}

/// Something that does not fit, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    pub tenant: String,
    pub words: String,
}

/// What a document is found by, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct StoredKey {
    pub used: schema::Used,
    pub name: String,
    pub value: String,
}

impl Consistency<'_> {
    /// What names something that is not there, a few of each kind.
    pub async fn dangling(&self, names: Names, named: Named) -> Result<Vec<Misfit>> {
        let mut arguments: Vec<Value> = Vec::new();
        let mut argument = |text: &str| {
            arguments.push(text.into());
            format!("${}", arguments.len())
        };
        let (words, from, value) = match names {
            Names::Column { table, column } => (
                format!("a row of {table} names"),
                format!("{table} t where t.{column} <> ''"),
                format!("t.{column}"),
            ),
            Names::Key { kind, key } => {
                let (kind_at, key_at) = (argument(kind), argument(key));
                let from = format!(
                    "(select tenant, value from document_keys where kind = {kind_at} and name = {key_at}) t where t.value <> ''"
                );
                (format!("one of the {kind} names as its {key}"), from, "t.value".into())
            }
        };
        let there = match named {
            Named::Ids(kinds) => {
                let kinds: Vec<String> = kinds.iter().map(|kind| argument(kind)).collect();
                format!(
                    "select 1 from documents d where d.tenant = t.tenant and d.kind in ({}) and d.id = {value}",
                    kinds.join(", ")
                )
            }
            Named::Unique { kind, key } => format!(
                "select 1 from document_uniques d where d.tenant = t.tenant and d.kind = {} and d.name = {} and d.value = {value}",
                argument(kind),
                argument(key)
            ),
        };
        let sql = format!("select t.tenant, {value} from {from} and not exists ({there}) limit {MOST}");
        let rows = self.db.rows(sql, arguments).await?;
        let misfit = |tenant: String, what: String| Misfit {
            tenant,
            words: format!("{words} {what:?}, which is not there"),
        };
        rows.iter().map(|row| Ok(misfit(row.text(0)?, row.text(1)?))).collect()
    }

    /// What the store itself knows to be wrong, a few of each kind.
    pub async fn misfits(&self) -> Result<Vec<Misfit>> {
        let mut misfits = Vec::new();
        for (rules, db) in [(RULES, self.db), (LOG_RULES, self.log_db)] {
            for (words, sql) in rules {
                for row in db.rows(format!("{sql} limit {MOST}"), vec![]).await? {
                    misfits
                        .push(Misfit { tenant: row.text(0)?, words: format!("{words}: {}", row.text(1)?) });
                }
            }
        }
        Ok(misfits)
    }

    /// Milliseconds since 1970 by the clock of the database, if it has one of its own.
    pub async fn clock(&self) -> Result<Option<i64>> {
        match self.db {
            Db::Sqlite(_) => Ok(None),
            Db::Postgres(_) => {
                let sql = "select cast(extract(epoch from clock_timestamp()) * 1000 as bigint)";
                self.db.rows(sql, vec![]).await?.first().map(|row| row.int(0)).transpose()
            }
        }
    }
}

impl Documents {
    /// The kinds of documents that a tenant has.
    pub async fn kinds(&self, tenant: &str) -> Result<Vec<String>> {
        let sql = "select distinct kind from documents where tenant = $1 order by kind";
        self.db().rows(sql, vec![tenant.into()]).await?.iter().map(|row| row.text(0)).collect()
    }

    /// What some documents of a kind are found by, each key with its document's id.
    pub async fn stored_keys(
        &self,
        tenant: &str,
        kind: &str,
        ids: &[&str],
    ) -> Result<Vec<(String, StoredKey)>> {
        let mut keys = Vec::new();
        if ids.is_empty() {
            return Ok(keys);
        }
        let places: Vec<String> = (0..ids.len()).map(|place| format!("${}", place + 3)).collect();
        let tables = [
            (schema::Used::Lookup, "document_keys"),
            (schema::Used::Unique, "document_uniques"),
            (schema::Used::Search, "document_terms"),
        ];
        for (used, table) in tables {
            let sql = format!(
                "select id, name, value from {table} where tenant = $1 and kind = $2 and id in ({})",
                places.join(", ")
            );
            let mut arguments: Vec<Value> = vec![tenant.into(), kind.into()];
            arguments.extend(ids.iter().map(|id| Value::from(*id)));
            for row in self.db().rows(sql, arguments).await? {
                keys.push((row.text(0)?, StoredKey { used, name: row.text(1)?, value: row.text(2)? }));
            }
        }
        Ok(keys)
    }
}

/// How many of each kind are told.
const MOST: usize = 10;

/// What is wrong, and the statement that finds whose and what.
const RULES: &[(&str, &str)] = &[
    (
        "a document of a tenant that is not there",
        "select d.tenant, d.kind from documents d where not exists (select 1 from tenants t where t.name = d.tenant)",
    ),
    (
        "a search key of a document that is not there",
        "select k.tenant, k.kind from document_keys k where not exists
         (select 1 from documents d where d.tenant = k.tenant and d.kind = k.kind and d.id = k.id)",
    ),
    (
        "a unique key of a document that is not there",
        "select k.tenant, k.kind from document_uniques k where not exists
         (select 1 from documents d where d.tenant = k.tenant and d.kind = k.kind and d.id = k.id)",
    ),
    (
        "a search term of a document that is not there",
        "select k.tenant, k.kind from document_terms k where not exists
         (select 1 from documents d where d.tenant = k.tenant and d.kind = k.kind and d.id = k.id)",
    ),
    (
        "a search term in another place of the list than its document",
        "select k.tenant, k.kind from document_terms k
         join documents d on d.tenant = k.tenant and d.kind = k.kind and d.id = k.id where d.created <> k.created",
    ),
    (
        "a change that is newer than its tenant",
        "select c.tenant, c.kind from changes c join tenants t on t.name = c.tenant where c.rev > t.rev",
    ),
    (
        "a revision that is not in the list of changes",
        "select t.name, 'its last' from tenants t where t.rev > 0
         and not exists (select 1 from changes c where c.tenant = t.name and c.rev = t.rev)",
    ),
];

const LOG_RULES: &[(&str, &str)] = &[
    (
        "a flush of the log behind the last number drawn",
        "select f.tenant, 'the log' from log_flushes f where not exists
         (select 1 from log_heads h where h.tenant = f.tenant and h.number >= f.number)",
    ),
    (
        "a seal of the log behind its end",
        "select s.tenant, 'the log' from log_seals s where not exists
         (select 1 from log_heads h where h.tenant = s.tenant and h.number + 1 >= s.number)",
    ),
];
