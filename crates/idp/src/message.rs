//! Mails to people: which one, in whose words, filled in with what is known of whom. A mail is laid into the outbox, and
//! nobody waits for a mail server.

mod plain;
mod preview;
mod standard;
mod variables;

pub use self::{
    preview::{Read, preview, trial},
    standard::words as standard,
};

use model::{EmailProvider, EmailTemplate, EmailTemplateName, LogType, User};
use schema::{Object, Resource};
use serde_json::{Value, json};
use templates::Template;
use url::Url;

use crate::{
    Result, Tenant,
    log::{Event, cut},
    outbox::{self, Letter},
    provision::SETTINGS,
    snapshot::RegisteredClient,
};

/// A mail to somebody.
pub struct Message<'a> {
    pub template: EmailTemplateName,
    pub to: String,
    /// Whom it is about.
    pub user: Option<&'a User>,
    /// Through which application it came about.
    pub client: Option<&'a RegisteredClient>,
    /// By which connection, by name.
    pub connection: Option<&'a str>,
    /// The language that was asked for.
    pub locale: Option<String>,
    /// What templates find beside the usual: `url`, `code`.
    pub variables: Object,
}

impl<'a> Message<'a> {
    /// A mail of a kind, with nothing said about it yet.
    pub fn new(template: EmailTemplateName, to: impl Into<String>) -> Self {
        let (user, client, connection, locale) = (None, None, None, None);
        Message { template, to: to.into(), user, client, connection, locale, variables: Object::new() }
    }

    /// The same, about somebody.
    pub fn about(self, user: &'a User) -> Self {
        Message { user: Some(user), ..self }
    }

    /// The same, with something for the template.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }
}

/// Sends a mail, unless the tenant does not send such mails; it is on its way when this returns, and not yet there.
pub async fn send(tenant: &Tenant, message: Message<'_>) -> Result<()> {
    let template = template(tenant, message.template).await?;
    if !is_sent(message.template, template.as_ref()) {
        return Ok(());
    }
    let provider = outbox::provider(tenant).await?;
    let variables = variables::of(tenant, &message).await?;
    let language = variables.get("request_language").and_then(Value::as_str).unwrap_or("en").to_owned();
    let standard = standard::words(message.template, &language);
    let (own, kind) = (template.clone(), message.template);
    let from = from(own.as_ref(), provider.as_ref(), tenant);
    let filled = tokio::task::spawn_blocking(move || {
        let variables = Value::Object(variables);
        let own = own.map(|own| fill(&own.subject, own.body.as_deref(), &from, &standard, &variables));
        match own {
            Some(Ok(filled)) => (filled, None),
            // People still get their mail; who wrote the template hears of it.
            Some(Err(error)) => {
                (fill(&None, None, &from, &standard, &variables).unwrap_or_default(), Some(error))
            }
            None => (fill(&None, None, &from, &standard, &variables).unwrap_or_default(), None),
        }
    });
    let (filled, failed) = filled.await?;
    if let Some(error) = failed {
        let mut event = Event::new(LogType::Fn, format!("The template {} failed", kind.name()));
        event
            .rest
            .insert("details".into(), json!({ "error": cut(&error.to_string()), "template": kind.name() }));
        tenant.log(event);
    }
    let link = message.variables.get("url").or_else(|| message.variables.get("link")).and_then(Value::as_str);
    let letter = Letter {
        template: Some(message.template),
        to: message.to.clone(),
        from: filled.from,
        subject: filled.subject,
        text: plain::text(&filled.html),
        html: filled.html,
        link: link.map(str::to_owned),
        code: message.variables.get("code").and_then(Value::as_str).map(str::to_owned),
        user_id: message.user.map(|user| user.user_id.clone()),
        client_id: message.client.map(|client| client.view.client_id.clone()),
        connection: message.connection.map(str::to_owned),
    };
    outbox::post(tenant, provider.as_ref(), &letter).await
}

/// For how many seconds the link of a kind of mail is good.
pub async fn lifetime(tenant: &Tenant, name: EmailTemplateName) -> Result<i64> {
    let said = template(tenant, name).await?.and_then(|template| template.url_lifetime_in_seconds);
    // A hundred years are for ever, and still a number.
    Ok(said.map_or(LIFETIME, |seconds| (seconds.min(3e9) as i64).max(1)))
}

