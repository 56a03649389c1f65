//! Events on their way to those they are sent to. Of each stream one node sends at a time, in the order of the events; it
//! holds the lease of the stream's *line*, which also says when the next is due. What has arrived is forgotten.

use crate::db::{Db, Error, Result, Row, Statement, Value};
use crate::events::{self, FAILED, Occurrence, PAGE, PENDING};
use crate::turns::Leased;

/// What is sent, of all tenants. Times are milliseconds since 1970.
#[derive(Clone, Debug)]
pub struct EventDeliveries {
    db: Db,
}

/// A stream that somebody has in hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventLine {
    pub tenant: String,
    pub stream: String,
    /// Until when; nobody else has the same.
    pub leased: i64,
    /// How many events in a row could not be sent.
    pub failures: i64,
}

/// An event that is to be sent, or could not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDelivery {
    pub id: String,
    pub kind: String,
    pub body: String,
    /// Whether it could not be sent, and nothing waits for it.
    pub has_failed: bool,
    pub created: i64,
    /// When it is to be tried next; nothing, if it is not by itself.
    pub due: Option<i64>,
    /// How often it was tried since somebody last asked for it.
    pub tries: i64,
    /// What was tried, JSON objects with commas between them.
    pub attempts: String,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    Arrived,
    /// It did not arrive: what was tried, and when it is tried next.
    Failed {
        attempt: String,
        due: Option<i64>,
        /// Whether what comes after it goes on.
        gives_way: bool,
        /// Whether it was tried at all, and not counted before.
        is_counted: bool,
        /// Whether the stream is at fault, and fails once more in a row.
        is_blamed: bool,
    },
}

/// Which of the events that could not be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailedEvents {
    pub kinds: Vec<String>,
    pub from: Option<i64>,
    pub to: Option<i64>,
    /// This one alone.
    pub id: Option<String>,
}

/// How many events arrived and how many did not, on a day since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventCount {
    pub day: i64,
    pub delivered: i64,
    pub failed: i64,
}

impl EventDeliveries {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Adds an event that nothing has caused.
    pub async fn insert(&self, tenant: &str, event: Occurrence) -> Result<()> {
        self.db.commit(events::statements(tenant, event).into()).await.map(drop)
    }

    /// Takes lines in hand on which something is due, until a time. Each tenant comes to its turn: of each so many at most,
    /// and none of those that are left out.
    pub async fn claim(
        &self,
        (now, until): (i64, i64),
        most: i64,
        most_of_each: i64,
        without: &[&str],
    ) -> Result<Vec<EventLine>> {
        let claimed = LEASED.claim(&self.db, (now, until), most, most_of_each, without).await?;
        let line = |row: &Row| {
            Ok(EventLine {
                tenant: row.text(0)?,
                stream: row.text(1)?,
                leased: row.int(2)?,
                failures: row.int(3)?,
            })
        };
        claimed.iter().map(line).collect()
    }

