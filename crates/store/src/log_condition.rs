//! Which log events somebody looks for, as a tree, and the SQL that says the same. What is absent matches
//! nothing but a negation. Text is compared exactly, with case.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::db::{Engine, Error, Part, Result, Value};
use crate::log_row::LogRow;

/// Which log events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    Everything,
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    Is(Column, String),
    /// The whole text follows a pattern.
    Like(Column, Vec<Part>),
    Range {
        column: Column,
        from: Option<Bound>,
        to: Option<Bound>,
    },
    Exists(Column),
}

/// An end of a range. For [`Column::Date`] the text is a number of milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    pub value: String,
    pub inclusive: bool,
}

/// What can be searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    LogId,
    Date,
    Type,
    Description,
    ClientId,
    ClientName,
    Ip,
    Hostname,
    UserId,
    UserName,
    UserAgent,
    Connection,
    ConnectionId,
    OrganizationId,
    Strategy,
    StrategyType,
    Scope,
    Audience,
}

impl Condition {
    /// Whether an event in memory meets the condition; the same as its SQL says of a row.
    pub fn holds(&self, row: &LogRow) -> bool {
        match self {
            Self::Everything => true,
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(row)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(row)),
            Self::Not(condition) => !condition.holds(row),
            Self::Is(Column::Date, text) => text.parse() == Ok(row.date),
            Self::Is(column, text) => column.of(row).is_some_and(|value| value == text.as_str()),
            Self::Like(column, parts) => column.of(row).is_some_and(|value| Part::match_all(parts, &value)),
            Self::Range { column: Column::Date, from, to } => {
                let place = |bound: &Bound| Some(row.date.cmp(&bound.value.parse::<i64>().ok()?));
                within(from, to, &place)
            }
            Self::Range { column, from, to } => column.of(row).is_some_and(|value| {
                within(from, to, &|bound| Some(value.as_bytes().cmp(bound.value.as_bytes())))
            }),
            Self::Exists(column) => column.of(row).is_some(),
        }
    }
}

/// Whether a value lies between two bounds, given where it stands to each; a bound that is no value lets nothing in.
fn within(from: &Option<Bound>, to: &Option<Bound>, place: &dyn Fn(&Bound) -> Option<Ordering>) -> bool {
    let is_in = |bound: &Option<Bound>, side: Ordering| {
        bound.as_ref().is_none_or(|bound| match place(bound) {
            Some(Ordering::Equal) => bound.inclusive,
            place => place == Some(side),
        })
    };
    is_in(from, Ordering::Greater) && is_in(to, Ordering::Less)
}

/// A condition as SQL, with the arguments it adds to those already there.
pub(crate) struct Clause<'a> {
    pub engine: Engine,
    pub arguments: &'a mut Vec<Value>,
    leaves: usize,
}

impl<'a> Clause<'a> {
    pub fn new(engine: Engine, arguments: &'a mut Vec<Value>) -> Self {
        Self { engine, arguments, leaves: 0 }
    }

    /// The SQL of a condition; [`Error::TooLong`] for one that would burden the database.
    pub fn sql(&mut self, condition: &Condition) -> Result<String> {
        self.nested(condition, 0)
    }

    fn nested(&mut self, condition: &Condition, depth: usize) -> Result<String> {
        self.leaves += 1;
        if depth > DEEPEST || self.leaves > MOST {
            return Err(too_long());
        }
        match condition {
            Condition::Everything => Ok(TRUE.to_owned()),
            Condition::All(conditions) => self.joined(conditions, " and ", TRUE, depth),
            Condition::Any(conditions) => self.joined(conditions, " or ", FALSE, depth),
            // Not simply `not`: the negation of what is absent is to match.
            Condition::Not(condition) => Ok(format!("({}) is not true", self.nested(condition, depth + 1)?)),
            Condition::Is(column, text) => Ok(self.compared(*column, "=", text)),
            Condition::Like(column, parts) => self.like(*column, parts),
            Condition::Range { column, from, to } => {
                let mut sql = format!("{} is not null", column.name());
                for (bound, exclusive, inclusive) in [(from, ">", ">="), (to, "<", "<=")] {
                    if let Some(bound) = bound {
                        let operator = if bound.inclusive { inclusive } else { exclusive };
                        sql = format!("{sql} and {}", self.compared(*column, operator, &bound.value));
                    }
                }
                Ok(format!("({sql})"))
            }
            Condition::Exists(column) => Ok(format!("{} is not null", column.name())),
        }
    }

