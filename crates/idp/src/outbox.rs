//! The outbox: mails lie in it until a mail server or a mail service has them. What a mail says is sealed there. Whoever
//! sends one has it in hand for a while, so that of many nodes one does; a mail that cannot be sent is tried again, later
//! and later, and given up in the end. Where no provider is configured mails are only kept, to be looked at.

mod services;

use std::time::Duration;

use model::{EmailProvider, EmailProviderName, EmailTemplateName, LogType};
use outbound::{Outbound, Smtp};
use schema::Resource;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{Mail, MailState};

use crate::{
    Carrier, Change, Error, InHand, Result, Tenant, Tenants, id, in_hand::carry, log::Event,
    provision::SETTINGS,
};

/// A mail as it will be read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Letter {
    /// What kind it is; none of those that templates word, if there is none.
    pub template: Option<EmailTemplateName>,
    pub to: String,
    pub from: String,
    pub subject: String,
    pub html: String,
    pub text: String,
    /// The link that it brings.
    pub link: Option<String>,
    /// The code that it brings.
    pub code: Option<String>,
    pub user_id: Option<String>,
    pub client_id: Option<String>,
    pub connection: Option<String>,
}

/// A letter in the outbox.
#[derive(Debug)]
pub struct Listed {
    pub mail: Mail,
    pub letter: Letter,
}

/// Who delivers the tenant's mails, if anybody was said to.
pub async fn provider(tenant: &Tenant) -> Result<Option<EmailProvider>> {
    let stored = tenant.read(&EmailProvider::NOUN, SETTINGS).await?;
    Ok(stored.map(|document| EmailProvider::view(&document.body)).transpose()?)
}

/// Whether this names somebody whom mails can be from: `Shop <shop@example.com>`.
pub fn check_mailbox(text: &str) -> std::result::Result<(), String> {
    outbound::check_mailbox(text)
}

/// Lays a letter into the outbox.
pub async fn post(tenant: &Tenant, provider: Option<&EmailProvider>, letter: &Letter) -> Result<()> {
    let (id, now) = (id::mail(), tenant.clock().now());
    let state = match provider {
        Some(provider) if provider.enabled => MailState::Waiting,
        _ => MailState::Kept,
    };
    let body = tenant.seal(&place(&id), &serde_json::to_string(letter)?)?;
    let tenant_name = tenant.name().to_owned();
    let mail = Mail {
        tenant: tenant_name,
        id,
        state,
        body,
        created: now,
        due: tenant.server_clock().now(),
        leased: 0,
        attempts: 0,
        problem: None,
    };
    Ok(tenant.store().outbox().insert(mail, MOST_KEPT).await?)
}

/// What lies in the outbox, the newest first.
pub async fn list(tenant: &Tenant) -> Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for mail in tenant.store().outbox().list(tenant.name(), MOST_KEPT).await? {
        match open(tenant, &mail).await {
            Ok(letter) => listed.push(Listed { mail, letter }),
            Err(error) => {
                tracing::warn!(tenant = tenant.name(), id = mail.id, ?error, "a mail cannot be read")
            }
        }
    }
    Ok(listed)
}

/// Whoever sends mails on a node. Nodes share the work, and of one tenant a few are in hand at most.
#[derive(Debug, Default)]
pub struct Courier(InHand);

impl Carrier for Courier {
    async fn look(&mut self, tenants: &Tenants) -> Result<usize> {
        let room = self.0.room(AT_ONCE);
        if room == 0 {
            return Ok(0);
        }
        let (now, outbox) = (tenants.clock().now(), tenants.store().outbox());
        let claimed = outbox.claim((now, now + LEASE), room as i64, OF_ONE_TENANT, &self.0.busy()).await?;
        let (count, outbound) = (claimed.len(), tenants.outbound());
        for mail in claimed {
            let Some(tenant) = tenants.named(&mail.tenant) else { continue };
            let outbound = outbound.clone();
            self.0.take(mail.tenant.clone(), async move {
                if let Err(error) = deliver(&tenant, &outbound, mail).await {
                    let error = format!("{error:#}");
                    tracing::warn!(tenant = tenant.name(), error, "a mail stays in the outbox");
                }
            });
        }
        Ok(count)
    }

