//! Another password for whoever has the address: a link goes there, and whoever follows it chooses. Whoever asks for a
//! link is not told who has an account, neither by words nor by time. A link is good once and for a while, and no longer
//! than the address and the password that it was made for.

use std::sync::Arc;

use model::{EmailTemplateName, LogType, Secret, User};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Code, Occasion, Result, Tenant,
    connection::{RegisteredConnection, database},
    message::{self, Message},
    protection,
    snapshot::RegisteredClient,
    tenants::ADMINISTRATORS,
    ticket, user,
    verification::client,
};

/// What else is said about a link.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The mail that the link goes into, whose settings it follows; the usual one if none is said.
    pub kind: Option<EmailTemplateName>,
    /// Where the person goes on to; the template says it if nobody does.
    pub result_url: Option<String>,
    /// For how many seconds it is good; the template says it if nobody does.
    pub ttl: Option<i64>,
    /// Whether the address goes along to where the person goes on to; the template says it if nobody does.
    pub includes_email: Option<bool>,
    /// Through which application it comes about.
    pub client_id: Option<String>,
    pub organization_id: Option<String>,
    /// Whether following the link proves the address.
    pub mark_email_as_verified: bool,
}

/// What a link to another password is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Recovery {
    pub user_id: String,
    /// The address, if the person has one.
    pub email: Option<String>,
    /// The database that the password is in, by name.
    pub connection: String,
    pub client_id: Option<String>,
    pub organization_id: Option<String>,
    /// Where the person goes on to, without what is added then.
    pub result_url: Option<String>,
    pub includes_email: bool,
    pub mark_email_as_verified: bool,
    /// When the password that is to be replaced was chosen.
    replaces: Option<String>,
}

/// A password that was replaced.
#[derive(Debug)]
pub struct Recovered {
    pub user: User,
    pub client_id: Option<String>,
    /// Where the person goes on to, whole.
    pub result_url: Option<String>,
}

/// Writes to whoever has this name, so that they can choose another password. Whether there is anybody is not told; whoever
/// asks too often is refused, and so is whoever asks too often for the same account.
pub async fn request(
    tenant: &Tenant,
    connection: &Arc<RegisteredConnection>,
    identifier: &str,
    occasion: &Occasion,
) -> Result<()> {
    let account = user::canonical(identifier);
    if !protection::may_recover(tenant, &connection.view.name, &account, occasion.ip).await? {
        return Code::TooManyRequests
            .refuse("Too many requests for another password. Try again in half an hour.");
    }
    let is_open = connection
        .database()
        .is_some_and(|options| options.disable_self_service_change_password != Some(true));
    // Whoever administers is given a link by another who does, or by whoever runs the server; a mailbox is not enough.
    if !is_open || tenant.name() == ADMINISTRATORS {
        return Ok(());
    }
    let (tenant, connection, occasion) = (tenant.clone(), connection.clone(), occasion.clone());
    let identifier = identifier.to_owned();
    // On a task of its own, so that the answer comes as soon for nobody as for somebody.
    tokio::spawn(async move {
        if let Err(error) = write_to(&tenant, &connection, &identifier, &occasion).await {
            let error = format!("{error:#}");
            tracing::error!(tenant = tenant.name(), error, "a mail for another password was not written");
        }
    });
    Ok(())
}

async fn write_to(
    tenant: &Tenant,
    connection: &Arc<RegisteredConnection>,
    identifier: &str,
    occasion: &Occasion,
) -> Result<()> {
    let user = database::find(tenant, connection, identifier, occasion).await?;
    let event = |kind: LogType, description: &str, user: Option<&User>| {
        let mut event = database::about(occasion.event(kind, description), connection, user);
        event.rest.insert("details".into(), json!({ "body": { "to": crate::log::cut(identifier) } }));
        event
    };
    let Some(user) = user else {
        tenant.log(event(LogType::Fcpr, "The user does not exist.", None));
        return Ok(());
    };
    let Some(email) = user.email.clone() else {
        tenant.log(event(LogType::Fcpr, "The user has no email address.", Some(&user)));
        return Ok(());
    };
    if !send(tenant, &user, email, &connection.view.name, &occasion.host, occasion.client.as_deref()).await? {
        tenant.log(event(LogType::Fcpr, "The user was sent too many links.", Some(&user)));
        return Ok(());
    }
    tenant.log(event(LogType::Scpr, LogType::Scpr.description(), Some(&user)));
    Ok(())
}

