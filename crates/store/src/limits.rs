//! What attack protection and quotas have counted: added to by every node once a second, and read by every node. Whom
//! a count is about are texts that nothing here reads.

use crate::db::{Db, Result, Row, Statement};

/// Counts of all tenants.
#[derive(Clone, Debug)]
pub struct Limits {
    db: Db,
}

/// Failures of one subject: what was added since the last time, or what there is in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PenaltyRow {
    pub tenant: String,
    pub kind: String,
    pub client_id: String,
    pub network: String,
    /// All failures there were.
    pub attempts: i64,
    /// Failures that count towards the next block.
    pub failures: i64,
    /// How often it was blocked.
    pub level: i64,
    pub since: i64,
    pub last: i64,
    pub until: i64,
    /// When somebody lifted it; what is older counts no more.
    pub cleared: i64,
}

/// A client that has proved itself from an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProvedRow {
    pub tenant: String,
    pub client_id: String,
    pub address: String,
    pub proved: i64,
}

/// Tokens issued in a span of time: what was added, or what there is in all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageRow {
    pub tenant: String,
    pub subject: String,
    /// Seconds that the span lasts.
    pub span: i64,
    pub begins: i64,
    pub used: i64,
}

impl Limits {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Adds failures to what is known of their subjects. What was counted before somebody lifted it counts no more.
    pub async fn punish(&self, rows: Vec<PenaltyRow>, now: i64) -> Result<()> {
        let sql = "insert into penalties
                     (tenant, kind, client_id, network, attempts, failures, level, since, last, until, cleared, touched)
                   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $12, $11)
                   on conflict (tenant, kind, client_id, network) do update set
                     attempts = penalties.attempts + $5,
                     failures = $6,
                     level = case when penalties.level > $7 then penalties.level else $7 end,
                     last = case when penalties.last > $9 then penalties.last else $9 end,
                     until = case when penalties.until > $10 then penalties.until else $10 end,
                     touched = $11
                   where penalties.cleared <= $12";
        let add = |row: PenaltyRow| {
            let texts = [row.tenant, row.kind, row.client_id, row.network].map(Into::into);
            let numbers =
                [row.attempts, row.failures, row.level, row.since, row.last, row.until, now, row.cleared];
            let arguments = texts.into_iter().chain(numbers.map(Into::into)).collect();
            Statement::new(sql, arguments)
        };
        self.commit(rows.into_iter().map(add).collect()).await
    }

    /// Forgets what was counted against a subject, on every node.
    pub async fn pardon(&self, row: PenaltyRow, now: i64) -> Result<()> {
        let sql = "insert into penalties
                     (tenant, kind, client_id, network, attempts, failures, level, since, last, until, cleared, touched)
                   values ($1, $2, $3, $4, 0, 0, 0, $5, $5, 0, $5, $5)
                   on conflict (tenant, kind, client_id, network) do update set
                     attempts = 0, failures = 0, level = 0, since = $5, last = $5, until = 0, cleared = $5, touched = $5";
        let texts = [row.tenant, row.kind, row.client_id, row.network].map(Into::into);
        let arguments = texts.into_iter().chain([now.into()]).collect();
        self.commit(vec![Statement::new(sql, arguments)]).await
    }

    /// What any node has counted since a time, the last first, and no more than so many.
    pub async fn penalties(&self, touched_from: i64, most: i64) -> Result<Vec<PenaltyRow>> {
        let sql =
            "select tenant, kind, client_id, network, attempts, failures, level, since, last, until, cleared
                   from penalties where touched >= $1 order by touched desc limit $2";
        let read = |row: &Row| {
            Ok(PenaltyRow {
                tenant: row.text(0)?,
                kind: row.text(1)?,
                client_id: row.text(2)?,
                network: row.text(3)?,
                attempts: row.int(4)?,
                failures: row.int(5)?,
                level: row.int(6)?,
                since: row.int(7)?,
                last: row.int(8)?,
                until: row.int(9)?,
                cleared: row.int(10)?,
            })
        };
        self.db.rows(sql, vec![touched_from.into(), most.into()]).await?.iter().map(read).collect()
    }

    /// Remembers who has proved itself from where.
    pub async fn proved(&self, rows: Vec<ProvedRow>) -> Result<()> {
        let sql = "insert into proved_callers (tenant, client_id, address, proved) values ($1, $2, $3, $4)
                   on conflict (tenant, client_id, address) do update set
                     proved = case when proved_callers.proved > $4 then proved_callers.proved else $4 end";
        let add = |row: ProvedRow| {
            let texts = [row.tenant, row.client_id, row.address].map(Into::into);
            Statement::new(sql, texts.into_iter().chain([row.proved.into()]).collect())
        };
        self.commit(rows.into_iter().map(add).collect()).await
    }

    /// Who has proved itself since a time, the last first, and no more than so many.
    pub async fn proved_since(&self, from: i64, most: i64) -> Result<Vec<ProvedRow>> {
        let sql = "select tenant, client_id, address, proved from proved_callers where proved >= $1
                   order by proved desc limit $2";
        let read = |row: &Row| {
            Ok(ProvedRow {
                tenant: row.text(0)?,
                client_id: row.text(1)?,
                address: row.text(2)?,
                proved: row.int(3)?,
            })
        };
        self.db.rows(sql, vec![from.into(), most.into()]).await?.iter().map(read).collect()
    }

    /// Adds issued tokens; answers, row by row, how many there are now.
    pub async fn use_up(&self, rows: &[UsageRow], now: i64) -> Result<Vec<i64>> {
        let sql = "insert into token_usage (tenant, subject, span, begins, used, touched)
                   values ($1, $2, $3, $4, $5, $6)
                   on conflict (tenant, subject, span, begins) do update set
                     used = token_usage.used + $5, touched = $6
                   returning used";
        let add = |row: &UsageRow| {
            let texts = [row.tenant.clone(), row.subject.clone()].map(Into::into);
            let numbers = [row.span, row.begins, row.used, now].map(Into::into);
            Statement::new(sql, texts.into_iter().chain(numbers).collect()).expecting(1)
        };
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let committed = self.db.commit(rows.iter().map(add).collect::<Vec<_>>().into()).await?;
        committed.rows.iter().map(|row| row.int(0)).collect()
    }

    /// What any node has issued since a time.
    pub async fn usage(&self, touched_from: i64) -> Result<Vec<UsageRow>> {
        let sql = "select tenant, subject, span, begins, used from token_usage where touched >= $1";
        let read = |row: &Row| {
            Ok(UsageRow {
                tenant: row.text(0)?,
                subject: row.text(1)?,
                span: row.int(2)?,
                begins: row.int(3)?,
                used: row.int(4)?,
            })
        };
        self.db.rows(sql, vec![touched_from.into()]).await?.iter().map(read).collect()
    }

    async fn commit(&self, statements: Vec<Statement>) -> Result<()> {
        if statements.is_empty() { Ok(()) } else { self.db.commit(statements.into()).await.map(drop) }
    }
}
