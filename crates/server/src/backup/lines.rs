//! The form of a backup: lines of JSON, the same whichever store it was taken of. A head, then each table with its
//! columns, its rows as arrays and their number, and an end that says how much there was and what all lines before it
//! hash to. Nothing here knows of files, keys or databases.

use std::fmt;
use std::io::{BufRead, Read, Write};

use anyhow::{Context, Result, bail, ensure};
use serde::de::{DeserializeSeed, Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};
use store::copy::{Piece, ROWS, Shape, Step};
use store::db::{Row, Type, Value};

use crate::cli::print::plain;

/// The form that is written, and the only one that there has been.
pub const FORMAT: u64 = 1;
/// No line is longer, and no row needs more memory.
pub const LONGEST: usize = 64 << 20;
/// The same of what is no row.
const LONGEST_SAID: usize = 1 << 20;

/// What a backup says of itself. It may hold the master key, and is never printed.
#[derive(Clone, Serialize, Deserialize)]
pub struct Head {
    pub countersign_backup: u64,
    pub made_at: String,
    /// The version of the program.
    pub by: String,
    /// The kind of store it was taken of.
    pub store: String,
    pub steps: Vec<(String, String)>,
    /// The lines of the master key, unless it is kept apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub master_key: Option<String>,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    pub tables: u64,
    pub rows: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    table: String,
    columns: Vec<(String, String)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    #[serde(flatten)]
    amount: Amount,
    sha256: String,
}

/// Writes lines.
pub struct Writer<W> {
    out: W,
    hash: Sha256,
    line: Vec<u8>,
    amount: Amount,
    /// Rows of the table that is being written.
    open: Option<u64>,
}

impl<W: Write> Writer<W> {
    pub fn begin(out: W, head: &Head) -> Result<Self> {
        let mut writer =
            Self { out, hash: Sha256::new(), line: Vec::new(), amount: Amount::default(), open: None };
        writer.say(head)?;
        Ok(writer)
    }

    pub fn table(&mut self, shape: &Shape) -> Result<()> {
        self.close()?;
        self.open = Some(0);
        self.amount.tables += 1;
        let columns = shape.columns.iter().map(|(name, kind)| (name.clone(), word(*kind).to_owned()));
        self.say(&Table { table: shape.table.clone(), columns: columns.collect() })
    }

    pub fn row(&mut self, row: &Row) -> Result<()> {
        *self.open.as_mut().context("a row before any table")? += 1;
        self.amount.rows += 1;
        self.line.clear();
        self.line.push(b'[');
        for (place, value) in row.values().iter().enumerate() {
            if place > 0 {
                self.line.push(b',');
            }
            match value {
                Value::Null => self.line.extend_from_slice(b"null"),
                Value::Int(number) => write!(self.line, "{number}")?,
                Value::Text(text) => serde_json::to_writer(&mut self.line, text)?,
            }
        }
        self.line.push(b']');
        self.put()
    }

    /// The last line; gives back what was written to.
    pub fn end(mut self) -> Result<(W, Amount)> {
        self.close()?;
        let sha256 = hex(&self.hash);
        let amount = self.amount;
        self.say(&json!({ "end": End { amount, sha256 } }))?;
        Ok((self.out, amount))
    }

    fn close(&mut self) -> Result<()> {
        match self.open.take() {
            Some(rows) => self.say(&json!({ "rows": rows })),
            None => Ok(()),
        }
    }

    fn say(&mut self, value: &impl Serialize) -> Result<()> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value)?;
        self.put()
    }

    fn put(&mut self) -> Result<()> {
        ensure!(self.line.len() < LONGEST, "a row is longer than {} MiB and fits no backup", LONGEST >> 20);
        self.line.push(b'\n');
        self.hash.update(&self.line);
        self.out.write_all(&self.line).context("writing the backup")
    }
}

/// Reads lines. Whoever reads believes nothing before the end.
pub struct Reader<R> {
    from: R,
    hash: Sha256,
    line: Vec<u8>,
    number: u64,
    amount: Amount,
    open: Option<Open>,
    /// What was read beyond the rows that were answered.
    next: Option<Piece>,
    is_done: bool,
}

/// The table that is being read.
struct Open {
    columns: Vec<Type>,
    rows: u64,
}

impl<R: BufRead> Reader<R> {
    pub fn begin(from: R) -> Result<(Head, Self)> {
        let mut reader = Self {
            from,
            hash: Sha256::new(),
            line: Vec::new(),
            number: 0,
            amount: Amount::default(),
            open: None,
            next: None,
            is_done: false,
        };
        reader.read()?;
        reader.must_be_short()?;
        reader.take_in();
        let version: Json =
            serde_json::from_slice(&reader.line).context("this is no backup of Countersign")?;
        let by = version["by"].as_str().map_or("another version".to_owned(), |_| plain(&version["by"]));
        match version["countersign_backup"].as_u64() {
            Some(FORMAT) => {}
            Some(other) => bail!(
                "the backup has the form {other} (made by {by}) and this program reads the form {FORMAT}: \
                 restore it with that version or a later one"
            ),
            None => bail!("this is no backup of Countersign"),
        }
        let head: Head = serde_json::from_value(version).context("the head of the backup")?;
        store::copy::left(&head.steps()).context("the backup is of another version")?;
        reader.next = Some(Piece::Steps(head.steps()));
        Ok((head, reader))
    }

