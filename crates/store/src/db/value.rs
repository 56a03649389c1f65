//! What goes into a statement and what comes out of it. Two types and the absence of one: what both databases
//! keep in the same way. It never interprets what it carries.

use serde::{Deserialize, Serialize};

use super::{Error, Result};

/// One argument of a statement, or one cell of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Null,
    Int(i64),
    Text(String),
}

/// The same, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Cell<'a> {
    Null,
    Int(i64),
    Text(&'a str),
}

/// One row of an answer, its cells in the order the statement named them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row(pub(super) Vec<Value>);

impl Row {
    /// The text in a column, borrowed.
    pub fn str(&self, column: usize) -> Result<&str> {
        match self.cell(column)? {
            Value::Text(text) => Ok(text),
            Value::Null | Value::Int(_) => Err(Error::unexpected(column, "text")),
        }
    }

    /// The text in a column.
    pub fn text(&self, column: usize) -> Result<String> {
        self.str(column).map(str::to_owned)
    }

    /// The text in a column that may be null.
    pub fn opt_text(&self, column: usize) -> Result<Option<String>> {
        if *self.cell(column)? == Value::Null { Ok(None) } else { self.text(column).map(Some) }
    }

    /// The number in a column.
    pub fn int(&self, column: usize) -> Result<i64> {
        match self.cell(column)? {
            Value::Int(number) => Ok(*number),
            Value::Null | Value::Text(_) => Err(Error::unexpected(column, "a number")),
        }
    }

    /// The number in a column that may be null.
    pub fn opt_int(&self, column: usize) -> Result<Option<i64>> {
        if *self.cell(column)? == Value::Null { Ok(None) } else { self.int(column).map(Some) }
    }

    /// How many bytes of text it carries.
    pub(super) fn bytes(&self) -> usize {
        let bytes = |value: &Value| if let Value::Text(text) = value { text.len() } else { 0 };
        self.0.iter().map(bytes).sum()
    }

    /// All cells.
    pub fn values(&self) -> &[Value] {
        &self.0
    }

    fn cell(&self, column: usize) -> Result<&Value> {
        self.0.get(column).ok_or_else(|| Error::unexpected(column, "there"))
    }
}

/// Refuses text that PostgreSQL could not keep, so that SQLite does not keep it either.
pub(super) fn check(arguments: &[Value]) -> Result<()> {
    let holds_nul = |value: &Value| matches!(value, Value::Text(text) if text.as_bytes().contains(&0));
    if arguments.iter().any(holds_nul) { Err(Error::Nul) } else { Ok(()) }
}

impl<'a> Cell<'a> {
    /// The text, if it is one.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Int(_) => None,
        }
    }
}

impl<'a> From<&'a str> for Cell<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl<'a> From<&'a Option<String>> for Cell<'a> {
    fn from(text: &'a Option<String>) -> Self {
        text.as_deref().map_or(Self::Null, Self::Text)
    }
}

impl<'a> From<&'a Value> for Cell<'a> {
    fn from(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Int(number) => Self::Int(*number),
            Value::Text(text) => Self::Text(text),
        }
    }
}

impl From<Cell<'_>> for Value {
    fn from(cell: Cell<'_>) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Int(number) => Self::Int(number),
            Cell::Text(text) => text.into(),
        }
    }
}

impl FromIterator<Value> for Row {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
