//! The log of each tenant: appended to in bulk, read in the order of ids, searched, and thinned out by age. On
//! SQLite it has a file of its own, so that it never waits for the flushes of the configuration.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;
use tokio::time;

use crate::db::{Db, Error, Result, Row, Rows, Statement, Value};
use crate::log_condition::{Clause, Condition};
use crate::log_row::{COLUMNS, LogRow, LogRows};
use crate::tallies::Added;
use crate::{log_flushes, log_seals, log_streams};

/// The logs of all tenants.
#[derive(Clone, Debug)]
pub struct Logs {
    db: Db,
    searching: Arc<Semaphore>,
    patience: Duration,
}

impl Logs {
    pub(crate) fn new(db: Db) -> Self {
        Self { db, searching: Arc::new(Semaphore::new(SEARCHES)), patience: PATIENCE }
    }

    /// The same logs, whose searches are given so much time.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Appends events, all or none, counts them and notes their order. An event whose id is there already is left as it is.
    pub async fn append(&self, rows: Vec<LogRow>) -> Result<()> {
        let mut all = LogRows::default();
        rows.iter().for_each(|row| all.push(row));
        let mut counted = Added::default();
        counted.count(&all.rows, &all.notes);
        let order = log_flushes::statements(&all.rows);
        let and = order.into_iter().chain(counted.statements()).collect();
        self.append_and(all.rows.into(), and).await.map(drop)
    }

    /// Appends events, all or none, and does this with them unless an earlier attempt, whose answer was lost, has done it.
    /// Answers whether it was not so.
    pub(crate) async fn append_and(&self, rows: Arc<Rows>, and: Vec<Statement>) -> Result<bool> {
        self.db.insert(rows, and).await
    }

    /// The event with that id.
    pub async fn read(&self, tenant: &str, log_id: &str) -> Result<Option<LogRow>> {
        let rows = self.db.rows(select("log_id = $2"), vec![tenant.into(), log_id.into()]).await?;
        rows.first().map(LogRow::from_row).transpose()
    }

    /// Those of these events that there are, in the order of their ids.
    pub async fn some(&self, tenant: &str, log_ids: &[String]) -> Result<Vec<LogRow>> {
        log_flushes::some(&self.db, tenant, log_ids).await
    }

    /// Events after an id, or from the first, oldest first.
    pub async fn after(&self, tenant: &str, from: Option<&str>, take: i64) -> Result<Vec<LogRow>> {
        let sql = select("log_id > $2 order by log_id limit $3");
        let arguments = vec![tenant.into(), from.unwrap_or_default().into(), take.max(0).into()];
        self.db.rows(sql, arguments).await?.iter().map(LogRow::from_row).collect()
    }

    /// The ids of events after one, as far as another, which is included, or to the end; some at a time.
    pub async fn ids(&self, tenant: &str, from: &str, to: Option<&str>, most: i64) -> Result<Vec<String>> {
        let sql = "select log_id from logs where tenant = $1 and log_id > $2 and log_id <= $3
                   order by log_id limit $4";
        let open = "select log_id from logs where tenant = $1 and log_id > $2 order by log_id limit $3";
        let mut arguments: Vec<Value> = vec![tenant.into(), from.into()];
        arguments.extend(to.map(Value::from));
        arguments.push(most.into());
        let rows = self.db.rows(if to.is_some() { sql } else { open }, arguments).await?;
        rows.iter().map(|row| row.text(0)).collect()
    }

    /// The events about an object, the newest first.
    pub async fn about(&self, tenant: &str, object: &str, take: i64) -> Result<Vec<LogRow>> {
        let sql = select("object = $2 and object is not null order by log_id desc limit $3");
        let arguments = vec![tenant.into(), object.into(), take.max(0).into()];
        self.db.rows(sql, arguments).await?.iter().map(LogRow::from_row).collect()
    }

