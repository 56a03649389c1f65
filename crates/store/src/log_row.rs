//! One event of a tenant's log as a row. What can be searched has a column; the rest is one text.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::db::{Cell, Error, Result, Row, Rows, Table, Type, Value};
use crate::tallies::{Did, Outcome};

/// An event of a tenant's log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogRow {
    pub tenant: String,
    /// Made in the order of time: logs are listed by it.
    pub log_id: String,
    /// Milliseconds since 1970.
    pub date: i64,
    /// The type code of the event.
    pub kind: String,
    pub description: Option<String>,
    pub client_id: Option<String>,
    pub client_name: Option<String>,
    pub ip: Option<String>,
    pub hostname: Option<String>,
    pub user_id: Option<String>,
    pub user_name: Option<String>,
    pub user_agent: Option<String>,
    pub connection: Option<String>,
    pub connection_id: Option<String>,
    pub organization_id: Option<String>,
    pub strategy: Option<String>,
    pub strategy_type: Option<String>,
    pub scope: Option<String>,
    pub audience: Option<String>,
    /// All other members, as a JSON object.
    pub rest: Option<String>,
    /// What it is about, if that has a history.
    pub object: Option<String>,
    /// How a request for a token ended. It is counted and not kept.
    pub outcome: Option<Outcome>,
    /// What a person did that is counted by the day. It is not kept either.
    pub did: Option<Did>,
}

/// Events as they wait to be written.
#[derive(Debug)]
pub(crate) struct LogRows {
    pub rows: Rows,
    /// What is counted of each of them.
    pub notes: Vec<Note>,
}

/// What is counted of an event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Note {
    pub outcome: Option<Outcome>,
    pub did: Option<Did>,
}

impl Default for LogRows {
    fn default() -> Self {
        Self { rows: Rows::new(&TABLE), notes: Vec::new() }
    }
}

impl LogRows {
    /// Adds an event as it is.
    pub fn push(&mut self, row: &LogRow) {
        self.rows.push(row.cells());
        self.notes.push(Note { outcome: row.outcome.clone(), did: row.did });
    }

    /// Some of them as they are.
    pub fn of(rows: &Rows, notes: &[Note]) -> Self {
        let mut all = Self::default();
        rows.iter::<{ COLUMNS.len() }>().for_each(|row| all.rows.push(row));
        all.notes.extend_from_slice(notes);
        all
    }

    /// The first half of them and the second; nothing, if there is but one.
    pub fn halves(rows: &Rows, notes: &[Note]) -> Option<[Self; 2]> {
        let middle = rows.len() / 2;
        let mut halves = [Self::default(), Self::default()];
        for (place, (row, note)) in rows.iter::<{ COLUMNS.len() }>().zip(notes).enumerate() {
            let half = &mut halves[usize::from(place >= middle)];
            half.rows.push(row);
            half.notes.push(note.clone());
        }
        (middle > 0).then_some(halves)
    }

    /// Removes all and keeps the room.
    pub fn clear(&mut self) {
        self.rows.clear();
        self.notes.clear();
    }

    /// What [`to_text`] made, by this version or by another one that had more columns or fewer.
    pub fn from_text(text: &str) -> Result<Self> {
        let Kept { columns, cells, notes } =
            serde_json::from_str::<Kept<Value, Vec<Note>>>(text).map_err(Error::database)?;
        if columns == 0 || columns.checked_mul(notes.len()) != Some(cells.len()) {
            return Err(Error::database("log events that were kept are not whole"));
        }
        let mut rows = Rows::new(&TABLE);
        for kept in cells.chunks(columns) {
            let mut row = [Cell::Null; COLUMNS.len()];
            row.iter_mut().zip(kept).for_each(|(cell, value)| *cell = value.into());
            rows.push(row);
        }
        Ok(Self { rows, notes })
    }
}

/// Events as one text, to be kept until they can be written.
pub(crate) fn to_text(rows: &Rows, notes: &[Note]) -> Result<String> {
    let kept = Kept { columns: COLUMNS.len(), cells: rows.cells().collect::<Vec<_>>(), notes };
    serde_json::to_string(&kept).map_err(Error::database)
}

