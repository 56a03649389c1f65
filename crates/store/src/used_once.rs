//! What may be used only once until it expires. The row is what all nodes agree on; what an id stands for, nothing here
//! reads.

use crate::db::{Db, Result, Statement};

/// Used ids of all tenants.
#[derive(Clone, Debug)]
pub struct UsedOnce {
    db: Db,
}

impl UsedOnce {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Notes that an id is used now and until it expires; tells whether that is the first time. Of several at once, one
    /// is the first.
    pub async fn take(
        &self,
        tenant: &str,
        kind: &'static str,
        id: String,
        now: i64,
        expires: i64,
    ) -> Result<bool> {
        // What has expired and is not yet swept up does not count.
        let sql = "insert into used_once (tenant, kind, id, expires) values ($1, $2, $3, $4)
                   on conflict (tenant, kind, id) do update set expires = excluded.expires
                   where used_once.expires <= $5";
        let arguments = vec![tenant.into(), kind.into(), id.into(), expires.into(), now.into()];
        let committed = self.db.commit(vec![Statement::new(sql, arguments)].into()).await?;
        Ok(committed.counts == [1])
    }

    /// Forgets, of all tenants, what had expired at this time; answers how many that was.
    pub async fn prune(&self, now: i64) -> Result<u64> {
        let prune = Statement::new("delete from used_once where expires <= $1", vec![now.into()]);
        let committed = self.db.commit(vec![prune].into()).await?;
        Ok(committed.counts.iter().sum())
    }
}
