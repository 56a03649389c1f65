//! A draft tried out with an event that somebody made up. It changes nothing and reaches no token.

use http::Method;
use model::Action;
use schema::Shaped;
use serde::Deserialize;
use serde_json::Value;

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

async fn test(mut call: Call) -> Result<Answer> {
    let Wanted { payload: Payload { event: _event } } = declared(call.take_body())?;
    let _action = existing::<Action>(&call).await?;
    Err(Error::operation("Actions are not run here yet."))
}
