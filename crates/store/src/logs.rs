//! The log of each tenant: appended to in bulk, read in the order of ids, searched, and thinned out by age. On
//! SQLite it has a file of its own, so that it never waits for the flushes of the configuration.

use crate::db::{Db, Error, Result, Statement, Value};
use crate::log_condition::{Clause, Condition};
use crate::log_row::{COLUMNS, LogRow, TABLE};

/// The logs of all tenants.
#[derive(Clone, Debug)]
pub struct Logs {
    db: Db,
}

impl Logs {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Appends events, all or none. An event whose id is there already is left as it is.
    pub async fn append(&self, rows: Vec<LogRow>) -> Result<()> {
        self.db.insert(&TABLE, rows.into_iter().map(LogRow::into_values).collect()).await
    }

    /// The event with that id.
    pub async fn read(&self, tenant: &str, log_id: &str) -> Result<Option<LogRow>> {
        let rows = self.select("log_id = $2", vec![tenant.into(), log_id.into()]).await?;
        Ok(rows.into_iter().next())
    }

    /// Events after an id, or from the first, oldest first.
    pub async fn after(&self, tenant: &str, from: Option<&str>, take: i64) -> Result<Vec<LogRow>> {
        let rest = "log_id > $2 order by log_id limit $3";
        self.select(rest, vec![tenant.into(), from.unwrap_or_default().into(), take.max(0).into()]).await
    }

    /// Events that meet a condition, in the order of their ids, which is that of time.
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
        self.select(&format!("{condition} order by log_id {direction} limit $2 offset $3"), arguments).await
    }

    /// How many events meet a condition.
    pub async fn count(&self, tenant: &str, condition: &Condition) -> Result<i64> {
        let mut arguments = vec![tenant.into()];
        let condition = Clause::new(self.db.engine(), &mut arguments).sql(condition)?;
        let sql = format!("select count(*) from logs where tenant = $1 and {condition}");
        let rows = self.db.rows(sql, arguments).await?;
        rows.first().ok_or_else(|| Error::database("a count without a row"))?.int(0)
    }

    /// Deletes the events of a tenant, or of all, that are older than a time, and answers how many there were.
    ///
    /// It goes in small steps between which new events are written.
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

    /// Deletes all events of a tenant.
    pub(crate) async fn forget(&self, tenant: &str) -> Result<()> {
        let sql = "delete from logs where tenant = $1 and log_id in (
                     select log_id from logs where tenant = $1 order by log_id limit $2)";
        while self.delete(sql, vec![tenant.into(), STEP.into()]).await? > 0 {}
        Ok(())
    }

    async fn prune_one(&self, tenant: &str, before: i64) -> Result<u64> {
        let sql = "delete from logs where tenant = $1 and log_id in (
                     select log_id from logs where tenant = $1 and date < $2 order by log_id limit $3)";
        let mut deleted = 0;
        loop {
            let step = self.delete(sql, vec![tenant.into(), before.into(), STEP.into()]).await?;
            deleted += step;
            if step < STEP.unsigned_abs() {
                return Ok(deleted);
            }
        }
    }

    async fn tenant_after(&self, previous: &str) -> Result<Option<String>> {
        let sql = "select tenant from logs where tenant > $1 order by tenant limit 1";
        self.db.rows(sql, vec![previous.into()]).await?.first().map(|row| row.text(0)).transpose()
    }

    async fn delete(&self, sql: &'static str, arguments: Vec<Value>) -> Result<u64> {
        let committed = self.db.commit(vec![Statement::new(sql, arguments)].into()).await?;
        Ok(committed.counts.iter().sum())
    }

    async fn select(&self, rest: &str, arguments: Vec<Value>) -> Result<Vec<LogRow>> {
        let columns = COLUMNS.map(|(name, _)| name).join(", ");
        let sql = format!("select {columns} from logs where tenant = $1 and {rest}");
        self.db.rows(sql, arguments).await?.iter().map(LogRow::from_row).collect()
    }
}

/// How many events one step of a deletion takes.
const STEP: i64 = 5000;
