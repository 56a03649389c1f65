//! Who is asking, and what they may do.

use http::Method;
use serde_json::json;

use crate::{Answer, Call, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    // Everybody may know who they are.
    vec![Operation::ours(Method::GET, "/me", "Read oneself", &[], run!(read))]
}

async fn read(call: Call) -> Result<Answer> {
    let claim = |name: &str| call.token.claims.get(name).cloned();
    let administrator = call.token.administrator.as_ref();
    Ok(Answer::ok(json!({
        "user_id": administrator.map(|person| &person.user_id),
        "name": call.actor().name,
        "email": call.token.email,
        "client_id": call.token.client_id,
        "roles": administrator.map(|person| &person.roles),
        "scopes": call.token.scopes,
        "auth_time": claim("auth_time"),
    })))
}
