//! The customer's own code at the place where a machine is given its token: an old hook first, if one is enabled, then
//! the actions that are bound, each of which sees what the ones before it did. Its calls are only noted while it runs;
//! here they take effect, or not.

pub mod custom_claims;
mod event;
mod hook;

use std::time::Instant;

use schema::Object;
use serde_json::Value;

use super::{Granted, Issuance, scope};
use crate::{
    Code, Result,
    actions::{self, Call, Execution, FAILED, Failure, LIMIT, Step, no_text, text, thrown},
    log::{self, Event},
    snapshot::actions::{BoundAction, Trigger},
};

/// Lets the tenant's code have its say about a token. Where there is none, this costs a branch.
pub async fn credentials_exchange(issuance: &Issuance<'_>, granted: &mut Granted) -> Result<()> {
    let Issuance { tenant, snapshot, .. } = *issuance;
    if snapshot.lacks(Trigger::CredentialsExchange) {
        tracing::error!(
            tenant = tenant.name(),
            "an action that is bound cannot be read, so no token is issued"
        );
        return Code::ServerError.refuse(FAILED);
    }
    if snapshot.bound(Trigger::CredentialsExchange).is_empty()
        && snapshot.hook(Trigger::CredentialsExchange).is_none()
    {
        return Ok(());
    }
    // On the heap, so that tokens without it do not carry its room.
    Box::pin(run(issuance, granted)).await
}

/// What the code wants, so far.
#[derive(Default)]
struct Wanted {
    claims: Object,
    /// Lines that say what was not done.
    remarks: Vec<String>,
    /// The scopes that are to be given, once somebody named them.
    targets: Option<Vec<String>>,
}

async fn run(issuance: &Issuance<'_>, granted: &mut Granted) -> Result<()> {
    let clock = issuance.tenant.clock();
    let mut execution = Execution {
        id: crate::id::execution(),
        trigger: Trigger::CredentialsExchange,
        began: clock.now_ms(),
        ended: 0,
        steps: Vec::new(),
    };
    let outcome = steps(issuance, granted, &mut execution).await;
    execution.ended = clock.now_ms();
    issuance.note(|notes| {
        notes.trace.actions = execution.steps.iter().map(|step| step.name.clone()).collect();
        notes.actions = Some(execution.details());
        if outcome.is_err() {
            notes.reason = Some("action");
        }
    });
    if issuance.is_dry {
        return outcome;
    }
    if let Some(failed) = execution.failed() {
        tell(issuance, granted, &execution, failed);
    }
    actions::remember(issuance.tenant, execution);
    outcome
}

async fn steps(issuance: &Issuance<'_>, granted: &mut Granted, execution: &mut Execution) -> Result<()> {
    let began = Instant::now();
    let Issuance { tenant, snapshot, .. } = *issuance;
    let mut wanted = Wanted::default();
    if let Some(hook) = snapshot.hook(Trigger::CredentialsExchange) {
        hook::run(issuance, granted, hook, execution, &mut wanted).await?;
    }
    for action in snapshot.bound(Trigger::CredentialsExchange) {
        let event = event::of(issuance, granted, &wanted, action);
        let left = LIMIT.saturating_sub(began.elapsed());
        let started = tenant.clock().now_ms();
        let trigger = Trigger::CredentialsExchange;
        let kept = actions::kept(tenant, trigger);
        let run = actions::run(tenant, &action.script, &event, (kept, None), left).await?;
        if !issuance.is_dry {
            actions::keep(tenant, trigger, &run.calls);
        }
        let outcome = run.outcome.and_then(|_| wanted.take(issuance, granted, &run.calls));
        let (ended, failure) = (tenant.clock().now_ms(), outcome.as_ref().err());
        let mut logs = run.logs;
        logs.append(&mut wanted.remarks);
        let error = failure.map(actions::told);
        execution.add(Step { name: action.name.clone(), began: started, ended, error, logs });
        match outcome {
            Ok(Some((code, reason))) => return code.refuse(reason),
            Ok(None) => {}
            Err(_) => return Code::ServerError.refuse(FAILED),
        }
    }
    if let Some(targets) = wanted.targets {
        granted.scope = within_grant(granted, |scope| targets.iter().any(|target| target == scope))?;
    }
    granted.claims.extend(wanted.claims);
    Ok(())
}

