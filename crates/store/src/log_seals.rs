//! Seals over a tenant's log, part by part in the order in which events were committed. What a seal is, and under which key,
//! nothing here knows.

use crate::db::{Db, Error, Result, Row, Statement, Value};
use crate::log_flushes::Cursor;
use crate::logs;

/// The seals of all tenants.
#[derive(Clone, Debug)]
pub struct LogSeals {
    db: Db,
}

/// A part of the log that was sealed in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealedPart {
    /// The parts of a tenant are numbered without a gap.
    pub part: i64,
    /// The name of the key.
    pub sealing_key: String,
    /// The last seal of the part before.
    pub previous: String,
    /// One line for each event.
    pub events: String,
    /// How far it goes.
    pub end: Cursor,
    /// When the latest of its events happened, in milliseconds since 1970.
    pub newest: i64,
    /// What was signed at its end, if anything was.
    pub checkpoint: Option<String>,
}

impl LogSeals {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// The last part.
    pub async fn last(&self, tenant: &str) -> Result<Option<SealedPart>> {
        let sql =
            "select part, sealing_key, previous, events, number, log_id, newest, checkpoint from log_seals
                   where tenant = $1 order by part desc limit 1";
        self.db.rows(sql, vec![tenant.into()]).await?.first().map(sealed).transpose()
    }

    /// The last thing that was signed, and the part at whose end that was.
    pub async fn checkpoint(&self, tenant: &str) -> Result<Option<SealedPart>> {
        let sql =
            "select part, sealing_key, previous, events, number, log_id, newest, checkpoint from log_seals
                   where tenant = $1 and checkpoint is not null order by part desc limit 1";
        self.db.rows(sql, vec![tenant.into()]).await?.first().map(sealed).transpose()
    }

    /// The parts behind one, in their order.
    pub async fn after(&self, tenant: &str, part: i64, most: i64) -> Result<Vec<SealedPart>> {
        let sql =
            "select part, sealing_key, previous, events, number, log_id, newest, checkpoint from log_seals
                   where tenant = $1 and part > $2 order by part limit $3";
        let arguments = vec![tenant.into(), part.into(), most.into()];
        self.db.rows(sql, arguments).await?.iter().map(sealed).collect()
    }

    /// The first part.
    pub async fn first(&self, tenant: &str) -> Result<Option<SealedPart>> {
        Ok(self.after(tenant, i64::MIN, 1).await?.pop())
    }

    /// The number of the first part with an event of a time or a later one, in milliseconds since 1970.
    pub async fn first_since(&self, tenant: &str, since: i64) -> Result<Option<i64>> {
        let sql = "select part from log_seals where tenant = $1 and newest >= $2 order by part limit 1";
        let rows = self.db.rows(sql, vec![tenant.into(), since.into()]).await?;
        rows.first().map(|row| row.int(0)).transpose()
    }

    /// What was signed at the ends of parts before one, the newest first, each with its part.
    pub async fn checkpoints(&self, tenant: &str, before: i64, most: i64) -> Result<Vec<(i64, String)>> {
        let sql = "select part, checkpoint from log_seals
                   where tenant = $1 and part < $2 and checkpoint is not null order by part desc limit $3";
        let rows = self.db.rows(sql, vec![tenant.into(), before.into(), most.into()]).await?;
        rows.iter().map(|row| Ok((row.int(0)?, row.text(1)?))).collect()
    }

    /// Adds the next part; tells whether nobody else did so first.
    pub async fn append(&self, tenant: &str, sealed: SealedPart) -> Result<bool> {
        let sql = "insert into log_seals
                     (tenant, part, sealing_key, previous, events, number, log_id, newest, checkpoint)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let SealedPart { part, sealing_key, previous, events, end, newest, checkpoint } = sealed;
        let arguments: Vec<Value> = vec![
            tenant.into(),
            part.into(),
            sealing_key.into(),
            previous.into(),
            events.into(),
            end.number.into(),
            end.log_id.into(),
            newest.into(),
            checkpoint.into(),
        ];
        match self.db.commit(vec![Statement::new(sql, arguments)].into()).await {
            Ok(_) => Ok(true),
            Err(Error::Taken { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Forgets a tenant's first seals, of events that are not kept any more, as far as the first of which something is: parts
/// are numbered without a gap. The last one stays, for the next to go on from.
pub(crate) async fn prune(db: &Db, tenant: &str, before: i64) -> Result<()> {
    let kept = "select coalesce(
                  (select part from log_seals where tenant = $1 and newest >= $2 order by part limit 1),
                  (select max(part) from log_seals where tenant = $1))";
    let delete = "delete from log_seals where tenant = $1 and part in (
                    select part from log_seals where tenant = $1 and part < $2 order by part limit $3)";
    logs::delete_first(db, [kept, delete], tenant, before, PRUNED).await
}

fn sealed(row: &Row) -> Result<SealedPart> {
    Ok(SealedPart {
        part: row.int(0)?,
        sealing_key: row.text(1)?,
        previous: row.text(2)?,
        events: row.text(3)?,
        end: Cursor { number: row.int(4)?, log_id: row.text(5)? },
        newest: row.int(6)?,
        checkpoint: row.opt_text(7)?,
    })
}

const PRUNED: i64 = 1000;
