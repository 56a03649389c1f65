//! What takes longer than a request: users that are imported and exported, logs that are verified. A job is asked for, and a runner of some node
//! takes it in hand; if that node is gone another goes on where it was. All that is left of a job goes after a day.

mod entry;
mod export;
mod import;
mod log_verification;

use std::time::Duration;

use model::{EmailTemplateName, User};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use store::Piece;
pub use store::{Job, JobState};

use crate::{Error, Result, Tenant, Tenants, id, snapshot::RegisteredClient, verification};

pub use export::{Download, Export, Field, Format, download, location};
pub use import::Import;
pub use log_verification::{LogVerification, Verified};

/// What kind of job one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    UsersImport,
    UsersExport,
    VerificationEmail,
    LogVerification,
}

impl Kind {
    const ALL: [Kind; 4] =
        [Kind::UsersImport, Kind::UsersExport, Kind::VerificationEmail, Kind::LogVerification];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Kind::UsersImport => "users_import",
            Kind::UsersExport => "users_export",
            Kind::VerificationEmail => "verification_email",
            Kind::LogVerification => "log_verification",
        }
    }

    /// The kind of a job.
    pub fn of(job: &Job) -> Option<Kind> {
        Self::ALL.into_iter().find(|kind| kind.name() == job.kind)
    }
}

/// What has come of a job so far.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Told {
    /// How many users were looked at.
    pub done: usize,
    pub total: usize,
    pub inserted: usize,
    pub updated: usize,
    pub failed: usize,
    /// How many pieces came out.
    pub pieces: usize,
    /// Where an export goes on.
    pub after: Option<(i64, String)>,
    /// Why it failed.
    pub problem: Option<String>,
    /// What was found out about a log.
    #[serde(default)]
    pub verified: Option<Verified>,
}

/// Who waits for whom: jobs of one lane do not hold up those of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    Users,
    Logs,
}

impl Lane {
    /// The kinds that run in it, by name.
    fn kinds(self) -> Vec<&'static str> {
        let is_here = |kind: &Kind| (*kind == Kind::LogVerification) == (self == Lane::Logs);
        Kind::ALL.into_iter().filter(is_here).map(Kind::name).collect()
    }
}

/// What a job was asked.
pub fn asked<T: DeserializeOwned>(job: &Job) -> Result<T> {
    Ok(serde_json::from_str(&job.asked)?)
}

/// What has come of a job so far.
pub fn told(job: &Job) -> Result<Told> {
    Ok(serde_json::from_str(&job.told)?)
}

/// A job that has not been forgotten.
pub async fn read(tenant: &Tenant, id: &str) -> Result<Option<Job>> {
    Ok(tenant.store().jobs().read(tenant.name(), id, tenant.clock().now()).await?)
}

/// Asks for an import of the users in a JSON text; nothing if two are running already.
pub async fn import(tenant: &Tenant, asked: &Import, users: &str) -> Result<Option<Job>> {
    let job = new(tenant, Kind::UsersImport, asked)?;
    let pieces = vec![sealed(tenant, &job.id, "input", 0, users)?];
    let is_taken = tenant.store().jobs().insert(job.clone(), pieces, MOST_IMPORTS).await?;
    Ok(is_taken.then_some(job))
}

/// Asks for an export.
pub async fn export(tenant: &Tenant, asked: &Export) -> Result<Option<Job>> {
    let job = new(tenant, Kind::UsersExport, asked)?;
    let is_taken = tenant.store().jobs().insert(job.clone(), Vec::new(), MOST_EXPORTS).await?;
    Ok(is_taken.then_some(job))
}

/// Writes to somebody to prove their address, as a job that has ended when this returns.
pub async fn verify_email(tenant: &Tenant, user: &User, client: Option<&RegisteredClient>) -> Result<Job> {
    verification::send(tenant, user, client).await?;
    let asked = json!({ "user_id": user.user_id, "template": EmailTemplateName::VerifyEmail.name() });
    let job = Job { state: JobState::Completed, ..new(tenant, Kind::VerificationEmail, &asked)? };
    tenant.store().jobs().insert(job.clone(), Vec::new(), i64::MAX).await?;
    Ok(job)
}

/// Asks for a log to be verified; nothing if that is going on already.
pub async fn verify_log(tenant: &Tenant, asked: &LogVerification) -> Result<Option<Job>> {
    let job = new(tenant, Kind::LogVerification, asked)?;
    let is_taken = tenant.store().jobs().insert(job.clone(), Vec::new(), 1).await?;
    Ok(is_taken.then_some(job))
}

/// The jobs of a kind that have not been forgotten, the latest first.
pub async fn recent(tenant: &Tenant, kind: Kind, most: i64) -> Result<Vec<Job>> {
    let jobs = tenant.store().jobs();
    Ok(jobs.recent(tenant.name(), kind.name(), tenant.clock().now(), most).await?)
}