    fn in_hand(&mut self) -> &mut InHand {
        &mut self.0
    }
}

/// Sends what is due, of each tenant a few, waits until it is sent or put back, and answers how many mails that were.
pub async fn deliver_due(tenants: &Tenants) -> Result<usize> {
    carry::<Courier>(tenants).await
}

async fn deliver(tenant: &Tenant, outbound: &Outbound, mail: Mail) -> Result<()> {
    let letter = match open(tenant, &mail).await {
        Ok(letter) => letter,
        // The key that it was sealed under is gone, and so is what it said.
        Err(error) => return Ok(tenant.store().outbox().not_sent(&mail, None, &error.to_string()).await?),
    };
    let sent = match provider(tenant).await? {
        Some(provider) => send(outbound, &provider, &letter, &mail.id).await,
        None => Err(Unsent::ForGood("there is no mail provider any more".into())),
    };
    let outbox = tenant.store().outbox();
    match sent {
        Ok(()) => Ok(outbox.sent(&mail).await?),
        Err(Unsent::ForNow(problem)) if mail.attempts < MOST_ATTEMPTS => {
            let wait = FIRST_WAIT << (mail.attempts - 1).clamp(0, 8);
            Ok(outbox.not_sent(&mail, Some(tenant.server_clock().now() + wait), &problem).await?)
        }
        Err(Unsent::ForNow(problem) | Unsent::ForGood(problem)) => {
            outbox.not_sent(&mail, None, &problem).await?;
            tenant.log(failure(&letter, &mail, problem));
            Ok(())
        }
    }
}

/// What became of a mail that is sent while somebody waits.
#[derive(Debug)]
pub enum Tried {
    Sent,
    /// There is nobody to deliver it; it lies in the mailbox.
    Kept,
    /// In the words of whoever was to deliver it.
    Failed(String),
}

/// Sends a letter once, and tells what became of it. It is not tried again.
pub async fn try_now(tenants: &Tenants, tenant: &Tenant, letter: &Letter) -> Result<Tried> {
    let provider = provider(tenant).await?;
    let Some(provider) = provider.filter(|provider| provider.enabled) else {
        post(tenant, None, letter).await?;
        return Ok(Tried::Kept);
    };
    let (outbound, id) = (tenants.outbound(), id::mail());
    Ok(match tokio::time::timeout(PATIENCE, send(&outbound, &provider, letter, &id)).await {
        Ok(Ok(())) => Tried::Sent,
        Ok(Err(Unsent::ForNow(problem) | Unsent::ForGood(problem))) => Tried::Failed(problem),
        Err(_) => Tried::Failed(format!("no answer within {} seconds", PATIENCE.as_secs())),
    })
}

/// Why a mail was not sent.
enum Unsent {
    /// Another try may succeed.
    ForNow(String),
    /// No other try would.
    ForGood(String),
}

/// Greets the mail server of a tenant that has one, and logs in there; answers its name.
pub async fn greet(tenant: &Tenant, outbound: &Outbound) -> Result<Option<(String, outbound::Result<()>)>> {
    let Some(document) = tenant.read(&EmailProvider::NOUN, SETTINGS).await? else { return Ok(None) };
    let provider = EmailProvider::view(&document.body)?;
    if !provider.enabled || provider.name != EmailProviderName::Smtp {
        return Ok(None);
    }
    let server = server(&provider);
    let greeted = outbound.greet_mail_server(&server).await;
    Ok(Some((format!("{}:{}", server.host, server.port), greeted)))
}

