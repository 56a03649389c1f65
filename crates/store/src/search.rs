//! Searching documents by what they are indexed under, in any order of theirs. Which index is read is decided here, by
//! counting a little first, and not by what a database believes of its tables.

#[cfg(all(test, feature = "scratch"))]
mod plan;
mod text;

use std::time::{Duration, Instant};

use tokio::time::timeout_at;

use self::text::Text;
use crate::db::{Error, Part, Result, Value};
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
        let mut search = Search { documents: self, tenant, kind, terms, deadline, total: None };
        // What one value leads to is read as fast as a document.
        let is_short = matches!(terms, Terms::Term(Term { value: Wanted::Is(_), .. })) && order.by.is_none();
        let _turn = match is_short && !counts {
            true => None,
            false => {
                let turn = timeout_at(deadline.into(), self.searching().acquire()).await;
                Some(turn.map_err(|_| Error::TooSlow)?.map_err(|_| Error::Closed)?)
            }
        };
        let part = Page { order, offset: offset.max(0), limit: limit.max(0) };
        let first = search.among_the_first(part).await?;
        if let (None, true, Some(term)) = (&first, counts && order.by.is_none(), read_as_a_whole(terms)) {
            return search.page_and_total(term, part).await;
        }
        search.total = if counts { Some(search.count(terms).await?) } else { None };
        let documents = match (first, search.total) {
            (Some(documents), _) => documents,
            (None, Some(0)) => Vec::new(),
            (None, _) => search.page(part).await?,
        };
        Ok(Found { documents, total: search.total })
    }
}

struct Search<'a> {
    documents: &'a Documents,
    tenant: &'a str,
    kind: &'static str,
    terms: &'a Terms,
    deadline: Instant,
    /// How many match, once that was counted.
    total: Option<i64>,
}

/// Which of what matches is wanted.
#[derive(Clone, Copy)]
struct Page {
    order: Order,
    offset: i64,
    limit: i64,
}

impl Page {
    /// In the order of their creation.
    fn direction(&self) -> &'static str {
        if self.order.descending { "desc" } else { "asc" }
    }
}

/// Where the candidates are read from.
enum Source<'a> {
    /// All documents, in the order of their creation.
    Documents,
    /// One term or several, of which each candidate has one.
    Terms(Vec<&'a Term>),
}

impl Search<'_> {
    /// A page out of the first documents, where so many match that these fill it: they lie in the order of the list, so that
    /// nothing is sorted, and the rest is not looked at.
    async fn among_the_first(&self, page: Page) -> Result<Option<Vec<Document>>> {
        let is_in_order =
            matches!(self.terms, Terms::Everything | Terms::Term(Term { value: Wanted::Is(_), .. }));
        if page.order.by.is_some()
            || is_in_order
            || page.offset + page.limit > LOOKED_AT
            || self.is_few().await?
        {
            return Ok(None);
        }
        let direction = page.direction();
        let mut sql = Text::new(self);
        let last = format!(
            "select c.created, c.id from documents c where c.tenant = $1 and c.kind = $2
             order by c.created {direction}, c.id {direction} limit 1 offset {}",
            sql.argument(LOOKED_AT.into())
        );
        let last = self.rows(last, sql.arguments).await?;
        let mut sql = Text::new(self);
        let mut candidates = sql.candidates(&Source::Documents, self.terms)?;
        if let Some(last) = last.first() {
            let within = if page.order.descending { ">=" } else { "<=" };
            let (created, id) = (sql.argument(last.int(0)?.into()), sql.argument(last.text(1)?.into()));
            candidates.push_str(&format!(" and (c.created, c.id) {within} ({created}, {id})"));
        }
        let found = self.read(sql.page(&candidates, page), sql.arguments).await?;
        Ok((last.is_empty() || found.len() as i64 == page.limit).then_some(found))
    }

    /// Whether something that all have who match is so rare that to sort these costs nothing.
    async fn is_few(&self) -> Result<bool> {
        for choice in choices(self.terms) {
            if !choice.iter().any(|term| term.is_read_as_a_whole()) && self.size(&choice, FEW).await? < FEW {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A page, and how many there are in all, of what can only be read as a whole: once, not twice.
    async fn page_and_total(&self, term: &Term, page: Page) -> Result<Found> {
        let mut sql = Text::new(self);
        let candidates = sql.candidates(&Source::Terms(vec![term]), self.terms)?;
        let found = "select c.id, (select count(*) from found) from found c";
        let ids = format!("with found as materialized ({candidates}) {}", sql.page(found, page));
        let rows = self.rows(ids, sql.arguments).await?;
        let total = match rows.first() {
            Some(row) => row.int(1)?,
            None if page.offset > 0 || page.limit == 0 => self.count(self.terms).await?,
            None => 0,
        };
        let ids = rows.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
        Ok(Found { documents: self.named(&ids).await?, total: Some(total) })
    }

    async fn page(&self, page: Page) -> Result<Vec<Document>> {
        let source = self.source(self.terms, true).await?;
        match page.order.by {
            None => {
                let mut sql = Text::new(self);
                let candidates = sql.candidates(&source, self.terms)?;
                self.read(sql.page(&candidates, page), sql.arguments).await
            }
            Some(name) => self.sorted(&source, name, page).await,
        }
    }

    /// Along the index of a name, or along the candidates if these are few; then those without a value.
    async fn sorted(&self, source: &Source<'_>, name: &'static str, page: Page) -> Result<Vec<Document>> {
        let (Page { offset, limit, .. }, direction) = (page, page.direction());
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
            sql.along(&of_name, self.terms, page)?
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
    async fn read(&self, ids: String, arguments: Vec<Value>) -> Result<Vec<Document>> {
        let ids = self.rows(ids, arguments).await?;
        let ids = ids.iter().map(|row| row.text(0)).collect::<Result<Vec<_>>>()?;
        self.named(&ids).await
    }

    /// The documents with these ids, in their order.
    async fn named(&self, ids: &[String]) -> Result<Vec<Document>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut arguments: Vec<Value> = vec![self.tenant.into(), self.kind.into()];
        let mut list = Vec::new();
        for id in ids {
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
        let choices = choices(terms);
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
            let size = match (self.total, terms) {
                _ if is_whole => MANY - 1,
                (Some(total), Terms::Term(_)) => total,
                _ => self.size(&choice, bound).await?,
            };
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
                   where c.tenant = $1 and c.kind = $2 and {matching}
                   order by c.value, c.created, c.id limit {most}) counted"
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

/// Each way to read all that match: terms of which everything that matches has one.
fn choices(terms: &Terms) -> Vec<Vec<&Term>> {
    match terms {
        Terms::All(all) => all.iter().filter_map(driver).collect(),
        other => driver(other).into_iter().collect(),
    }
}

/// The term that is all that is asked, if every value under its name has to be looked at for it.
fn read_as_a_whole(terms: &Terms) -> Option<&Term> {
    match terms {
        Terms::Term(term) if term.is_read_as_a_whole() => Some(term),
        _ => None,
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

/// How many documents are looked at in the order of the list before anything is sorted: about a millisecond.
const LOOKED_AT: i64 = 1_000;
/// Up to so many candidates are sorted by something else than their creation.
const FEW: i64 = 5_000;
/// From so many on, candidates are read in the order of the documents: to sort a hundred thousand by what stands in
/// the index takes some ten milliseconds.
const MANY: i64 = 100_000;
/// The same where a document may have several rows.
const MANY_OF_SEVERAL: i64 = 5_000;
/// How long a search may take.
const PATIENCE: Duration = Duration::from_secs(2);
