//! Searching documents by what they are indexed under, in any order of theirs. Which index is read is decided here, by
//! counting a little first, and not by what a database believes of its tables.

use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use crate::db::{Engine, Error, Part, Result, Value};
use crate::documents::{Document, Documents, document};
use crate::log_condition::Bound;

/// Which documents of a kind, as a tree. What is absent matches nothing but a negation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Terms {
    Everything,
    All(Vec<Terms>),
    Any(Vec<Terms>),
    Not(Box<Terms>),
    Term(Term),
}

/// A value that a document is indexed under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    pub name: &'static str,
    pub value: Wanted,
    /// Whether a document may have several values under this name.
    pub is_multiple: bool,
}

/// Which values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    Is(String),
    /// Those between two others, byte by byte; all of them without bounds.
    Between {
        from: Option<Bound>,
        to: Option<Bound>,
    },
    /// Those that follow a pattern as a whole.
    Like(Vec<Part>),
}

/// In which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// By what they are indexed under; those that are not come last. By their creation if there is no name.
    pub by: Option<&'static str>,
    pub descending: bool,
}

/// A part of what is found.
#[derive(Clone, Debug)]
pub struct Found {
    pub documents: Vec<Document>,
    /// How many there are in all, if that was asked for.
    pub total: Option<i64>,
}

impl Documents {
    /// A part of the documents of a kind that match; [`Error::TooSlow`] when it takes more than two seconds.
    pub async fn search(
        &self,
        tenant: &str,
        kind: &'static str,
        terms: &Terms,
        order: Order,
        (offset, limit): (i64, i64),
        counts: bool,
    ) -> Result<Found> {
        let deadline = Instant::now() + PATIENCE;
        let search = Search { documents: self, tenant, kind, terms, deadline };
        // What one value leads to is read as fast as a document.
        let is_short = matches!(terms, Terms::Term(Term { value: Wanted::Is(_), .. })) && order.by.is_none();
        let _turn = match is_short && !counts {
            true => None,
            false => {
                let turn = timeout_at(deadline.into(), self.searching().acquire()).await;
                Some(turn.map_err(|_| Error::TooSlow)?.map_err(|_| Error::Closed)?)
            }
        };
        let total = if counts { Some(search.count(terms).await?) } else { None };
        let documents = match total {
            Some(0) => Vec::new(),
            _ => search.page(order, offset.max(0), limit.max(0)).await?,
        };
        Ok(Found { documents, total })
    }
}

struct Search<'a> {
    documents: &'a Documents,
    tenant: &'a str,
    kind: &'static str,
    terms: &'a Terms,
    deadline: Instant,
}

/// Where the candidates are read from.
enum Source<'a> {
    /// All documents, in the order of their creation.
    Documents,
    /// One term or several, of which each candidate has one.
    Terms(Vec<&'a Term>),
}

