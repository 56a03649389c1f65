//! A database read from end to end as it was at one moment, and written anew from what was read, on either kind. What
//! travels is named by the database's own catalogue, so that a table of tomorrow travels without a word here. Nothing
//! here knows what the tables mean, and never more than a few pieces are in memory.

use tokio::sync::mpsc;

use super::migration::{self, Migration, Section};
use super::table::Type;
use super::{Error, Result, Row, Value, postgres_copy, sqlite_copy};
use crate::Location;

/// What is read one after the other: the steps that the schema has taken, then each table followed by its rows, then
/// the end. Whoever writes keeps nothing of a copy whose end does not come.
#[derive(Debug)]
pub enum Piece {
    Steps(Vec<Step>),
    Table(Shape),
    /// Of the table named last.
    Rows(Vec<Row>),
    End,
}

/// A step that a schema has taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub name: String,
    pub hash: String,
}

/// A table as it travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    pub table: String,
    pub columns: Vec<(String, Type)>,
}

/// Reads a store, whichever it is, as it is at one moment; a server may be at work on it.
pub async fn read(at: &Location, to: Pieces) -> Result<()> {
    match at {
        Location::Sqlite { dir } => {
            let dir = dir.clone();
            let read = move || sqlite_copy::read(&dir, &to);
            tokio::task::spawn_blocking(read).await.map_err(Error::database)?
        }
        Location::Postgres { url } => postgres_copy::read(url, &to).await,
    }
}

/// Makes a store of what was read; answers of how many rows. On SQLite in a folder that has none, and whoever finds an
/// error there throws the files away; on PostgreSQL in place of the one that is there, all or nothing.
pub async fn write(at: &Location, from: mpsc::Receiver<Piece>) -> Result<u64> {
    match at {
        Location::Sqlite { dir } => {
            let dir = dir.clone();
            let write = move || sqlite_copy::write(&dir, from);
            tokio::task::spawn_blocking(write).await.map_err(Error::database)?
        }
        Location::Postgres { url } => postgres_copy::write(url, from).await,
    }
}

/// The steps that a store has taken; none where there is no store. Nothing is changed.
pub async fn steps_of(at: &Location) -> Result<Vec<Step>> {
    match at {
        Location::Sqlite { dir } => {
            let dir = dir.clone();
            let look = move || sqlite_copy::steps(&dir);
            tokio::task::spawn_blocking(look).await.map_err(Error::database)?
        }
        Location::Postgres { url } => postgres_copy::steps(url).await,
    }
}

/// How many steps this program would take, having taken these; refused if one of them is unknown to it.
pub fn left(steps: &[Step]) -> Result<usize> {
    let all = [Section::Main, Section::Logs];
    Ok(migration::of(&all).count() - taken(steps, &all)?.len())
}

/// Whether there is no store, or one that no server has ever used.
pub async fn is_empty(at: &Location) -> Result<bool> {
    match at {
        Location::Sqlite { dir } => {
            let dir = dir.clone();
            let look = move || sqlite_copy::is_empty(&dir);
            tokio::task::spawn_blocking(look).await.map_err(Error::database)?
        }
        Location::Postgres { url } => postgres_copy::is_empty(url).await,
    }
}

/// How many rows lie in one piece.
pub const ROWS: usize = 500;
/// With how many bytes of text a piece is full.
pub const BYTES: usize = 1 << 18;
/// How many pieces wait between who reads and who writes.
pub const PIECES: usize = 4;

/// Rows on their way, sent on when there are enough.
#[derive(Default)]
pub(super) struct Packed {
    rows: Vec<Row>,
    bytes: usize,
}

impl Packed {
    /// Takes a row; answers a full piece.
    pub fn push(&mut self, row: Row) -> Option<Piece> {
        self.bytes += row.bytes();
        self.rows.push(row);
        (self.rows.len() >= ROWS || self.bytes >= BYTES).then(|| self.take()).flatten()
    }

    /// What is left.
    pub fn take(&mut self) -> Option<Piece> {
        self.bytes = 0;
        let rows = std::mem::take(&mut self.rows);
        (!rows.is_empty()).then_some(Piece::Rows(rows))
    }
}

