//! What stands around the proof of a client: nobody is listened to who has guessed too much, wrong proofs are
//! remembered, and so are right ones. Nothing here waits, and while nobody guesses it costs a look.

use std::{future::Future, net::IpAddr};

use model::LogType;

use super::{
    Issuance,
    authenticate::{Method, Proved},
};
use crate::{
    Code, Error, Result, Tenant, clock,
    log::{self, Event},
    penalties::{Asker, Blocked, Kind, Report},
};

/// The client, if whoever asks is listened to and proves to be it.
pub async fn guarded(issuance: &Issuance<'_>, proof: impl Future<Output = Result<Proved>>) -> Result<Proved> {
    let Issuance { tenant, snapshot, request, is_test, .. } = *issuance;
    // A key cannot be guessed, so who proves itself with one is never held up.
    let is_key = request.client_assertion.is_some() || request.client_secret.is_none();
    let Some(ip) = request.ip.filter(|_| !is_test && !is_key) else {
        let proved = proof.await?;
        if !is_test && proved.method != Method::None {
            believe_forwarded(issuance, &proved);
        }
        return Ok(proved);
    };
    let now = tenant.clock().now();
    let named = request.client_id.as_deref().unwrap_or_default();
    let asker = Asker { tenant: tenant.name(), client_id: named, ip };
    if let Err(blocked) = tenant.penalties().admit(asker, &snapshot.limits, now) {
        return refuse(issuance, blocked);
    }
    let outcome = proof.await;
    match &outcome {
        // Whoever proves nothing is nobody in particular.
        Ok(Proved { method: Method::None, .. }) => {}
        Ok(proved) => {
            tenant.penalties().proved(asker, now);
            believe_forwarded(issuance, proved);
        }
        Err(Error::Refused { code: Code::Unauthorized | Code::InvalidClient, .. }) if !named.is_empty() => {
            for report in tenant.penalties().failed(asker, &snapshot.limits, now) {
                tenant.log(event(tenant, &report, request.user_agent.as_deref()));
            }
        }
        Err(_) => {}
    }
    outcome
}

/// A client that is trusted with it says for whom it asks: one address, and only when it has proved itself.
fn believe_forwarded(issuance: &Issuance, proved: &Proved) {
    let Some(text) = issuance.request.forwarded_for.as_deref() else { return };
    if proved.client.view.is_token_endpoint_ip_header_trusted == Some(true)
        && let Ok(ip) = text.trim().parse::<IpAddr>()
    {
        issuance.note(|notes| notes.ip = Some(ip.to_canonical()));
    }
}

fn refuse<T>(issuance: &Issuance, blocked: Blocked) -> Result<T> {
    issuance.note(|notes| {
        notes.headers.push(("retry-after", blocked.seconds.to_string()));
        notes.is_told_elsewhere = true;
    });
    if let Some(report) = &blocked.report {
        issuance.tenant.log(event(issuance.tenant, report, issuance.request.user_agent.as_deref()));
    }
    Code::TooManyAttempts.refuse(TOO_MANY)
}

/// What the log is told of a block: once when it begins, and once a minute while there are attempts.
fn event(tenant: &Tenant, report: &Report, user_agent: Option<&str>) -> Event {
    let Report { subject, attempts, since, until } = report;
    let kind = match subject.kind {
        Kind::Network => LogType::LimitMu,
        Kind::ClientAndNetwork | Kind::ClientAndAddress | Kind::Client => LogType::LimitWc,
    };
    let from = subject.network_text();
    let description = match subject.kind {
        Kind::Network => format!("Too many wrong credentials of clients from {from}"),
        Kind::Client => "A client is under attack: too many wrong credentials from everywhere".to_owned(),
        Kind::ClientAndNetwork | Kind::ClientAndAddress => {
            format!("Too many wrong credentials of a client from {from}")
        }
    };
    let client_id = Some(subject.client_id.to_string()).filter(|id| !id.is_empty());
    let known = client_id.as_deref().and_then(|id| tenant.snapshot().client(id).cloned());
    let mut event = Event {
        client_name: known.map(|client| client.view.name.clone()),
        client_id,
        ip: subject.network.map(|ip| ip.to_string()),
        user_agent: user_agent.map(log::cut),
        ..Event::new(kind, description)
    };
    let details = serde_json::json!({
        "kind": subject.kind.name(), "network": from, "attempts": attempts,
        "since": clock::iso(since * 1000), "until": clock::iso(until * 1000),
    });
    event.rest.insert("details".into(), details);
    event
}

/// Auth0's words where an address has tried too often.
const TOO_MANY: &str = "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.";
