//! How often a login has failed lately. Whom a count is about is a text that nothing here reads.

use crate::db::{Db, Error, Result, Statement};

/// Counts of all tenants.
#[derive(Clone, Debug)]
pub struct FailedLogins {
    db: Db,
}

impl FailedLogins {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Counts one more against each subject, and answers how many there are now. Counts that began before a time, in
    /// seconds since 1970, begin anew.
    pub async fn add(&self, tenant: &str, subjects: &[&str], now: i64, from: i64) -> Result<Vec<i64>> {
        let sql = "insert into failed_logins (tenant, subject, failures, since) values ($1, $2, 1, $3)
                   on conflict (tenant, subject) do update set
                     failures = case when failed_logins.since < $4 then 1 else failed_logins.failures + 1 end,
                     since = case when failed_logins.since < $4 then $3 else failed_logins.since end
                   returning failures";
        let add = |subject: &&str| {
            Statement::new(sql, vec![tenant.into(), (*subject).into(), now.into(), from.into()]).expecting(1)
        };
        let committed = self.db.commit(subjects.iter().map(add).collect::<Vec<_>>().into()).await?;
        if committed.rows.len() != subjects.len() {
            return Err(Error::database("a count without a row"));
        }
        committed.rows.iter().map(|row| row.int(0)).collect()
    }

    /// Forgets what was counted against one subject, and one of what was counted against another.
    pub async fn forgive(&self, tenant: &str, all_of: &str, one_of: &str) -> Result<()> {
        let forget = "delete from failed_logins where tenant = $1 and subject = $2";
        let lessen = "update failed_logins set failures = failures - 1
                      where tenant = $1 and subject = $2 and failures > 0";
        let batch = vec![
            Statement::new(forget, vec![tenant.into(), all_of.into()]),
            Statement::new(lessen, vec![tenant.into(), one_of.into()]),
        ];
        self.db.commit(batch.into()).await.map(drop)
    }
}
