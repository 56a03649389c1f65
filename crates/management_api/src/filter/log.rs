//! A query on the logs: which fields can be searched there, and what a date means. What the store cannot take
//! is refused here.

use std::str::FromStr;

use idp::clock::iso;
use jiff::{Timestamp, civil, tz::Offset};
use store::{Bound, Column, Condition};

use super::{BadQuery, Filter, Pattern};

impl Filter {
    /// The log events that are looked for.
    pub fn log_condition(&self) -> Result<Condition, BadQuery> {
        let condition = self.condition()?;
        if size(&condition) > LARGEST {
            return Err(BadQuery(
                "The query has too many parts for a search in the logs; name the field of each value."
                    .to_owned(),
            ));
        }
        Ok(condition)
    }

    fn condition(&self) -> Result<Condition, BadQuery> {
        let all = |filters: &[Filter]| filters.iter().map(Filter::condition).collect::<Result<_, _>>();
        match self {
            Filter::Everything => Ok(Condition::Everything),
            Filter::All(filters) => Ok(Condition::All(all(filters)?)),
            Filter::Any(filters) => Ok(Condition::Any(all(filters)?)),
            Filter::Not(filter) => Ok(Condition::Not(Box::new(filter.condition()?))),
            Filter::Is { field: None, value } => {
                Ok(Condition::Any(BARE.iter().map(|column| text(*column, value)).collect()))
            }
            Filter::Is { field: Some(field), value } => match (column(field)?, value.exact()) {
                (Column::Date, Some(date)) => Ok(Time::parse(date)?.condition()),
                (Column::Date, None) => Err(BadQuery(
                    "A date takes no wildcards; write date:[2024-01-01 TO 2024-01-31].".to_owned(),
                )),
                (column, _) => Ok(text(column, value)),
            },
            Filter::Range { field, from, to } => match column(field)? {
                Column::Date => Ok(Condition::Range {
                    column: Column::Date,
                    from: from.as_ref().map(from_time).transpose()?,
                    to: to.as_ref().map(to_time).transpose()?,
                }),
                column => Ok(Condition::Range { column, from: from.clone(), to: to.clone() }),
            },
            Filter::Exists { field } => Ok(Condition::Exists(column(field)?)),
        }
    }
}

fn text(column: Column, value: &Pattern) -> Condition {
    match value.exact() {
        Some(text) => Condition::Is(column, text.to_owned()),
        None => Condition::Like(column, value.0.clone()),
    }
}

fn column(field: &str) -> Result<Column, BadQuery> {
    let known = SEARCHABLE.iter().find(|(name, _)| *name == field);
    known.map(|(_, column)| *column).ok_or_else(|| {
        let names: Vec<_> = SEARCHABLE.iter().map(|(name, _)| *name).collect();
        BadQuery(format!(
            "The field '{}' cannot be searched in the logs; these can: {}.",
            field.escape_debug(),
            names.join(", ")
        ))
    })
}

/// A stretch of time in milliseconds, without its end: a day or an instant.
pub(super) struct Time {
    start: i64,
    end: i64,
}

impl Time {
    pub(super) fn parse(text: &str) -> Result<Self, BadQuery> {
        let (start, lasts) = if text.len() == "2024-01-31".len() {
            let day = civil::Date::from_str(text);
            let midnight = day.and_then(|day| Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)));
            (midnight, DAY)
        } else {
            (Timestamp::from_str(text), 1)
        };
        let Ok(start) = start else {
            let text = text.escape_debug();
            return Err(BadQuery(format!(
                "'{text}' is not a date; write 2024-01-31 or 2024-01-31T12:00:00Z."
            )));
        };
        let start = start.as_millisecond();
        Ok(Self { start, end: start + lasts })
    }

    /// Its first and its last millisecond, as documents write them.
    pub(super) fn bounds(&self) -> (Bound, Bound) {
        let bound = |ms: i64| Bound { value: iso(ms), inclusive: true };
        (bound(self.start), bound(self.end - 1))
    }

    fn condition(&self) -> Condition {
        Condition::Range { column: Column::Date, from: Some(at_least(self.start)), to: Some(below(self.end)) }
    }
}

fn from_time(bound: &Bound) -> Result<Bound, BadQuery> {
    let time = Time::parse(&bound.value)?;
    Ok(at_least(if bound.inclusive { time.start } else { time.end }))
}

fn to_time(bound: &Bound) -> Result<Bound, BadQuery> {
    let time = Time::parse(&bound.value)?;
    Ok(below(if bound.inclusive { time.end } else { time.start }))
}

fn at_least(milliseconds: i64) -> Bound {
    Bound { value: milliseconds.to_string(), inclusive: true }
}

fn below(milliseconds: i64) -> Bound {
    Bound { value: milliseconds.to_string(), inclusive: false }
}

fn size(condition: &Condition) -> usize {
    match condition {
        Condition::All(conditions) | Condition::Any(conditions) => {
            1 + conditions.iter().map(size).sum::<usize>()
        }
        Condition::Not(condition) => 1 + size(condition),
        Condition::Everything
        | Condition::Is(..)
        | Condition::Like(..)
        | Condition::Range { .. }
        | Condition::Exists(_) => 1,
    }
}

const SEARCHABLE: [(&str, Column); 16] = [
    ("client_id", Column::ClientId),
    ("client_name", Column::ClientName),
    ("connection", Column::Connection),
    ("connection_id", Column::ConnectionId),
    ("date", Column::Date),
    ("description", Column::Description),
    ("hostname", Column::Hostname),
    ("ip", Column::Ip),
    ("log_id", Column::LogId),
    ("organization_id", Column::OrganizationId),
    ("strategy", Column::Strategy),
    ("strategy_type", Column::StrategyType),
    ("type", Column::Type),
    ("user_agent", Column::UserAgent),
    ("user_id", Column::UserId),
    ("user_name", Column::UserName),
];

/// Where a value without a field is looked for.
const BARE: [Column; 7] = [
    Column::ClientName,
    Column::Connection,
    Column::Description,
    Column::Ip,
    Column::LogId,
    Column::Type,
    Column::UserName,
];

const DAY: i64 = 24 * 60 * 60 * 1_000;
/// As many conditions as the store takes.
const LARGEST: usize = 256;
