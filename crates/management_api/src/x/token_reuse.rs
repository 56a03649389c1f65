//! Whether an API's tokens are handed out again while enough of their life is left, to clients that ask for each call
//! anew.

use http::Method;
use model::ResourceServer;
use schema::Resource as _;
use serde_json::{Value, json};

use super::body;
use crate::{
    Answer, Call, Error, Operation,
    about::About,
    collection::{self, existing},
    error::Result,
    operation::run,
};

const PATH: &str = "/resource-servers/{id}/token-reuse";

pub fn operations() -> Vec<Operation> {
    let (read, update) = (&["read:resource_servers"], &["update:resource_servers"]);
    vec![
        Operation::ours(Method::GET, PATH, "Get the reuse of tokens", read, run!(get)),
        Operation::ours(Method::PUT, PATH, "Set the reuse of tokens", update, run!(set)),
    ]
}

async fn get(call: Call) -> Result<Answer> {
    let api =
        ResourceServer::view(&existing::<ResourceServer>(&call).await?.body).map_err(idp::Error::from)?;
    Ok(Answer::ok(shown(api.token_reuse)))
}

async fn set(call: Call) -> Result<Answer> {
    body::only(&call.body, &["enabled", "minimum_remaining_percent"])?;
    let Some(Value::Bool(enabled)) = call.body.get("enabled") else {
        return Err(fail("'Expected type boolean' on property enabled"));
    };
    let percent = match call.body.get("minimum_remaining_percent") {
        None | Some(Value::Null) => USUAL,
        Some(value) => match value.as_i64().filter(|percent| (1..=99).contains(percent)) {
            Some(percent) => percent,
            None => {
                let reason = "'Expected a whole number from 1 to 99' on property minimum_remaining_percent";
                return Err(fail(reason));
            }
        },
    };
    let reuse = enabled.then_some(percent);
    let document = existing::<ResourceServer>(&call).await?;
    let mut changed = document.body.clone();
    changed.insert("token_reuse".into(), json!(reuse));
    collection::replace::<ResourceServer>(&call.tenant, &document, changed.clone()).await?;
    let about = About::put::<ResourceServer>(&document.id, &document.body, &changed);
    Ok(Answer::ok(shown(reuse)).about(about))
}

fn shown(reuse: Option<i64>) -> Value {
    json!({ "enabled": reuse.is_some(), "minimum_remaining_percent": reuse.unwrap_or(USUAL) })
}

fn fail(reason: &str) -> Error {
    Error::body(format!("Payload validation error: {reason}."))
}

/// What must be left, in percent, where nobody says.
const USUAL: i64 = 50;
