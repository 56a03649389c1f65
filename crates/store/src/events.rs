//! What happened, as others are told of it. Events are written in the transaction that changes what they are about, under
//! the revision that it makes, and so are read in the order of the changes. Here they are kept for those who fetch them;
//! what is sent lies in [`event_deliveries`](crate::event_deliveries). What an event says, nothing here knows.

use crate::db::{Db, Result, Row, Statement, Value};

/// The events of all tenants.
#[derive(Clone, Debug)]
pub struct Events {
    db: Db,
}

/// Something that happened, and whom it is told. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    pub id: String,
    /// Its place among those of the same change.
    pub n: i64,
    pub kind: &'static str,
    pub body: String,
    pub created: i64,
    /// When it is to be sent.
    pub due: i64,
    /// Whether it is kept for those who fetch it.
    pub is_kept: bool,
    pub addressees: Vec<Addressee>,
}

/// A stream that an event is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressee {
    pub stream: String,
    /// Why it is not sent, as the only thing that was tried; nothing, if it is.
    pub refused: Option<String>,
}

/// A place in the order of events: behind this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct EventPlace {
    pub rev: i64,
    pub n: i64,
}

/// An event that was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptEvent {
    pub place: EventPlace,
    pub kind: String,
    pub body: String,
    pub created: i64,
}

impl KeptEvent {
    /// Whether it stands for events that are not kept any more.
    pub fn is_gap(&self) -> bool {
        self.kind == GAP
    }
}

impl Events {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Behind everything that has happened.
    pub async fn end(&self, tenant: &str) -> Result<EventPlace> {
        let rows = self.db.rows("select rev from tenants where name = $1", vec![tenant.into()]).await?;
        let rev = rows.first().map_or(Ok(0), |row| row.int(0))?;
        Ok(EventPlace { rev, n: i64::MAX })
    }

    /// Before the first event that happened at a time or later, as far as they are kept.
    pub async fn since(&self, tenant: &str, time: i64) -> Result<EventPlace> {
        let end = self.end(tenant).await?;
        let sql = "select rev, n from events where tenant = $1 and created >= $2 and type <> $3
                   order by rev, n limit 1";
        let first = self.db.rows(sql, vec![tenant.into(), time.into(), GAP.into()]).await?;
        let before = |row: &Row| Ok(EventPlace { rev: row.int(0)?, n: row.int(1)? - 1 });
        first.first().map_or(Ok(end), before)
    }

    /// Events behind a place, in their order: so many at most, and no more than come to [`PAGE`], but one at least. Where
    /// none is answered, none follows.
    pub async fn after(&self, tenant: &str, place: EventPlace, most: i64) -> Result<Vec<KeptEvent>> {
        let sql = "select rev, n, type, body, created from (
                     select rev, n, type, body, created,
                       sum(length(body)) over (order by rev, n) - length(body) as ahead
                     from (select rev, n, type, body, created from events
                           where tenant = $1 and (rev, n) > ($2, $3) order by rev, n limit $4) as following) as page
                   where ahead < $5 order by rev, n";
        let arguments = vec![tenant.into(), place.rev.into(), place.n.into(), most.into(), PAGE.into()];
        self.db.rows(sql, arguments).await?.iter().map(kept).collect()
    }

    /// Drops all but the newest, so many, of each tenant that has more, and leaves a gap in their place: whoever has not read
    /// them hears of it. Answers whose they were, and how many.
    pub async fn drop_crowd(&self, most: i64) -> Result<Vec<(String, i64)>> {
        // One of them may be a gap.
        let crowded = "select tenant from events group by tenant having count(*) > $1";
        let mut dropped = Vec::new();
        for crowded in self.db.rows(crowded, vec![(most + 1).into()]).await? {
            let tenant = crowded.text(0)?;
            let last =
                "select rev, n from events where tenant = $1 order by rev desc, n desc limit 1 offset $2";
            let last = self.db.rows(last, vec![tenant.as_str().into(), most.into()]).await?;
            let Some(last) = last.first() else { continue };
            let place = [Value::from(tenant.as_str()), last.int(0)?.into(), last.int(1)?.into()];
            let marked = || place.iter().cloned().chain([GAP.into()]).collect();
            let count = "select count(*) from events
                         where tenant = $1 and (rev, n) <= ($2, $3) and type <> $4";
            let count = self.db.rows(count, marked()).await?.first().map_or(Ok(0), |row| row.int(0))?;
            let drop = "delete from events where tenant = $1 and (rev, n) < ($2, $3)";
            let mark = "update events set type = $4, body = '' where tenant = $1 and rev = $2 and n = $3";
            let batch = vec![Statement::new(drop, place.to_vec()), Statement::new(mark, marked())];
            self.db.commit(batch.into()).await?;
            dropped.push((tenant, count));
        }
        Ok(dropped)
    }

    /// Forgets what happened before a time, of all tenants.
    pub async fn prune(&self, before: i64) -> Result<u64> {
        let prune = Statement::new("delete from events where created < $1", vec![before.into()]);
        Ok(self.db.commit(vec![prune].into()).await?.counts.iter().sum())
    }
}