fn server(provider: &EmailProvider) -> Smtp {
    let credentials = provider.credentials.clone().unwrap_or_default();
    Smtp {
        host: credentials.smtp_host.unwrap_or_default(),
        port: credentials.smtp_port.and_then(|port| u16::try_from(port).ok()).unwrap_or(587),
        user: credentials.smtp_user.filter(|user| !user.is_empty()),
        password: credentials.smtp_pass.map(|password| password.expose().to_owned()),
    }
}

async fn send(
    outbound: &Outbound,
    provider: &EmailProvider,
    letter: &Letter,
    id: &str,
) -> std::result::Result<(), Unsent> {
    if provider.name != EmailProviderName::Smtp {
        return services::send(outbound, provider, letter).await;
    }
    let server = server(provider);
    let headers =
        provider.settings.as_ref().and_then(|settings| settings.get("headers")?.as_object().cloned());
    let headers = headers.into_iter().flatten();
    let host = letter.from.rsplit('@').next().unwrap_or("localhost").trim_end_matches('>');
    let mail = outbound::Mail {
        from: letter.from.clone(),
        to: letter.to.clone(),
        subject: letter.subject.clone(),
        html: letter.html.clone(),
        text: letter.text.clone(),
        headers: headers.filter_map(|(name, value)| Some((name, value.as_str()?.to_owned()))).collect(),
        id: format!("{id}@{host}"),
    };
    match outbound.send_mail(&server, &mail).await {
        Ok(()) => Ok(()),
        // 5yz: the server will not change its mind (RFC 5321 §4.2.1). 530 to 538 are about logging in, which can be mended.
        Err(error @ outbound::Error::Refused(code)) if code >= 500 && !(530..=538).contains(&code) => {
            Err(Unsent::ForGood(error.to_string()))
        }
        Err(error @ outbound::Error::Unusable(_)) => Err(Unsent::ForGood(error.to_string())),
        Err(error) => Err(Unsent::ForNow(error.to_string())),
    }
}

fn failure(letter: &Letter, mail: &Mail, problem: String) -> Event {
    let mut event = Event::new(LogType::Fn, "A mail could not be sent");
    event.user_id = letter.user_id.clone();
    event.client_id = letter.client_id.clone();
    let template = letter.template.map(EmailTemplateName::name);
    let details = json!({
        "error": problem, "to": letter.to, "attempts": mail.attempts, "email_type": template, "mail_id": mail.id,
    });
    event.rest.insert("details".into(), details);
    event
}

async fn open(tenant: &Tenant, mail: &Mail) -> Result<Letter> {
    Ok(serde_json::from_str(&tenant.unseal(&place(&mail.id), &mail.body).await?)?)
}

/// What a sealed letter is bound to.
fn place(id: &str) -> String {
    format!("outbox/{id}")
}

/// Forgets who delivers the mails; tells whether anybody did.
pub async fn forget_provider(tenant: &Tenant) -> Result<bool> {
    if tenant.read(&EmailProvider::NOUN, SETTINGS).await?.is_none() {
        return Ok(false);
    }
    match tenant.commit(vec![Change::delete::<EmailProvider>(SETTINGS)]).await {
        Ok(()) => Ok(true),
        Err(Error::Conflict) => Ok(false),
        Err(error) => Err(error),
    }
}

/// How long somebody waits for a mail that they try.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked whether a mail is due.
pub const LOOK: Duration = Duration::from_secs(1);
/// How many mails a node has in hand.
const AT_ONCE: usize = 64;
/// How many of them are one tenant's.
const OF_ONE_TENANT: i64 = 4;
/// For how many seconds; a mail server is given less.
const LEASE: i64 = 120;
/// How often a mail is tried: the last time about a day after the first.
const MOST_ATTEMPTS: i64 = 12;
/// How many seconds after the first try the second one comes; the next waits twice as long, up to two hours.
const FIRST_WAIT: i64 = 30;
/// How many mails a tenant's mailbox keeps.
pub const MOST_KEPT: i64 = 500;
