//! How a change of documents is said in statements: the document, its keys and a line in the list of changes.

use std::collections::BTreeSet;

use schema::{Key, Object, Used};

use crate::db::{Error, Result, Statement, Value};
use crate::documents::body_to_text;
use crate::events::{self, Occurrence};
use crate::ties::{self, Forgotten, Tie};

/// One change of one document, what a change relies on, or what ties documents together.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    Insert {
        kind: &'static str,
        id: String,
        body: Object,
        keys: Vec<Key>,
        created: i64,
    },
    /// Replaces body and keys if the document still has the version that was read.
    Replace {
        kind: &'static str,
        id: String,
        body: Object,
        keys: Vec<Key>,
        /// The keys that it is known to have; with them, only what differs is written.
        known: Option<Vec<Key>>,
        version: i64,
        /// Microseconds since 1970.
        updated: i64,
    },
    Delete {
        kind: &'static str,
        id: String,
    },
    /// Changes nothing, and fails the batch unless the document has the version that was read.
    Expect {
        kind: &'static str,
        id: String,
        version: i64,
    },
    /// Changes nothing, and fails the batch unless there is such a document.
    Exists {
        kind: &'static str,
        id: String,
    },
    /// Holds two documents together, since a time in microseconds since 1970.
    Tie {
        tie: Tie,
        created: i64,
    },
    Untie(Tie),
    /// Forgets what was tied to something.
    Forget(Forgotten),
    /// Tells of what the others change.
    Event(Occurrence),
}

impl Write {
    /// Whether it leaves a line in the list of changes.
    pub(crate) fn is_change(&self) -> bool {
        match self {
            Self::Insert { .. } | Self::Replace { .. } | Self::Delete { .. } => true,
            Self::Expect { .. }
            | Self::Exists { .. }
            | Self::Tie { .. }
            | Self::Untie(_)
            | Self::Forget(_)
            | Self::Event(_) => false,
        }
    }

    /// Whether it leaves anything at all.
    pub(crate) fn is_write(&self) -> bool {
        match self {
            Self::Tie { .. } | Self::Untie(_) | Self::Forget(_) | Self::Event(_) => true,
            other => other.is_change(),
        }
    }
}

/// The statements of one write.
pub(crate) fn statements(tenant: &str, write: Write) -> Result<Vec<Statement>> {
    match write {
        Write::Insert { kind, id, body, keys, created } => {
            let at = At { tenant, kind, id: &id };
            let sql = "insert into documents (tenant, kind, id, body, version, created, updated)
                       values ($1, $2, $3, $4, 1, $5, $5)";
            let insert = at.statement(sql, [body_to_text(&body)?.into(), created.into()]).labelled("id");
            let mut statements = vec![insert];
            statements.extend(at.keys(keys)?);
            statements.push(at.changed()?);
            Ok(statements)
        }
        Write::Replace { kind, id, body, keys, known, version, updated } => {
            let at = At { tenant, kind, id: &id };
            let sql = "update documents set body = $4, version = version + 1, updated = $6
                       where tenant = $1 and kind = $2 and id = $3 and version = $5";
            let mut statements = vec![
                at.statement(sql, [body_to_text(&body)?.into(), version.into(), updated.into()]).expecting(1),
            ];
            match known {
                None => {
                    statements.extend(at.no_keys());
                    statements.extend(at.keys(keys)?);
                }
                Some(known) => {
                    let has = |keys: &[Key], key: &Key| keys.contains(key);
                    let (new, old): (Vec<Key>, Vec<Key>) = (
                        keys.iter().filter(|key| !has(&known, key)).cloned().collect(),
                        known.iter().filter(|key| !has(&keys, key)).cloned().collect(),
                    );
                    statements.extend(old.into_iter().map(|key| at.no_key(key)));
                    statements.extend(at.keys(new)?);
                }
            }
            statements.push(at.changed()?);
            Ok(statements)
        }
        Write::Delete { kind, id } => {
            let at = At { tenant, kind, id: &id };
            let sql = "delete from documents where tenant = $1 and kind = $2 and id = $3";
            let mut statements = vec![at.statement(sql, []).expecting(1)];
            statements.extend(at.no_keys());
            statements.push(at.changed()?);
            Ok(statements)
        }
        Write::Expect { kind, id, version } => {
            // A read suffices: the writers of a tenant take turns.
            let sql = "select version from documents
                       where tenant = $1 and kind = $2 and id = $3 and version = $4";
            Ok(vec![At { tenant, kind, id: &id }.statement(sql, [version.into()]).expecting(1)])
        }
        Write::Exists { kind, id } => {
            let sql = "select version from documents where tenant = $1 and kind = $2 and id = $3";
            Ok(vec![At { tenant, kind, id: &id }.statement(sql, []).expecting(1)])
        }
        Write::Tie { tie, created } => Ok(vec![ties::tie(tenant, tie, created)?]),
        Write::Untie(tie) => Ok(vec![ties::untie(tenant, tie)]),
        Write::Forget(forgotten) => Ok(ties::forget(tenant, forgotten)),
        Write::Event(event) => Ok(events::statements(tenant, event)),
    }
}

