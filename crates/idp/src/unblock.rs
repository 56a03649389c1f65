//! The way back for whoever was closed out of their own account by too many wrong passwords: a link by mail, good once.
//! It opens the account to the address that it was closed to, and nothing else.

use std::net::IpAddr;

use model::{EmailTemplateName, LogType, User};
use serde::{Deserialize, Serialize};

use crate::{
    Occasion, RegisteredConnection, Result, Tenant,
    message::{self, Message},
    protection::{self, closed_subject},
    ticket, user,
    visitor::Visitor,
};

/// What a link opens.
#[derive(Debug, Serialize, Deserialize)]
pub struct Unblock {
    pub user_id: String,
    /// What failures are counted under.
    subject: String,
}

/// The code of a link that opens somebody's account to an address; `account` is what failures are counted against.
pub async fn ticket(tenant: &Tenant, user: &User, account: &str, ip: IpAddr) -> Result<String> {
    let subject = closed_subject(tenant, account, ip);
    ticket::issue(tenant, KIND, &Unblock { user_id: user.user_id.clone(), subject }, LIFETIME).await
}

/// Tells somebody by mail that an address is no longer listened to, with the link that opens: at most once an hour for
/// each address. Nobody waits for it, so that the time tells no stranger whether there is such an account.
pub fn tell(
    tenant: &Tenant,
    user: User,
    account: String,
    connection: &RegisteredConnection,
    occasion: &Occasion,
) {
    let Some(email) = user.email.clone() else { return };
    if !tenant.snapshot().limits.tells_person() {
        return;
    }
    let (tenant, connection, occasion) = (tenant.clone(), connection.view.name.clone(), occasion.clone());
    tokio::spawn(async move {
        let told = async {
            if !protection::is_first(&tenant, &closed_subject(&tenant, &account, occasion.ip)).await? {
                return Ok(());
            }
            let code = ticket(&tenant, &user, &account, occasion.ip).await?;
            let url = format!("{}u/unblock?ticket={code}#", tenant.pages(&occasion.host));
            let message = Message {
                client: occasion.client.as_deref(),
                connection: Some(&connection),
                ..Message::new(EmailTemplateName::BlockedAccount, email).about(&user)
            };
            let message = message.with("url", url).with("source_ip", occasion.ip.to_string());
            message::send(&tenant, message).await
        };
        if let Err(error) = told.await {
            tracing::error!(
                tenant = tenant.name(),
                error = format!("{error:#}"),
                "nobody was told of a block"
            );
        }
    });
}

/// Whether a code is still good; reading it uses nothing up, so that a mail program may look at the page.
pub async fn is_good(tenant: &Tenant, code: &str) -> Result<bool> {
    Ok(ticket::read::<Unblock>(tenant, KIND, code).await?.is_some())
}

/// Opens what the link opens; tells whether it was still good.
pub async fn open(tenant: &Tenant, code: &str, visitor: &Visitor) -> Result<bool> {
    let Some(unblock) = ticket::take::<Unblock>(tenant, KIND, code).await? else { return Ok(false) };
    protection::forget(tenant, &unblock.subject).await?;
    let event = visitor.event(LogType::Ublkdu, LogType::Ublkdu.description());
    tenant.log(match user::by_id(tenant, &unblock.user_id).await? {
        Some(user) => user::about(event, &user),
        None => event,
    });
    Ok(true)
}

const KIND: &str = "unblock";
/// Seconds that a link is good.
const LIFETIME: i64 = 5 * 24 * 3_600;
