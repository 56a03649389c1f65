//! What clients are still to be told of sessions that have ended. A notice is claimed by one node at a time, and comes due
//! again if it could not be delivered.

use crate::db::{Db, Result, Row, Statement};

/// Notices of all tenants.
#[derive(Clone, Debug)]
pub struct LogoutNotices {
    db: Db,
}

/// A notice as it is stored; times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoutNotice {
    pub id: String,
    pub client_id: String,
    /// What it says, and where, a JSON text.
    pub body: String,
    /// How often it was sent already.
    pub tries: i64,
    /// When it is to be sent next.
    pub due: i64,
    /// When nobody wants to hear it any more.
    pub expires: i64,
}

impl LogoutNotices {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    pub async fn insert(&self, tenant: &str, notices: Vec<LogoutNotice>) -> Result<()> {
        let sql = "insert into logout_notices (tenant, id, client_id, body, tries, due, expires)
                   values ($1, $2, $3, $4, $5, $6, $7)";
        let statement = |notice: LogoutNotice| {
            let LogoutNotice { id, client_id, body, tries, due, expires } = notice;
            let arguments = vec![
                tenant.into(),
                id.into(),
                client_id.into(),
                body.into(),
                tries.into(),
                due.into(),
                expires.into(),
            ];
            Statement::new(sql, arguments)
        };
        self.db.commit(notices.into_iter().map(statement).collect::<Vec<_>>().into()).await.map(drop)
    }

    /// The notices that are due, of whichever tenant, with the tenant's name.
    pub async fn due(&self, now: i64, most: i64) -> Result<Vec<(String, LogoutNotice)>> {
        let sql = "select tenant, id, client_id, body, tries, due, expires from logout_notices
                   where due <= $1 and expires > $1 order by due limit $2";
        self.db.rows(sql, vec![now.into(), most.into()]).await?.iter().map(notice).collect()
    }

    /// Puts a notice off until it is due again; tells whether nobody else did so first.
    pub async fn claim(&self, tenant: &str, notice: &LogoutNotice, due: i64) -> Result<bool> {
        let sql = "update logout_notices set tries = tries + 1, due = $4
                   where tenant = $1 and id = $2 and tries = $3";
        let arguments = vec![tenant.into(), notice.id.as_str().into(), notice.tries.into(), due.into()];
        let claimed = self.db.commit(vec![Statement::new(sql, arguments)].into()).await?;
        Ok(claimed.counts.first().is_some_and(|count| *count > 0))
    }

    pub async fn delete(&self, tenant: &str, id: &str) -> Result<()> {
        let sql = "delete from logout_notices where tenant = $1 and id = $2";
        self.db.commit(vec![Statement::new(sql, vec![tenant.into(), id.into()])].into()).await.map(drop)
    }
}

fn notice(row: &Row) -> Result<(String, LogoutNotice)> {
    let notice = LogoutNotice {
        id: row.text(1)?,
        client_id: row.text(2)?,
        body: row.text(3)?,
        tries: row.int(4)?,
        due: row.int(5)?,
        expires: row.int(6)?,
    };
    Ok((row.text(0)?, notice))
}
