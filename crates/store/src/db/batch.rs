//! A unit of work: statements that take effect together or not at all. Reads come before a batch and are
//! guarded by the row counts it expects, so nobody holds a transaction open while thinking.

use std::sync::Arc;

use super::{Row, Rows, Value};

/// Statements that take effect together, in order, or not at all.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Rows that are inserted first, except those whose key exists already.
    pub(super) rows: Option<Arc<Rows>>,
    pub(super) statements: Vec<Statement>,
}

/// One statement of a batch.
#[derive(Clone, Debug)]
pub struct Statement {
    pub(super) sql: Sql,
    pub(super) arguments: Vec<Value>,
    pub(super) expected: Option<u64>,
    pub(super) label: &'static str,
}

/// The text of a statement, with its arguments as `$1`, `$2`, …
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sql {
    /// One of a few: stays prepared on its connection.
    Constant(&'static str),
    /// One of too many shapes to keep: prepared for one call.
    Composed(String),
}

/// What a batch did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The rows its statements returned, one statement after the other.
    pub rows: Vec<Row>,
    /// How many rows each statement wrote, or returned.
    pub counts: Vec<u64>,
    /// How many of the rows that were to be inserted were not there yet.
    pub inserted: usize,
}

impl Batch {
    /// A batch that does nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a statement at the end.
    pub fn push(&mut self, statement: Statement) {
        self.statements.push(statement);
    }
}

impl From<Vec<Statement>> for Batch {
    fn from(statements: Vec<Statement>) -> Self {
        Self { rows: None, statements }
    }
}

impl Extend<Statement> for Batch {
    fn extend<I: IntoIterator<Item = Statement>>(&mut self, statements: I) {
        self.statements.extend(statements);
    }
}

impl Statement {
    /// A statement with its arguments.
    pub fn new(sql: impl Into<Sql>, arguments: Vec<Value>) -> Self {
        Self { sql: sql.into(), arguments, expected: None, label: "row" }
    }

    /// Fails the batch with [`Error::Conflict`](super::Error::Conflict) unless so many rows are
    /// written, or returned.
    #[must_use]
    pub fn expecting(self, rows: u64) -> Self {
        Self { expected: Some(rows), ..self }
    }

    /// Names the statement in [`Error::Taken`](super::Error::Taken).
    #[must_use]
    pub fn labelled(self, label: &'static str) -> Self {
        Self { label, ..self }
    }
}

impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Self::Constant(text)
    }
}

impl From<String> for Sql {
    fn from(text: String) -> Self {
        Self::Composed(text)
    }
}
