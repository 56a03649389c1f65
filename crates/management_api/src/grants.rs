//! What people have consented to, and its withdrawal.

use http::{Method, StatusCode};
use idp::consent::{self, Withdrawn};
use serde_json::json;
use store::ConsentsOf;

use crate::{Answer, Call, Error, Operation, error::Result, operation::run, page::Pages};

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::new(Method::GET, "/grants", "Get grants", &["read:grants"], run!(list))
            .reading(Pages::QUERY)
            .reading(&["user_id", "client_id", "audience"]),
        Operation::new(
            Method::DELETE,
            "/grants",
            "Delete a grant by user_id",
            &["delete:grants"],
            run!(withdraw_all),
        )
        .reading(&["user_id"]),
        Operation::new(
            Method::DELETE,
            "/grants/{id}",
            "Delete a grant by id",
            &["delete:grants"],
            run!(withdraw),
        ),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let pages = Pages::of(&call)?;
    let asked = |name: &str| call.query(name).filter(|value| !value.is_empty()).map(str::to_owned);
    let of =
        ConsentsOf { user_id: asked("user_id"), client_id: asked("client_id"), audience: asked("audience") };
    let (consents, tenant) = (call.tenant.store().consents(), call.tenant.name());
    let page = consents.page(tenant, &of, pages.start, pages.limit).await?;
    let shown = page.into_iter().map(|one| {
        json!({
            "id": one.id, "clientID": one.client_id, "user_id": one.user_id, "audience": one.audience,
            "scope": consent::scopes(&one.scope),
        })
    });
    Ok(pages.answer("grants", shown.collect(), consents.count(tenant, &of).await?))
}

/// Refuses without somebody: nobody means everybody.
async fn withdraw_all(call: Call) -> Result<Answer> {
    let Some(user_id) = call.query("user_id").filter(|user_id| !user_id.is_empty()) else {
        let message = "Query validation error: 'Missing required property: user_id'.";
        return Err(Error::new(StatusCode::BAD_REQUEST, message, Some("invalid_query_string")));
    };
    consent::withdraw(&call.tenant, Withdrawn::AllOf(user_id)).await?;
    Ok(Answer::no_content())
}

/// Gone is gone: withdrawing what is not there succeeds too.
async fn withdraw(call: Call) -> Result<Answer> {
    consent::withdraw(&call.tenant, Withdrawn::One(call.parameter("id"))).await?;
    Ok(Answer::no_content())
}
