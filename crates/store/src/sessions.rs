//! Browsers in which somebody has logged in. A session is found by the hash of what its cookie holds, and has another
//! identifier that tokens may name.

use crate::{
    db::{Db, Error, Result, Row, Statement},
    logout_notices::{self, LogoutNotice},
    refresh_tokens::{Which, unredeemed},
};

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
    /// Where it was begun, and with what.
    pub ip: Option<String>,
    pub user_agent: Option<String>,
    /// The name of the connection that its user came by.
    pub connection: Option<String>,
    /// How its user proved who they are, a JSON text.
    pub methods: String,
    /// Whether it ends with the browser.
    pub is_ephemeral: bool,
    /// What customers keep with it, a JSON text.
    pub metadata: Option<String>,
    /// Where it was last used, and with what.
    pub last_ip: Option<String>,
    pub last_user_agent: Option<String>,
}

impl Sessions {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Adds a session, and ends another one in whose place it comes.
    pub async fn begin(&self, tenant: &str, session: Session, instead_of: Option<&str>) -> Result<()> {
        let mut batch = Vec::new();
        if let Some(previous) = instead_of {
            batch.extend(end(tenant, previous));
        }
        let sql = "insert into sessions
                   (tenant, id, secret, user_id, created, authenticated, used, idle_expires, expires, ip, user_agent,
                    connection, methods, ephemeral, metadata, last_ip, last_user_agent)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
        batch.push(Statement::new(
            sql,
            vec![
                tenant.into(),
                session.id.into(),
                session.secret.into(),
                session.user_id.into(),
                session.created.into(),
                session.authenticated.into(),
                session.used.into(),
                session.idle_expires.into(),
                session.expires.into(),
                session.ip.into(),
                session.user_agent.into(),
                session.connection.into(),
                session.methods.into(),
                i64::from(session.is_ephemeral).into(),
                session.metadata.into(),
                session.last_ip.into(),
                session.last_user_agent.into(),
            ],
        ));
        self.db.commit(batch.into()).await.map(drop)
    }

    /// The session whose cookie hashes to this, if it has not ended.
    pub async fn by_secret(&self, tenant: &str, secret: &str, now: i64) -> Result<Option<Session>> {
        let sql =
            "select id, secret, user_id, created, authenticated, used, idle_expires, expires, ip, user_agent,
                     connection, methods, ephemeral, metadata, last_ip, last_user_agent
                   from sessions where tenant = $1 and secret = $2 and idle_expires > $3";
        let rows = self.db.rows(sql, vec![tenant.into(), secret.into(), now.into()]).await?;
        rows.first().map(session).transpose()
    }

    /// The session with this identifier, if it has not ended.
    pub async fn read(&self, tenant: &str, id: &str, now: i64) -> Result<Option<Session>> {
        let sql =
            "select id, secret, user_id, created, authenticated, used, idle_expires, expires, ip, user_agent,
                     connection, methods, ephemeral, metadata, last_ip, last_user_agent
                   from sessions where tenant = $1 and id = $2 and idle_expires > $3";
        let rows = self.db.rows(sql, vec![tenant.into(), id.into(), now.into()]).await?;
        rows.first().map(session).transpose()
    }

    /// The sessions of a user that have not ended, by their identifiers, from the one after this.
    pub async fn of_user(
        &self,
        tenant: &str,
        user_id: &str,
        after: &str,
        most: i64,
        now: i64,
    ) -> Result<Vec<Session>> {
        let sql =
            "select id, secret, user_id, created, authenticated, used, idle_expires, expires, ip, user_agent,
                     connection, methods, ephemeral, metadata, last_ip, last_user_agent
                   from sessions where tenant = $1 and user_id = $2 and id > $3 and idle_expires > $4
                   order by id limit $5";
        let arguments = vec![tenant.into(), user_id.into(), after.into(), now.into(), most.into()];
        self.db.rows(sql, arguments).await?.iter().map(session).collect()
    }

    /// How many sessions a user has that have not ended.
    pub async fn count(&self, tenant: &str, user_id: &str, now: i64) -> Result<i64> {
        let sql = "select count(*) from sessions where tenant = $1 and user_id = $2 and idle_expires > $3";
        let rows = self.db.rows(sql, vec![tenant.into(), user_id.into(), now.into()]).await?;
        rows.first().map_or(Ok(0), |row| row.int(0))
    }

    /// Notes that a session was used and from where, and when it now ends if it is not used again.
    pub async fn touch(&self, tenant: &str, session: &Session) -> Result<()> {
        let sql = "update sessions set used = $3, idle_expires = $4, last_ip = $5, last_user_agent = $6
                   where tenant = $1 and id = $2";
        let arguments = vec![
            tenant.into(),
            session.id.as_str().into(),
            session.used.into(),
            session.idle_expires.into(),
            session.last_ip.clone().into(),
            session.last_user_agent.clone().into(),
        ];
        self.db.commit(vec![Statement::new(sql, arguments)].into()).await.map(drop)
    }