/// Events as they are kept.
#[derive(Serialize, Deserialize)]
struct Kept<C, N> {
    columns: usize,
    /// Row by row.
    cells: Vec<C>,
    notes: N,
}

impl LogRow {
    /// Replaces U+0000, which the database refuses, by U+FFFD: no sender gets rid of its event by one character.
    pub(crate) fn without_nul(mut self) -> Self {
        for text in self.texts() {
            if text.as_bytes().contains(&0) {
                *text = text.replace('\0', "\u{FFFD}");
            }
        }
        self
    }

    /// How many bytes of text the event carries.
    pub(crate) fn size(&self) -> usize {
        self.cells().into_iter().filter_map(Cell::text).map(str::len).sum()
    }

    /// The same, and whether U+0000 is among them.
    pub(crate) fn measure(&self) -> (usize, bool) {
        let texts = self.cells().into_iter().filter_map(Cell::text);
        texts.fold((0, false), |(size, has_nul), text| {
            (size + text.len(), has_nul || text.as_bytes().contains(&0))
        })
    }

    fn texts(&mut self) -> impl Iterator<Item = &mut String> {
        let required = [&mut self.tenant, &mut self.log_id, &mut self.kind];
        let optional = [
            &mut self.description,
            &mut self.client_id,
            &mut self.client_name,
            &mut self.ip,
            &mut self.hostname,
            &mut self.user_id,
            &mut self.user_name,
            &mut self.user_agent,
            &mut self.connection,
            &mut self.connection_id,
            &mut self.organization_id,
            &mut self.strategy,
            &mut self.strategy_type,
            &mut self.scope,
            &mut self.audience,
            &mut self.rest,
            &mut self.object,
        ];
        required.into_iter().chain(optional.into_iter().flatten())
    }

    /// The cells, in the order of [`COLUMNS`].
    fn cells(&self) -> [Cell<'_>; COLUMNS.len()] {
        [
            self.tenant.as_str().into(),
            self.log_id.as_str().into(),
            self.date.into(),
            self.kind.as_str().into(),
            (&self.description).into(),
            (&self.client_id).into(),
            (&self.client_name).into(),
            (&self.ip).into(),
            (&self.hostname).into(),
            (&self.user_id).into(),
            (&self.user_name).into(),
            (&self.user_agent).into(),
            (&self.connection).into(),
            (&self.connection_id).into(),
            (&self.organization_id).into(),
            (&self.strategy).into(),
            (&self.strategy_type).into(),
            (&self.scope).into(),
            (&self.audience).into(),
            (&self.rest).into(),
            (&self.object).into(),
        ]
    }

    /// All that is kept of it as one text, the same for as long as it is kept: each column that has a value, with its name
    /// and its length.
    pub fn canonical(&self) -> String {
        let mut canonical = String::new();
        for ((name, _), cell) in COLUMNS.iter().zip(self.cells()) {
            let text = match cell {
                Cell::Null => continue,
                Cell::Int(number) => number.to_string(),
                Cell::Text(text) => text.to_owned(),
            };
            canonical.push_str(&format!("{name}:{}:{text};", text.len()));
        }
        canonical
    }

    /// The event in a row that has all [`COLUMNS`].
    pub(crate) fn from_row(row: &Row) -> Result<Self> {
        Ok(Self {
            tenant: row.text(0)?,
            log_id: row.text(1)?,
            date: row.int(2)?,
            kind: row.text(3)?,
            description: row.opt_text(4)?,
            client_id: row.opt_text(5)?,
            client_name: row.opt_text(6)?,
            ip: row.opt_text(7)?,
            hostname: row.opt_text(8)?,
            user_id: row.opt_text(9)?,
            user_name: row.opt_text(10)?,
            user_agent: row.opt_text(11)?,
            connection: row.opt_text(12)?,
            connection_id: row.opt_text(13)?,
            organization_id: row.opt_text(14)?,
            strategy: row.opt_text(15)?,
            strategy_type: row.opt_text(16)?,
            scope: row.opt_text(17)?,
            audience: row.opt_text(18)?,
            rest: row.opt_text(19)?,
            object: row.opt_text(20)?,
            outcome: None,
            did: None,
        })
    }
}

