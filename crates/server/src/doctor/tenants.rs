//! What lies in the store: its schema and clock, tenants' keys and mail servers, and whether all of it fits together.

use std::time::Duration;

use anyhow::{Context, Result};
use idp::{Tenant, Tenants, audit, consistency, outbox};
use model::SigningKey;
use schema::Resource as _;
use store::copy;
use tokio::time::{self, timeout};

use super::Findings;
use crate::config::Config;

const PATIENCE: Duration = Duration::from_secs(15);
/// How far clocks may be apart, in milliseconds: nodes agree on what is expired within less.
const APART: i64 = 2_000;
const FAR_APART: i64 = 30_000;
/// How many things of one kind are told.
const TOLD: usize = 50;

/// Whether the store is there, and this program's. Nothing is changed, not even its schema.
pub async fn store(config: &Config, findings: &mut Findings) -> bool {
    const CHECK: &str = "store";
    let place = config.place_of_store();
    let location = config.location();
    let steps = match timeout(PATIENCE, copy::steps_of(&location)).await {
        Ok(Ok(steps)) => steps,
        Ok(Err(error)) => {
            let next = "see whether the database runs, and takes this user and this password";
            findings.problem(CHECK, format!("{place}: {:#}", anyhow::Error::new(error)), next);
            return false;
        }
        Err(_) => {
            findings.problem(
                CHECK,
                format!("{place} does not answer"),
                "see whether the database can be reached",
            );
            return false;
        }
    };
    let Some(newest) = steps.iter().map(|step| step.name.as_str()).max() else {
        findings.warning(
            CHECK,
            format!("{place} holds no store"),
            "start the server once with `countersign serve`",
        );
        return false;
    };
    match copy::left(&steps) {
        Ok(0) => {
            findings.ok(CHECK, format!("{place} is at {newest}, as this program wants it"));
            if location.believes_anybody() {
                findings.warning(
                    CHECK,
                    format!("the certificate of {place} is not looked at, so whoever is on the way could pose as it"),
                    "add sslmode=verify-full, and sslrootcert if it has an authority of its own, to `database`",
                );
            }
            match copy::is_empty(&location).await {
                Ok(is_empty) => !is_empty,
                Err(_) => false,
            }
        }
        Ok(left) => {
            let next =
                "take a backup with the version that runs; the next start of this one brings it up to date";
            findings.warning(
                CHECK,
                format!("{place} is at {newest}, {left} steps behind this program"),
                next,
            );
            false
        }
        Err(error) => {
            findings.problem(
                CHECK,
                format!("{place}: {error}"),
                "run the version that the store was used with last",
            );
            false
        }
    }
}

/// The clock, keys and mail servers.
pub async fn look(tenants: &Tenants, config: &Config, findings: &mut Findings) -> Result<()> {
    clock(tenants, findings).await?;
    let outbound = config.outbound()?;
    let all: Vec<Tenant> = tenants.all().into_iter().chain(tenants.administrators()).collect();
    let mut without = Vec::new();
    for tenant in &all {
        if !has_keys(tenant).await? {
            without.push(tenant.name());
        }
    }
    match without.as_slice() {
        [] => findings
            .ok("signing keys", format!("{} tenants have one that signs and one that is next", all.len())),
        names => {
            let next = "run `countersign --tenant NAME keys rotate`, and start the server anew";
            findings.problem(
                "signing keys",
                format!("current or next is missing in {}", names.join(", ")),
                next,
            );
        }
    }
    for tenant in &all {
        match outbox::greet(tenant, &outbound).await? {
            None => {}
            Some((server, Ok(()))) => {
                findings.ok("mail", format!("{server} lets the tenant {} in", tenant.name()))
            }
            Some((server, Err(error))) => {
                let next = "correct the mail provider of the tenant, or allow its address in outbound_allow";
                findings.problem("mail", format!("{server} of the tenant {}: {error}", tenant.name()), next);
            }
        }
    }
    Ok(())
}

/// Whether this machine and the database agree on the time.
async fn clock(tenants: &Tenants, findings: &mut Findings) -> Result<()> {
    const CHECK: &str = "clock";
    let clock = idp::Clock::System;
    let (before, begun) = (clock.now_ms(), time::Instant::now());
    let Some(theirs) = tenants.store().consistency().clock().await? else {
        findings.ok(CHECK, format!("{}, and the store has no other", clock.iso()));
        return Ok(());
    };
    // Asked half way there and back.
    let half = i64::try_from(begun.elapsed().as_millis()).unwrap_or_default() / 2;
    let apart = (before + half - theirs).abs();
    let next = "set both clocks by NTP: what one node takes for expired another does not";
    match apart {
        FAR_APART.. => {
            findings.problem(CHECK, format!("{apart} ms lie between this machine and the database"), next)
        }
        APART.. => {
            findings.warning(CHECK, format!("{apart} ms lie between this machine and the database"), next)
        }
        _ => findings.ok(CHECK, format!("{apart} ms lie between this machine and the database")),
    }
    Ok(())
}

async fn has_keys(tenant: &Tenant) -> Result<bool> {
    let mut has = (false, false);
    for document in tenant.all(&SigningKey::NOUN).await? {
        let key = SigningKey::view(&document.body).context("a signing key")?;
        has.0 |= key.current && !key.revoked;
        has.1 |= key.next && !key.revoked;
    }
    Ok(has.0 && has.1)
}

/// Whether all documents and what ties them fit, and every sealed log its seals.
pub async fn consistency(tenants: &Tenants, config: &Config, findings: &mut Findings) -> Result<()> {
    const CHECK: &str = "consistency";
    let report = consistency::check(tenants).await?;
    for misfit in report.misfits.iter().take(TOLD) {
        let next = "restore a backup from before, or ask with this line";
        findings.problem(CHECK, format!("{}: {}", misfit.tenant, misfit.words), next);
    }
    if report.misfits.len() > TOLD {
        let more = report.misfits.len() - TOLD;
        findings.problem(CHECK, format!("and {more} more of the kind"), "mend those above first");
    }
    if report.misfits.is_empty() {
        findings.ok(CHECK, format!("{} documents and what ties them fit together", report.documents));
    }
    for tenant in tenants.all().into_iter().chain(tenants.administrators()) {
        let expired = config.log_keeping().expired_meanwhile(tenant.clock().now_ms());
        let report = audit::verify(&tenant, &[], expired).await?;
        let name = tenant.name();
        if !report.findings.is_empty() {
            let next = format!("`countersign --tenant {name} logs verify` names each");
            findings.problem(
                "sealed log",
                format!("{} findings in the log of {name}", report.findings.len()),
                next,
            );
        } else if report.sealed > 0 {
            findings.ok("sealed log", format!("{} events of {name} agree with their seals", report.sealed));
        }
    }
    Ok(())
}
