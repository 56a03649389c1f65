//! The statements of a search as they are written.

use super::{Page, Search, Source, Term, Terms, Wanted};
use crate::db::{Engine, Error, Part, Result, Value};

/// A statement as it is written: tenant and kind are its first arguments.
pub struct Text {
    engine: Engine,
    pub arguments: Vec<Value>,
    leaves: usize,
}

impl Text {
    pub fn new(search: &Search<'_>) -> Self {
        let arguments = vec![search.tenant.into(), search.kind.into()];
        Self { engine: search.documents.db().engine(), arguments, leaves: 0 }
    }

    pub fn argument(&mut self, value: Value) -> String {
        self.arguments.push(value);
        format!("${}", self.arguments.len())
    }

    /// A page of what a statement answers, by creation.
    pub fn page(&mut self, candidates: &str, page: Page) -> String {
        let direction = page.direction();
        format!(
            "{candidates} order by c.created {direction}, c.id {direction} limit {} offset {}",
            self.argument(page.limit.into()),
            self.argument(page.offset.into())
        )
    }

    /// A page of those that match, by what they are indexed under by a name, which is an argument already.
    pub fn along(&mut self, name: &str, terms: &Terms, page: Page) -> Result<String> {
        let (matching, direction) = (self.condition(terms, "c", 0)?, page.direction());
        Ok(format!(
            "select c.id, c.created from document_terms c
             where c.tenant = $1 and c.kind = $2 and c.name = {name} and {matching}
             order by c.value {direction}, c.created {direction}, c.id {direction} limit {} offset {}",
            self.argument(page.limit.into()),
            self.argument(page.offset.into())
        ))
    }

    /// The statement that answers id and creation of all that match, each once; more conditions may follow it.
    pub fn candidates(&mut self, source: &Source<'_>, terms: &Terms) -> Result<String> {
        let matching = match (source, terms) {
            // The source says it all.
            (Source::Terms(_), Terms::Term(_)) => "1 = 1".to_owned(),
            _ => self.condition(terms, "c", 0)?,
        };
        Ok(match source {
            Source::Documents => format!(
                "select c.id, c.created from documents c where c.tenant = $1 and c.kind = $2 and {matching}"
            ),
            Source::Terms(terms) => match terms.as_slice() {
                [term] if term.has_one_row_each() => {
                    let which = self.term(term, "c");
                    format!(
                        "select c.id, c.created from document_terms c
                         where c.tenant = $1 and c.kind = $2 and {which} and {matching}"
                    )
                }
                several => {
                    let each: Vec<String> = several
                        .iter()
                        .map(|term| {
                            let which = self.term(term, "t");
                            // In the order of the index that is meant: PostgreSQL may not know that the other is read as a
                            // whole.
                            format!(
                                "select o.id, o.created from (
                                   select t.id, t.created from document_terms t
                                   where t.tenant = $1 and t.kind = $2 and {which}
                                   order by t.value, t.created, t.id) o"
                            )
                        })
                        .collect();
                    // Each once. `union` would have SQLite read whole indexes, as they are in the order in which it merges.
                    let each = each.join(" union all ");
                    let once = format!("select t.id, t.created from ({each}) t group by t.id, t.created");
                    format!("select c.id, c.created from ({once}) c where {matching}")
                }
            },
        })
    }

    /// Whether the document with the id of `of` matches.
    pub fn condition(&mut self, terms: &Terms, of: &str, depth: usize) -> Result<String> {
        self.leaves += 1;
        if depth > DEEPEST || self.leaves > MOST {
            return Err(Error::TooLong { what: "condition".to_owned() });
        }
        match terms {
            Terms::Everything => Ok("1 = 1".to_owned()),
            Terms::All(all) => self.joined(all, " and ", "1 = 1", of, depth),
            Terms::Any(any) => self.joined(any, " or ", "1 = 0", of, depth),
            Terms::Not(inner) => Ok(format!("not {}", self.condition(inner, of, depth + 1)?)),
            Terms::Term(term) => {
                let which = self.term(term, "x");
                // With an offset PostgreSQL asks for each document, by the index; else it may join what it has no idea the
                // size of, each document with each row.
                Ok(format!(
                    "exists (select 1 from document_terms x
                       where x.tenant = $1 and x.kind = $2 and x.id = {of}.id and {which} limit 1 offset 0)"
                ))
            }
        }
    }

    fn joined(&mut self, terms: &[Terms], by: &str, none: &str, of: &str, depth: usize) -> Result<String> {
        if terms.is_empty() {
            return Ok(none.to_owned());
        }
        let each = terms.iter().map(|inner| self.condition(inner, of, depth + 1));
        Ok(format!("({})", each.collect::<Result<Vec<_>>>()?.join(by)))
    }

    /// The rows of a term.
    pub fn term(&mut self, term: &Term, of: &str) -> String {
        let mut which = format!("{of}.name = {}", self.argument(term.name.into()));
        let mut compared = |text: &mut Self, operator: &str, value: &str| {
            which.push_str(&format!(" and {of}.value {operator} {}", text.argument(value.into())));
        };
        match &term.value {
            Wanted::Is(value) => compared(self, "=", value),
            Wanted::Between { from, to } => {
                if let Some(from) = from {
                    compared(self, if from.inclusive { ">=" } else { ">" }, &from.value);
                }
                if let Some(to) = to {
                    compared(self, if to.inclusive { "<=" } else { "<" }, &to.value);
                }
            }
            Wanted::Like(parts) => {
                if let Some(Part::Text(start)) = parts.first() {
                    compared(self, ">=", start);
                    // After everything that begins so.
                    compared(self, "<", &format!("{start}\u{10ffff}"));
                }
                if !matches!(parts.as_slice(), [Part::Text(_), Part::Any]) {
                    compared(self, self.engine.wildcard(), &self.engine.pattern(parts));
                }
            }
        }
        which
    }
}

/// How many conditions a search may have, and how deep they may lie.
const MOST: usize = 256;
const DEEPEST: usize = 20;