impl Search<'_> {
    async fn page(&self, order: Order, offset: i64, limit: i64) -> Result<Vec<Document>> {
        let source = self.source(self.terms, true).await?;
        match order.by {
            None => {
                let mut sql = Text::new(self);
                let candidates = sql.candidates(&source, self.terms)?;
                let direction = if order.descending { "desc" } else { "asc" };
                let ids = format!(
                    "{candidates} order by c.created {direction}, c.id {direction} limit {} offset {}",
                    sql.argument(limit.into()),
                    sql.argument(offset.into())
                );
                self.read(ids, sql.arguments).await
            }
            Some(name) => self.sorted(&source, name, order.descending, offset, limit).await,
        }
    }

    /// Along the index of a name, or along the candidates if these are few; then those without a value.
    async fn sorted(
        &self,
        source: &Source<'_>,
        name: &'static str,
        descending: bool,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<Document>> {
        let direction = if descending { "desc" } else { "asc" };
        let is_narrow = match source {
            Source::Documents => false,
            Source::Terms(terms) => self.size(terms, FEW).await? < FEW,
        };
        let mut sql = Text::new(self);
        let of_name = sql.argument(name.into());
        let ids = if is_narrow {
            let candidates = sql.candidates(source, self.terms)?;
            let value = format!(
                "(select min(s.value) from document_terms s
                  where s.tenant = $1 and s.kind = $2 and s.id = c.id and s.name = {of_name})"
            );
            let sorted = candidates.replacen(
                "select c.id, c.created",
                &format!("select c.id, c.created, {value} as sorted"),
                1,
            );
            format!(
                "select id, created from ({sorted}) c order by sorted is null, sorted {direction}, created {direction}, id {direction}
                 limit {} offset {}",
                sql.argument(limit.into()),
                sql.argument(offset.into())
            )
        } else {
            let matching = sql.condition(self.terms, "c", 0)?;
            format!(
                "select c.id, c.created from document_terms c
                 where c.tenant = $1 and c.kind = $2 and c.name = {of_name} and {matching}
                 order by c.value {direction}, c.created {direction}, c.id {direction} limit {} offset {}",
                sql.argument(limit.into()),
                sql.argument(offset.into())
            )
        };
        let mut found = self.read(ids, sql.arguments).await?;
        if is_narrow || found.len() as i64 == limit {
            return Ok(found);
        }
        // The index holds no more; what it does not hold comes after.
        let term = Term { name, value: Wanted::Between { from: None, to: None }, is_multiple: false };
        let indexed = Terms::All(vec![Terms::Term(term), self.terms.clone()]);
        let before = self.count(&indexed).await?;
        let mut sql = Text::new(self);
        let of_name = sql.argument(name.into());
        let candidates = sql.candidates(source, self.terms)?;
        let rest = format!(
            "{candidates} and not exists (select 1 from document_terms s
               where s.tenant = $1 and s.kind = $2 and s.id = c.id and s.name = {of_name})
             order by c.created {direction}, c.id {direction} limit {} offset {}",
            sql.argument((limit - found.len() as i64).into()),
            sql.argument((offset - before).max(0).into())
        );
        found.extend(self.read(rest, sql.arguments).await?);
        Ok(found)
    }

    /// The documents of a statement that answers their ids, in its order.
    async fn read(&self, ids: String, mut arguments: Vec<Value>) -> Result<Vec<Document>> {
        let ids = self.rows(ids, std::mem::take(&mut arguments)).await?;
        let ids = ids.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut arguments: Vec<Value> = vec![self.tenant.into(), self.kind.into()];
        let mut list = Vec::new();
        for id in &ids {
            arguments.push(id.as_str().into());
            list.push(format!("${}", arguments.len()));
        }
        let sql = format!(
            "select id, body, version, created, updated from documents
             where tenant = $1 and kind = $2 and id in ({})",
            list.join(", ")
        );
        let mut found = self.rows(sql, arguments).await?.iter().map(document).collect::<Result<Vec<_>>>()?;
        found.sort_by_key(|document| ids.iter().position(|id| *id == document.id));
        Ok(found)
    }

    async fn count(&self, terms: &Terms) -> Result<i64> {
        match terms {
            Terms::Everything => {
                let sql = "select count(*) from documents where tenant = $1 and kind = $2";
                self.number(sql.to_owned(), vec![self.tenant.into(), self.kind.into()]).await
            }
            Terms::Not(inner) => {
                let all = Box::pin(self.count(&Terms::Everything)).await?;
                Ok(all - Box::pin(self.count(inner)).await?)
            }
            Terms::Term(term) => {
                let mut sql = Text::new(self);
                let matching = sql.term(term, "c");
                let counted = if term.has_one_row_each() { "*" } else { "distinct c.id" };
                let sql_text = format!(
                    "select count({counted}) from document_terms c where c.tenant = $1 and c.kind = $2 and {matching}"
                );
                self.number(sql_text, sql.arguments).await
            }
            Terms::All(_) | Terms::Any(_) => {
                let source = self.source(terms, false).await?;
                let mut sql = Text::new(self);
                let candidates = sql.candidates(&source, terms)?;
                self.number(format!("select count(*) from ({candidates}) counted"), sql.arguments).await
            }
        }
    }

    /// Where candidates are read from: the fewest that are known to hold all that match. For a page, of which only
    /// the beginning is read, so many that most documents match are no better than all in their order.
    async fn source<'t>(&self, terms: &'t Terms, is_page: bool) -> Result<Source<'t>> {
        let mut least = MANY;
        let mut source = Source::Documents;
        let choices: Vec<Vec<&Term>> = match terms {
            Terms::All(all) => all.iter().filter_map(driver).collect(),
            other => driver(other).into_iter().collect(),
        };
        let is_only = choices.len() == 1;
        for choice in choices {
            let is_in_order = matches!(choice.as_slice(), [Term { value: Wanted::Is(_), .. }]);
            // A single value lies in order: its page needs no more than it shows.
            if is_only && is_in_order {
                return Ok(Source::Terms(choice));
            }
            // What is read as a whole anyway is not counted before.
            let is_whole = choice.iter().any(|term| term.is_read_as_a_whole());
            if is_only && (is_whole || !is_page) {
                return Ok(Source::Terms(choice));
            }
            // Several rows of one document have to be brought together, which takes longer than to look for few.
            let worth = match choice.as_slice() {
                [one] if one.has_one_row_each() => MANY,
                _ => MANY_OF_SEVERAL,
            };
            let bound = least.min(worth);
            let size = if is_whole { MANY - 1 } else { self.size(&choice, bound).await? };
            if size < bound {
                least = size;
                source = Source::Terms(choice);
            }
        }
        Ok(source)
    }

    /// How many rows some terms have, counted no further than to a bound.
    async fn size(&self, terms: &[&Term], bound: i64) -> Result<i64> {
        let mut size = 0;
        for term in terms {
            let mut sql = Text::new(self);
            let matching = sql.term(term, "c");
            let most = sql.argument((bound - size).into());
            let counted = format!(
                "select count(*) from (select 1 from document_terms c
                   where c.tenant = $1 and c.kind = $2 and {matching} limit {most}) counted"
            );
            size += self.number(counted, sql.arguments).await?;
            if size >= bound {
                break;
            }
        }
        Ok(size)
    }

    async fn number(&self, sql: String, arguments: Vec<Value>) -> Result<i64> {
        let rows = self.rows(sql, arguments).await?;
        rows.first().ok_or_else(|| Error::database("a count without a row"))?.int(0)
    }

    async fn rows(&self, sql: String, arguments: Vec<Value>) -> Result<Vec<crate::db::Row>> {
        self.documents.db().rows_until(self.deadline, sql, arguments).await
    }
}

