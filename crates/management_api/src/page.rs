//! The three styles of paging: plain, offset with totals, checkpoint.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use idp::Document;
use serde_json::{Value, json};
use store::Span;

use crate::{Answer, Call, Error, error::Result};

/// The query parameters of a list that knows all three styles.
pub const QUERY: &[&str] =
    &["page", "per_page", "include_totals", "from", "take", "fields", "include_fields"];
const MOST: i64 = 100;
const USUAL: i64 = 50;

/// Which page a list is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    Offset { page: i64, per_page: i64, totals: bool },
    Checkpoint { after: Option<(i64, String)>, take: i64 },
}

impl Page {
    /// Reads the page from the query; `take` or `from` make it a checkpoint, and then totals are ignored.
    pub fn of(call: &Call) -> Result<Page> {
        let totals = call.flag("include_totals")?.unwrap_or(false);
        let take = call.number("take", 1, MOST)?;
        let page = call.number("page", 0, i64::from(i32::MAX))?.unwrap_or(0);
        let per_page = call.number("per_page", 0, MOST)?.unwrap_or(USUAL);
        match (take, call.query("from")) {
            (None, None) => Ok(Page::Offset { page, per_page, totals }),
            (take, from) => {
                let after = from.filter(|from| !from.is_empty()).map(read_cursor).transpose()?;
                Ok(Page::Checkpoint { after, take: take.unwrap_or(USUAL) })
            }
        }
    }

    /// The same for a list that knows checkpoints only.
    pub fn or_checkpoint(self) -> Page {
        let (after, take) = self.checkpoint();
        Page::Checkpoint { after, take }
    }

    /// What a list shows that knows checkpoints only: what comes after this one, and so much of it.
    pub fn checkpoint(self) -> (Option<(i64, String)>, i64) {
        match self {
            Page::Offset { .. } => (None, USUAL),
            Page::Checkpoint { after, take } => (after, take),
        }
    }

    /// The part of the ordered list to read; a checkpoint reads one more to know whether there is a next page.
    pub fn span(&self) -> Span {
        match self {
            Page::Offset { page, per_page, .. } => Span::Offset { offset: page * per_page, limit: *per_page },
            Page::Checkpoint { after, take } => Span::After { after: after.clone(), limit: take + 1 },
        }
    }

    /// The answer of a list: what stands on the page, and what says where the others are.
    pub fn answer(
        &self,
        call: &Call,
        name: &str,
        read: &[Document],
        mut shown: Vec<Value>,
        total: Option<i64>,
    ) -> Answer {
        match self {
            Page::Checkpoint { take, .. } => {
                // Of what was read something may have vanished before it was shown.
                let has_more = read.len() as i64 > *take;
                shown.truncate(*take as usize);
                let mut body = json!({ name: shown });
                if let Some(last) = read.get(*take as usize - 1).filter(|_| has_more) {
                    body["next"] = json!(cursor(last.created, &last.id));
                }
                Answer::ok(body)
            }
            Page::Offset { page, per_page, totals } => {
                let total = total.unwrap_or(shown.len() as i64);
                let body = match totals {
                    // Recorded through one SDK with `length`, the number on this page.
                    true => json!({
                        "total": total, "start": page * per_page, "limit": per_page, "length": shown.len(), name: shown
                    }),
                    false => Value::Array(shown),
                };
                let link = (!totals).then(|| link(call, *page, *per_page, total));
                Answer { link, ..Answer::ok(body) }
            }
        }
    }

    /// Whether the answer depends on how many there are in all.
    pub fn counts(&self) -> bool {
        matches!(self, Page::Offset { .. })
    }
}

/// A list that is read in pages and knows no checkpoint.
#[derive(Debug, Clone, Copy)]
pub struct Pages {
    pub start: i64,
    pub limit: i64,
    totals: bool,
}

impl Pages {
    pub const QUERY: &[&str] = &["page", "per_page", "include_totals"];

    pub fn of(call: &Call) -> Result<Pages> {
        let totals = call.flag("include_totals")?.unwrap_or(false);
        let page = call.number("page", 0, i64::from(i32::MAX))?.unwrap_or(0);
        let limit = call.number("per_page", 0, MOST)?.unwrap_or(USUAL);
        Ok(Pages { start: page * limit, limit, totals })
    }

    /// Recorded without the number on this page.
    pub fn answer(self, name: &str, shown: Vec<Value>, total: i64) -> Answer {
        let Pages { start, limit, totals } = self;
        Answer::ok(match totals {
            true => json!({ name: shown, "start": start, "limit": limit, "total": total }),
            false => Value::Array(shown),
        })
    }

    /// The page of a whole list.
    pub fn cut<T>(self, all: Vec<T>) -> Vec<T> {
        all.into_iter().skip(self.start as usize).take(self.limit as usize).collect()
    }
}

/// Recorded with the scheme `http`, whatever the call used.
fn link(call: &Call, page: i64, per_page: i64, total: i64) -> String {
    let last = if per_page > 0 { (total - 1).max(0) / per_page } else { 0 };
    let url =
        |page: i64| format!("<http://{}{}?page={page}&per_page={per_page}>", call.origin.host, call.path);
    let mut relations = vec![format!("{}; rel=\"first\"", url(0))];
    if page < last {
        relations.push(format!("{}; rel=\"next\"", url(page + 1)));
    }
    relations.push(format!("{}; rel=\"last\"", url(last)));
    relations.join(", ")
}

/// A page of a list that lies in memory, and where the next one begins. No two of its items share a name.
pub fn of_whole<T>(
    call: &Call,
    mut all: Vec<T>,
    most: i64,
    name: impl Fn(&T) -> &str,
) -> Result<(Vec<T>, Option<String>)> {
    let key = |name: &str| (name.to_lowercase(), name.to_owned());
    all.sort_by_cached_key(|item| key(name(item)));
    let take = call.number("take", 1, most)?.unwrap_or(USUAL) as usize;
    if let Some(from) = call.query("from").filter(|from| !from.is_empty()) {
        let read = URL_SAFE_NO_PAD.decode(from).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let fail = || Error::query("Query validation error: 'The cursor is unknown' on property from.");
        let after = key(&read.ok_or_else(fail)?);
        all.retain(|item| key(name(item)) > after);
    }
    let has_more = all.len() > take;
    all.truncate(take);
    let next = all.last().filter(|_| has_more).map(|last| URL_SAFE_NO_PAD.encode(name(last)));
    Ok((all, next))
}

/// The answer of a list that goes on somewhere, or not.
pub fn part(name: &str, shown: Vec<Value>, next: Option<String>) -> Answer {
    let mut body = json!({ name: shown });
    if let Some(next) = next {
        body["next"] = json!(next);
    }
    Answer::ok(body)
}

/// Where a list goes on after what came at a time and has this identifier.
pub fn cursor(created: i64, id: &str) -> String {
    URL_SAFE_NO_PAD.encode(format!("{created}:{id}"))
}

fn read_cursor(text: &str) -> Result<(i64, String)> {
    let parse = || {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (created, id) = plain.split_once(':')?;
        let is_plain = id.len() <= 600 && !id.contains('\0');
        Some((created.parse().ok()?, id.to_owned())).filter(|_| is_plain)
    };
    parse().ok_or_else(|| Error::query("Query validation error: 'Invalid checkpoint' on property from."))
}