/// Writes somebody a mail with a link; `false` if they were sent too many lately.
pub async fn send(
    tenant: &Tenant,
    user: &User,
    email: String,
    connection: &str,
    host: &str,
    client: Option<&RegisteredClient>,
) -> Result<bool> {
    if !may_be_written_to(tenant, user).await? {
        return Ok(false);
    }
    let options = Options {
        client_id: client.map(|client| client.view.client_id.clone()),
        // Whoever follows the link has read the mail.
        mark_email_as_verified: true,
        ..Options::default()
    };
    let code = ticket(tenant, user, options).await?;
    let mut message = Message::new(EmailTemplateName::ResetEmail, email).about(user);
    message = message.with("url", link(tenant, host, &code));
    message.client = client;
    message.connection = Some(connection);
    message::send(tenant, message).await?;
    Ok(true)
}

/// Whether somebody was not sent too many links lately: no stranger fills a mailbox.
async fn may_be_written_to(tenant: &Tenant, user: &User) -> Result<bool> {
    let until = tenant.clock().now() + 3600;
    for place in 0..MOST_AN_HOUR {
        if tenant.use_once("recovery-mail", &format!("{}\n{place}", user.user_id), until).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Makes a link's code for somebody with a password.
pub async fn ticket(tenant: &Tenant, user: &User, options: Options) -> Result<String> {
    let Some((connection, _)) = database::database_of(tenant, user) else {
        return Code::InvalidRequest
            .refuse("The user does not have a password: its connection is no database.");
    };
    let kind = options.kind.unwrap_or(EmailTemplateName::ResetEmail);
    let client = client(tenant, options.client_id.as_deref());
    let (result_url, includes_email) = message::result_url(tenant, kind, client.as_deref()).await?;
    let lifetime = match options.ttl.filter(|ttl| *ttl > 0) {
        Some(ttl) => ttl,
        None => message::lifetime(tenant, kind).await?,
    };
    let recovery = Recovery {
        user_id: user.user_id.clone(),
        email: user.email.clone(),
        connection: connection.view.name.clone(),
        client_id: options.client_id,
        organization_id: options.organization_id,
        result_url: options.result_url.or(result_url),
        includes_email: options.includes_email.unwrap_or(includes_email),
        mark_email_as_verified: options.mark_email_as_verified,
        replaces: user.last_password_reset.clone(),
    };
    ticket::issue(tenant, KIND, &recovery, lifetime).await
}

/// Where a code leads, at one of the tenant's hosts.
pub fn link(tenant: &Tenant, host: &str, code: &str) -> String {
    format!("{}u/reset-verify?ticket={code}#", tenant.pages(host))
}

/// What a code is for, if it is good still.
pub async fn read(tenant: &Tenant, code: &str) -> Result<Option<Recovery>> {
    let Some(recovery) = ticket::read::<Recovery>(tenant, KIND, code).await? else { return Ok(None) };
    Ok(person(tenant, &recovery).await?.map(|_| recovery))
}

/// Gives the person whom a code is for another password, and ends whatever they are logged in with. A password that is not
/// good enough leaves the code good.
pub async fn change(tenant: &Tenant, code: &str, password: Secret, occasion: &Occasion) -> Result<Recovered> {
    let spent = || {
        tenant.log(occasion.event(LogType::Fcp, SPENT));
        Code::InvalidRequest.refuse(SPENT)
    };
    let Some(recovery) = ticket::read::<Recovery>(tenant, KIND, code).await? else { return spent() };
    let Some(user) = person(tenant, &recovery).await? else { return spent() };
    // Of two who follow the same link at once, one goes on.
    let Some(kept) = ticket::take_to_put_back(tenant, KIND, code).await? else { return spent() };
    if let Err(error) = database::set_password(tenant, &user, password, occasion).await {
        ticket::put_back(tenant, KIND, kept, &recovery).await?;
        return Err(error);
    }
    let mark = recovery.mark_email_as_verified;
    let user = user::change(tenant, &user.user_id, |body| {
        if mark && body.get("email").is_some() {
            body.insert("email_verified".into(), json!(true));
        }
        Ok(())
    });
    let Some(user) = user.await? else { return Code::InvalidRequest.refuse(SPENT) };
    let result_url = recovery.result_url.as_deref().and_then(|url| {
        let email = recovery.email.as_deref().filter(|_| recovery.includes_email);
        message::result_of(url, email, true, CHANGED)
    });
    Ok(Recovered { user, client_id: recovery.client_id, result_url })
}

/// The person whom a link was made for, if they still have the address and the password that they had then.
async fn person(tenant: &Tenant, recovery: &Recovery) -> Result<Option<User>> {
    let user = user::by_id(tenant, &recovery.user_id).await?;
    Ok(user.filter(|user| user.email == recovery.email && user.last_password_reset == recovery.replaces))
}

const SPENT: &str = "This link was used already, has expired, or was never made.";
const CHANGED: &str = "You can now login to the application with the new password.";
const KIND: &str = "password-change";
/// How many links somebody is sent in an hour.
const MOST_AN_HOUR: usize = 10;
