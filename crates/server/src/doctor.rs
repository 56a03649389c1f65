//! What an operator would look at if something were wrong: the configuration, the folder, the store, certificates, what
//! others see of the server. Each look says what it found and, where something is wrong, what to do next. It changes
//! nothing and tells no secret.

mod certificates;
mod machine;
mod network;
mod tenants;

use anyhow::Result;
use serde::Serialize;

use crate::{
    cli::{Place, admin::Opened},
    config::Config,
};

/// What one look found.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub check: &'static str,
    pub state: State,
    pub found: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Ok,
    Warning,
    Problem,
}

/// What the looks of one kind found.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    fn ok(&mut self, check: &'static str, found: impl Into<String>) {
        self.0.push(Finding { check, state: State::Ok, found: found.into(), next: None });
    }

    fn warning(&mut self, check: &'static str, found: impl Into<String>, next: impl Into<String>) {
        self.0.push(Finding { check, state: State::Warning, found: found.into(), next: Some(next.into()) });
    }

    fn problem(&mut self, check: &'static str, found: impl Into<String>, next: impl Into<String>) {
        self.0.push(Finding { check, state: State::Problem, found: found.into(), next: Some(next.into()) });
    }
}

/// Looks at everything, and tells each finding as it comes.
pub async fn look(place: &Place, deep: bool, tell: &mut dyn FnMut(&Finding)) -> Result<State> {
    let mut worst = State::Ok;
    let mut told = |findings: Findings| {
        for finding in findings.0 {
            worst = worst.max(finding.state);
            tell(&finding);
        }
    };
    let config = match place.config([]) {
        Ok(config) => config,
        Err(error) => {
            let mut findings = Findings::default();
            findings.problem(
                "configuration",
                format!("{error:#}"),
                "correct it; `countersign config reference` has every key",
            );
            told(findings);
            return Ok(State::Problem);
        }
    };
    let mut findings = Findings::default();
    findings.ok("configuration", "it is understood");
    machine::folder(&config, &mut findings);
    let has_key = machine::master_key(&config, &mut findings).await;
    machine::disk(&config, &mut findings);
    machine::certificates(&config, &mut findings);
    network::proxies(&config, &mut findings);
    told(findings);
    let mut findings = Findings::default();
    let is_ready = tenants::store(&config, &mut findings).await;
    told(findings);
    if is_ready && has_key {
        told(opened(place, &config, deep).await);
    }
    let mut findings = Findings::default();
    network::running(place, &config, &mut findings).await;
    network::name(&config, &mut findings).await;
    told(findings);
    Ok(worst)
}

/// What only shows when the tenants are loaded.
async fn opened(place: &Place, config: &Config, deep: bool) -> Findings {
    let mut findings = Findings::default();
    let opened = match Opened::of(place, None).await {
        Ok(opened) => opened,
        Err(error) => {
            let next = "if it names a key, put back the master.key under which the store was made";
            findings.problem("tenants", format!("they cannot be loaded: {error:#}"), next);
            return findings;
        }
    };
    if let Err(error) = certificates::look(&opened.tenants, config, &mut findings).await {
        findings.problem("certificate", format!("{error:#}"), "see the server's own log");
    }
    if let Err(error) = tenants::look(&opened.tenants, config, &mut findings).await {
        findings.problem("tenants", format!("{error:#}"), "see the server's own log");
    }
    if deep {
        consistency(&opened, config, &mut findings).await;
    }
    opened.close().await;
    findings
}

/// Whether everything in the store fits together.
pub async fn consistency(opened: &Opened, config: &Config, findings: &mut Findings) {
    if let Err(error) = tenants::consistency(&opened.tenants, config, findings).await {
        findings.problem(
            "consistency",
            format!("it could not be looked at: {error:#}"),
            "see the server's own log",
        );
    }
}

/// What was found, in order.
impl IntoIterator for Findings {
    type Item = Finding;
    type IntoIter = std::vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
