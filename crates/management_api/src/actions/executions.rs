//! What became of the actions of one event, as far as it is remembered.

use http::Method;

use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    vec![Operation::new(
        Method::GET,
        "/actions/executions/{id}",
        "Get an execution",
        &["read:actions"],
        run!(read),
    )]
}

async fn read(call: Call) -> Result<Answer> {
    let found = idp::actions::execution(&call.tenant, call.parameter("id"));
    let missing = || Error::not_found("That execution does not exist.", None);
    found.map(Answer::ok).ok_or_else(missing)
}
