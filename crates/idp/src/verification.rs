//! Proving an address: a link goes to it, and whoever follows the link has it. A link is good once, for a while, and only
//! as long as the address is still the person's.

use std::sync::Arc;

use model::{EmailTemplateName, LogType, User};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Occasion, Result, Tenant,
    connection::database,
    log::Event,
    message::{self, Message},
    snapshot::RegisteredClient,
    ticket, user,
};

/// What else is said about a link.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Options {
    /// Where the person goes on to; the template says it if nobody does.
    pub result_url: Option<String>,
    /// For how many seconds it is good; the template says it if nobody does.
    pub ttl: Option<i64>,
    /// Whether the address goes along to where the person goes on to; the template says it if nobody does.
    pub includes_email: Option<bool>,
    /// Through which application it comes about.
    pub client_id: Option<String>,
    pub organization_id: Option<String>,
}

/// What a link to prove an address is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Verification {
    pub user_id: String,
    pub email: String,
    pub client_id: Option<String>,
    /// Where the person goes on to, without what is added then.
    pub result_url: Option<String>,
    pub includes_email: bool,
}

/// An address that was proved.
#[derive(Debug)]
pub struct Confirmed {
    pub user: User,
    pub email: String,
    pub client_id: Option<String>,
    /// Where the person goes on to, whole.
    pub result_url: Option<String>,
}

/// Makes a link's code for somebody's address; nothing if they have none.
pub async fn ticket(tenant: &Tenant, user: &User, options: Options) -> Result<Option<String>> {
    let Some(email) = user.email.clone() else { return Ok(None) };
    let kind = EmailTemplateName::VerifyEmail;
    let client = client(tenant, options.client_id.as_deref());
    let (result_url, includes_email) = message::result_url(tenant, kind, client.as_deref()).await?;
    let lifetime = match options.ttl.filter(|ttl| *ttl > 0) {
        Some(ttl) => ttl,
        None => message::lifetime(tenant, kind).await?,
    };
    let verification = Verification {
        user_id: user.user_id.clone(),
        email,
        client_id: options.client_id,
        result_url: options.result_url.or(result_url),
        includes_email: options.includes_email.unwrap_or(includes_email),
    };
    ticket::issue(tenant, KIND, &verification, lifetime).await.map(Some)
}

/// Where a code leads, at one of the tenant's hosts.
pub fn link(tenant: &Tenant, host: &str, code: &str) -> String {
    format!("{}u/email-verification?ticket={code}#", tenant.pages(host))
}

/// Writes to somebody to prove their address, unless they have none or it is proved already.
pub async fn send(tenant: &Tenant, user: &User, client: Option<&RegisteredClient>) -> Result<()> {
    let options =
        Options { client_id: client.map(|client| client.view.client_id.clone()), ..Options::default() };
    let (Some(email), false) = (user.email.clone(), user.email_verified) else { return Ok(()) };
    let Some(code) = ticket(tenant, user, options).await? else { return Ok(()) };
    let mut message = Message::new(EmailTemplateName::VerifyEmail, email.clone()).about(user);
    message = message.with("url", link(tenant, tenant.domain(), &code));
    message.client = client;
    message.connection = user.connection();
    message::send(tenant, message).await?;
    let mut event = user::about(Event::new(LogType::Svr, LogType::Svr.description()), user);
    event.client_id = client.map(|client| client.view.client_id.clone());
    event.client_name = client.map(|client| client.view.name.clone());
    event.rest.insert("details".into(), details(user, &email));
    tenant.log(event);
    Ok(())
}

/// What a code is for, if it is good still.
pub async fn read(tenant: &Tenant, code: &str) -> Result<Option<Verification>> {
    ticket::read(tenant, KIND, code).await
}

/// Proves the address that a code was sent to; nothing if the code is not good, or the address is not the person's any more.
pub async fn confirm(tenant: &Tenant, code: &str, occasion: &Occasion) -> Result<Option<Confirmed>> {
    let failed = |why: &str| tenant.log(occasion.event(LogType::Fv, why));
    let Some(verification) = ticket::take::<Verification>(tenant, KIND, code).await? else {
        failed("This URL can be used only once");
        return Ok(None);
    };
    let Verification { user_id, email, client_id, result_url, includes_email } = verification;
    let (mut is_theirs, mut was_proved) = (false, false);
    let user = user::change(tenant, &user_id, |body| {
        is_theirs = body.get("email").and_then(|email| email.as_str()) == Some(email.as_str());
        was_proved = body.get("email_verified") == Some(&json!(true));
        if is_theirs {
            body.insert("email_verified".into(), json!(true));
        }
        Ok(())
    });
    let Some(user) = user.await?.filter(|_| is_theirs) else {
        failed("The address is not the user's any more");
        return Ok(None);
    };
    database::verified_elsewhere(tenant, &user).await?;
    tenant.log(user::about(occasion.event(LogType::Sv, VERIFIED), &user));
    if !was_proved {
        greet(tenant, &user, &email, client_id.as_deref()).await;
    }
    let result_url = result_url.and_then(|url| {
        let email = includes_email.then_some(email.as_str());
        message::result_of(&url, email, true, VERIFIED)
    });
    Ok(Some(Confirmed { user, email, client_id, result_url }))
}

/// Greets somebody whose address is proved, if the tenant greets. The proof holds, whatever becomes of that.
async fn greet(tenant: &Tenant, user: &User, email: &str, client_id: Option<&str>) {
    let client = client(tenant, client_id);
    let mut message = Message::new(EmailTemplateName::WelcomeEmail, email).about(user);
    message.client = client.as_deref();
    message.connection = user.connection();
    if let Err(error) = message::send(tenant, message).await {
        tracing::warn!(tenant = tenant.name(), ?error, "nobody was greeted");
    }
}

/// The application with this identifier.
pub(crate) fn client(tenant: &Tenant, client_id: Option<&str>) -> Option<Arc<RegisteredClient>> {
    tenant.snapshot().client(client_id?).cloned()
}

/// What Auth0 tells of a mail that is asked for.
pub(crate) fn details(user: &User, to: &str) -> serde_json::Value {
    json!({ "body": {
        "template": { "type": EmailTemplateName::VerifyEmail.name() },
        "connection": user.connection(), "user_id": user.user_id, "to": to,
    } })
}

const VERIFIED: &str = "Your email was verified. You can continue using the application.";
const KIND: &str = "email-verification";