impl Shape {
    /// Of what a catalogue names: columns and the words for their types.
    pub(super) fn of(table: &str, columns: &[Row]) -> Result<Self> {
        let column = |row: &Row| {
            let kind = match row.str(1)?.to_ascii_lowercase().as_str() {
                "bigint" => Type::Int,
                "text" => Type::Text,
                other => return Err(broken(format!("{table} has a column of the type {other}"))),
            };
            Ok((row.text(0)?, kind))
        };
        let columns = columns.iter().map(column).collect::<Result<_>>()?;
        Ok(Self { table: table.to_owned(), columns })
    }

    /// The columns as a statement names them.
    pub(super) fn names(&self) -> String {
        self.columns.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }

    /// Whether this is the table that is there: the same columns, in whatever order. Their names go into statements, so
    /// that nothing else may stand in them.
    pub(super) fn must_be(&self, there: &Shape) -> Result<()> {
        let sorted = |shape: &Shape| {
            let mut columns = shape.columns.clone();
            columns.sort_by(|(one, _), (other, _)| one.cmp(other));
            columns
        };
        if sorted(self) == sorted(there) {
            Ok(())
        } else {
            Err(broken(format!("the table {} has other columns here than in the copy", self.table)))
        }
    }

    /// Whether a row has the columns of the table, each with what it may hold.
    pub(super) fn must_hold(&self, row: &Row) -> Result<()> {
        let fits = |(value, (_, kind)): (&Value, &(String, Type))| match (value, kind) {
            (Value::Null, _) | (Value::Int(_), Type::Int) | (Value::Text(_), Type::Text) => true,
            (Value::Int(_), Type::Text) | (Value::Text(_), Type::Int) => false,
        };
        if row.0.len() != self.columns.len() || !row.0.iter().zip(&self.columns).all(fits) {
            return Err(broken(format!("a row of the table {} does not fit it", self.table)));
        }
        super::value::check(&row.0)
    }
}

/// The steps that a copy names, in the order in which they are taken here. A step that is unknown, or known with other
/// words, is refused.
pub(super) fn taken(steps: &[Step], section: &[Section]) -> Result<Vec<&'static Migration>> {
    let all = [Section::Main, Section::Logs];
    let recorded: Vec<_> = steps.iter().map(|step| (step.name.clone(), step.hash.clone())).collect();
    let open = migration::pending(&all, &recorded)?;
    let is_taken = |step: &&Migration| open.iter().all(|open| open.name != step.name);
    Ok(migration::of(section).filter(is_taken).collect())
}

/// The steps as a ledger has them.
pub(super) fn steps(recorded: &[Row]) -> Result<Vec<Step>> {
    let steps = recorded.iter().map(|row| Ok(Step { name: row.text(0)?, hash: row.text(1)? }));
    steps.collect()
}

/// Tables of what is so only while it lasts, such as which processes serve: they do not travel.
pub const PASSING: &[&str] = &["nodes"];

/// The tables of these sections that travel.
pub(super) fn tables(sections: &[Section]) -> impl Iterator<Item = (&'static str, Section)> {
    migration::tables(sections).filter(|(table, _)| !PASSING.contains(table))
}

impl Shape {
    /// What lets go of what is held in this table while somebody works on it, if anything is: whoever held it is not there
    /// any more. A lease is a column of that name, and who has it stands beside.
    pub(super) fn release(&self) -> Option<String> {
        let has = |name: &str| self.columns.iter().any(|(column, _)| column == name);
        let holder = if has("holder") { ", holder = ''" } else { "" };
        has("leased").then(|| format!("update {} set leased = 0{holder} where leased <> 0", self.table))
    }
}

/// The answer to a copy that is not what it should be.
pub(super) fn broken(words: impl Into<String>) -> Error {
    Error::Copy { words: words.into() }
}

/// The next piece; whoever reads the copy and stops before its end has reasons of their own.
pub(super) fn ended<T>(next: Option<T>) -> Result<T> {
    next.ok_or_else(|| broken("the copy ends before its end"))
}

/// Where pieces go.
pub type Pieces = mpsc::Sender<Piece>;