    /// What comes next; after the end nothing.
    pub fn piece(&mut self) -> Result<Option<Piece>> {
        if let Some(next) = self.next.take() {
            return Ok(Some(next));
        }
        if self.is_done {
            return Ok(None);
        }
        let mut rows = Vec::new();
        let mut bytes = 0;
        while rows.len() < ROWS && bytes < store::copy::BYTES {
            self.read()?;
            bytes += self.line.len();
            if self.line.first() == Some(&b'[') {
                rows.push(self.row().with_context(|| format!("line {} of the backup", self.number))?);
                self.take_in();
                continue;
            }
            let said = self.said().with_context(|| format!("line {} of the backup", self.number))?;
            if said.is_some() && rows.is_empty() {
                return Ok(said);
            }
            if said.is_some() {
                self.next = said;
                break;
            }
        }
        Ok(Some(Piece::Rows(rows)))
    }

    /// How much has been read.
    pub fn amount(&self) -> Amount {
        self.amount
    }

    fn row(&mut self) -> Result<Row> {
        let open = self.open.as_mut().context("a row before any table")?;
        let mut row = serde_json::Deserializer::from_slice(&self.line);
        let cells = Cells(open.columns.len()).deserialize(&mut row).context("a row that is none")?;
        row.end().context("a row that is none")?;
        open.rows += 1;
        self.amount.rows += 1;
        cells.into_iter().zip(&open.columns).map(|(cell, kind)| value(cell.get(), *kind)).collect()
    }

    /// A line that is no row: nothing where it only counts.
    fn said(&mut self) -> Result<Option<Piece>> {
        self.must_be_short()?;
        let said: Json = serde_json::from_slice(&self.line).context("not what a backup says")?;
        if let Some(rows) = said.get("rows") {
            let open = self.open.take().context("rows are counted of no table")?;
            ensure!(
                rows.as_u64() == Some(open.rows),
                "{} rows were read where {rows} were written",
                open.rows
            );
            self.take_in();
            return Ok(None);
        }
        ensure!(self.open.is_none(), "a table ends without its number of rows");
        if let Some(end) = said.get("end") {
            let End { amount, sha256 } = End::deserialize(end).context("not what a backup says")?;
            ensure!(amount == self.amount, "the backup ends with {amount:?}, and {:?} was read", self.amount);
            ensure!(sha256 == hex(&self.hash), "the backup was changed: its hash is another one");
            self.is_done = true;
            self.read_nothing()?;
            return Ok(Some(Piece::End));
        }
        let Table { table, columns } = Table::deserialize(said).context("not what a backup says")?;
        let column = |(name, kind): (String, String)| Ok((name, kind_of(&kind)?));
        let columns = columns.into_iter().map(column).collect::<Result<Vec<_>>>()?;
        self.open = Some(Open { columns: columns.iter().map(|(_, kind)| *kind).collect(), rows: 0 });
        self.amount.tables += 1;
        self.take_in();
        Ok(Some(Piece::Table(Shape { table, columns })))
    }

    /// Reads a line, of bounded length.
    fn read(&mut self) -> Result<()> {
        self.line.clear();
        self.number += 1;
        let most = LONGEST as u64 + 1;
        let read = self.from.by_ref().take(most).read_until(b'\n', &mut self.line);
        read.context("reading the backup: it is damaged, cut short, or was changed")?;
        match self.line.last() {
            Some(b'\n') => Ok(()),
            Some(_) if self.line.len() as u64 == most => {
                bail!("line {} of the backup is longer than {} MiB", self.number, LONGEST >> 20)
            }
            Some(_) | None => bail!("the backup is cut short after line {}", self.number - 1),
        }
    }

    /// Whether the line, which is no row, is as short as those are: parsed it takes many times the memory.
    fn must_be_short(&self) -> Result<()> {
        ensure!(self.line.len() <= LONGEST_SAID, "a line that is no row is longer than {LONGEST_SAID} bytes");
        Ok(())
    }

    fn read_nothing(&mut self) -> Result<()> {
        // Only whoever reads to the end hears whether compression and encryption ended there too.
        let rest = self.from.fill_buf().context("reading the end of the backup")?;
        ensure!(rest.is_empty(), "something follows the end of the backup");
        Ok(())
    }

    fn take_in(&mut self) {
        self.hash.update(&self.line);
    }
}

/// The cells of a row that has so many, as they are written; those of one that has more are not all kept.
struct Cells(usize);

impl<'de> DeserializeSeed<'de> for Cells {
    type Value = Vec<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, row: D) -> Result<Self::Value, D::Error> {
        row.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Cells {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a row")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<Self::Value, A::Error> {
        let mut cells = Vec::with_capacity(self.0);
        while cells.len() <= self.0
            && let Some(cell) = row.next_element()?
        {
            cells.push(cell);
        }
        if cells.len() == self.0 {
            return Ok(cells);
        }
        Err(A::Error::custom("a row with another number of columns than its table has"))
    }
}

/// What is written in a cell of this type.
fn value(cell: &str, kind: Type) -> Result<Value> {
    Ok(match (cell.as_bytes().first(), kind) {
        (Some(b'n'), _) => Value::Null,
        (Some(b'"'), Type::Text) => Value::Text(serde_json::from_str(cell).context("a text that is none")?),
        (Some(b'-' | b'0'..=b'9'), Type::Int) => {
            Value::Int(cell.parse().context("a number that is no whole one of 64 bits")?)
        }
        _ => bail!("a value that does not fit its column"),
    })
}

impl Head {
    pub fn steps(&self) -> Vec<Step> {
        self.steps.iter().map(|(name, hash)| Step { name: name.clone(), hash: hash.clone() }).collect()
    }
}

fn hex(hash: &Sha256) -> String {
    hash.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn word(kind: Type) -> &'static str {
    match kind {
        Type::Int => "bigint",
        Type::Text => "text",
    }
}

fn kind_of(word: &str) -> Result<Type> {
    match word {
        "bigint" => Ok(Type::Int),
        "text" => Ok(Type::Text),
        other => bail!("a column of the type {other:?}"),
    }
}

#[cfg(test)]
mod tests;
