//! Which log events somebody looks for, as a tree, and the SQL that says the same. What is absent matches
//! nothing but a negation. Text is compared exactly, with case.

use crate::db::{Engine, Error, Part, Result, Value};

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