/// The columns of the table.
pub(crate) const COLUMNS: [(&str, Type); 21] = [
    ("tenant", Type::Text),
    ("log_id", Type::Text),
    ("date", Type::Int),
    ("kind", Type::Text),
    ("description", Type::Text),
    ("client_id", Type::Text),
    ("client_name", Type::Text),
    ("ip", Type::Text),
    ("hostname", Type::Text),
    ("user_id", Type::Text),
    ("user_name", Type::Text),
    ("user_agent", Type::Text),
    ("connection", Type::Text),
    ("connection_id", Type::Text),
    ("organization_id", Type::Text),
    ("strategy", Type::Text),
    ("strategy_type", Type::Text),
    ("scope", Type::Text),
    ("audience", Type::Text),
    ("rest", Type::Text),
    ("object", Type::Text),
];

/// Where in a row stands what is counted.
pub(crate) mod column {
    pub const TENANT: usize = 0;
    pub const LOG_ID: usize = 1;
    pub const DATE: usize = 2;
    pub const CLIENT_ID: usize = 5;
    pub const USER_ID: usize = 9;
    pub const AUDIENCE: usize = 18;
}

/// The table, ready to be filled.
pub(crate) static TABLE: LazyLock<Table> = LazyLock::new(|| Table::new("logs", &COLUMNS));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_as_text_comes_back_as_it_was() {
        let outcome = Outcome {
            refusal: Some("unknown_client".into()),
            took: std::time::Duration::from_micros(1234),
            knows_client: false,
            knows_api: true,
        };
        let row = LogRow {
            tenant: "one".into(),
            log_id: "900".into(),
            date: -7,
            description: Some("\"дом\"\n\u{1F511}".into()),
            rest: Some(String::new()),
            outcome: Some(outcome),
            did: Some(Did::SignUp),
            ..LogRow::default()
        };
        let mut events = LogRows::default();
        events.push(&row);
        events.push(&LogRow { outcome: None, did: None, ..row });
        let text = to_text(&events.rows, &events.notes).unwrap();
        let back = LogRows::from_text(&text).unwrap();
        assert_eq!(back.rows.cells().collect::<Vec<_>>(), events.rows.cells().collect::<Vec<_>>());
        assert_eq!(format!("{:?}", back.notes), format!("{:?}", events.notes));
    }

    #[test]
    fn what_another_version_kept_is_read_as_far_as_it_goes() {
        let fewer = r#"{"columns":3,"cells":["one","900",5],"notes":[{"outcome":null,"did":null}]}"#;
        let cells =
            |text: &str| LogRows::from_text(text).unwrap().rows.cells().map(Value::from).collect::<Vec<_>>();
        let read = cells(fewer);
        assert_eq!(read[..4], ["one".into(), "900".into(), 5.into(), Value::Null]);
        assert_eq!(read.len(), COLUMNS.len());
        let more = fewer
            .replace("5]", &format!("5{}]", ",null".repeat(30)))
            .replace("\"columns\":3", "\"columns\":33");
        assert_eq!(cells(&more), read);
    }

    #[test]
    fn what_is_no_events_is_refused() {
        for text in [
            "",
            "{}",
            "[]",
            "\0",
            r#"{"columns":0,"cells":[],"notes":[]}"#,
            r#"{"columns":2,"cells":["a"],"notes":[{"outcome":null,"did":null}]}"#,
            r#"{"columns":1,"cells":[{}],"notes":[{"outcome":null,"did":null}]}"#,
            r#"{"columns":18446744073709551615,"cells":[],"notes":[{"outcome":null,"did":null},{"outcome":null,"did":null}]}"#,
        ] {
            assert!(LogRows::from_text(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_counted_stands_where_it_is_looked_for() {
        let named = |index: usize| COLUMNS[index].0;
        let looked_for = [
            column::TENANT,
            column::LOG_ID,
            column::DATE,
            column::CLIENT_ID,
            column::USER_ID,
            column::AUDIENCE,
        ]
        .map(named);
        assert_eq!(looked_for, ["tenant", "log_id", "date", "client_id", "user_id", "audience"]);
    }
}