/// Where a kind of mail has people go on to, and whether their address goes along.
pub async fn result_url(
    tenant: &Tenant,
    name: EmailTemplateName,
    client: Option<&RegisteredClient>,
) -> Result<(Option<String>, bool)> {
    let Some(template) = template(tenant, name).await? else { return Ok((None, false)) };
    let includes_email = template.include_email_in_redirect.unwrap_or(false);
    let Some(text) = template.result_url.filter(|text| !text.trim().is_empty()) else {
        return Ok((None, includes_email));
    };
    let variables = variables::of_redirect(client);
    let url = tokio::task::spawn_blocking(move || Template::parse(&text)?.render(&variables)).await?;
    Ok((url.ok().map(|url| url.trim().to_owned()).filter(|url| !url.is_empty()), includes_email))
}

/// An address that somebody goes on to, with what became of it. Nothing that a browser would run, and no credentials: who
/// chose it may be trusted with mails, and not with more.
pub fn result_of(url: &str, email: Option<&str>, success: bool, words: &str) -> Option<String> {
    let mut url = checked_result_url(url)?;
    let success = if success { "true" } else { "false" };
    {
        let mut query = url.query_pairs_mut();
        if let Some(email) = email {
            query.append_pair("email", email);
        }
        query.append_pair("success", success).append_pair("message", words);
    }
    Some(url.into())
}

/// An address that somebody can go on to.
pub fn checked_result_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.host().is_some();
    (is_web && url.username().is_empty() && url.password().is_none()).then_some(url)
}

/// How the tenant words a kind of mail, if it does.
pub(crate) async fn template(tenant: &Tenant, name: EmailTemplateName) -> Result<Option<EmailTemplate>> {
    let stored = tenant.read(&EmailTemplate::NOUN, name.name()).await?;
    Ok(stored.map(|document| EmailTemplate::view(&document.body)).transpose()?)
}

/// A greeting is sent by those who ask for it, everything else unless it is switched off.
pub fn is_sent(name: EmailTemplateName, template: Option<&EmailTemplate>) -> bool {
    match (name, template) {
        (_, Some(template)) => template.enabled.unwrap_or(true),
        (EmailTemplateName::WelcomeEmail, None) => false,
        (_, None) => true,
    }
}

/// Whether the tenant has words of its own for it.
pub fn is_worded(template: &EmailTemplate) -> bool {
    let said = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.trim().is_empty());
    said(&template.subject) || said(&template.body)
}

fn from(template: Option<&EmailTemplate>, provider: Option<&EmailProvider>, tenant: &Tenant) -> String {
    let said = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let host = crate::tenants::without_port(tenant.domain().split('/').next().unwrap_or_default());
    template
        .and_then(|template| said(&template.from))
        .or_else(|| provider.and_then(|provider| said(&provider.default_from_address)))
        .unwrap_or_else(|| format!("no-reply@{host}"))
}

#[derive(Default)]
struct Filled {
    from: String,
    subject: String,
    html: String,
}

fn fill(
    subject: &Option<String>,
    body: Option<&str>,
    from: &str,
    standard: &standard::Words,
    variables: &Value,
) -> templates::Result<Filled> {
    let render = |text: &str| Template::parse(text)?.render(variables);
    let said = |text: Option<&str>| text.filter(|text| !text.trim().is_empty()).map(str::to_owned);
    let subject = said(subject.as_deref()).unwrap_or_else(|| standard.subject.clone());
    let body = said(body).unwrap_or_else(|| standard.html.clone());
    let one_line = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Filled { from: one_line(render(from)?), subject: one_line(render(&subject)?), html: render(&body)? })
}

/// The tenant's settings, as they are stored.
async fn settings(tenant: &Tenant) -> Result<Object> {
    let stored = tenant.read(&model::TenantSettings::NOUN, SETTINGS).await?;
    Ok(stored.map(|document| document.body).unwrap_or_default())
}

/// For how many seconds a link is good where nothing else is said.
const LIFETIME: i64 = 432_000;