/// The scopes of the client grant that are wanted: what the client was granted is the most that code can give it.
fn within_grant(granted: &Granted, is_wanted: impl Fn(&str) -> bool) -> Result<String> {
    let allowed = granted.grant.view.scope.as_deref().unwrap_or_default();
    let all = granted.grant.view.allow_all_scopes == Some(true);
    let most = scope::granted(&granted.api, allowed, all, None)?;
    Ok(event::split(&most).filter(|scope| is_wanted(scope)).collect::<Vec<_>>().join(" "))
}

/// A refusal that the code asked for.
type Denied = (Code, String);

impl Wanted {
    /// Takes in the calls of one action, in their order, up to the first that denies.
    fn take(
        &mut self,
        issuance: &Issuance,
        granted: &Granted,
        calls: &[Call],
    ) -> std::result::Result<Option<Denied>, Failure> {
        for Call { name, arguments } in calls {
            let argument = |n: usize| arguments.get(n).unwrap_or(&Value::Null);
            match name.as_str() {
                "access.deny" => return denied(argument(0), argument(1)).map(Some),
                "accessToken.setCustomClaim" => {
                    let key = text(argument(0), name)?;
                    if let Err(why) = custom_claims::may_be_set(issuance.tenant, granted, key) {
                        self.remarks.push(format!("{key} was not set: {why}"));
                        continue;
                    }
                    match argument(1) {
                        Value::Null => drop(self.claims.shift_remove(key)),
                        value => drop(self.claims.insert(key.to_owned(), value.clone())),
                    }
                }
                "transaction.addTargetScope" => {
                    let (scope, targets) = (text(argument(0), name)?, self.targets(granted));
                    if !targets.iter().any(|target| target == scope) {
                        targets.push(scope.to_owned());
                    }
                }
                "transaction.removeTargetScope" => {
                    let scope = text(argument(0), name)?;
                    self.targets(granted).retain(|target| target != scope);
                }
                "transaction.setTargetScopes" => {
                    let Value::Array(scopes) = argument(0) else { return Err(no_text(name)) };
                    let scopes = scopes.iter().map(|scope| text(scope, name).map(str::to_owned));
                    self.targets = Some(scopes.collect::<std::result::Result<_, _>>()?);
                }
                "transaction.clearTargetScopes" => self.targets = Some(Vec::new()),
                // Of `cache`, which was served already.
                _ => {}
            }
        }
        custom_claims::fit(&self.claims).map(|()| None)
    }

    /// The scopes to be given, from now on as the code says.
    fn targets(&mut self, granted: &Granted) -> &mut Vec<String> {
        self.targets.get_or_insert_with(|| event::split(&granted.scope).map(str::to_owned).collect())
    }
}

fn denied(code: &Value, reason: &Value) -> std::result::Result<Denied, Failure> {
    let code = match code.as_str() {
        Some("invalid_scope") => Code::InvalidScope,
        Some("invalid_request") => Code::InvalidRequest,
        Some("server_error") => Code::ServerError,
        _ => return Err(thrown("api.access.deny takes invalid_scope, invalid_request or server_error")),
    };
    Ok((code, actions::reason(reason)))
}

/// Tells of code that failed in an event of its own.
fn tell(issuance: &Issuance, granted: &Granted, execution: &Execution, failed: &Step) {
    let request = issuance.request;
    let kind = model::LogType::ActionsExecutionFailed;
    let event = Event {
        client_id: Some(granted.client.view.client_id.clone()),
        client_name: Some(granted.client.view.name.clone()),
        ip: issuance.ip().map(|ip| ip.to_string()),
        hostname: Some(request.host.clone()),
        user_agent: request.user_agent.as_deref().map(log::cut),
        audience: Some(granted.api.view.identifier.clone()),
        ..Event::new(kind, failed.words())
    };
    issuance.tenant.log(actions::telling(event, execution));
}

impl Issuance<'_> {
    /// Where the request came from, as far as it is believed.
    fn ip(&self) -> Option<std::net::IpAddr> {
        let mut believed = None;
        self.note(|notes| believed = notes.ip);
        believed.or(self.request.ip)
    }
}

/// Notes down a step that did not come from an action.
fn step(execution: &mut Execution, name: &str, times: (i64, i64), run: (Option<&Failure>, Vec<String>)) {
    let ((began, ended), (failure, logs)) = (times, run);
    let error = failure.map(actions::told);
    execution.add(Step { name: name.to_owned(), began, ended, error, logs });
}

/// What the secrets of an action are to it.
fn secrets(action: &BoundAction) -> Value {
    actions::exposed(&action.secrets)
}
