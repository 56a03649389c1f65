//! How often a login has failed lately. Whom a count is about is a text that nothing here reads.

use crate::db::{Db, Error, Result, Row, Statement};

/// Counts of all tenants.
#[derive(Clone, Debug)]
pub struct FailedLogins {
    db: Db,
}

impl FailedLogins {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// What was counted against two subjects, and since when.
    pub async fn of(&self, tenant: &str, subjects: [&str; 2]) -> Result<Vec<(String, i64, i64)>> {
        let sql = "select subject, failures, since from failed_logins
                   where tenant = $1 and subject in ($2, $3) order by subject";
        let [one, other] = subjects;
        let rows = self.db.rows(sql, vec![tenant.into(), one.into(), other.into()]).await?;
        rows.iter().map(count).collect()
    }

    /// Counts one more against each subject, and answers how many there are now. Counts that began before a time, in
    /// seconds since 1970, begin anew.
    pub async fn add(&self, tenant: &str, subjects: &[&str], now: i64, from: i64) -> Result<Vec<i64>> {
        self.add_many(tenant, subjects, 1, now, from).await
    }

    /// The same with so many more against each.
    pub async fn add_many(
        &self,
        tenant: &str,
        subjects: &[&str],
        more: i64,
        now: i64,
        from: i64,
    ) -> Result<Vec<i64>> {
        let sql = "insert into failed_logins (tenant, subject, failures, since) values ($1, $2, $5, $3)
                   on conflict (tenant, subject) do update set
                     failures = case when failed_logins.since < $4 then $5 else failed_logins.failures + $5 end,
                     since = case when failed_logins.since < $4 then $3 else failed_logins.since end
                   returning failures";
        let add = |subject: &&str| {
            let arguments = vec![tenant.into(), (*subject).into(), now.into(), from.into(), more.into()];
            Statement::new(sql, arguments).expecting(1)
        };
        let committed = self.db.commit(subjects.iter().map(add).collect::<Vec<_>>().into()).await?;
        if committed.rows.len() != subjects.len() {
            return Err(Error::database("a count without a row"));
        }
        committed.rows.iter().map(|row| row.int(0)).collect()
    }

    /// Counts so many more against a subject whose count falls by one each `rate` milliseconds; answers how many there are
    /// now. Whatever is above `most` weighs the same.
    pub async fn add_leaking(
        &self,
        tenant: &str,
        subject: &str,
        more: i64,
        now: i64,
        (most, rate): (i64, i64),
    ) -> Result<i64> {
        // What has leaked since, whole ones only; the rest of the time is kept. One that is refused weighs nothing.
        let sql = "insert into failed_logins (tenant, subject, failures, since) values ($1, $2, $6, $3)
                   on conflict (tenant, subject) do update set
                     failures = case
                       when failed_logins.failures <= ($3 - failed_logins.since) * 1000 / $4 then $6
                       when failed_logins.failures > $5 and $5 <= ($3 - failed_logins.since) * 1000 / $4 then $6
                       when failed_logins.failures > $5 then $5 - ($3 - failed_logins.since) * 1000 / $4 + $6
                       else failed_logins.failures - ($3 - failed_logins.since) * 1000 / $4 + $6 end,
                     since = case
                       when failed_logins.failures <= ($3 - failed_logins.since) * 1000 / $4 then $3
                       else failed_logins.since + ($3 - failed_logins.since) * 1000 / $4 * $4 / 1000 end
                   returning failures";
        let arguments =
            vec![tenant.into(), subject.into(), now.into(), rate.into(), most.into(), more.into()];
        let committed = self.db.commit(vec![Statement::new(sql, arguments).expecting(1)].into()).await?;
        committed.rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// What was counted against the subjects between two texts, and since when, where there are more failures than these.
    /// Whoever tries a thousand names once each hides nobody.
    pub async fn between(
        &self,
        tenant: &str,
        (from, to): (&str, &str),
        beyond: i64,
    ) -> Result<Vec<(String, i64, i64)>> {
        let sql = "select subject, failures, since from failed_logins
                   where tenant = $1 and subject >= $2 and subject < $3 and failures > $4
                   order by subject limit 1000";
        let arguments = vec![tenant.into(), from.into(), to.into(), beyond.into()];
        let rows = self.db.rows(sql, arguments).await?;
        rows.iter().map(count).collect()
    }

    /// Forgets what was counted against the subjects between two texts.
    pub async fn forget(&self, tenant: &str, from: &str, to: &str) -> Result<()> {
        let sql = "delete from failed_logins where tenant = $1 and subject >= $2 and subject < $3";
        let statement = Statement::new(sql, vec![tenant.into(), from.into(), to.into()]);
        self.db.commit(vec![statement].into()).await.map(drop)
    }

    /// Forgets what was counted against one subject.
    pub async fn forgive(&self, tenant: &str, subject: &str) -> Result<()> {
        let forget = "delete from failed_logins where tenant = $1 and subject = $2";
        self.on(forget, tenant, subject).await
    }

    /// Forgets one of what was counted against a subject.
    pub async fn forgive_one(&self, tenant: &str, subject: &str) -> Result<()> {
        let lessen = "update failed_logins set failures = failures - 1
                      where tenant = $1 and subject = $2 and failures > 0";
        self.on(lessen, tenant, subject).await
    }

    async fn on(&self, sql: &'static str, tenant: &str, subject: &str) -> Result<()> {
        let statement = Statement::new(sql, vec![tenant.into(), subject.into()]);
        self.db.commit(vec![statement].into()).await.map(drop)
    }
}

fn count(row: &Row) -> Result<(String, i64, i64)> {
    Ok((row.text(0)?, row.int(1)?, row.int(2)?))
}