    /// What is next on a line, in its order: so many at most, and no more than come to a [`PAGE`], but one at least. Among
    /// them are those for which what comes after them waits though they are not due.
    pub async fn next(&self, line: &EventLine, now: i64, most: i64) -> Result<Vec<EventDelivery>> {
        let sql = "select id, type, body, state, created, due, tries, attempts from (
                     select id, type, body, state, created, due, tries, attempts, rev, n,
                       sum(length(body)) over (order by rev, n, id) - length(body) as ahead
                     from (select id, type, body, state, created, due, tries, attempts, rev, n from event_deliveries
                           where tenant = $1 and stream = $2 and due is not null
                             and (state = 'pending' or due <= $3)
                           order by rev, n, id limit $4) as waiting) as page
                   where ahead < $5 order by rev, n, id";
        let place = [line.tenant.as_str(), line.stream.as_str()].map(Value::from);
        let arguments = place.into_iter().chain([now, most, PAGE].map(Value::from)).collect();
        self.db.rows(sql, arguments).await?.iter().map(delivery).collect()
    }

    /// Notes what became of an event, counts it, and keeps the line in hand until a time. Answers the line as it is then;
    /// nothing, if somebody else has taken it.
    pub async fn settle(
        &self,
        line: EventLine,
        event: &EventDelivery,
        settled: Settled,
        (now, until): (i64, i64),
    ) -> Result<Option<EventLine>> {
        let (is_counted, failures) = match &settled {
            Settled::Arrived => (true, 0),
            Settled::Failed { gives_way: true, is_counted: true, is_blamed, .. } => {
                (true, line.failures + i64::from(*is_blamed))
            }
            Settled::Failed { .. } => (false, line.failures),
        };
        let (tenant, stream) = (Value::from(line.tenant.as_str()), Value::from(line.stream.as_str()));
        let place = |more: Vec<Value>| [tenant.clone(), stream.clone()].into_iter().chain(more).collect();
        let hold = "update event_lines set leased = $4, failures = $5
                    where tenant = $1 and stream = $2 and leased = $3";
        let hold = Statement::new(hold, place(vec![line.leased.into(), until.into(), failures.into()]));
        let mut batch = vec![hold.expecting(1)];
        if is_counted {
            let arrived = i64::from(settled == Settled::Arrived);
            batch.push(count_of(&line.tenant, &line.stream, now, (arrived, 1 - arrived)));
        }
        batch.push(match settled {
            Settled::Arrived => {
                let forget = "delete from event_deliveries where tenant = $1 and stream = $2 and id = $3";
                Statement::new(forget, place(vec![event.id.as_str().into()]))
            }
            Settled::Failed { attempt, due, gives_way, .. } => {
                let note =
                    "update event_deliveries set state = $4, due = $5, tries = tries + 1, attempts = $6
                            where tenant = $1 and stream = $2 and id = $3";
                let state = if gives_way { FAILED } else { PENDING };
                let attempts = with(&event.attempts, &attempt);
                Statement::new(
                    note,
                    place(vec![event.id.as_str().into(), state.into(), due.into(), attempts.into()]),
                )
            }
        });
        match self.db.commit(batch.into()).await {
            Ok(_) => Ok(Some(EventLine { leased: until, failures, ..line })),
            Err(Error::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lets go of a line, on which something is due at a time, or else when it says so itself.
    pub async fn release(&self, line: &EventLine, due: Option<i64>) -> Result<()> {
        let place = || vec![line.tenant.as_str().into(), line.stream.as_str().into(), line.leased.into()];
        let batch = match due {
            Some(due) => {
                let sql = "update event_lines set leased = 0, due = $4
                           where tenant = $1 and stream = $2 and leased = $3";
                let mut arguments: Vec<Value> = place();
                arguments.push(due.into());
                vec![Statement::new(sql, arguments)]
            }
            None => {
                // Whoever writes an event holds the line until it can be seen: first they are waited for, then it is looked.
                let wait = "update event_lines set leased = leased
                            where tenant = $1 and stream = $2 and leased = $3";
                let release = "update event_lines set leased = 0, due = coalesce((
                                 select min(due) from event_deliveries
                                 where tenant = $1 and stream = $2 and due is not null), $4)
                               where tenant = $1 and stream = $2 and leased = $3";
                let mut arguments: Vec<Value> = place();
                arguments.push(NEVER.into());
                vec![Statement::new(wait, place()), Statement::new(release, arguments)]
            }
        };
        self.db.commit(batch.into()).await.map(drop)
    }

    /// One event that has not arrived.
    pub async fn read(&self, tenant: &str, stream: &str, id: &str) -> Result<Option<EventDelivery>> {
        let sql = "select id, type, body, state, created, due, tries, attempts from event_deliveries
                   where tenant = $1 and stream = $2 and id = $3";
        let arguments = vec![tenant.into(), stream.into(), id.into()];
        self.db.rows(sql, arguments).await?.first().map(delivery).transpose()
    }

    /// Events that could not be sent, those of old first, behind one given by its `created` and `id`: so many at most, and no
    /// more than come to a [`PAGE`], but one at least. Answers as well whether others follow.
    pub async fn failed(
        &self,
        (tenant, stream): (&str, &str),
        which: &FailedEvents,
        after: Option<(i64, String)>,
        most: i64,
    ) -> Result<(Vec<EventDelivery>, bool)> {
        let (mut condition, mut arguments) = which.condition(tenant, stream);
        if let Some((created, id)) = after {
            arguments.extend([Value::from(created), id.into()]);
            let last = arguments.len();
            condition.push_str(&format!(" and (created, id) > (${}, ${last})", last - 1));
        }
        arguments.extend([most + 1, most, PAGE].map(Value::from));
        let last = arguments.len();
        let (among, most) = (last - 2, last - 1);
        let sql = format!(
            "select id, type, body, state, created, due, tries, attempts, found from (
               select id, type, body, state, created, due, tries, attempts, count(*) over () as found,
                 sum(length(body) + length(attempts)) over (order by created, id)
                   - length(body) - length(attempts) as ahead
               from (select id, type, body, state, created, due, tries, attempts from event_deliveries
                     where {condition} order by created, id limit ${among}) as following) as page
             where ahead < ${last} order by created, id limit ${most}"
        );
        let rows = self.db.rows(sql, arguments).await?;
        let found = rows.first().map_or(Ok(0), |row| row.int(8))?;
        let shown: Vec<_> = rows.iter().map(delivery).collect::<Result<_>>()?;
        let has_more = shown.len() as i64 != found;
        Ok((shown, has_more))
    }

    /// Sends again what could not be sent; answers how many events that are.
    pub async fn again(
        &self,
        (tenant, stream): (&str, &str),
        which: &FailedEvents,
        attempt: &str,
        now: i64,
    ) -> Result<u64> {
        let (condition, mut arguments) = which.condition(tenant, stream);
        arguments.extend([Value::from(now), attempt.into(), LONGEST.into()]);
        let last = arguments.len();
        let (now_at, attempt_at) = (last - 2, last - 1);
        let again = format!(
            "update event_deliveries set state = 'pending', due = ${now_at}, tries = 0, attempts = case
               when attempts = '' or length(attempts) > cast(${last} as bigint) then ${attempt_at}
               else attempts || ',' || ${attempt_at} end
             where {condition}"
        );
        let batch = vec![Statement::new(again, arguments), events::due(tenant, stream, now)];
        Ok(self.db.commit(batch.into()).await?.counts.first().copied().unwrap_or_default())
    }

    /// How many arrived and how many did not, from a day on.
    pub async fn counts(&self, tenant: &str, stream: &str, from: i64) -> Result<Vec<EventCount>> {
        let sql = "select day, delivered, failed from event_counts
                   where tenant = $1 and stream = $2 and day >= $3 order by day";
        let rows = self.db.rows(sql, vec![tenant.into(), stream.into(), from.into()]).await?;
        let count =
            |row: &Row| Ok(EventCount { day: row.int(0)?, delivered: row.int(1)?, failed: row.int(2)? });
        rows.iter().map(count).collect()
    }

    /// Forgets a stream.
    pub async fn forget(&self, tenant: &str, stream: &str) -> Result<()> {
        let forget = |sql: &'static str| Statement::new(sql, vec![tenant.into(), stream.into()]);
        let batch = vec![
            forget("delete from event_lines where tenant = $1 and stream = $2"),
            forget("delete from event_deliveries where tenant = $1 and stream = $2"),
            forget("delete from event_counts where tenant = $1 and stream = $2"),
        ];
        self.db.commit(batch.into()).await.map(drop)
    }

    /// Drops all but the newest, so many, of what waits for each stream that has more, and counts it as failed on a day.
    /// Answers whose streams these are, and how much.
    pub async fn drop_crowd(&self, most: i64, now: i64) -> Result<Vec<(String, String, i64)>> {
        let crowded = "select tenant, stream from event_deliveries where state = 'pending'
                       group by tenant, stream having count(*) > $1";
        let mut dropped = Vec::new();
        for crowded in self.db.rows(crowded, vec![most.into()]).await? {
            let (tenant, stream) = (crowded.text(0)?, crowded.text(1)?);
            // By their place, so that nodes that do this at once drop the same.
            let drop = "delete from event_deliveries where tenant = $1 and stream = $2 and id in (
                          select id from event_deliveries where tenant = $1 and stream = $2 and state = 'pending'
                          order by rev desc, n desc, id desc limit $4 offset $3)";
            let place = vec![tenant.as_str().into(), stream.as_str().into(), most.into(), i64::MAX.into()];
            let committed = self.db.commit(vec![Statement::new(drop, place)].into()).await?;
            let count = committed.counts.iter().sum::<u64>().try_into().unwrap_or(i64::MAX);
            if count == 0 {
                continue;
            }
            self.db.commit(vec![count_of(&tenant, &stream, now, (0, count))].into()).await?;
            dropped.push((tenant, stream, count));
        }
        Ok(dropped)
    }

    /// Forgets, of all tenants, what has not arrived since a time, and of what could not be sent all but the newest.
    pub async fn prune(&self, before: i64, most: i64) -> Result<u64> {
        let crowd = "delete from event_deliveries where (tenant, stream, id) in (
                       select tenant, stream, id from (
                         select tenant, stream, id,
                           row_number() over (partition by tenant, stream order by created desc, id desc) as place
                         from event_deliveries where state = 'failed') as kept
                       where place > $1)";
        let batch = vec![
            Statement::new("delete from event_deliveries where created < $1", vec![before.into()]),
            Statement::new(crowd, vec![most.into()]),
            Statement::new("delete from event_counts where day < $1", vec![before.div_euclid(DAY).into()]),
        ];
        Ok(self.db.commit(batch.into()).await?.counts.iter().sum())
    }
}

