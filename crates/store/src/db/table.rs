//! Many rows for one table at once, the fastest way each database has.

use std::{array, fmt::Write};

use super::{Cell, Error, Result};

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
    one: String,
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
            one: format!("insert into {name} ({names}) values ({parameters}) on conflict do nothing"),
            unnest: format!(
                "insert into {name} ({names}) select * from unnest({arrays}) on conflict do nothing"
            ),
        }
    }

    /// The statement that inserts one row.
    pub(super) fn one(&self) -> &str {
        &self.one
    }

    /// PostgreSQL's statement for all rows at once: one array for each column.
    pub(super) fn unnest(&self) -> &str {
        &self.unnest
    }
}

/// Rows for a table, packed: all texts in one piece, so that thousands of cells are two pieces of memory.
#[derive(Debug)]
pub struct Rows {
    pub(super) table: &'static Table,
    cells: Vec<Packed>,
    text: String,
}

/// A cell; a text lies behind those of the cells before it.
#[derive(Clone, Copy, Debug)]
enum Packed {
    Null,
    Int(i64),
    /// So many bytes.
    Text(usize),
}

impl Rows {
    /// No rows yet.
    pub fn new(table: &'static Table) -> Self {
        Self { table, cells: Vec::new(), text: String::new() }
    }

    /// Adds a row, its cells in the order of the columns.
    pub fn push<const COLUMNS: usize>(&mut self, row: [Cell<'_>; COLUMNS]) {
        debug_assert_eq!(COLUMNS, self.table.columns.len());
        self.cells.extend(row.map(|cell| match cell {
            Cell::Null => Packed::Null,
            Cell::Int(number) => Packed::Int(number),
            Cell::Text(text) => {
                self.text.push_str(text);
                Packed::Text(text.len())
            }
        }));
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.cells.len() / self.table.columns.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// How many bytes of text they carry.
    pub fn bytes(&self) -> usize {
        self.text.len()
    }

    /// All cells, row by row.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        let mut rest = self.text.as_str();
        self.cells.iter().map(move |cell| match cell {
            Packed::Null => Cell::Null,
            Packed::Int(number) => Cell::Int(*number),
            Packed::Text(length) => {
                let (text, after) = rest.split_at(*length);
                rest = after;
                Cell::Text(text)
            }
        })
    }

    /// The rows, each with its cells in the order of the columns.
    pub fn iter<const COLUMNS: usize>(&self) -> impl Iterator<Item = [Cell<'_>; COLUMNS]> {
        debug_assert_eq!(COLUMNS, self.table.columns.len());
        let mut cells = self.cells();
        (0..self.len()).map(move |_| array::from_fn(|_| cells.next().unwrap_or(Cell::Null)))
    }

    /// Removes all rows and keeps their room.
    pub fn clear(&mut self) {
        self.cells.clear();
        self.text.clear();
    }

    /// Refuses text that PostgreSQL could not keep, so that SQLite does not keep it either.
    pub(super) fn check(&self) -> Result<()> {
        if self.text.as_bytes().contains(&0) { Err(Error::Nul) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    static TABLE: LazyLock<Table> =
        LazyLock::new(|| Table::new("t", &[("a", Type::Text), ("b", Type::Int), ("c", Type::Text)]));

    #[test]
    fn what_is_packed_comes_out_as_it_was() {
        let mut rows = Rows::new(&TABLE);
        assert!(rows.is_empty());
        let all = [
            [Cell::Text("дом"), Cell::Int(-7), Cell::Null],
            [Cell::Text(""), Cell::Null, Cell::Text("x\u{FFFD}")],
            [Cell::Null, Cell::Int(i64::MAX), Cell::Text("last")],
        ];
        for round in 1..=2 {
            all.iter().for_each(|row| rows.push(*row));
            assert_eq!(rows.cells().collect::<Vec<_>>(), all.concat(), "round {round}");
            assert_eq!(rows.iter().collect::<Vec<[_; 3]>>(), all, "round {round}");
            assert_eq!((rows.len(), rows.bytes()), (3, 6 + 4 + 4));
            assert!(rows.check().is_ok());
            rows.clear();
            assert_eq!((rows.len(), rows.bytes(), rows.cells().count()), (0, 0, 0));
        }
        rows.push([Cell::Text("a\0"), Cell::Null, Cell::Null]);
        assert!(matches!(rows.check(), Err(Error::Nul)));
    }
}
