//! How far each log stream has read, who reads for it at the moment, and how it fares. Where it leads to, and what is told
//! there, nothing here knows. The rows lie beside the log, so that a power cut takes from both or from neither.

use crate::db::{Db, Error, Result, Row, Statement};
use crate::log_flushes::{self, Cursor, Page, Waiting};

/// The log streams of all tenants.
#[derive(Clone, Debug)]
pub struct LogStreams {
    db: Db,
}

/// A stream as it is stored; times are milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogStreamState {
    pub tenant: String,
    pub id: String,
    /// Everything before it has been acknowledged.
    pub cursor: Cursor,
    /// The node that has it in hand, and until when.
    pub holder: String,
    pub leased: i64,
    pub created: i64,
    /// How many events were acknowledged.
    pub delivered: i64,
    /// When some were acknowledged last.
    pub succeeded: Option<i64>,
    /// Since when nothing was acknowledged that was tried.
    pub failing: Option<i64>,
    /// What went wrong lately, a JSON text.
    pub problems: String,
}

impl LogStreams {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Where a stream begins that wants what is committed from now on.
    pub async fn end(&self, tenant: &str) -> Result<Cursor> {
        log_flushes::end(&self.db, tenant).await
    }

    /// Where a stream begins that wants what has an id behind this one, as far as it is kept.
    pub async fn behind(&self, tenant: &str, log_id: &str) -> Result<Cursor> {
        log_flushes::behind(&self.db, tenant, log_id).await
    }

    /// How far the logs of these tenants are.
    pub async fn heads(&self, tenants: &[String]) -> Result<Vec<(String, i64)>> {
        log_flushes::heads(&self.db, tenants).await
    }

    /// What follows a cursor, about so many events and so many bytes of them at most.
    pub async fn page(&self, tenant: &str, from: &Cursor, most: usize, bytes: usize) -> Result<Page> {
        log_flushes::page(&self.db, tenant, from, most, bytes).await
    }

    /// What a stream has not acknowledged.
    pub async fn waiting(&self, tenant: &str, from: &Cursor) -> Result<Waiting> {
        log_flushes::waiting(&self.db, tenant, from).await
    }

    /// Notes where a stream begins, unless that is noted.
    pub async fn begin(&self, tenant: &str, id: &str, cursor: &Cursor, now: i64) -> Result<()> {
        let sql = "insert into log_streams
                     (tenant, id, number, log_id, holder, leased, created, delivered, problems)
                   values ($1, $2, $3, $4, '', 0, $5, 0, '[]') on conflict (tenant, id) do nothing";
        let arguments =
            vec![tenant.into(), id.into(), cursor.number.into(), cursor.log_id.as_str().into(), now.into()];
        self.db.commit(vec![Statement::new(sql, arguments)].into()).await.map(drop)
    }

    pub async fn read(&self, tenant: &str, id: &str) -> Result<Option<LogStreamState>> {
        let sql = "select tenant, id, number, log_id, holder, leased, created, delivered, succeeded, failing, problems
                   from log_streams where tenant = $1 and id = $2";
        self.db.rows(sql, vec![tenant.into(), id.into()]).await?.first().map(state).transpose()
    }

    /// The streams of a tenant.
    pub async fn all(&self, tenant: &str) -> Result<Vec<LogStreamState>> {
        let sql = "select tenant, id, number, log_id, holder, leased, created, delivered, succeeded, failing, problems
                   from log_streams where tenant = $1 order by id";
        self.db.rows(sql, vec![tenant.into()]).await?.iter().map(state).collect()
    }

    /// Takes a stream in hand until a time, unless another node has it.
    pub async fn hold(
        &self,
        (tenant, id): (&str, &str),
        holder: &str,
        now: i64,
        until: i64,
    ) -> Result<Option<LogStreamState>> {
        let sql = "update log_streams set holder = $3, leased = $5
                   where tenant = $1 and id = $2 and (holder = $3 or leased <= $4)
                   returning tenant, id, number, log_id, holder, leased, created, delivered, succeeded, failing,
                     problems";
        let arguments = vec![tenant.into(), id.into(), holder.into(), now.into(), until.into()];
        let hold = Statement::new(sql, arguments);
        self.db.commit(vec![hold].into()).await?.rows.first().map(state).transpose()
    }

