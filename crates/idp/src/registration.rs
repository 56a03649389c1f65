//! Customers' code about how people come into a database, and about their passwords: the triggers `pre-user-registration`,
//! `post-user-registration` and `post-change-password`, each with its hook first. Only the first can say no; the others are
//! waited for by nobody.

use std::sync::Arc;

use model::{LogType, User};
use schema::Object;
use serde_json::{Value, json};

use crate::{
    Code, Occasion, RegisteredConnection, Result, Tenant,
    actions::{self, Call, FAILED, Failure, NO_NOTES, Pass, Piece, text, thrown, without_credentials},
    connection::database,
    log::Event,
    pipeline::{note, profile},
    snapshot::actions::{EnabledHook, Trigger},
};

/// What a tenant says when its code keeps somebody out without a word for them.
const REFUSED: &str = "The tenant does not let you sign up.";

/// Lets the tenant's code have its say about somebody who wants to sign up: it may refuse, and add metadata. The password is
/// not told.
pub async fn before(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    who: &mut Object,
    occasion: &Occasion,
) -> Result<()> {
    let trigger = Trigger::PreUserRegistration;
    if !is_bound(tenant, trigger)? {
        return Ok(());
    }
    let mut pass = Pass::begin(tenant, trigger);
    let decided = Box::pin(decide(tenant, connection, who, occasion, &mut pass)).await;
    pass.end(|kind, words| database::about(occasion.event(kind, words), connection, None));
    decided
}

/// Whether there is code for a trigger. What is bound and cannot be read might have refused.
fn is_bound(tenant: &Tenant, trigger: Trigger) -> Result<bool> {
    let snapshot = tenant.snapshot();
    if snapshot.lacks(trigger) {
        tracing::error!(
            tenant = tenant.name(),
            trigger = trigger.id(),
            "an action that is bound cannot be read"
        );
        return Code::ExtensibilityError.refuse(FAILED);
    }
    Ok(!snapshot.bound(trigger).is_empty() || snapshot.hook(trigger).is_some())
}

/// What code says of somebody who wants to sign up.
#[derive(Default)]
struct Said {
    user_metadata: Object,
    app_metadata: Object,
    /// Why not, as they are told.
    refused: Option<String>,
}

async fn decide(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    who: &mut Object,
    occasion: &Occasion,
    pass: &mut Pass<'_>,
) -> Result<()> {
    let (snapshot, trigger) = (tenant.snapshot().clone(), Trigger::PreUserRegistration);
    let scene = Scene { tenant, connection, occasion };
    if let Some(hook) = snapshot.hook(trigger) {
        let arguments = [scene.hook_user(who), scene.hook_context(hook)];
        let piece = Piece { name: &hook.name, script: &hook.script, given: None };
        let said = pass.run(piece, &arguments, |outcome, _, remarks| of_hook(outcome?, remarks)).await?;
        take(who, said, Code::HookError)?;
    }
    for action in snapshot.bound(trigger) {
        let event = scene.event(who.clone(), &actions::exposed(&action.secrets));
        let piece = Piece { name: &action.name, script: &action.script, given: Some(&Value::Null) };
        let said = pass.run(piece, &event, |outcome, calls, remarks| {
            outcome?;
            of_action(calls, remarks)
        });
        take(who, said.await?, Code::ExtensibilityError)?;
    }
    Ok(())
}

fn take(who: &mut Object, said: std::result::Result<Said, Failure>, code: Code) -> Result<()> {
    let Ok(said) = said else { return code.refuse(FAILED) };
    if let Some(why) = said.refused {
        return code.refuse(why);
    }
    for (name, metadata) in [("user_metadata", said.user_metadata), ("app_metadata", said.app_metadata)] {
        if metadata.is_empty() {
            continue;
        }
        if let Value::Object(known) = who.entry(name).or_insert_with(|| json!({})) {
            known.extend(metadata);
            known.retain(|_, value| !value.is_null());
        }
    }
    Ok(())
}

fn of_action(calls: &[Call], remarks: &mut Vec<String>) -> std::result::Result<Said, Failure> {
    let mut said = Said::default();
    for Call { name, arguments } in calls {
        let argument = |n: usize| arguments.get(n).unwrap_or(&Value::Null);
        let entry = || Ok::<_, Failure>((text(argument(0), name)?, argument(1)));
        match name.as_str() {
            "access.deny" | "validation.error" => {
                said.refused = Some(refusal(argument(0), argument(1), remarks));
            }
            "user.setUserMetadata" => note(&mut said.user_metadata, "user_metadata", entry()?)?,
            "user.setAppMetadata" => note(&mut said.app_metadata, "app_metadata", entry()?)?,
            // Of `cache`, which was served already.
            _ => {}
        }
    }
    Ok(said)
}

/// What somebody is told; why, only the log is.
fn refusal(why: &Value, words: &Value, remarks: &mut Vec<String>) -> String {
    remarks.push(format!("refused: {}", actions::reason(why)));
    match actions::reason(words) {
        words if words.is_empty() => REFUSED.to_owned(),
        words => words,
    }
}

