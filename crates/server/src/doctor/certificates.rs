//! Certificates that the server gets by itself: whether each name has one, and if not, why.

use anyhow::{Context as _, Result};
use idp::{Tenants, clock::iso};

use super::{
    Findings,
    machine::{DAY, SOON},
};
use crate::{acme, config::Config};

/// What is presented for the names that want a certificate of an ACME directory.
pub async fn look(tenants: &Tenants, config: &Config, findings: &mut Findings) -> Result<()> {
    const CHECK: &str = "certificate";
    let Some(settings) = config.acme()? else { return Ok(()) };
    let builtin = tenants.administrators().context("the built-in tenant is not loaded")?;
    let (standings, now) = (acme::standings(&builtin, &settings).await?, tenants.clock().now());
    for name in &settings.names {
        let standing = standings.get(name).cloned().unwrap_or_default();
        let until = standing.certificate.as_ref().map(|certificate| certificate.not_after);
        let failed = standing.problem.as_ref().map(|problem| {
            let times = standing.failures;
            format!(
                "{times} orders came to nothing; the last one: {problem}; the next follows {}",
                iso(standing.next * 1000)
            )
        });
        let how_long = match until {
            None => format!("{name} has none yet, and is served with the server's own"),
            Some(until) if until < now => format!("{name}: it has run out {} days ago", (now - until) / DAY),
            Some(until) => format!("{name}: it is good for {} days", (until - now) / DAY),
        };
        let is_short = until.is_none_or(|until| until < now + SOON);
        let next = "let the name lead to this server, at the port that the directory asks; the server tries again by itself";
        match failed {
            Some(failed) if is_short => findings.problem(CHECK, format!("{how_long}; {failed}"), next),
            Some(failed) => findings.warning(CHECK, format!("{how_long}; {failed}"), next),
            None if !standing.is_good(now) => {
                let next = "start the server; it orders one at once, and its log says what came of it";
                findings.warning(CHECK, how_long, next);
            }
            None => findings.ok(CHECK, format!("{how_long}, and renewed by itself")),
        }
    }
    Ok(())
}
