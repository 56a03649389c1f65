//! Whether proofs of possession for an API must hold a nonce of ours (RFC 9449 §8). Auth0 asks confidential clients for
//! none and has no setting for it.

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
    let api =
        ResourceServer::view(&existing::<ResourceServer>(&call).await?.body).map_err(idp::Error::from)?;
    Ok(Answer::ok(json!({ "required": api.dpop_nonce == Some(true) })))
}

async fn set(call: Call) -> Result<Answer> {
    body::only(&call.body, &["required"])?;
    let Some(Value::Bool(required)) = call.body.get("required") else {
        return Err(Error::body("Payload validation error: 'Expected type boolean' on property required."));
    };
    let document = existing::<ResourceServer>(&call).await?;
    let mut changed = document.body.clone();
    changed.insert("dpop_nonce".into(), json!(required));
    collection::replace::<ResourceServer>(&call.tenant, &document, changed.clone()).await?;
    let about = About::put::<ResourceServer>(&document.id, &document.body, &changed);
    Ok(Answer::ok(json!({ "required": required })).about(about))
}
