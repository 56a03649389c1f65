//! Jobs that take longer than a request, and what goes in and comes out of them, in pieces of bounded size. What a job
//! does lies in its kind and its texts, which nothing here reads. Whoever runs one holds its lease.

use crate::db::{Db, Error, Result, Row, Statement, Value};

/// Jobs of all tenants.
#[derive(Clone, Debug)]
pub struct Jobs {
    db: Db,
}

/// A job as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    pub tenant: String,
    pub id: String,
    pub kind: String,
    pub state: JobState,
    /// What was asked for.
    pub asked: String,
    /// What has come of it so far.
    pub told: String,
    pub created: i64,
    /// When all that is left of it goes.
    pub expires: i64,
    /// Until when somebody has it in hand.
    pub leased: i64,
    pub attempts: i64,
}

/// How far a job is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobState {
    Pending,
    Processing,
    Completed,
    Failed,
}

impl JobState {
    const ALL: [JobState; 4] =
        [JobState::Pending, JobState::Processing, JobState::Completed, JobState::Failed];

    /// Its name, as it is stored and shown.
    pub fn name(self) -> &'static str {
        match self {
            JobState::Pending => "pending",
            JobState::Processing => "processing",
            JobState::Completed => "completed",
            JobState::Failed => "failed",
        }
    }
}

/// A piece of what goes in or comes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub kind: &'static str,
    pub number: i64,
    pub body: String,
}

