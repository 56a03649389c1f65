//! A login that was proved elsewhere on this server, by a script of the application: what it was given leads to a session
//! when the same browser brings it to `/authorize`.

use model::{LogType, User};
use serde::{Deserialize, Serialize};
use store::Session;

use super::event;
use crate::{
    Code, Result, Tenant,
    authorize::{self, Asked},
    bearer,
    pipeline::Method,
    session::{self, Cookie, Proof},
    ticket, user,
    visitor::Visitor,
};

/// Somebody who has proved who they are.
#[derive(Debug, Serialize, Deserialize)]
struct Handed {
    user_id: String,
    connection: String,
    client_id: String,
    /// The hash of what the device cookie of the browser holds.
    device: String,
    /// Seconds since 1970.
    issued: i64,
}

/// A ticket with which this browser is logged in as somebody at `/authorize`, and what its device cookie is to hold.
pub async fn ticket_for(
    tenant: &Tenant,
    user: &User,
    connection: &str,
    client_id: &str,
    visitor: &Visitor,
) -> Result<(String, String)> {
    let device = visitor.devices.iter().find(|device| authorize::is_verifier(device)).cloned();
    let device = device.unwrap_or_else(bearer::make);
    let handed = Handed {
        user_id: user.user_id.clone(),
        connection: connection.to_owned(),
        client_id: client_id.to_owned(),
        device: bearer::hash(&device),
        issued: tenant.clock().now(),
    };
    Ok((ticket::issue(tenant, KIND, &handed, LIFETIME).await?, device))
}

/// The session that the ticket in a request gives, if there is a ticket in it.
pub async fn by_ticket(
    tenant: &Tenant,
    asked: &Asked,
    visitor: &Visitor,
) -> Result<Option<(Session, User, Cookie)>> {
    let Some(code) = asked.login_ticket.as_deref().filter(|code| !code.is_empty()) else { return Ok(None) };
    // It logs in only the browser that proved it: nobody can be logged in as somebody else by a link.
    let is_theirs = |handed: &Handed| {
        visitor.devices.iter().any(|device| bearer::hash(device) == handed.device)
            && asked.client_id.as_deref() == Some(&handed.client_id)
    };
    let Some(handed) = ticket::take::<Handed>(tenant, KIND, code).await?.filter(is_theirs) else {
        return Code::AccessDenied.refuse("Unknown or invalid login ticket.");
    };
    let user = user::by_id(tenant, &handed.user_id).await?;
    let Some(user) = user.filter(|user| !user.blocked) else {
        return Code::AccessDenied.refuse("user is blocked");
    };
    if user::is_before_reset(&user, handed.issued) {
        return Code::AccessDenied.refuse("Unknown or invalid login ticket.");
    }
    let methods = vec![Method::now(tenant, "pwd")];
    let proof = Proof { user_id: &user.user_id, connection: &handed.connection, methods };
    let (session, cookie) = session::begin(tenant, visitor, proof).await?;
    let noted = user::logged_in(tenant, &user.user_id, &visitor.ip.to_string()).await?;
    let user = noted.unwrap_or(user);
    tenant.log(event::of(LogType::S, asked, &user, visitor));
    Ok(Some((session, user, cookie)))
}

const KIND: &str = "login_ticket";
/// Seconds.
const LIFETIME: i64 = 120;
