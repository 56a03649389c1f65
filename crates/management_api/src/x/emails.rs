//! Mails before they are sent: which there are and who words them, how one reads with an example filled in, and one that
//! is sent to see whether any arrive.

use http::Method;
use idp::{
    message::{self, Read},
    outbox::{self, Tried},
    provision::SETTINGS,
};
use model::{EmailProvider, EmailTemplate, EmailTemplateName, tenant_settings::LOCALES};
use schema::{Object, Resource};
use serde_json::json;

use super::body;
use crate::{
    Answer, Call, Error, Operation, email_templates, emails, error::Result, operation::run,
    precondition::etag,
};

pub fn operations() -> Vec<Operation> {
    let (provider, all) = ("/emails/provider", "/emails/templates");
    let one = "/emails/templates/{templateName}";
    let (read, send) = (&["read:email_templates"], &["update:email_provider"]);
    vec![
        Operation::ours(
            Method::GET,
            provider,
            "Read the email provider, if any",
            &["read:email_provider"],
            run!(provider_of),
        ),
        Operation::ours(Method::GET, all, "List the mails", read, run!(list)),
        Operation::ours(Method::GET, one, "Read a mail's words, and ours", read, run!(words_of))
            .reading(&["language"]),
        Operation::ours(Method::POST, "/emails/preview", "Preview a mail", read, run!(preview))
            .changing_nothing(),
        Operation::ours(Method::POST, "/emails/test", "Send a test mail", send, run!(test)),
    ]
}

/// That there is none is no error.
async fn provider_of(call: Call) -> Result<Answer> {
    let document = call.tenant.read(&EmailProvider::NOUN, SETTINGS).await?;
    let etag = document.as_ref().map(etag);
    let provider = document.map(|document| emails::shown(&call, document.body)).transpose()?;
    Ok(Answer::ok(json!({ "provider": provider, "etag": etag })))
}

async fn list(call: Call) -> Result<Answer> {
    let mut templates = Vec::new();
    for name in EmailTemplateName::ALL {
        let own = call.tenant.read(&EmailTemplate::NOUN, name.name()).await?;
        let own = own.map(|document| EmailTemplate::view(&document.body)).transpose()?;
        templates.push(json!({
            "template": name.name(),
            // Whether anything makes this server send it.
            "is_served": name.is_served(),
            "is_sent": name.is_served() && message::is_sent(name, own.as_ref()),
            "is_own": own.as_ref().is_some_and(message::is_worded),
        }));
    }
    Ok(Answer::ok(json!({ "templates": templates })))
}

async fn words_of(call: Call) -> Result<Answer> {
    let name = EmailTemplateName::named(call.parameter("templateName"));
    let name = name.ok_or_else(|| Error::not_found("The template does not exist.", None))?;
    let language = call.query("language").unwrap_or("en");
    check_language(language)?;
    let words = message::standard(name, language);
    let document = call.tenant.read(&EmailTemplate::NOUN, name.name()).await?;
    let etag = document.as_ref().map(etag);
    let own = document.map(|document| email_templates::shown(&call, document.body)).transpose()?;
    Ok(Answer::ok(json!({
        "template": name.name(), "is_served": name.is_served(), "own": own, "etag": etag,
        "default": { "subject": words.subject, "body": words.html },
    })))
}

async fn preview(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    let language = language(&mut body)?;
    Ok(Answer::ok(match read(&call, body, language).await? {
        Ok(read) => {
            json!({ "from": read.from, "subject": read.subject, "html": read.html, "text": read.text, "problem": null })
        }
        Err(problem) => json!({ "problem": problem }),
    }))
}

/// A mail by itself, or one that a template words.
async fn test(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    let to = body::required(&body, "to")?;
    body.shift_remove("to");
    outbox::check_mailbox(&to).map_err(|reason| {
        Error::body(format!("Payload validation error: 'Not an email address: {reason}' on property to."))
    })?;
    let language = language(&mut body)?;
    let read = match body.is_empty() {
        true => message::trial(&call.tenant).await?,
        false => match read(&call, body, language).await? {
            Ok(read) => read,
            Err(problem) => return Ok(Answer::ok(json!({ "state": "failed", "problem": problem }))),
        },
    };
    Ok(Answer::ok(match outbox::try_now(&call.tenants, &call.tenant, &read.to(&to)).await? {
        Tried::Sent => json!({ "state": "sent" }),
        Tried::Kept => json!({ "state": "kept" }),
        Tried::Failed(problem) => json!({ "state": "failed", "problem": problem }),
    }))
}

/// A mail with an example filled in, in the words of the body, or why they cannot be filled in.
async fn read(
    call: &Call,
    mut body: Object,
    language: Option<String>,
) -> Result<std::result::Result<Read, String>> {
    body::only(&body, &["template", "subject", "body", "from"])?;
    body.insert("syntax".into(), json!("liquid"));
    body.insert("enabled".into(), json!(true));
    let own = EmailTemplate::view(&email_templates::whole(body)?)?;
    Ok(message::preview(&call.tenant, own, language).await?.map_err(|error| error.to_string()))
}

fn language(body: &mut Object) -> Result<Option<String>> {
    let language = body::optional(body, "language")?;
    body.shift_remove("language");
    language.as_deref().map_or(Ok(()), check_language)?;
    Ok(language)
}

fn check_language(language: &str) -> Result<()> {
    match LOCALES.contains(&language) {
        true => Ok(()),
        false => {
            Err(Error::body("Payload validation error: 'No locale that pages know' on property language."))
        }
    }
}