    /// Gives a session other metadata, if the session is still there.
    pub async fn describe(&self, tenant: &str, id: &str, metadata: Option<String>) -> Result<()> {
        let sql = "update sessions set metadata = $3 where tenant = $1 and id = $2";
        let describe = Statement::new(sql, vec![tenant.into(), id.into(), metadata.into()]).expecting(1);
        self.db.commit(vec![describe].into()).await.map(drop)
    }

    /// Notes that a session serves a client.
    pub async fn serve(&self, tenant: &str, session: &Session, client_id: &str) -> Result<()> {
        let sql =
            "insert into session_clients (tenant, session_id, client_id, expires) values ($1, $2, $3, $4)
                   on conflict (tenant, session_id, client_id) do nothing";
        let arguments =
            vec![tenant.into(), session.id.as_str().into(), client_id.into(), session.expires.into()];
        self.db.commit(vec![Statement::new(sql, arguments)].into()).await.map(drop)
    }

    /// The clients that a session serves.
    pub async fn clients(&self, tenant: &str, id: &str) -> Result<Vec<String>> {
        let sql =
            "select client_id from session_clients where tenant = $1 and session_id = $2 order by client_id";
        let rows = self.db.rows(sql, vec![tenant.into(), id.into()]).await?;
        rows.iter().map(|row| row.text(0)).collect()
    }

    /// Ends a session, and the codes of it that nobody has redeemed.
    pub async fn end(&self, tenant: &str, id: &str) -> Result<()> {
        let mut batch = end(tenant, id);
        let sql = "delete from codes where tenant = $1 and session_id = $2 and used is null";
        batch.push(Statement::new(sql, vec![tenant.into(), id.into()]));
        self.db.commit(batch.into()).await.map(drop)
    }

    /// Sessions that have ended by themselves, of whichever tenant, with the tenant's name.
    pub async fn run_out(&self, now: i64, most: i64) -> Result<Vec<(String, Session)>> {
        let sql =
            "select id, secret, user_id, created, authenticated, used, idle_expires, expires, ip, user_agent,
                     connection, methods, ephemeral, metadata, last_ip, last_user_agent, tenant
                   from sessions where idle_expires <= $1 order by idle_expires limit $2";
        let rows = self.db.rows(sql, vec![now.into(), most.into()]).await?;
        rows.iter().map(|row| Ok((row.text(COLUMNS)?, session(row)?))).collect()
    }

    /// Forgets a session that has ended by itself, and keeps what is to be said of that; tells whether nobody else did so
    /// first.
    pub async fn sweep(&self, tenant: &str, ended: &Session, notices: Vec<LogoutNotice>) -> Result<bool> {
        let sql = "delete from sessions where tenant = $1 and id = $2 and idle_expires = $3";
        let arguments = vec![tenant.into(), ended.id.as_str().into(), ended.idle_expires.into()];
        let mut batch = vec![Statement::new(sql, arguments).expecting(1)];
        let clients = "delete from session_clients where tenant = $1 and session_id = $2";
        batch.push(Statement::new(clients, vec![tenant.into(), ended.id.as_str().into()]));
        batch.extend(notices.into_iter().map(|notice| logout_notices::insert(tenant, notice)));
        match self.db.commit(batch.into()).await {
            Err(Error::Conflict) => Ok(false),
            swept => swept.map(|_| true),
        }
    }

    /// Ends every session of a user, and what of theirs nobody has redeemed: codes, and devices that were allowed in.
    pub async fn end_all(&self, tenant: &str, user_id: &str) -> Result<()> {
        let arguments = || vec![tenant.into(), user_id.into()];
        let clients = "delete from session_clients where tenant = $1 and session_id in
                         (select id from sessions where tenant = $1 and user_id = $2)";
        let sessions = "delete from sessions where tenant = $1 and user_id = $2";
        let mut batch = vec![Statement::new(clients, arguments()), Statement::new(sessions, arguments())];
        batch.extend(unredeemed(tenant, &Which { user_id: Some(user_id), ..Which::default() }));
        self.db.commit(batch.into()).await.map(drop)
    }
}

fn end(tenant: &str, id: &str) -> Vec<Statement> {
    let arguments = || vec![tenant.into(), id.into()];
    vec![
        Statement::new("delete from sessions where tenant = $1 and id = $2", arguments()),
        Statement::new("delete from session_clients where tenant = $1 and session_id = $2", arguments()),
    ]
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
        connection: row.opt_text(10)?,
        methods: row.text(11)?,
        is_ephemeral: row.int(12)? != 0,
        metadata: row.opt_text(13)?,
        last_ip: row.opt_text(14)?,
        last_user_agent: row.opt_text(15)?,
    })
}

/// How many columns a session has.
const COLUMNS: usize = 16;
