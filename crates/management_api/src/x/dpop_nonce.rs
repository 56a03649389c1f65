//! Whether proofs of possession for an API must hold a nonce of ours (RFC 9449 §8). Auth0 asks confidential clients for
//! none and has no setting for it.

use http::Method;
use serde_json::{Value, json};

use super::{api, body};
use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

const PATH: &str = "/resource-servers/{id}/dpop-nonce";

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::ours(Method::GET, PATH, "Get the DPoP nonce rule", &["read:resource_servers"], run!(get)),
        Operation::ours(
            Method::PUT,
            PATH,
            "Set the DPoP nonce rule",
            &["update:resource_servers"],
            run!(set),
        ),
    ]
}

async fn get(call: Call) -> Result<Answer> {
    let api = api::named(&call).await?;
    Ok(Answer::ok(json!({ "required": api.dpop_nonce == Some(true) })))
}

async fn set(call: Call) -> Result<Answer> {
    body::only(&call.body, &["required"])?;
    let Some(Value::Bool(required)) = call.body.get("required") else {
        return Err(Error::body("Payload validation error: 'Expected type boolean' on property required."));
    };
    let about = api::set(&call, "dpop_nonce", json!(required)).await?;
    Ok(Answer::ok(json!({ "required": required })).about(about))
}
