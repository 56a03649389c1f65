//! A mail with a link to another password, for somebody whom an administrator means; people ask for one themselves where
//! they log in. Those who administer are given a link by another who does (`administrators`).

use http::{Method, StatusCode};
use idp::{connection::database, recovery, tenants::ADMINISTRATORS};

use crate::{Answer, Call, Error, Operation, error::Result, operation::run, tickets::person};

pub fn operations() -> Vec<Operation> {
    let (path, scope) = ("/users/{id}/password-email", &["create:user_tickets"]);
    vec![Operation::ours(Method::POST, path, "Send a password reset email", scope, run!(send))]
}

async fn send(call: Call) -> Result<Answer> {
    let tenant = &call.tenant;
    let user = person(tenant, call.parameter("id")).await?;
    if tenant.name() == ADMINISTRATORS {
        return Err(Error::operation("Whoever administers is given a link, and no mail."));
    }
    let Some(email) = user.email.clone() else {
        return Err(Error::operation("The user does not have an email address."));
    };
    let Some((connection, _)) = database::database_of(tenant, &user) else {
        return Err(Error::operation("The user does not have a password: its connection is no database."));
    };
    match recovery::send(tenant, &user, email, &connection.view.name, &call.origin.host, None).await? {
        true => Ok(Answer { status: StatusCode::ACCEPTED, ..Answer::empty() }),
        false => Err(Error::new(
            StatusCode::TOO_MANY_REQUESTS,
            "The user was sent too many links within the hour.",
            Some("too_many_requests"),
        )),
    }
}
