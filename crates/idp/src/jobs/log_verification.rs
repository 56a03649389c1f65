//! Verifying a log: a few of its parts at a time, with rests between them that are as long as the work, so that whoever
//! serves on the same machine keeps most of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use store::{Job, JobState};
use tokio::time::{self, Instant};

use super::{LONGEST, asked, end, fail, note, told};
use crate::{
    Result, Tenant, Tenants,
    audit::{Report, Verification},
};

/// Which part of a log is to be verified.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct LogVerification {
    /// What was logged since then, in milliseconds since 1970; all that is kept without.
    pub since: Option<i64>,
    /// What was signed once and kept elsewhere.
    pub checkpoints: Vec<String>,
}

/// How far a log has been verified.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    pub report: Report,
    /// How many findings there are beside those that are named.
    pub more: usize,
}

/// Verifies a log to its end. Another runner that takes over begins anew: nothing is changed by it.
pub(super) async fn run(tenants: &Tenants, tenant: &Tenant, mut job: Job) -> Result<()> {
    let LogVerification { since, checkpoints } = asked(&job)?;
    let mut told = told(&job)?;
    // Where nobody has said how long events are kept, none may go.
    let now = tenant.clock().now_ms();
    let expired = tenants.log_keeping().map_or(0, |keeping| keeping.expired_meanwhile(now));
    let mut verification = Verification::begin(tenant, &checkpoints, expired, since).await?;
    let (mut noted, mut more) = (Instant::now(), 0);
    loop {
        let began = Instant::now();
        let goes_on = verification.step().await?;
        let findings = &mut verification.report.findings;
        more += findings.len().saturating_sub(MOST_NAMED);
        findings.truncate(MOST_NAMED);
        let (done, total) = verification.progress();
        (told.done, told.total) = (count(done), count(total));
        if !goes_on {
            told.verified = Some(Verified { report: verification.report, more });
            return end(tenant, job, JobState::Completed, &told, Vec::new()).await;
        }
        if tenant.clock().now() > job.created + LONGEST {
            return fail(tenant, job, "The job took longer than two hours.").await;
        }
        time::sleep(began.elapsed()).await;
        if noted.elapsed() > NOTE {
            job = note(tenant, job, &told, Vec::new()).await?;
            noted = Instant::now();
        }
    }
}

fn count(parts: i64) -> usize {
    usize::try_from(parts).unwrap_or_default()
}

/// How many findings are named.
const MOST_NAMED: usize = 1_000;
/// How often it is noted how far it is.
const NOTE: Duration = Duration::from_secs(1);
