//! The order in which events of a log were committed: numbered flushes, each with the events that were written in one go.
//! Whoever reads flush by flush sees every event once, also those that another node wrote late.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::db::{Cell, Db, Result, Row, Rows, Statement, Value};
use crate::log_row::{COLUMNS, LogRow, column};
use crate::logs::{self, select};

/// A place in the order: behind everything of the flushes before this one, and behind this event of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    pub number: i64,
    /// Within the flush events are in the order of their ids; nothing, if none of it has been read.
    pub log_id: String,
}

/// Events that follow a cursor.
#[derive(Clone, Debug)]
pub struct Page {
    /// Each with the place behind it.
    pub rows: Vec<(Cursor, LogRow)>,
    /// Behind all that was looked at.
    pub end: Cursor,
    /// Whether events were thrown away before they were read.
    pub has_gap: bool,
}

/// What waits behind a cursor. Of the flush that it lies in, all is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    pub events: i64,
    /// When the oldest happened, in milliseconds since 1970.
    pub oldest: Option<i64>,
}

/// What a flush holds.
struct Flush {
    number: i64,
    first: String,
    last: String,
    /// Nothing where all between the first and the last belong to it.
    ids: Option<Vec<String>>,
}

/// What notes the order of these events, in the transaction that writes them.
pub(crate) fn statements(rows: &Rows) -> Vec<Statement> {
    let mut flushed: BTreeMap<&str, Vec<(&str, i64)>> = BTreeMap::new();
    for row in rows.iter::<{ COLUMNS.len() }>() {
        let [tenant, log_id] = [column::TENANT, column::LOG_ID].map(|at| row[at].text().unwrap_or_default());
        let Cell::Int(date) = row[column::DATE] else { continue };
        flushed.entry(tenant).or_default().push((log_id, date));
    }
    // In the order of the key, so that two nodes that write for the same tenants do not wait for each other.
    flushed.into_iter().flat_map(|(tenant, events)| numbered(tenant, events)).collect()
}

fn numbered(tenant: &str, mut events: Vec<(&str, i64)>) -> [Statement; 2] {
    events.sort_unstable();
    let dates = || events.iter().map(|(_, date)| *date);
    let (oldest, newest) = (dates().min().unwrap_or_default(), dates().max().unwrap_or_default());
    let mut ids: Vec<&str> = events.iter().map(|(log_id, _)| *log_id).collect();
    ids.dedup();
    // Whoever else draws a number for this tenant waits here until this transaction has ended.
    let draw = "insert into log_heads (tenant, number) values ($1, 1)
                on conflict (tenant) do update set number = log_heads.number + 1";
    let note = "insert into log_flushes (tenant, number, first_id, last_id, ids, events, oldest, newest)
                select $1, number, $2, $3, $4, cast($5 as bigint), cast($6 as bigint), cast($7 as bigint)
                from log_heads where tenant = $1";
    let arguments = vec![
        tenant.into(),
        ids.first().copied().unwrap_or_default().into(),
        ids.last().copied().unwrap_or_default().into(),
        shortened(&ids).into(),
        i64::try_from(ids.len()).unwrap_or(i64::MAX).into(),
        oldest.into(),
        newest.into(),
    ];
    [Statement::new(draw, vec![tenant.into()]), Statement::new(note, arguments)]
}

/// Where somebody begins who wants what is committed from now on.
pub(crate) async fn end(db: &Db, tenant: &str) -> Result<Cursor> {
    let head = db.rows("select number from log_heads where tenant = $1", vec![tenant.into()]).await?;
    let head = head.first().map_or(Ok(0), |row| row.int(0))?;
    Ok(Cursor { number: head + 1, log_id: String::new() })
}

/// Where somebody begins who wants what has an id behind this one, as far as it is kept.
pub(crate) async fn behind(db: &Db, tenant: &str, log_id: &str) -> Result<Cursor> {
    let end = end(db, tenant).await?;
    let sql = "select number from log_flushes where tenant = $1 and last_id > $2 order by number limit 1";
    let first = db.rows(sql, vec![tenant.into(), log_id.into()]).await?;
    let first = first.first().map(|row| row.int(0)).transpose()?;
    Ok(first.map_or(end, |number| Cursor { number, log_id: log_id.to_owned() }))
}

