//! A draft tried out with an event that somebody made up. It changes nothing and reaches no token.

use http::Method;
use idp::snapshot::actions::{Trigger, by_name};
use model::Action;
use schema::{Resource, Shaped};
use serde::Deserialize;
use serde_json::{Value, json};

use super::parts::declared;
use crate::{Answer, Call, Error, Operation, collection::existing, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let path = "/actions/actions/{id}/test";
    vec![
        Operation::new(Method::POST, path, "Test an action", &["create:actions"], run!(test))
            .changing_nothing(),
    ]
}

#[derive(Deserialize, Shaped)]
struct Wanted {
    /// What the code is given.
    payload: Payload,
}

#[derive(Deserialize, Shaped)]
struct Payload {
    /// The event, as the code sees it.
    event: Value,
}

/// Recorded: what went wrong and how long it took stand in `payload`. Calls and the console beside them are ours.
async fn test(mut call: Call) -> Result<Answer> {
    let Wanted { payload: Payload { event } } = declared(call.take_body())?;
    let action = Action::view(&existing::<Action>(&call).await?.body)?;
    let Some(trigger) = Trigger::run(action.trigger()) else {
        let message = format!("Actions of the trigger {} are stored here and not run.", action.trigger());
        return Err(Error::operation(message));
    };
    let (script, secrets) = (trigger.script(action.code), by_name(action.secrets));
    let tried = idp::actions::try_action(&call.tenant, &script, &secrets, event).await?;
    let calls: Vec<Value> =
        tried.calls.iter().map(|call| json!({ "name": call.name, "arguments": call.arguments })).collect();
    let mut payload = tried.payload.as_object().cloned().unwrap_or_default();
    payload.insert("stats".into(), tried.stats);
    payload.insert("logs".into(), json!(tried.logs));
    payload.insert("calls".into(), json!(calls));
    Ok(Answer::ok(json!({ "payload": payload })))
}