/// The place of a document.
#[derive(Clone, Copy)]
struct At<'a> {
    tenant: &'a str,
    kind: &'static str,
    id: &'a str,
}

impl At<'_> {
    /// A statement whose first three arguments are the place.
    fn statement<const N: usize>(self, sql: &'static str, more: [Value; N]) -> Statement {
        let mut arguments = vec![self.tenant.into(), self.kind.into(), self.id.into()];
        arguments.extend(more);
        Statement::new(sql, arguments)
    }

    fn no_keys(self) -> [Statement; 3] {
        [
            self.statement("delete from document_keys where tenant = $1 and kind = $2 and id = $3", []),
            self.statement("delete from document_uniques where tenant = $1 and kind = $2 and id = $3", []),
            self.statement("delete from document_terms where tenant = $1 and kind = $2 and id = $3", []),
        ]
    }

    fn no_key(self, key: Key) -> Statement {
        let sql = match key.used {
            Used::Unique => {
                "delete from document_uniques where tenant = $1 and kind = $2 and id = $3 and name = $4 and value = $5"
            }
            Used::Lookup => {
                "delete from document_keys where tenant = $1 and kind = $2 and id = $3 and name = $4 and value = $5"
            }
            Used::Search => {
                "delete from document_terms where tenant = $1 and kind = $2 and id = $3 and name = $4 and value = $5"
            }
        };
        self.statement(sql, [key.name.into(), key.value.into()])
    }

    fn keys(self, keys: Vec<Key>) -> Result<Vec<Statement>> {
        // A document may name a value twice; that is one key.
        let keys: BTreeSet<Key> = keys.into_iter().collect();
        keys.into_iter()
            .map(|key| {
                if key.value.len() > LONGEST_KEY {
                    return Err(Error::TooLong { what: key.name.to_owned() });
                }
                let sql = match key.used {
                    Used::Unique => {
                        "insert into document_uniques (tenant, kind, id, name, value) values ($1, $2, $3, $4, $5)"
                    }
                    Used::Lookup => {
                        "insert into document_keys (tenant, kind, id, name, value) values ($1, $2, $3, $4, $5)"
                    }
                    Used::Search => {
                        "insert into document_terms (tenant, kind, id, name, value, created)
                         select tenant, kind, id, $4, $5, created from documents
                         where tenant = $1 and kind = $2 and id = $3"
                    }
                };
                Ok(self.statement(sql, [key.name.into(), key.value.into()]).labelled(key.name))
            })
            .collect()
    }

    /// The line in the list of changes, under the revision the batch has just made.
    fn changed(self) -> Result<Statement> {
        if self.tenant.len() + self.id.len() > LONGEST_PLACE {
            return Err(Error::TooLong { what: "id".to_owned() });
        }
        let sql = "insert into changes (tenant, rev, kind, id) select name, rev, $2, $3 from tenants where name = $1
                   on conflict do nothing";
        Ok(self.statement(sql, []))
    }
}

/// PostgreSQL refuses index entries beyond 2,704 bytes; place and key share one.
const LONGEST_KEY: usize = 1500;
const LONGEST_PLACE: usize = 1000;