/// What writes an event down, in the transaction that has moved the tenant's revision.
pub(crate) fn statements(tenant: &str, event: Occurrence) -> Vec<Statement> {
    let mut statements = Vec::new();
    if event.is_kept {
        let keep = "insert into events (tenant, rev, n, id, type, body, created)
                    select name, rev, cast($2 as bigint), $3, $4, $5, cast($6 as bigint) from tenants where name = $1";
        let arguments = vec![
            tenant.into(),
            event.n.into(),
            event.id.as_str().into(),
            event.kind.into(),
            event.body.as_str().into(),
            event.created.into(),
        ];
        statements.push(Statement::new(keep, arguments).expecting(1));
    }
    for Addressee { stream, refused } in event.addressees {
        let send = "insert into event_deliveries
                      (tenant, rev, n, stream, id, type, body, state, created, due, tries, attempts)
                    select name, rev, cast($2 as bigint), $3, $4, $5, $6, $7, cast($8 as bigint), cast($9 as bigint),
                      0, $10 from tenants where name = $1";
        let is_sent = refused.is_none();
        let state = if is_sent { PENDING } else { FAILED };
        let arguments = vec![
            tenant.into(),
            event.n.into(),
            stream.as_str().into(),
            event.id.as_str().into(),
            event.kind.into(),
            event.body.as_str().into(),
            state.into(),
            event.created.into(),
            is_sent.then_some(event.due).into(),
            refused.unwrap_or_default().into(),
        ];
        statements.push(Statement::new(send, arguments).expecting(1));
        if is_sent {
            statements.push(due(tenant, &stream, event.due));
        }
    }
    statements
}

/// What tells that a stream has something to send at a time.
pub(crate) fn due(tenant: &str, stream: &str, at: i64) -> Statement {
    let sql = "insert into event_lines (tenant, stream, due, leased, failures) values ($1, $2, $3, 0, 0)
               on conflict (tenant, stream) do update
               set due = case when event_lines.due < excluded.due then event_lines.due else excluded.due end";
    Statement::new(sql, vec![tenant.into(), stream.into(), at.into()])
}

fn kept(row: &Row) -> Result<KeptEvent> {
    Ok(KeptEvent {
        place: EventPlace { rev: row.int(0)?, n: row.int(1)? },
        kind: row.text(2)?,
        body: row.text(3)?,
        created: row.int(4)?,
    })
}

/// It is still to be sent, and what comes after it waits for it.
pub(crate) const PENDING: &str = "pending";
/// It could not be sent; nothing waits for it any more.
pub(crate) const FAILED: &str = "failed";
/// The kind of what stands where events were dropped.
const GAP: &str = "";
/// How many characters of events are read at once: a person may have a hundred thousand.
pub(crate) const PAGE: i64 = 1 << 20;