    fn joined(&mut self, conditions: &[Condition], word: &str, none: &str, depth: usize) -> Result<String> {
        if conditions.is_empty() {
            return Ok(none.to_owned());
        }
        let parts = conditions.iter().map(|condition| self.nested(condition, depth + 1));
        Ok(format!("({})", parts.collect::<Result<Vec<_>>>()?.join(word)))
    }

    fn compared(&mut self, column: Column, operator: &str, text: &str) -> String {
        let value = match column.value(text) {
            Some(value) => self.argument(value),
            None => return FALSE.to_owned(),
        };
        format!("{} {operator} {value}", column.name())
    }

    fn like(&mut self, column: Column, parts: &[Part]) -> Result<String> {
        let mut merged = parts.to_vec();
        merged.dedup_by(|next, part| *next == Part::Any && *part == Part::Any);
        let pattern = self.engine.pattern(&merged);
        // A pattern is tried at every place of the text for each of its gaps.
        if merged.iter().filter(|part| **part == Part::Any).count() > GAPS || pattern.len() > LONGEST_PATTERN
        {
            return Err(too_long());
        }
        let pattern = self.argument(pattern.into());
        let text = if column == Column::Date { "cast(date as text)" } else { column.name() };
        Ok(format!("{text} {} {pattern}", self.engine.wildcard()))
    }

    fn argument(&mut self, value: Value) -> String {
        self.arguments.push(value);
        format!("${}", self.arguments.len())
    }
}

impl Column {
    /// What is compared with the column for a given text, if any row can have it.
    fn value(self, text: &str) -> Option<Value> {
        if self == Self::Date { text.parse::<i64>().ok().map(Value::Int) } else { Some(text.into()) }
    }

    /// What an event has there.
    fn of(self, row: &LogRow) -> Option<Cow<'_, str>> {
        fn optional(text: &Option<String>) -> Option<Cow<'_, str>> {
            text.as_deref().map(Cow::Borrowed)
        }
        match self {
            Self::LogId => Some(Cow::Borrowed(&row.log_id)),
            Self::Date => Some(Cow::Owned(row.date.to_string())),
            Self::Type => Some(Cow::Borrowed(&row.kind)),
            Self::Description => optional(&row.description),
            Self::ClientId => optional(&row.client_id),
            Self::ClientName => optional(&row.client_name),
            Self::Ip => optional(&row.ip),
            Self::Hostname => optional(&row.hostname),
            Self::UserId => optional(&row.user_id),
            Self::UserName => optional(&row.user_name),
            Self::UserAgent => optional(&row.user_agent),
            Self::Connection => optional(&row.connection),
            Self::ConnectionId => optional(&row.connection_id),
            Self::OrganizationId => optional(&row.organization_id),
            Self::Strategy => optional(&row.strategy),
            Self::StrategyType => optional(&row.strategy_type),
            Self::Scope => optional(&row.scope),
            Self::Audience => optional(&row.audience),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::LogId => "log_id",
            Self::Date => "date",
            Self::Type => "kind",
            Self::Description => "description",
            Self::ClientId => "client_id",
            Self::ClientName => "client_name",
            Self::Ip => "ip",
            Self::Hostname => "hostname",
            Self::UserId => "user_id",
            Self::UserName => "user_name",
            Self::UserAgent => "user_agent",
            Self::Connection => "connection",
            Self::ConnectionId => "connection_id",
            Self::OrganizationId => "organization_id",
            Self::Strategy => "strategy",
            Self::StrategyType => "strategy_type",
            Self::Scope => "scope",
            Self::Audience => "audience",
        }
    }
}

fn too_long() -> Error {
    Error::TooLong { what: "condition".to_owned() }
}

const TRUE: &str = "1 = 1";
const FALSE: &str = "1 = 0";
const DEEPEST: usize = 32;
const MOST: usize = 256;
const GAPS: usize = 16;
const LONGEST_PATTERN: usize = 1000;