    /// Events that meet a condition, in the order of their ids, which is that of time; [`Error::TooSlow`] when it
    /// takes more than five seconds.
    pub async fn search(
        &self,
        tenant: &str,
        condition: &Condition,
        sort_desc: bool,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<LogRow>> {
        let mut arguments = vec![tenant.into(), limit.max(0).into(), offset.max(0).into()];
        let condition = Clause::new(self.db.engine(), &mut arguments).sql(condition)?;
        let direction = if sort_desc { "desc" } else { "asc" };
        let sql = select(&format!("{condition} order by log_id {direction} limit $2 offset $3"));
        self.in_time(sql, arguments).await?.iter().map(LogRow::from_row).collect()
    }

    /// How many events of each kind there are in each of so many equal stretches of time, among those that meet a
    /// condition: stretch, kind, number. The ids bound what is read.
    pub async fn histogram(
        &self,
        tenant: &str,
        condition: &Condition,
        (from, to): (i64, i64),
        width: i64,
        (first_id, end_id): (&str, &str),
    ) -> Result<Vec<(i64, String, i64)>> {
        let mut arguments = vec![tenant.into(), from.into(), to.into(), width.max(1).into()];
        arguments.extend([first_id.into(), end_id.into()]);
        let condition = Clause::new(self.db.engine(), &mut arguments).sql(condition)?;
        let sql = format!(
            "select (date - $2) / $4 as stretch, kind, count(*) from logs
             where tenant = $1 and log_id >= $5 and log_id < $6 and date >= $2 and date < $3 and {condition}
             group by (date - $2) / $4, kind order by stretch, kind"
        );
        let rows = self.in_time(sql, arguments).await?;
        rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?, row.int(2)?))).collect()
    }

    /// Deletes the events of a tenant, or of all, that are older than a time, and answers how many there were.
    ///
    /// It goes in small steps between which new events are written. What a stream has not acknowledged stays for another
    /// week.
    pub async fn prune(&self, tenant: Option<&str>, before_date_ms: i64) -> Result<u64> {
        if let Some(tenant) = tenant {
            return self.prune_one(tenant, before_date_ms).await;
        }
        let mut deleted = 0;
        let mut previous = String::new();
        // From tenant to tenant along the key, without reading the events in between.
        while let Some(tenant) = self.tenant_after(&previous).await? {
            deleted += self.prune_one(&tenant, before_date_ms).await?;
            previous = tenant;
        }
        Ok(deleted)
    }

    async fn prune_one(&self, tenant: &str, before: i64) -> Result<u64> {
        let waiting = log_streams::oldest_waiting(&self.db, tenant).await?;
        let before =
            waiting.map_or(before, |oldest| before.min(oldest.max(before.saturating_sub(KEPT_FOR_STREAMS))));
        let sql = "delete from logs where tenant = $1 and log_id in (
                     select log_id from logs where tenant = $1 and date < $2 order by log_id limit $3)";
        let deleted = delete_in_steps(&self.db, sql, tenant, before, STEP).await?;
        log_flushes::prune(&self.db, tenant, before).await?;
        log_seals::prune(&self.db, tenant, before).await?;
        Ok(deleted)
    }

    async fn tenant_after(&self, previous: &str) -> Result<Option<String>> {
        let sql = "select tenant from logs where tenant > $1 order by tenant limit 1";
        self.db.rows(sql, vec![previous.into()]).await?.first().map(|row| row.text(0)).transpose()
    }

    /// Searches when it is its turn, and not for long: whoever searches chose the condition.
    async fn in_time(&self, sql: String, arguments: Vec<Value>) -> Result<Vec<Row>> {
        let deadline = Instant::now() + self.patience;
        let turn = time::timeout_at(deadline.into(), self.searching.acquire()).await;
        let _turn = turn.map_err(|_| Error::TooSlow)?.map_err(|_| Error::Closed)?;
        self.db.rows_until(deadline, sql, arguments).await
    }
}

/// Deletes a tenant's rows before the first that is kept. That one is looked for once, and not by the writer.
pub(crate) async fn delete_first(
    db: &Db,
    [kept, delete]: [&'static str; 2],
    tenant: &str,
    before: i64,
    step: i64,
) -> Result<()> {
    let kept = db.rows(kept, vec![tenant.into(), before.into()]).await?;
    match kept.first().map_or(Ok(None), |row| row.opt_int(0))? {
        Some(kept) => delete_in_steps(db, delete, tenant, kept, step).await.map(drop),
        None => Ok(()),
    }
}

/// Deletes a tenant's rows below a bound, so many at a time; answers how many there were.
async fn delete_in_steps(db: &Db, sql: &'static str, tenant: &str, bound: i64, step: i64) -> Result<u64> {
    let mut deleted = 0;
    loop {
        let delete = Statement::new(sql, vec![tenant.into(), bound.into(), step.into()]);
        let count: u64 = db.commit(vec![delete].into()).await?.counts.iter().sum();
        deleted += count;
        if count < step.unsigned_abs() {
            return Ok(deleted);
        }
    }
}

pub(crate) fn select(rest: &str) -> String {
    let columns = COLUMNS.map(|(name, _)| name).join(", ");
    format!("select {columns} from logs where tenant = $1 and {rest}")
}

/// How many events one step of a deletion takes.
const STEP: i64 = 5000;
/// How much longer than others, in milliseconds, events stay that a log stream has not acknowledged.
const KEPT_FOR_STREAMS: i64 = 7 * 24 * 3_600_000;
/// How many searches run at once. One leaves a reader of the file, and most connections, to those who do not search.
const SEARCHES: usize = 1;
/// How long a search may take, from the call to the answer.
const PATIENCE: Duration = Duration::from_secs(5);