impl Jobs {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }

    /// Adds a job with what goes into it, unless so many of its kind are running already; tells whether it did.
    pub async fn insert(&self, job: Job, pieces: Vec<Piece>, most: i64) -> Result<bool> {
        let sql =
            "insert into jobs (tenant, id, kind, state, asked, told, created, expires, leased, attempts)
                   select $1, $2, $3, $4, $5, $6, cast($7 as bigint), cast($8 as bigint), cast($9 as bigint),
                     cast($10 as bigint)
                   where (select count(*) from jobs
                          where tenant = $1 and kind = $3 and state in ('pending', 'processing')) < $11";
        let Job { tenant, id, kind, state, asked, told, created, expires, leased, attempts } = job;
        let texts = [tenant.clone(), id.clone(), kind, state.name().to_owned(), asked, told].map(Into::into);
        let numbers = [created, expires, leased, attempts, most].map(Into::into);
        let insert = Statement::new(sql, texts.into_iter().chain(numbers).collect()).expecting(1);
        // Whoever wants to begin another one waits here, so that each counts those that were begun before.
        let turn = "update tenants set rev = rev where name = $1";
        let turn = Statement::new(turn, vec![tenant.as_str().into()]);
        let pieces = pieces.into_iter().map(|piece| added(&tenant, &id, piece));
        let committed =
            self.db.commit([turn, insert].into_iter().chain(pieces).collect::<Vec<_>>().into()).await;
        match committed {
            Ok(_) => Ok(true),
            Err(Error::Conflict) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Takes in hand a job of these kinds that nobody has, of any tenant, until a time.
    pub async fn claim(&self, kinds: &[&str], now: i64, until: i64) -> Result<Option<Job>> {
        let places = |first: usize| {
            (first..first + kinds.len()).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
        };
        let named = || kinds.iter().map(|kind| Value::from(*kind));
        let waits = format!(
            "select 1 from jobs where state in ('pending', 'processing') and leased <= $1 and kind in ({}) limit 1",
            places(2)
        );
        let arguments = std::iter::once(now.into()).chain(named()).collect();
        if self.db.rows(waits, arguments).await?.is_empty() {
            return Ok(None);
        }
        let sql = format!(
            "update jobs set leased = $2, attempts = attempts + 1, state = 'processing'
             where leased <= $1 and state in ('pending', 'processing') and (tenant, id) in (
               select tenant, id from jobs where state in ('pending', 'processing') and leased <= $1
               and kind in ({}) order by created, id limit 1)
             returning tenant, id, kind, state, asked, told, created, expires, leased, attempts",
            places(3)
        );
        let arguments = [now.into(), until.into()].into_iter().chain(named()).collect();
        let claim = Statement::new(sql, arguments);
        self.db.commit(vec![claim].into()).await?.rows.first().map(job).transpose()
    }

    /// Notes how far a job is, adds what came out of it, and keeps it in hand until a time, as long as it still is.
    /// Answers the job as it is then; [`Error::Conflict`] if somebody else took it.
    pub async fn note(
        &self,
        job: Job,
        (state, until): (JobState, i64),
        told: String,
        pieces: Vec<Piece>,
    ) -> Result<Job> {
        let sql = "update jobs set state = $4, leased = $5, told = $6
                   where tenant = $1 and id = $2 and leased = $3";
        let arguments = vec![
            job.tenant.clone().into(),
            job.id.clone().into(),
            job.leased.into(),
            state.name().into(),
            until.into(),
            told.clone().into(),
        ];
        let note = Statement::new(sql, arguments).expecting(1);
        let pieces = pieces.into_iter().map(|piece| added(&job.tenant, &job.id, piece));
        let statements: Vec<_> = std::iter::once(note).chain(pieces).collect();
        self.db.commit(statements.into()).await?;
        Ok(Job { state, leased: until, told, ..job })
    }

    /// A job that has not expired.
    pub async fn read(&self, tenant: &str, id: &str, now: i64) -> Result<Option<Job>> {
        let sql = "select tenant, id, kind, state, asked, told, created, expires, leased, attempts from jobs
                   where tenant = $1 and id = $2 and expires > $3";
        self.db.rows(sql, vec![tenant.into(), id.into(), now.into()]).await?.first().map(job).transpose()
    }

    /// The jobs of a kind that have not expired, the latest first.
    pub async fn recent(&self, tenant: &str, kind: &str, now: i64, most: i64) -> Result<Vec<Job>> {
        let sql = "select tenant, id, kind, state, asked, told, created, expires, leased, attempts from jobs
                   where tenant = $1 and kind = $2 and expires > $3 order by created desc, id limit $4";
        let arguments = vec![tenant.into(), kind.into(), now.into(), most.into()];
        self.db.rows(sql, arguments).await?.iter().map(job).collect()
    }

    /// The pieces of a kind from a number on, in their order.
    pub async fn pieces(
        &self,
        (tenant, job): (&str, &str),
        kind: &'static str,
        from: i64,
        most: i64,
    ) -> Result<Vec<String>> {
        let sql = "select body from job_pieces where tenant = $1 and job = $2 and kind = $3 and number >= $4
                   order by number limit $5";
        let arguments = vec![tenant.into(), job.into(), kind.into(), from.into(), most.into()];
        self.db.rows(sql, arguments).await?.iter().map(|row| row.text(0)).collect()
    }

    /// Throws away what went into a job that has ended.
    pub async fn forget(&self, tenant: &str, job: &str, kind: &'static str) -> Result<()> {
        let sql = "delete from job_pieces where tenant = $1 and job = $2 and kind = $3";
        let arguments = vec![tenant.into(), job.into(), kind.into()];
        self.db.commit(vec![Statement::new(sql, arguments)].into()).await.map(drop)
    }
}

fn added(tenant: &str, job: &str, piece: Piece) -> Statement {
    // A runner that took over writes what its forerunner wrote, in the same place.
    let sql = "insert into job_pieces (tenant, job, kind, number, body) values ($1, $2, $3, $4, $5)
               on conflict (tenant, job, kind, number) do update set body = $5";
    let Piece { kind, number, body } = piece;
    Statement::new(sql, vec![tenant.into(), job.into(), kind.into(), number.into(), body.into()])
}

fn job(row: &Row) -> Result<Job> {
    let state = row.text(3)?;
    let state = JobState::ALL.into_iter().find(|known| known.name() == state);
    Ok(Job {
        tenant: row.text(0)?,
        id: row.text(1)?,
        kind: row.text(2)?,
        state: state.ok_or_else(|| Error::database("a job in no known state"))?,
        asked: row.text(4)?,
        told: row.text(5)?,
        created: row.int(6)?,
        expires: row.int(7)?,
        leased: row.int(8)?,
        attempts: row.int(9)?,
    })
}
