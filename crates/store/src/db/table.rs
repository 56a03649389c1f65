//! Many rows for one table at once, the fastest way each database has.

use std::fmt::Write;

use super::{Statement, Value};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Int,
    Text,
}

/// A table that is filled in bulk. A row whose key exists already is left as it is, so that a repeated call
/// does no harm.
#[derive(Debug)]
pub struct Table {
    pub(super) columns: Vec<Type>,
    row: String,
    unnest: String,
}

impl Table {
    /// The table of that name with those columns.
    pub fn new(name: &str, columns: &[(&str, Type)]) -> Self {
        let names = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let (mut parameters, mut arrays) = (String::new(), String::new());
        for (index, (_, kind)) in columns.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            let array = match kind {
                Type::Int => "bigint[]",
                Type::Text => "text[]",
            };
            let number = index + 1;
            // Writing to a String cannot fail.
            let _ = write!(parameters, "{comma}${number}");
            let _ = write!(arrays, "{comma}${number}::{array}");
        }
        Self {
            columns: columns.iter().map(|(_, kind)| *kind).collect(),
            row: format!("insert into {name} ({names}) values ({parameters}) on conflict do nothing"),
            unnest: format!(
                "insert into {name} ({names}) select * from unnest({arrays}) on conflict do nothing"
            ),
        }
    }

    /// The statement that inserts one row.
    pub(super) fn statement(&'static self, row: Vec<Value>) -> Statement {
        Statement::new(self.row.as_str(), row)
    }

    /// PostgreSQL's statement for all rows at once: one array for each column.
    pub(super) fn unnest(&self) -> &str {
        &self.unnest
    }
}