/// The terms of which everything that matches has one, if there are such.
fn driver(terms: &Terms) -> Option<Vec<&Term>> {
    match terms {
        Terms::Term(term) => Some(vec![term]),
        Terms::Any(any) => {
            let drivers = any.iter().map(driver).collect::<Option<Vec<_>>>()?;
            Some(drivers.into_iter().flatten().collect()).filter(|terms: &Vec<&Term>| !terms.is_empty())
        }
        Terms::All(all) => all.iter().find_map(driver),
        Terms::Everything | Terms::Not(_) => None,
    }
}

impl Term {
    /// Whether no document has two rows that match.
    fn has_one_row_each(&self) -> bool {
        !self.is_multiple || matches!(self.value, Wanted::Is(_))
    }

    /// Whether every value under the name has to be looked at.
    fn is_read_as_a_whole(&self) -> bool {
        matches!(&self.value, Wanted::Like(parts) if !matches!(parts.first(), Some(Part::Text(_))))
    }
}

/// A statement as it is written: tenant and kind are its first arguments.
struct Text {
    engine: Engine,
    arguments: Vec<Value>,
    leaves: usize,
}

impl Text {
    fn new(search: &Search<'_>) -> Self {
        let arguments = vec![search.tenant.into(), search.kind.into()];
        Self { engine: search.documents.db().engine(), arguments, leaves: 0 }
    }

    fn argument(&mut self, value: Value) -> String {
        self.arguments.push(value);
        format!("${}", self.arguments.len())
    }

    /// The statement that answers id and creation of all that match, each once; more conditions may follow it.
    fn candidates(&mut self, source: &Source<'_>, terms: &Terms) -> Result<String> {
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
                            format!(
                                "select t.id, t.created from document_terms t
                                 where t.tenant = $1 and t.kind = $2 and {which}"
                            )
                        })
                        .collect();
                    // `union` leaves each but once; of one alone it would not.
                    let each = match each.as_slice() {
                        [one] => format!("{one} group by t.id, t.created"),
                        several => several.join(" union "),
                    };
                    format!("select c.id, c.created from ({each}) c where {matching}")
                }
            },
        })
    }

    /// Whether the document with the id of `of` matches.
    fn condition(&mut self, terms: &Terms, of: &str, depth: usize) -> Result<String> {
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
                Ok(format!(
                    "exists (select 1 from document_terms x
                       where x.tenant = $1 and x.kind = $2 and x.id = {of}.id and {which})"
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
    fn term(&mut self, term: &Term, of: &str) -> String {
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

/// Up to so many candidates are sorted by something else than their creation.
const FEW: i64 = 5_000;
/// From so many on, candidates are read in the order of the documents: to sort a hundred thousand by what stands in
/// the index takes some ten milliseconds.
const MANY: i64 = 100_000;
/// The same where a document may have several rows.
const MANY_OF_SEVERAL: i64 = 5_000;
/// How many conditions a search may have, and how deep they may lie.
const MOST: usize = 256;
const DEEPEST: usize = 20;
/// How long a search may take.
const PATIENCE: Duration = Duration::from_secs(2);
