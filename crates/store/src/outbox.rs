//! Mails that wait to be sent, or that are kept to be looked at. What a mail says lies in its body, which nothing here
//! reads.

use crate::db::{Db, Error, Result, Row, Statement};
use crate::turns::Leased;

/// Mails of all tenants.
#[derive(Clone, Debug)]
pub struct Outbox {
    db: Db,
}

/// A mail as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    pub tenant: String,
    pub id: String,
    pub state: MailState,
    pub body: String,
    pub created: i64,
    /// When it is to be tried next.
    pub due: i64,
    /// Until when somebody has it in hand.
    pub leased: i64,
    pub attempts: i64,
    /// Why it was not sent when that was tried last.
    pub problem: Option<String>,
}

/// What becomes of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// It is to be sent.
    Waiting,
    /// It was tried often enough.
    Failed,
    /// It is only looked at.
    Kept,
}

impl MailState {
    /// Its name, as it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            MailState::Waiting => "waiting",
            MailState::Failed => "failed",
            MailState::Kept => "kept",
        }
    }

    fn named(name: &str) -> Result<Self> {
        let known = [MailState::Waiting, MailState::Failed, MailState::Kept];
        let state = known.into_iter().find(|state| state.name() == name);
        state.ok_or_else(|| Error::database("a mail in no known state"))
    }
}

impl Outbox {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Adds a mail. Of those that are only looked at, so many of the tenant stay.
    pub async fn insert(&self, mail: Mail, kept: i64) -> Result<()> {
        let Mail { tenant, id, state, body, created, due, leased, attempts, problem } = mail;
        let insert = "insert into outbox (tenant, id, state, body, created, due, leased, attempts, problem)
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let arguments = vec![
            tenant.clone().into(),
            id.into(),
            state.name().into(),
            body.into(),
            created.into(),
            due.into(),
            leased.into(),
            attempts.into(),
            problem.into(),
        ];
        let mut statements = vec![Statement::new(insert, arguments).labelled("id")];
        if state == MailState::Kept {
            let trim = "delete from outbox where tenant = $1 and state = 'kept' and id not in (
                          select id from outbox where tenant = $1 and state = 'kept'
                          order by created desc, id desc limit $2)";
            statements.push(Statement::new(trim, vec![tenant.into(), kept.into()]));
        }
        self.db.commit(statements.into()).await.map(drop)
    }

    /// Takes in hand what is due, until a time; nobody else has it until then. Each tenant comes to its turn: of each so many
    /// at most, and none of those that are left out.
    pub async fn claim(
        &self,
        (now, until): (i64, i64),
        most: i64,
        most_of_each: i64,
        without: &[&str],
    ) -> Result<Vec<Mail>> {
        let claimed = LEASED.claim(&self.db, (now, until), most, most_of_each, without).await?;
        claimed.iter().map(mail).collect()
    }

    /// Lets go of a mail that was sent.
    pub async fn sent(&self, mail: &Mail) -> Result<()> {
        let sql = "delete from outbox where tenant = $1 and id = $2 and leased = $3";
        let arguments = vec![mail.tenant.clone().into(), mail.id.clone().into(), mail.leased.into()];
        self.db.commit(vec![Statement::new(sql, arguments)].into()).await.map(drop)
    }

    /// Puts a mail back that could not be sent: to be tried again at a time, or not any more.
    pub async fn not_sent(&self, mail: &Mail, again: Option<i64>, problem: &str) -> Result<()> {
        let sql = "update outbox set state = $4, due = $5, leased = 0, problem = $6
                   where tenant = $1 and id = $2 and leased = $3";
        let state = if again.is_some() { MailState::Waiting } else { MailState::Failed };
        let arguments = vec![
            mail.tenant.clone().into(),
            mail.id.clone().into(),
            mail.leased.into(),
            state.name().into(),
            again.unwrap_or(mail.due).into(),
            problem.into(),
        ];
        self.db.commit(vec![Statement::new(sql, arguments)].into()).await.map(drop)
    }

    /// The mails of a tenant, the newest first.
    pub async fn list(&self, tenant: &str, most: i64) -> Result<Vec<Mail>> {
        let sql = "select tenant, id, state, body, created, due, leased, attempts, problem from outbox
                   where tenant = $1 order by created desc, id desc limit $2";
        self.db.rows(sql, vec![tenant.into(), most.into()]).await?.iter().map(mail).collect()
    }

    /// Throws a mail away, whatever its state; tells whether there was one.
    pub async fn delete(&self, tenant: &str, id: &str) -> Result<bool> {
        let sql = "delete from outbox where tenant = $1 and id = $2";
        let delete = Statement::new(sql, vec![tenant.into(), id.into()]);
        let committed = self.db.commit(vec![delete].into()).await?;
        Ok(committed.counts.first().is_some_and(|count| *count > 0))
    }

    /// Throws away what is not to be sent.
    pub async fn clear(&self, tenant: &str) -> Result<()> {
        let sql = "delete from outbox where tenant = $1 and state <> 'waiting'";
        self.db.commit(vec![Statement::new(sql, vec![tenant.into()])].into()).await.map(drop)
    }
}

const LEASED: Leased = Leased {
    table: "outbox",
    key: "id",
    which: "state = 'waiting'",
    taken: ", attempts = attempts + 1",
    columns: "tenant, id, state, body, created, due, leased, attempts, problem",
};

fn mail(row: &Row) -> Result<Mail> {
    Ok(Mail {
        tenant: row.text(0)?,
        id: row.text(1)?,
        state: MailState::named(&row.text(2)?)?,
        body: row.text(3)?,
        created: row.int(4)?,
        due: row.int(5)?,
        leased: row.int(6)?,
        attempts: row.int(7)?,
        problem: row.opt_text(8)?,
    })
}
