//! What became of the actions of one event, as far as the tenant's log tells.

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

async fn read(_call: Call) -> Result<Answer> {
    Err(Error::not_found("That execution does not exist.", None))
}
