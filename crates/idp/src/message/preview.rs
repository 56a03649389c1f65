//! Mails that are only looked at, with an example in the place of a person, and one that is sent to see whether any arrive.

use model::{EmailTemplate, EmailTemplateName};
use serde_json::{Value, json};

use super::{Message, fill, from, plain, standard, variables};
use crate::{
    Result, Tenant,
    outbox::{self, Letter},
};

/// A mail as it is read.
#[derive(Debug)]
pub struct Read {
    pub from: String,
    pub subject: String,
    pub html: String,
    pub text: String,
    template: Option<EmailTemplateName>,
}

impl Read {
    /// The letter to somebody that says this.
    pub fn to(self, to: &str) -> Letter {
        Letter {
            template: self.template,
            to: to.to_owned(),
            from: self.from,
            subject: self.subject,
            html: self.html,
            text: self.text,
            link: None,
            code: None,
            user_id: None,
            client_id: None,
            connection: None,
        }
    }
}

/// What these words come to for somebody; where they say nothing, ours. Or why they cannot be filled in.
pub async fn preview(
    tenant: &Tenant,
    own: EmailTemplate,
    locale: Option<String>,
) -> Result<templates::Result<Read>> {
    let kind = own.template;
    let message = Message { locale, ..Message::new(kind, EMAIL) };
    // The link leads nowhere: no ticket is ever called so.
    let url = format!("{}u/example", tenant.pages(tenant.domain()));
    let message = message.with("url", url).with("code", "123456").with("source_ip", "203.0.113.7");
    let mut variables = variables::of(tenant, &message).await?;
    variables.insert("user".into(), person());
    let language = variables.get("request_language").and_then(Value::as_str).unwrap_or("en").to_owned();
    let provider = outbox::provider(tenant).await?;
    let from = from(Some(&own), provider.as_ref(), tenant);
    let filled = tokio::task::spawn_blocking(move || {
        let standard = standard::words(kind, &language);
        fill(&own.subject, own.body.as_deref(), &from, &standard, &Value::Object(variables))
    });
    Ok(filled.await?.map(|filled| Read {
        text: plain::text(&filled.html),
        from: filled.from,
        subject: filled.subject,
        html: filled.html,
        template: Some(kind),
    }))
}

/// A mail that says nothing but that mails arrive.
pub async fn trial(tenant: &Tenant) -> Result<Read> {
    let provider = outbox::provider(tenant).await?;
    let text = format!("Mails of {} arrive.", tenant.domain());
    Ok(Read {
        from: from(None, provider.as_ref(), tenant),
        subject: "A test".to_owned(),
        html: format!("<p>{text}</p>"),
        text,
        template: None,
    })
}

fn person() -> Value {
    json!({
        "user_id": "auth0|example", "email": EMAIL, "email_verified": false, "name": "Ann Example",
        "nickname": "ann", "given_name": "Ann", "family_name": "Example", "username": "ann",
        "phone_number": "+15550100", "source_ip": "203.0.113.7", "user_metadata": {}, "app_metadata": {},
    })
}

const EMAIL: &str = "ann@example.com";
