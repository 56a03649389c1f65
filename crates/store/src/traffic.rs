//! Sweeping up what has ended: tickets, sessions, codes, refresh tokens, counts of failures, last
//! uses of credentials. Nothing that is still good is touched.

use crate::db::{Db, Result, Statement};

/// Removes, of all tenants, what had ended at this time; answers how many rows that was.
pub async fn prune(db: &Db, now: i64) -> Result<u64> {
    let mut pruned = 0;
    for (sql, until) in [
        ("delete from tickets where expires <= $1", now),
        // Whom they served is told first that they have ended.
        ("delete from sessions where idle_expires <= $1", now - DAY),
        ("delete from session_clients where expires <= $1", now - DAY),
        ("delete from logout_notices where expires <= $1", now),
        // A code that comes a second time betrays a thief for a while after its end.
        ("delete from codes where expires <= $1", now - DAY),
        ("delete from refresh_families where idle_expires <= $1", now),
        // Its end is told once to the device that still asks.
        ("delete from device_codes where expires <= $1", now - DAY),
        ("delete from failed_logins where since <= $1", now - DAY),
        ("delete from penalties where last <= $1 and until <= $1", now - 2 * DAY),
        ("delete from proved_callers where proved <= $1", now - 7 * DAY),
        ("delete from token_usage where begins <= $1", now - 2 * DAY),
        ("delete from outbox where state <> 'waiting' and created <= $1", now - 7 * DAY),
        ("delete from jobs where expires <= $1", now),
        // In milliseconds: what was not used for a year counts as never used.
        (
            "delete from credential_uses where used_at <= $1",
            now.saturating_sub(366 * DAY).saturating_mul(1000),
        ),
    ] {
        let committed = db.commit(vec![Statement::new(sql, vec![until.into()])].into()).await?;
        pruned += committed.counts.iter().sum::<u64>();
    }
    let pieces = "delete from job_pieces where not exists (
                    select 1 from jobs where jobs.tenant = job_pieces.tenant and jobs.id = job_pieces.job)";
    // Only now, when nothing can be made of them: a token that comes again betrays a thief as long as its family is there.
    let orphans = "delete from refresh_tokens where not exists (
                     select 1 from refresh_families
                     where refresh_families.tenant = refresh_tokens.tenant
                       and refresh_families.id = refresh_tokens.family)";
    let orphans = [orphans, pieces].map(|sql| Statement::new(sql, vec![]));
    let committed = db.commit(Vec::from(orphans).into()).await?;
    Ok(pruned + committed.counts.iter().sum::<u64>())
}

const DAY: i64 = 24 * 3600;
