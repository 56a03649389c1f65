//! What somebody looks for, in the languages of the `q` parameter (Lucene) and of SCIM filters, as one checked
//! tree. It asks a document for texts, or a log for a condition; it never knows what a field means, and never
//! reads anything.

mod log;
mod lucene;
mod scim;
#[cfg(test)]
mod tests;
mod user;

use std::fmt;

use store::{Bound, Part};

pub use lucene::lucene;
pub use scim::scim;
pub use user::sorted_by;

/// A checked query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    Everything,
    All(Vec<Filter>),
    Any(Vec<Filter>),
    Not(Box<Filter>),
    /// A whole text follows a pattern, in this field or else in those that are searched without naming one.
    Is {
        field: Option<String>,
        value: Pattern,
    },
    /// A text lies between two others, character by character.
    Range {
        field: String,
        from: Option<Bound>,
        to: Option<Bound>,
    },
    Exists {
        field: String,
    },
}

/// Text with gaps, which a whole value follows, with case. Neighbours in it are always of different kinds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(Vec<Part>);

/// Why a query is refused, for those who wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadQuery(String);

impl Filter {
    /// Whether a document fits: `values` are the texts of a field, `bare` the fields that a value without a
    /// field is looked for in.
    pub fn matches(&self, values: &dyn Fn(&str) -> Vec<String>, bare: &[&str]) -> bool {
        match self {
            Filter::Everything => true,
            Filter::All(filters) => filters.iter().all(|filter| filter.matches(values, bare)),
            Filter::Any(filters) => filters.iter().any(|filter| filter.matches(values, bare)),
            Filter::Not(filter) => !filter.matches(values, bare),
            Filter::Is { field, value } => {
                let fits = |field: &str| values(field).iter().any(|text| value.matches(text));
                match field {
                    Some(field) => fits(field),
                    None => bare.iter().any(|field| fits(field)),
                }
            }
            Filter::Range { field, from, to } => values(field).iter().any(|text| {
                from.as_ref().is_none_or(|from| *text > from.value || (from.inclusive && *text == from.value))
                    && to.as_ref().is_none_or(|to| *text < to.value || (to.inclusive && *text == to.value))
            }),
            Filter::Exists { field } => !values(field).is_empty(),
        }
    }

    /// The fields that are named, each once.
    pub fn fields(&self) -> Vec<&str> {
        let mut fields = Vec::new();
        self.name_fields(&mut fields);
        fields
    }

    fn name_fields<'a>(&'a self, fields: &mut Vec<&'a str>) {
        match self {
            Filter::Everything | Filter::Is { field: None, .. } => {}
            Filter::All(filters) | Filter::Any(filters) => {
                filters.iter().for_each(|filter| filter.name_fields(fields));
            }
            Filter::Not(filter) => filter.name_fields(fields),
            Filter::Is { field: Some(field), .. }
            | Filter::Range { field, .. }
            | Filter::Exists { field } => {
                if !fields.contains(&field.as_str()) {
                    fields.push(field);
                }
            }
        }
    }

    /// A value that is looked for; a lone wildcard asks only whether there is any.
    fn is(field: Option<String>, value: Pattern) -> Filter {
        match (value.0.as_slice(), field) {
            ([Part::Any], Some(field)) => Filter::Exists { field },
            ([Part::Any], None) => Filter::Everything,
            (_, field) => Filter::Is { field, value },
        }
    }

    /// The same tree, if it is small and its values can be looked for.
    fn checked(self) -> Result<Filter, BadQuery> {
        self.check(0, &mut 0)?;
        Ok(self)
    }

    fn check(&self, depth: usize, clauses: &mut usize) -> Result<(), BadQuery> {
        if depth > DEEPEST {
            return Err(too_deep());
        }
        match self {
            Filter::All(filters) | Filter::Any(filters) => {
                return filters.iter().try_for_each(|filter| filter.check(depth + 1, clauses));
            }
            Filter::Not(filter) => return filter.check(depth + 1, clauses),
            Filter::Is { value, .. } => value.check()?,
            Filter::Range { from, to, .. } => {
                from.iter().chain(to).try_for_each(|bound| without_nul(&bound.value))?;
            }
            Filter::Everything | Filter::Exists { .. } => {}
        }
        *clauses += 1;
        if *clauses > MOST_CLAUSES {
            return Err(BadQuery(format!("The query has more than {MOST_CLAUSES} clauses.")));
        }
        Ok(())
    }
}

impl Pattern {
    fn new(parts: impl IntoIterator<Item = Part>) -> Self {
        let mut merged: Vec<Part> = Vec::new();
        for part in parts {
            match (merged.last_mut(), part) {
                (Some(Part::Text(before)), Part::Text(text)) => before.push_str(&text),
                (Some(Part::Any), Part::Any) => {}
                (_, Part::Text(text)) if text.is_empty() => {}
                (_, part) => merged.push(part),
            }
        }
        Self(merged)
    }

    /// The one text that follows the pattern, if it has no gaps.
    pub fn exact(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Part::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether the whole text follows the pattern.
    pub fn matches(&self, text: &str) -> bool {
        Part::match_all(&self.0, text)
    }

    fn check(&self) -> Result<(), BadQuery> {
        let literal: String = self.texts().collect();
        without_nul(&literal)?;
        let gaps = self.0.iter().filter(|part| **part == Part::Any).count();
        let is_prefix = gaps == 1 && self.0.last() == Some(&Part::Any);
        if gaps > 0 && !is_prefix && literal.chars().count() < FEWEST_LITERAL {
            return Err(BadQuery(format!(
                "A wildcard that is not at the end of a value needs at least {FEWEST_LITERAL} other characters."
            )));
        }
        if gaps > MOST_GAPS {
            return Err(BadQuery(format!("A value has more than {MOST_GAPS} wildcards.")));
        }
        if gaps > 0 && literal.len() > LONGEST_LITERAL {
            return Err(BadQuery(format!("A value with a wildcard is longer than {LONGEST_LITERAL} bytes.")));
        }
        Ok(())
    }

    fn texts(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            Part::Any => None,
        })
    }
}

impl fmt::Display for BadQuery {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for BadQuery {}

/// The query, if it is short enough to be read.
fn short(q: &str) -> Result<&str, BadQuery> {
    if q.chars().count() > LONGEST {
        return Err(BadQuery(format!("The query is longer than {LONGEST} characters.")));
    }
    Ok(q)
}

fn without_nul(text: &str) -> Result<(), BadQuery> {
    if text.contains('\0') {
        return Err(BadQuery("The query contains a NUL character.".to_owned()));
    }
    Ok(())
}

fn too_deep() -> BadQuery {
    BadQuery(format!("The query is nested more than {DEEPEST} levels deep."))
}

const LONGEST: usize = 1_000;
const DEEPEST: usize = 16;
const MOST_CLAUSES: usize = 64;
const FEWEST_LITERAL: usize = 3;
// What follows keeps a pattern within what the store takes, where each character may need three.
const MOST_GAPS: usize = 16;
const LONGEST_LITERAL: usize = 300;