fn of_hook(result: Value, remarks: &mut Vec<String>) -> std::result::Result<Said, Failure> {
    let mut said = Said::default();
    if let Value::Array(denied) = &result["denied"] {
        let part = |n: usize| denied.get(n).unwrap_or(&Value::Null);
        said.refused = Some(refusal(part(0), part(1), remarks));
        return Ok(said);
    }
    for (name, metadata) in
        [("user_metadata", &mut said.user_metadata), ("app_metadata", &mut said.app_metadata)]
    {
        match &result["user"][name] {
            Value::Null => {}
            Value::Object(given) => {
                for (key, value) in given {
                    note(metadata, name, (key, value))?;
                }
            }
            _ => return Err(thrown(&format!("{name} must be an object"))),
        }
    }
    Ok(said)
}

/// Tells the tenant's code that somebody has signed up.
pub fn after(tenant: &Tenant, connection: &RegisteredConnection, user: &User, occasion: &Occasion) {
    tell(tenant, Trigger::PostUserRegistration, connection, user, occasion);
}

/// Tells the tenant's code that somebody has another password.
pub fn password_changed(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    user: &User,
    occasion: &Occasion,
) {
    tell(tenant, Trigger::PostChangePassword, connection, user, occasion);
}

/// Runs what is bound, on nobody's time.
fn tell(
    tenant: &Tenant,
    trigger: Trigger,
    connection: &RegisteredConnection,
    user: &User,
    occasion: &Occasion,
) {
    if !matches!(is_bound(tenant, trigger), Ok(true)) {
        return;
    }
    let (tenant, connection) = (tenant.clone(), Arc::new(connection.clone()));
    let (user, occasion) = (user.clone(), occasion.clone());
    tokio::spawn(async move {
        let mut pass = Pass::begin(&tenant, trigger);
        let scene = Scene { tenant: &tenant, connection: &connection, occasion: &occasion };
        if let Err(error) = run(&scene, trigger, &user, &mut pass).await {
            tracing::error!(tenant = tenant.name(), trigger = trigger.id(), %error, "an action could not be run");
        }
        let event = |kind: LogType, words: String| -> Event {
            database::about(occasion.event(kind, words), &connection, Some(&user))
        };
        pass.end(event);
    });
}

/// One that fails keeps the others from nothing.
async fn run(scene: &Scene<'_>, trigger: Trigger, user: &User, pass: &mut Pass<'_>) -> Result<()> {
    let (snapshot, profile) = (scene.tenant.snapshot().clone(), profile(user));
    if let Some(hook) = snapshot.hook(trigger) {
        let arguments = [scene.hook_user(&profile), scene.hook_context(hook)];
        let piece = Piece { name: &hook.name, script: &hook.script, given: None };
        let _told = pass.run(piece, &arguments, |outcome, _, _| outcome).await?;
    }
    for action in snapshot.bound(trigger) {
        let event = scene.event(profile.clone(), &actions::exposed(&action.secrets));
        let piece = Piece { name: &action.name, script: &action.script, given: Some(&Value::Null) };
        let _told = pass.run(piece, &event, |outcome, _, _| outcome).await?;
    }
    Ok(())
}

/// Whom it is about, and where.
struct Scene<'a> {
    tenant: &'a Tenant,
    connection: &'a RegisteredConnection,
    occasion: &'a Occasion,
}

impl Scene<'_> {
    /// What an action is told.
    fn event(&self, user: Object, secrets: &Value) -> Value {
        let Scene { tenant, connection, occasion } = self;
        let mut event = json!({
            "connection": {
                "id": connection.view.id,
                "name": connection.view.name,
                "strategy": connection.view.strategy,
                "metadata": connection.view.metadata.as_ref().map_or_else(|| json!({}), |notes| json!(notes)),
            },
            "request": {
                "body": without_credentials(&occasion.body),
                "query": without_credentials(&occasion.query),
                "geoip": {},
                "hostname": occasion.host,
                "ip": occasion.ip.to_string(),
                "method": "POST",
                "user_agent": occasion.user_agent,
            },
            "tenant": { "id": tenant.name() },
            "transaction": {},
            "user": user,
            "configuration": {},
            "secrets": secrets,
        });
        if let Some(client) = &occasion.client {
            event["client"] = json!({
                "client_id": client.view.client_id,
                "name": client.view.name,
                "metadata": client.view.client_metadata.as_ref().unwrap_or(&NO_NOTES),
            });
        }
        event
    }

    /// The same as hooks are told of it.
    fn hook_user(&self, profile: &Object) -> Value {
        let mut user = json!({ "tenant": self.tenant.name() });
        for (ours, theirs) in [
            ("user_id", "id"),
            ("email", "email"),
            ("email_verified", "emailVerified"),
            ("username", "username"),
            ("phone_number", "phoneNumber"),
            ("phone_verified", "phoneNumberVerified"),
            ("last_password_reset", "lastPasswordReset"),
            ("user_metadata", "user_metadata"),
            ("app_metadata", "app_metadata"),
        ] {
            if let Some(value) = profile.get(ours) {
                user[theirs] = value.clone();
            }
        }
        user
    }

    fn hook_context(&self, hook: &EnabledHook) -> Value {
        let Scene { tenant, connection, occasion } = self;
        json!({
            "connection": { "id": connection.view.id, "name": connection.view.name, "tenant": tenant.name() },
            "request": { "ip": occasion.ip.to_string(), "hostname": occasion.host, "geoip": {} },
            "webtask": { "secrets": actions::exposed(&hook.secrets) },
        })
    }
}
