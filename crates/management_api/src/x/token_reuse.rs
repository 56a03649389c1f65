//! Whether an API's tokens are handed out again while enough of their life is left, to clients that ask for each call
//! anew.

use http::Method;
use serde_json::{Value, json};

use super::{api, body};
use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

const PATH: &str = "/resource-servers/{id}/token-reuse";

pub fn operations() -> Vec<Operation> {
    let (read, update) = (&["read:resource_servers"], &["update:resource_servers"]);
    vec![
        Operation::ours(Method::GET, PATH, "Get the reuse of tokens", read, run!(get)),
        Operation::ours(Method::PUT, PATH, "Set the reuse of tokens", update, run!(set)),
    ]
}

async fn get(call: Call) -> Result<Answer> {
    let api = api::named(&call).await?;
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
    let about = api::set(&call, "token_reuse", json!(reuse)).await?;
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