/// The number of the last flush of each of these tenants that has one.
pub(crate) async fn heads(db: &Db, tenants: &[String]) -> Result<Vec<(String, i64)>> {
    if tenants.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!("select tenant, number from log_heads where tenant in ({})", places(1, tenants.len()));
    let rows = db.rows(sql, tenants.iter().map(|tenant| tenant.as_str().into()).collect()).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// What follows a cursor, about so many events and so many bytes at most; nothing, if nothing follows.
pub(crate) async fn page(db: &Db, tenant: &str, from: &Cursor, most: usize, bytes: usize) -> Result<Page> {
    let (mut from, mut has_gap) = (from.clone(), false);
    loop {
        let page = flushed(db, tenant, &from, most, bytes).await?;
        has_gap |= page.has_gap;
        // Of some flushes nothing may be kept any more; others may follow.
        if !page.rows.is_empty() || page.end == from {
            return Ok(Page { has_gap, ..page });
        }
        from = page.end;
    }
}

/// What some flushes hold that follow a cursor.
async fn flushed(db: &Db, tenant: &str, from: &Cursor, most: usize, bytes: usize) -> Result<Page> {
    let sql = "select number, first_id, last_id, ids from log_flushes
               where tenant = $1 and number >= $2 order by number limit $3";
    let flushes = db.rows(sql, vec![tenant.into(), from.number.into(), FLUSHES.into()]).await?;
    let flushes = flushes.iter().map(flush).collect::<Result<Vec<_>>>()?;
    let has_gap = flushes.first().is_some_and(|first| first.number > from.number);
    let mut page = Page { rows: Vec::new(), end: from.clone(), has_gap };
    let mut size = 0;
    for flush in flushes {
        let after = if flush.number == from.number { from.log_id.as_str() } else { "" };
        let mut last = after.to_owned();
        loop {
            let room = most.saturating_sub(page.rows.len());
            if room == 0 || size >= bytes {
                return Ok(page);
            }
            let part = part(db, tenant, &flush, &last, room.min(AT_ONCE)).await?;
            page.has_gap |= part.has_gap;
            for row in part.rows {
                size += row.size();
                last.clone_from(&row.log_id);
                page.end = Cursor { number: flush.number, log_id: last.clone() };
                page.rows.push((page.end.clone(), row));
            }
            if part.is_last {
                break;
            }
        }
        page.end = Cursor { number: flush.number + 1, log_id: String::new() };
    }
    Ok(page)
}

/// Events of a flush.
struct Part {
    rows: Vec<LogRow>,
    is_last: bool,
    has_gap: bool,
}

/// The next events of a flush.
async fn part(db: &Db, tenant: &str, flush: &Flush, after: &str, most: usize) -> Result<Part> {
    let Some(ids) = &flush.ids else {
        let sql = select("log_id >= $2 and log_id > $3 and log_id <= $4 order by log_id limit $5");
        let limit = i64::try_from(most).unwrap_or(i64::MAX);
        let bounds = [flush.first.as_str(), after, flush.last.as_str()];
        let texts = std::iter::once(tenant).chain(bounds).map(Value::from);
        let rows = rows(db, sql, texts.chain([limit.into()]).collect()).await?;
        return Ok(Part { is_last: rows.len() < most, rows, has_gap: false });
    };
    let mut left: &[String] = &ids[ids.partition_point(|id| id.as_str() <= after)..];
    let mut part = Part { rows: Vec::new(), is_last: true, has_gap: false };
    // Of some nothing may be kept any more; others may follow.
    while part.rows.is_empty() && !left.is_empty() {
        let (wanted, rest) = left.split_at(most.min(left.len()));
        part.rows = some(db, tenant, wanted).await?;
        part.has_gap |= part.rows.len() < wanted.len();
        left = rest;
    }
    part.is_last = left.is_empty();
    Ok(part)
}

/// Those of these events that there are, in the order of their ids.
pub(crate) async fn some(db: &Db, tenant: &str, log_ids: &[String]) -> Result<Vec<LogRow>> {
    if log_ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = select(&format!("log_id in ({}) order by log_id", places(2, log_ids.len())));
    let arguments = std::iter::once(tenant).chain(log_ids.iter().map(String::as_str)).map(Value::from);
    rows(db, sql, arguments.collect()).await
}

async fn rows(db: &Db, sql: String, arguments: Vec<Value>) -> Result<Vec<LogRow>> {
    db.rows(sql, arguments).await?.iter().map(LogRow::from_row).collect()
}

/// What waits behind a cursor.
pub(crate) async fn waiting(db: &Db, tenant: &str, from: &Cursor) -> Result<Waiting> {
    let sql = "select cast(coalesce(sum(events), 0) as bigint), min(oldest) from log_flushes
               where tenant = $1 and number >= $2";
    let rows = db.rows(sql, vec![tenant.into(), from.number.into()]).await?;
    let waiting = |row: &Row| Ok(Waiting { events: row.int(0)?, oldest: row.opt_int(1)? });
    rows.first().map_or(Ok(Waiting::default()), waiting)
}

/// Forgets a tenant's first flushes, of which nothing is kept any more, as far as the first of which something is.
pub(crate) async fn prune(db: &Db, tenant: &str, before: i64) -> Result<()> {
    let kept = "select coalesce(
                  (select number from log_flushes where tenant = $1 and newest >= $2 order by number limit 1),
                  (select max(number) + 1 from log_flushes where tenant = $1))";
    let delete = "delete from log_flushes where tenant = $1 and number in (
                    select number from log_flushes where tenant = $1 and number < $2 order by number limit $3)";
    logs::delete_first(db, [kept, delete], tenant, before, PRUNED).await
}