    /// Notes that events were acknowledged up to a cursor, and keeps the stream in hand until a time. Answers the stream
    /// as it is then; nothing, if another node has taken it.
    pub async fn acknowledge(
        &self,
        held: LogStreamState,
        cursor: Cursor,
        events: i64,
        (now, until): (i64, i64),
    ) -> Result<Option<LogStreamState>> {
        let sql =
            "update log_streams set number = $6, log_id = $7, delivered = delivered + $8, succeeded = $9,
                     failing = $10, leased = $11
                   where tenant = $1 and id = $2 and holder = $3 and number = $4 and log_id = $5";
        // What is passed over says nothing of whoever would have taken it.
        let (succeeded, failing) = match events {
            0 => (held.succeeded, held.failing),
            _ => (Some(now), None),
        };
        let arguments = vec![
            held.tenant.as_str().into(),
            held.id.as_str().into(),
            held.holder.as_str().into(),
            held.cursor.number.into(),
            held.cursor.log_id.as_str().into(),
            cursor.number.into(),
            cursor.log_id.as_str().into(),
            events.into(),
            succeeded.into(),
            failing.into(),
            until.into(),
        ];
        let statement = Statement::new(sql, arguments).expecting(1);
        match self.db.commit(vec![statement].into()).await {
            Ok(_) => {
                let delivered = held.delivered + events;
                Ok(Some(LogStreamState { cursor, delivered, succeeded, failing, leased: until, ..held }))
            }
            Err(Error::Conflict) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Notes what went wrong, if this node still has the stream in hand; with a time since when all has, or none.
    pub async fn note(&self, held: &LogStreamState, problems: &str, failing: Option<i64>) -> Result<()> {
        let sql = "update log_streams set problems = $4, failing = $5
                   where tenant = $1 and id = $2 and holder = $3";
        let arguments = vec![
            held.tenant.as_str().into(),
            held.id.as_str().into(),
            held.holder.as_str().into(),
            problems.into(),
            failing.into(),
        ];
        self.db.commit(vec![Statement::new(sql, arguments)].into()).await.map(drop)
    }

    /// Lets go of everything that a node has in hand, so that others need not wait.
    pub async fn release(&self, holder: &str) -> Result<()> {
        let sql = "update log_streams set leased = 0 where holder = $1 and leased > 0";
        self.db.commit(vec![Statement::new(sql, vec![holder.into()])].into()).await.map(drop)
    }

    /// Forgets a stream.
    pub async fn delete(&self, tenant: &str, id: &str) -> Result<()> {
        let sql = "delete from log_streams where tenant = $1 and id = $2";
        let delete = Statement::new(sql, vec![tenant.into(), id.into()]);
        self.db.commit(vec![delete].into()).await.map(drop)
    }
}

/// When the oldest event happened that some stream of the tenant has not acknowledged.
pub(crate) async fn oldest_waiting(db: &Db, tenant: &str) -> Result<Option<i64>> {
    let sql = "select min(oldest) from log_flushes where tenant = $1
               and number >= (select min(number) from log_streams where tenant = $1)";
    let rows = db.rows(sql, vec![tenant.into()]).await?;
    rows.first().map_or(Ok(None), |row| row.opt_int(0))
}

fn state(row: &Row) -> Result<LogStreamState> {
    Ok(LogStreamState {
        tenant: row.text(0)?,
        id: row.text(1)?,
        cursor: Cursor { number: row.int(2)?, log_id: row.text(3)? },
        holder: row.text(4)?,
        leased: row.int(5)?,
        created: row.int(6)?,
        delivered: row.int(7)?,
        succeeded: row.opt_int(8)?,
        failing: row.opt_int(9)?,
        problems: row.text(10)?,
    })
}
