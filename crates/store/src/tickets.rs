//! What somebody may do once, and not for ever: whoever knows the secret whose hash is the id takes the ticket. What
//! a ticket means lies in its kind and its body, which nothing here reads.

use crate::db::{Db, Error, Result, Row, Statement};

/// Tickets of all tenants.
#[derive(Clone, Debug)]
pub struct Tickets {
    db: Db,
}

/// A ticket as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The hash of its secret.
    pub id: String,
    pub body: String,
    pub created: i64,
    pub expires: i64,
}

impl Tickets {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    pub async fn insert(&self, tenant: &str, kind: &'static str, ticket: Ticket) -> Result<()> {
        let sql =
            "insert into tickets (tenant, kind, id, body, created, expires) values ($1, $2, $3, $4, $5, $6)";
        let Ticket { id, body, created, expires } = ticket;
        let arguments =
            vec![tenant.into(), kind.into(), id.into(), body.into(), created.into(), expires.into()];
        self.db.commit(vec![Statement::new(sql, arguments).labelled("id")].into()).await.map(drop)
    }

    /// The ticket with this id, if it is still good; it stays.
    pub async fn read(&self, tenant: &str, kind: &'static str, id: &str, now: i64) -> Result<Option<Ticket>> {
        let sql = "select id, body, created, expires from tickets
                   where tenant = $1 and kind = $2 and id = $3 and expires > $4";
        let arguments = vec![tenant.into(), kind.into(), id.into(), now.into()];
        self.db.rows(sql, arguments).await?.first().map(ticket).transpose()
    }

    /// Takes the ticket with this id, if it is still good; only one taker gets it.
    pub async fn take(&self, tenant: &str, kind: &'static str, id: &str, now: i64) -> Result<Option<Ticket>> {
        let sql = "delete from tickets where tenant = $1 and kind = $2 and id = $3 and expires > $4
                   returning id, body, created, expires";
        let arguments = vec![tenant.into(), kind.into(), id.into(), now.into()];
        let taken = self.db.commit(vec![Statement::new(sql, arguments)].into()).await?;
        taken.rows.first().map(ticket).transpose()
    }

    /// Gives a ticket that is still there another body.
    pub async fn replace(&self, tenant: &str, kind: &'static str, id: &str, body: String) -> Result<()> {
        let sql = "update tickets set body = $4 where tenant = $1 and kind = $2 and id = $3";
        let arguments = vec![tenant.into(), kind.into(), id.into(), body.into()];
        let replace = Statement::new(sql, arguments).expecting(1);
        self.db.commit(vec![replace].into()).await.map(drop)
    }

    /// The tickets of a kind that are still good, oldest first.
    pub async fn list(&self, tenant: &str, kind: &'static str, now: i64) -> Result<Vec<Ticket>> {
        let sql = "select id, body, created, expires from tickets
                   where tenant = $1 and kind = $2 and expires > $3 order by created, id";
        self.db.rows(sql, vec![tenant.into(), kind.into(), now.into()]).await?.iter().map(ticket).collect()
    }

    /// Throws a ticket away; tells whether there was one.
    pub async fn delete(&self, tenant: &str, kind: &'static str, id: &str) -> Result<bool> {
        let sql = "delete from tickets where tenant = $1 and kind = $2 and id = $3";
        let delete = Statement::new(sql, vec![tenant.into(), kind.into(), id.into()]);
        let committed = self.db.commit(vec![delete].into()).await?;
        committed
            .counts
            .first()
            .map(|count| *count > 0)
            .ok_or_else(|| Error::database("an uncounted deletion"))
    }
}

fn ticket(row: &Row) -> Result<Ticket> {
    Ok(Ticket { id: row.text(0)?, body: row.text(1)?, created: row.int(2)?, expires: row.int(3)? })
}