/// Which users an import could not take, and why: `{ user, errors }` of each.
pub async fn errors(tenant: &Tenant, job: &Job) -> Result<Vec<Value>> {
    let mut errors = Vec::new();
    let jobs = tenant.store().jobs();
    // The number of a piece is not told; but it is in the place that it was sealed for.
    for piece in jobs.pieces((tenant.name(), &job.id), "errors", 0, i64::MAX).await? {
        let text = tenant.unseal(&place(&job.id, "errors"), &piece).await?;
        errors.push(serde_json::from_str(&text)?);
    }
    Ok(errors)
}

/// Runs a job of a lane that nobody runs, to its end; tells whether there was one.
pub async fn run_due(tenants: &Tenants, lane: Lane) -> Result<bool> {
    let now = tenants.clock().now();
    let claimed = tenants.store().jobs().claim(&lane.kinds(), now, now + LEASE).await?;
    let Some(job) = claimed else { return Ok(false) };
    let Some(tenant) = tenants.named(&job.tenant) else { return Ok(true) };
    let id = job.id.clone();
    let ran = match (Kind::of(&job), job.attempts > MOST_ATTEMPTS) {
        (_, true) | (None, _) => fail(&tenant, job, "The job was given up after too many attempts.").await,
        (Some(Kind::UsersImport), false) => import::run(tenants, &tenant, job).await,
        (Some(Kind::UsersExport), false) => export::run(&tenant, job).await,
        (Some(Kind::VerificationEmail), false) => Ok(()),
        (Some(Kind::LogVerification), false) => log_verification::run(tenants, &tenant, job).await,
    };
    match ran {
        // Another node has it now.
        Ok(()) | Err(Error::Conflict) => Ok(true),
        Err(error) => {
            let error = format!("{error:#}");
            tracing::warn!(tenant = tenant.name(), id, error, "a job stopped, and will be taken up again");
            Ok(true)
        }
    }
}

fn new(tenant: &Tenant, kind: Kind, asked: &impl Serialize) -> Result<Job> {
    let now = tenant.clock().now();
    Ok(Job {
        tenant: tenant.name().to_owned(),
        id: id::job(),
        kind: kind.name().to_owned(),
        state: JobState::Pending,
        asked: serde_json::to_string(asked)?,
        told: serde_json::to_string(&Told::default())?,
        created: now,
        expires: now + KEPT,
        leased: 0,
        attempts: 0,
    })
}

/// Notes how far a job is, and keeps it in hand.
async fn note(tenant: &Tenant, job: Job, told: &Told, pieces: Vec<Piece>) -> Result<Job> {
    let until = tenant.clock().now() + LEASE;
    let told = serde_json::to_string(told)?;
    // The lease must be another one each time: whoever took over in between is told apart by it.
    let until = until.max(job.leased + 1);
    Ok(tenant.store().jobs().note(job, (JobState::Processing, until), told, pieces).await?)
}

async fn end(tenant: &Tenant, job: Job, state: JobState, told: &Told, pieces: Vec<Piece>) -> Result<()> {
    let ended = tenant.store().jobs().note(job, (state, 0), serde_json::to_string(told)?, pieces).await?;
    Ok(tenant.store().jobs().forget(tenant.name(), &ended.id, "input").await?)
}

async fn fail(tenant: &Tenant, job: Job, problem: &str) -> Result<()> {
    let told = Told { problem: Some(problem.to_owned()), ..told(&job)? };
    end(tenant, job, JobState::Failed, &told, Vec::new()).await
}

/// A piece of what goes in or comes out: it says much about people, so it is sealed.
fn sealed(tenant: &Tenant, job: &str, kind: &'static str, number: usize, text: &str) -> Result<Piece> {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    Ok(Piece { kind, number, body: tenant.seal(&place(job, kind), text)? })
}

/// What a sealed piece is bound to.
fn place(job: &str, kind: &str) -> String {
    format!("jobs/{job}/{kind}")
}

/// How often it is looked whether there is something to do.
pub const LOOK: Duration = Duration::from_secs(1);
/// For how many seconds a runner has a job in hand without a sign of life.
const LEASE: i64 = 60;
/// How often a job is taken up.
const MOST_ATTEMPTS: i64 = 10;
/// How many seconds a job may last.
pub const LONGEST: i64 = 7_200;
/// How many seconds all that is left of a job is kept.
const KEPT: i64 = 86_400;
/// How many imports of a tenant run at once.
pub const MOST_IMPORTS: i64 = 2;
/// How many exports.
pub const MOST_EXPORTS: i64 = 10;