fn flush(row: &Row) -> Result<Flush> {
    let ids = row.text(3)?;
    Ok(Flush {
        number: row.int(0)?,
        first: row.text(1)?,
        last: row.text(2)?,
        ids: (!ids.is_empty()).then(|| lengthened(&ids)),
    })
}

/// `$2, $3, …`
fn places(first: usize, count: usize) -> String {
    (first..first + count).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
}

/// Sorted ids as one text: of each, how many bytes it shares with the one before, and the rest. Those of a moment differ
/// in their last digits only.
fn shortened(ids: &[&str]) -> String {
    let (mut before, mut text) = ("", String::new());
    for id in ids {
        let mut shared = before.bytes().zip(id.bytes()).take_while(|(one, other)| one == other).count();
        while !id.is_char_boundary(shared) {
            shared -= 1;
        }
        let newline = if text.is_empty() { "" } else { "\n" };
        // Writing to a String cannot fail.
        let _ = write!(text, "{newline}{shared}:{}", &id[shared..]);
        before = id;
    }
    text
}

fn lengthened(text: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let Some((shared, rest)) = line.split_once(':') else { continue };
        let before = ids.last().map_or("", String::as_str);
        let shared = shared.parse().ok().and_then(|shared| before.get(..shared)).unwrap_or_default();
        ids.push(format!("{shared}{rest}"));
    }
    ids
}

/// How many flushes are looked at in one page.
const FLUSHES: i64 = 64;
/// How many events are asked for in one statement.
const AT_ONCE: usize = 250;
const PRUNED: i64 = 5000;

#[cfg(test)]
mod tests {
    use super::{lengthened, shortened};

    #[test]
    fn ids_come_back_as_they_were() {
        for ids in [
            vec!["900"],
            vec![
                "90020261125183635800882624794047000000000000000000000004",
                "90020261125183635800882624794047000000000000000000000005",
            ],
            vec!["", "a", "aé", "aê", "b:1"],
        ] {
            assert_eq!(lengthened(&shortened(&ids)), ids);
        }
        assert_eq!(shortened(&["9001", "9002", "9013"]), "0:9001\n3:2\n2:13");
    }
}
