//! What hangs on a person and is not kept yet, said as it is: nobody is a member of an organization, and nobody has a
//! second factor.

use http::Method;
use serde_json::json;

use crate::{Answer, Call, Operation, error::Result, operation::run, page::Pages, roles::user_named};

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new(
            Method::GET,
            "/users/{id}/organizations",
            "List user's organizations",
            &["read:organizations"],
            run!(organizations),
        )
        .reading(Pages::QUERY),
        Operation::new(
            Method::GET,
            "/users/{id}/authentication-methods",
            "Get a list of authentication methods",
            &["read:authentication_methods"],
            run!(authentication_methods),
        )
        .reading(Pages::QUERY),
        Operation::new(
            Method::GET,
            "/users/{id}/enrollments",
            "Get the first confirmed multi-factor authentication enrollment",
            &["read:users"],
            run!(enrollments),
        ),
    ]
}

async fn organizations(call: Call) -> Result<Answer> {
    none(&call, "organizations").await
}

async fn authentication_methods(call: Call) -> Result<Answer> {
    none(&call, "authenticators").await
}

async fn none(call: &Call, name: &str) -> Result<Answer> {
    user_named(&call.tenant, call.parameter("id")).await?;
    Ok(Pages::of(call)?.answer(name, Vec::new(), 0))
}

async fn enrollments(call: Call) -> Result<Answer> {
    user_named(&call.tenant, call.parameter("id")).await?;
    Ok(Answer::ok(json!([])))
}