impl FailedEvents {
    fn condition(&self, tenant: &str, stream: &str) -> (String, Vec<Value>) {
        let mut condition = "tenant = $1 and stream = $2 and state = 'failed'".to_owned();
        let mut arguments: Vec<Value> = vec![tenant.into(), stream.into()];
        let mut argument = |value: Value| {
            arguments.push(value);
            format!("${}", arguments.len())
        };
        if let Some(from) = self.from {
            condition.push_str(&format!(" and created >= {}", argument(from.into())));
        }
        if let Some(to) = self.to {
            condition.push_str(&format!(" and created <= {}", argument(to.into())));
        }
        if let Some(id) = &self.id {
            condition.push_str(&format!(" and id = {}", argument(id.as_str().into())));
        }
        if !self.kinds.is_empty() {
            let kinds: Vec<String> = self.kinds.iter().map(|kind| argument(kind.as_str().into())).collect();
            condition.push_str(&format!(" and type in ({})", kinds.join(", ")));
        }
        (condition, arguments)
    }
}

/// What counts events that arrived and events that did not.
fn count_of(tenant: &str, stream: &str, now: i64, (arrived, failed): (i64, i64)) -> Statement {
    let sql = "insert into event_counts (tenant, stream, day, delivered, failed)
               values ($1, $2, $3, $4, $5) on conflict (tenant, stream, day) do update
               set delivered = event_counts.delivered + excluded.delivered,
                 failed = event_counts.failed + excluded.failed";
    let numbers = [now.div_euclid(DAY), arrived, failed].map(Value::from);
    Statement::new(sql, [tenant, stream].map(Value::from).into_iter().chain(numbers).collect())
}

/// What was tried, and what was tried then. Of very much only the latest stays.
fn with(attempts: &str, attempt: &str) -> String {
    match attempts.is_empty() || attempts.len() as i64 > LONGEST {
        true => attempt.to_owned(),
        false => format!("{attempts},{attempt}"),
    }
}

fn delivery(row: &Row) -> Result<EventDelivery> {
    Ok(EventDelivery {
        id: row.text(0)?,
        kind: row.text(1)?,
        body: row.text(2)?,
        has_failed: row.str(3)? == FAILED,
        created: row.int(4)?,
        due: row.opt_int(5)?,
        tries: row.int(6)?,
        attempts: row.text(7)?,
    })
}

const LEASED: Leased = Leased {
    table: "event_lines",
    key: "stream",
    which: "1 = 1",
    taken: "",
    columns: "tenant, stream, leased, failures",
};
/// Milliseconds.
const DAY: i64 = 24 * 3_600_000;
const NEVER: i64 = i64::MAX;
/// How many bytes of what was tried are kept about.
const LONGEST: i64 = 16_000;
