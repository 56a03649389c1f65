//! Browsers in which somebody has logged in. A session is found by the hash of what its cookie holds, and has another
//! identifier that tokens may name.

use crate::db::{Db, Result, Row, Statement};

/// Sessions of all tenants.
#[derive(Clone, Debug)]
pub struct Sessions {
    db: Db,
}

/// A session as it is stored; times are seconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: String,
    /// The hash of what the cookie holds.
    pub secret: String,
    pub user_id: String,
    pub created: i64,
    /// When its user last proved who they are.
    pub authenticated: i64,
    pub used: i64,
    /// When it ends if it is not used, never later than `expires`.
    pub idle_expires: i64,
    pub expires: i64,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

impl Sessions {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Adds a session, and ends another one in whose place it comes.
    pub async fn begin(&self, tenant: &str, session: Session, instead_of: Option<&str>) -> Result<()> {
        let mut batch = Vec::new();
        if let Some(previous) = instead_of {
            batch.push(end(tenant, previous));
        }
        let sql = "insert into sessions
                   (tenant, id, secret, user_id, created, authenticated, used, idle_expires, expires, ip, user_agent)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let Session {
            id,
            secret,
            user_id,
            created,
            authenticated,
            used,
            idle_expires,
            expires,
            ip,
            user_agent,
        } = session;
        batch.push(Statement::new(
            sql,
            vec![
                tenant.into(),
                id.into(),
                secret.into(),
                user_id.into(),
                created.into(),
                authenticated.into(),
                used.into(),
                idle_expires.into(),
                expires.into(),
                ip.into(),
                user_agent.into(),
            ],
        ));
        self.db.commit(batch.into()).await.map(drop)
    }

    /// The session whose cookie hashes to this, if it has not ended.
    pub async fn by_secret(&self, tenant: &str, secret: &str, now: i64) -> Result<Option<Session>> {
        let sql =
            "select id, secret, user_id, created, authenticated, used, idle_expires, expires, ip, user_agent
                   from sessions where tenant = $1 and secret = $2 and idle_expires > $3";
        let rows = self.db.rows(sql, vec![tenant.into(), secret.into(), now.into()]).await?;
        rows.first().map(session).transpose()
    }

    /// The session with this identifier, if it has not ended.
    pub async fn read(&self, tenant: &str, id: &str, now: i64) -> Result<Option<Session>> {
        let sql =
            "select id, secret, user_id, created, authenticated, used, idle_expires, expires, ip, user_agent
                   from sessions where tenant = $1 and id = $2 and idle_expires > $3";
        let rows = self.db.rows(sql, vec![tenant.into(), id.into(), now.into()]).await?;
        rows.first().map(session).transpose()
    }

    /// Notes that a session was used, and when it now ends if it is not used again.
    pub async fn touch(&self, tenant: &str, id: &str, used: i64, idle_expires: i64) -> Result<()> {
        let sql = "update sessions set used = $3, idle_expires = $4 where tenant = $1 and id = $2";
        let touch = Statement::new(sql, vec![tenant.into(), id.into(), used.into(), idle_expires.into()]);
        self.db.commit(vec![touch].into()).await.map(drop)
    }

    pub async fn end(&self, tenant: &str, id: &str) -> Result<()> {
        self.db.commit(vec![end(tenant, id)].into()).await.map(drop)
    }

    /// Ends every session of a user.
    pub async fn end_all(&self, tenant: &str, user_id: &str) -> Result<()> {
        let sql = "delete from sessions where tenant = $1 and user_id = $2";
        let end = Statement::new(sql, vec![tenant.into(), user_id.into()]);
        self.db.commit(vec![end].into()).await.map(drop)
    }
}

fn end(tenant: &str, id: &str) -> Statement {
    Statement::new("delete from sessions where tenant = $1 and id = $2", vec![tenant.into(), id.into()])
}

fn session(row: &Row) -> Result<Session> {
    Ok(Session {
        id: row.text(0)?,
        secret: row.text(1)?,
        user_id: row.text(2)?,
        created: row.int(3)?,
        authenticated: row.int(4)?,
        used: row.int(5)?,
        idle_expires: row.int(6)?,
        expires: row.int(7)?,
        ip: row.opt_text(8)?,
        user_agent: row.opt_text(9)?,
    })
}
