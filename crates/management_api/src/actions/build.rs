//! The build of a draft: whether its code can be loaded. It is done when the draft is written, and where Auth0 answers that
//! it is still to come we say the same, though it is over.

use idp::{
    Document, Tenant,
    actions::{Failure, Script},
    snapshot::actions::Trigger,
};
use model::Action;
use schema::{Object, Resource};
use serde_json::json;

use super::{bindings, triggers};
use crate::{Error, clients::text, error::Result};

/// What is wrong with the code of a draft that would run. Recorded: Auth0 builds and deploys for `post-login` what no engine
/// could load, so that of people's triggers is found out when it is bound, and from then on; and the code of triggers that
/// are not run is stored as it is.
pub async fn check(tenant: &Tenant, draft: &Object) -> Result<()> {
    let Some(trigger) = Trigger::run(triggers::id_in(draft)) else { return Ok(()) };
    let id = text(draft, "id").unwrap_or_default();
    if trigger != Trigger::CredentialsExchange && !bindings::binds(tenant, trigger.id(), id).await? {
        return Ok(());
    }
    check_script(tenant, &trigger.script(text(draft, "code").unwrap_or_default())).await
}

/// What is wrong with the code of an action as it is deployed: it may have been so when its trigger was not yet run.
pub async fn check_deployed(tenant: &Tenant, action: &Document) -> Result<()> {
    let deployed = Action::view(&action.body)?.deployed_version;
    let trigger = deployed.as_ref().and_then(|version| version.supported_triggers.first());
    let Some(trigger) = trigger.and_then(|trigger| Trigger::run(&trigger.id)) else { return Ok(()) };
    check_script(tenant, &trigger.script(deployed.map(|version| version.code).unwrap_or_default())).await
}

/// What is wrong with a script that is about to be run for requests.
pub async fn check_script(tenant: &Tenant, script: &Script) -> Result<()> {
    match idp::actions::check(tenant, script).await {
        // Where nothing can be loaded just now, it will be found out when it is run.
        Ok(()) | Err(Failure::Unavailable | Failure::Busy | Failure::Ended) => Ok(()),
        Err(failure) => Err(refused(&failure)),
    }
}

fn refused(failure: &Failure) -> Error {
    let (name, message) = (failure.name(), failure.message());
    let place = match failure {
        Failure::Threw(thrown) => thrown.stack.lines().next().map(str::trim).unwrap_or_default(),
        Failure::Processor
        | Failure::Memory
        | Failure::Time
        | Failure::Stalled
        | Failure::Ended
        | Failure::Busy
        | Failure::Unavailable => "",
    };
    let place = if place.is_empty() { String::new() } else { format!(" ({place})") };
    let words: String = format!("The code cannot be loaded: {name}: {message}{place}");
    Error::new(
        http::StatusCode::BAD_REQUEST,
        words.chars().take(600).collect::<String>(),
        Some("invalid_code"),
    )
}

/// The status of a build.
pub fn status(build: &Result<()>) -> &'static str {
    if build.is_ok() { "built" } else { "failed" }
}

/// Recorded: whoever has just written a draft is told that its build is to come.
pub fn show_pending(action: &mut Object) {
    action.insert("status".into(), json!("pending"));
}
