//! What clients are still to be told of sessions that have ended. A notice is claimed by one node at a time, and comes due
//! again if it could not be delivered.

use crate::db::{Db, Result, Row, Statement};
use crate::turns::{but, by_turns};

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
        let batch: Vec<Statement> = notices.into_iter().map(|notice| insert(tenant, notice)).collect();
        self.db.commit(batch.into()).await.map(drop)
    }

    /// The notices that are due of all tenants but some, of each tenant so many at most, with the tenant's name.
    pub async fn due(
        &self,
        now: i64,
        most: i64,
        most_of_each: i64,
        without: &[&str],
    ) -> Result<Vec<(String, LogoutNotice)>> {
        let condition = format!("due <= $1 and expires > $1{}", but(without, 4));
        let columns = "tenant, id, client_id, body, tries, due, expires";
        let sql = by_turns("logout_notices", "id", columns, &condition, ["$2", "$3"]);
        let mut arguments = vec![now.into(), most.into(), most_of_each.into()];
        arguments.extend(without.iter().map(|tenant| (*tenant).into()));
        self.db.rows(sql, arguments).await?.iter().map(notice).collect()
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

pub(crate) fn insert(tenant: &str, notice: LogoutNotice) -> Statement {
    let sql = "insert into logout_notices (tenant, id, client_id, body, tries, due, expires)
               values ($1, $2, $3, $4, $5, $6, $7)";
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
