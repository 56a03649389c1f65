//! Hooks: what customers' code was before actions. Of those of one trigger at most one is enabled.

use http::Method;
use idp::{Change, Document, Tenant, id, snapshot::actions::Trigger};
use model::{Hook, HookTrigger};
use schema::{Object, Resource};
use serde_json::{Value, json};

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    call::cut,
    clients::text,
    collection::{Given, Lifecycle, Prepared, Rows, existing, replace, shown},
    error::Result,
    operation::run,
};

/// How many secrets a hook may have.
const MOST_SECRETS: usize = 20;
/// What stands where a secret would.
const NOT_SHOWN: &str = "_VALUE_NOT_SHOWN_";

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<Hook>();
    rows.update.run = run!(update);
    rows.delete.run = run!(delete);
    let secrets = "/hooks/{id}/secrets";
    let row = |method, summary, scope, run| Operation::new(method, secrets, summary, &[scope], run);
    rows.and([
        row(Method::GET, "Get the secrets of a hook", "read:hooks", run!(secret_names)),
        row(Method::POST, "Add secrets to a hook", "update:hooks", run!(add_secrets)).with_secret_body(),
        row(Method::PATCH, "Update the secrets of a hook", "update:hooks", run!(change_secrets))
            .with_secret_body(),
        row(Method::DELETE, "Delete secrets of a hook", "update:hooks", run!(remove_secrets))
            .taking_list("names"),
    ])
}

impl Lifecycle for Hook {
    const WORDS: (&'static str, &'static str) = ("a hook", "hooks");
    const MISSING: (&'static str, Option<&'static str>) =
        ("Error: Hook does not exist", Some("HookDoesNotExist"));
    const FILTERS: &'static [&'static str] = &["enabled", "triggerId"];

    fn taken(_key: &str) -> String {
        "A hook with this name already exists.".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(|| id::hook(tenant.clock().now_ms()));
        body.shift_insert(0, "id".into(), json!(id));
        // A second one of a trigger comes disabled.
        if !enabled_beside(tenant, body).await?.is_empty() {
            body.insert("enabled".into(), json!(false));
        }
        Ok(Prepared { id, ..Prepared::default() })
    }

    async fn check(&self, tenant: &Tenant) -> Result<()> {
        crate::actions::check_code("script", &self.script)?;
        // What cannot be loaded would fail every token. For the triggers of people anything is taken (recorded:
        // `TestAccHook`); what cannot be loaded there refuses sign-ups and says so in the log.
        if self.enabled && self.trigger_id == HookTrigger::CredentialsExchange {
            let script = idp::actions::hook(Trigger::CredentialsExchange, &self.script);
            return crate::actions::check_script(tenant, &script).await;
        }
        Ok(())
    }
}

/// A hook that is enabled takes the place of the one that was.
async fn update(call: Call) -> Result<Answer> {
    let enables = call.body.get("enabled") == Some(&json!(true));
    let hook = existing::<Hook>(&call).await?;
    call.precondition.check(Some(&hook))?;
    schema::check(Hook::NOUN.fields, &call.body, schema::Op::Update)?;
    let mut body = hook.body.clone();
    schema::merge(Hook::NOUN.fields, &mut body, call.body.clone());
    if body != hook.body {
        Hook::view(&body)?.check(&call.tenant).await?;
        let mut changes = vec![Change::replace::<Hook>(&hook, body.clone())];
        let others = if enables { enabled_beside(&call.tenant, &body).await? } else { Vec::new() };
        for other in others.into_iter().filter(|other| other.id != hook.id) {
            let mut disabled = other.body.clone();
            disabled.insert("enabled".into(), json!(false));
            changes.push(Change::replace::<Hook>(&other, disabled));
        }
        call.tenant.commit(changes).await.map_err(|error| match error {
            idp::Error::Taken { key } => Error::conflict(Hook::taken(&key)),
            other => call.precondition.lost(other.into()),
        })?;
    }
    let about = About::put::<Hook>(&hook.id, &hook.body, &body);
    Ok(Answer::ok(shown::<Hook>(&call, body)?).about(about))
}

