//! The hook `credentials-exchange`, the manner of before actions: a function that calls back what the token is to say.

use serde_json::{Value, json};

use super::{Wanted, custom_claims, event, step};
use crate::{
    Code, Result,
    actions::{self, Execution, FAILED, Failure, LIMIT, NO_NOTES, thrown},
    snapshot::actions::EnabledHook,
    token::{Granted, Issuance},
};

/// Runs the hook, and gives the token what it calls back: the scopes, also such as were not granted, and claims whose
/// names have a namespace. Without `scope` in it, the token has none. Of this server's own APIs it gives no more than the
/// client grant does: otherwise whoever may write hooks could do anything.
pub async fn run(
    issuance: &Issuance<'_>,
    granted: &mut Granted,
    hook: &EnabledHook,
    execution: &mut Execution,
    wanted: &mut Wanted,
) -> Result<()> {
    let tenant = issuance.tenant;
    let started = tenant.clock().now_ms();
    let run =
        actions::run(tenant, &hook.script, &arguments(issuance, granted, hook), (Vec::new(), None), LIMIT)
            .await?;
    let outcome = run.outcome.and_then(|result| {
        let (scope, claims) = read(result)?;
        custom_claims::fit(&claims).map(|()| (scope, claims))
    });
    let times = (started, tenant.clock().now_ms());
    step(execution, &hook.name, times, (outcome.as_ref().err(), run.logs));
    match outcome {
        Ok((scope, claims)) => {
            granted.scope = match custom_claims::is_for_ourselves(tenant, granted) {
                true => super::within_grant(granted, |given| event::split(&scope).any(|one| one == given))?,
                false => scope,
            };
            wanted.claims = claims;
            Ok(())
        }
        Err(failure) => refuse(&failure),
    }
}

/// Client, scope, audience and context.
fn arguments(issuance: &Issuance, granted: &Granted, hook: &EnabledHook) -> [Value; 4] {
    let client = &granted.client.view;
    let scope: Vec<_> = event::split(&granted.scope).collect();
    [
        json!({
            "id": client.client_id,
            "name": client.name,
            "tenant": issuance.tenant.name(),
            "metadata": client.client_metadata.as_ref().unwrap_or(&NO_NOTES),
        }),
        if scope.is_empty() { Value::Null } else { scope.into() },
        granted.api.view.identifier.as_str().into(),
        json!({ "webtask": { "secrets": actions::exposed(&hook.secrets) } }),
    ]
}

/// Scopes and claims of what was called back.
fn read(result: Value) -> std::result::Result<(String, schema::Object), Failure> {
    let Value::Object(mut result) = result else {
        return Err(thrown("the hook called back no object"));
    };
    let scopes: Vec<String> = match result.shift_remove("scope") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(scope)) => event::split(&scope).map(str::to_owned).collect(),
        Some(Value::Array(scopes)) => {
            let scopes = scopes.iter().map(|scope| scope.as_str().filter(|scope| is_scope(scope)));
            let scopes: Option<Vec<_>> = scopes.map(|scope| scope.map(str::to_owned)).collect();
            scopes.ok_or_else(|| thrown("scope must be a list of scopes"))?
        }
        Some(_) => return Err(thrown("scope must be a list of scopes")),
    };
    let scope = scopes.join(" ");
    if scope.len() > SCOPE || scopes.iter().any(|scope| !is_scope(scope)) {
        return Err(thrown("scope must be a list of scopes"));
    }
    result.retain(|name, value| custom_claims::is_namespaced(name) && !value.is_null());
    Ok((scope, result))
}

/// The longest scope of a token, in bytes.
const SCOPE: usize = 16 * 1024;

/// RFC 6749 §3.3
fn is_scope(text: &str) -> bool {
    let is_letter = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !text.is_empty() && text.bytes().all(is_letter)
}

fn refuse(failure: &Failure) -> Result<()> {
    let code = match failure.name() {
        "InvalidScopeError" => Code::InvalidScope,
        "InvalidRequestError" => Code::InvalidRequest,
        "ServerError" => Code::ServerError,
        _ => return Code::ServerError.refuse(FAILED),
    };
    code.refuse(failure.message())
}