/// Recorded: deleting what is not there is refused, other than elsewhere.
async fn delete(call: Call) -> Result<Answer> {
    let hook = existing::<Hook>(&call).await?;
    call.precondition.check(Some(&hook))?;
    call.tenant.commit(vec![Change::delete::<Hook>(&hook.id)]).await?;
    Ok(Answer::no_content().about(About::only::<Hook>(&hook.id)))
}

/// The enabled hooks of the trigger that a hook is for.
async fn enabled_beside(tenant: &Tenant, hook: &Object) -> Result<Vec<Document>> {
    if hook.get("enabled") != Some(&json!(true)) {
        return Ok(Vec::new());
    }
    let trigger = text(hook, "triggerId").unwrap_or_default();
    let mut beside = tenant.matching::<Hook>("triggerId", trigger).await?;
    beside.retain(|other| other.body.get("enabled") == Some(&json!(true)));
    Ok(beside)
}

async fn secret_names(call: Call) -> Result<Answer> {
    let hook = existing::<Hook>(&call).await?;
    let names = secrets_of(&hook.body);
    let shown: Object = names.keys().map(|name| (name.clone(), json!(NOT_SHOWN))).collect();
    Ok(Answer::ok(shown))
}

async fn add_secrets(call: Call) -> Result<Answer> {
    with_secrets(call, |secrets, name| match secrets.contains_key(name) {
        true => Err(Error::conflict(format!("The hook has a secret {} already.", cut(name)))),
        false => Ok(()),
    })
    .await
}

async fn change_secrets(call: Call) -> Result<Answer> {
    with_secrets(call, |secrets, name| match secrets.contains_key(name) {
        true => Ok(()),
        false => Err(Error::not_found(format!("The hook has no secret {}.", cut(name)), None)),
    })
    .await
}

/// Lays the secrets of the body over those of the hook. Recorded: even a change is answered with 201.
async fn with_secrets(mut call: Call, check: fn(&Object, &str) -> Result<()>) -> Result<Answer> {
    let given = call.take_body();
    let hook = existing::<Hook>(&call).await?;
    let mut secrets = secrets_of(&hook.body);
    for name in given.keys() {
        check(&secrets, name)?;
    }
    secrets.extend(given);
    if secrets.len() > MOST_SECRETS {
        return Err(Error::body(format!(
            "Payload validation error: 'Too many properties defined ({}), maximum {MOST_SECRETS}'.",
            secrets.len()
        )));
    }
    check_secrets(&secrets)?;
    store(&call, &hook, secrets).await?;
    Ok(Answer::created(Object::new()).about(About::only::<Hook>(&hook.id)))
}

async fn remove_secrets(call: Call) -> Result<Answer> {
    let hook = existing::<Hook>(&call).await?;
    let mut secrets = secrets_of(&hook.body);
    let names = call.body.get("names").and_then(Value::as_array).cloned().unwrap_or_default();
    for name in &names {
        let Some(name) = name.as_str() else {
            return Err(Error::body("Payload validation error: 'Expected type string'."));
        };
        secrets.shift_remove(name);
    }
    store(&call, &hook, secrets).await?;
    Ok(Answer::no_content().about(About::only::<Hook>(&hook.id)))
}

async fn store(call: &Call, hook: &Document, secrets: Object) -> Result<()> {
    let mut body = hook.body.clone();
    body.insert("hook_secrets".into(), Value::Object(secrets));
    if body != hook.body {
        replace::<Hook>(&call.tenant, hook, body).await?;
    }
    Ok(())
}

/// Holds secrets against what their declaration says, in words that do not name where they are kept.
fn check_secrets(secrets: &Object) -> Result<()> {
    let of_body = |name: &str, reason: String| {
        Err(Error::body(format!("Payload validation error: '{reason}' on property {}.", cut(name))))
    };
    for (name, value) in secrets {
        match value.as_str() {
            None => return of_body(name, "Expected type string".into()),
            Some(value) if value.contains('\0') || name.contains('\0') => {
                return of_body(name, "String does not match pattern ^[^\\u0000]*$".into());
            }
            Some(value) if value.chars().count() > 4096 => {
                return of_body(name, "String is too long, maximum 4096".into());
            }
            Some(_) if name.is_empty() || name.chars().count() > 128 => {
                return of_body(name, "A name has 1 to 128 characters".into());
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn secrets_of(hook: &Object) -> Object {
    hook.get("hook_secrets").and_then(Value::as_object).cloned().unwrap_or_default()
}
