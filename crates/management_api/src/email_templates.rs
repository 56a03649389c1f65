//! How a tenant words its mails: a template for each kind, made, read and changed by its name. It is not deleted; one that
//! is not enabled keeps its mail from being sent.

use http::Method;
use idp::{Change, Document, message};
use model::{EmailTemplate, EmailTemplateName};
use schema::{Object, Op, Resource};
use serde_json::{Value, json};
use templates::Template;

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    emails::check_from,
    error::Result,
    operation::run,
    precondition::{etag, next_etag},
};

pub fn operations() -> Vec<Operation> {
    let one = "/email-templates/{templateName}";
    let update = &["update:email_templates"];
    vec![
        Operation::new(
            Method::POST,
            "/email-templates",
            "Create an email template",
            &["create:email_templates"],
            run!(create),
        ),
        Operation::new(Method::GET, one, "Get an email template", &["read:email_templates"], run!(read)),
        Operation::new(Method::PATCH, one, "Update an email template", update, run!(patch)),
        Operation::new(Method::PUT, one, "Update an email template", update, run!(put)),
    ]
}

async fn create(mut call: Call) -> Result<Answer> {
    let body = whole(call.take_body())?;
    let name = body.get("template").and_then(Value::as_str).unwrap_or_default().to_owned();
    let change = Change::create::<EmailTemplate>(&name, body.clone());
    call.tenant.commit(vec![change]).await.map_err(|error| match error {
        idp::Error::Taken { .. } => Error::conflict(format!("Template {name} already exists.")),
        other => other.into(),
    })?;
    let about = About::put::<EmailTemplate>(&name, &Object::new(), &body);
    Ok(Answer::ok(shown(&call, body)?).about(about))
}

async fn read(call: Call) -> Result<Answer> {
    let document = existing(&call).await?;
    Ok(Answer::ok(shown(&call, document.body.clone())?).tagged(etag(&document)))
}

async fn patch(mut call: Call) -> Result<Answer> {
    let patch = call.take_body();
    let document = existing(&call).await?;
    call.precondition.check(Some(&document))?;
    schema::check(EmailTemplate::NOUN.fields, &patch, Op::Update)?;
    let mut body = document.body.clone();
    schema::merge(EmailTemplate::NOUN.fields, &mut body, patch);
    replace(call, &document, body).await
}

async fn put(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    let document = existing(&call).await?;
    call.precondition.check(Some(&document))?;
    body.entry("template").or_insert_with(|| json!(document.id));
    replace(call, &document, whole(body)?).await
}

async fn replace(call: Call, document: &Document, body: Object) -> Result<Answer> {
    // Recorded: the body repeats the name of the path, which cannot be changed (`TestAccEmailTemplate`).
    if body.get("template").and_then(Value::as_str) != Some(&document.id) {
        return Err(Error::body(
            "Payload validation error: 'The name of a template cannot be changed' on property template.",
        ));
    }
    check(&body)?;
    let mut tag = etag(document);
    if body != document.body {
        let change = Change::replace::<EmailTemplate>(document, body.clone());
        let committed = call.tenant.commit(vec![change]).await;
        committed.map_err(|error| call.precondition.lost(error.into()))?;
        tag = next_etag(document);
    }
    let about = About::put::<EmailTemplate>(&document.id, &document.body, &body);
    Ok(Answer::ok(shown(&call, body)?).tagged(tag).about(about))
}

/// A body that stands for a whole template.
pub fn whole(mut body: Object) -> Result<Object> {
    schema::check(EmailTemplate::NOUN.fields, &body, Op::Create)?;
    schema::complete(EmailTemplate::NOUN.fields, &mut body);
    check(&body)?;
    Ok(body)
}

/// What is not Liquid is refused when it is written, and not found out when a mail is to go out.
fn check(body: &Object) -> Result<()> {
    for property in ["subject", "body", "from", "resultUrl"] {
        let text = body.get(property).and_then(Value::as_str).unwrap_or_default();
        if let Err(error) = Template::parse(text) {
            return Err(Error::body(format!(
                "Payload validation error: 'Not a valid Liquid template: {}' on property {property}.",
                error.to_string().lines().next().unwrap_or_default()
            )));
        }
    }
    let said = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    check_from(said("from"), "from")?;
    let url = said("resultUrl").trim();
    let is_template = url.contains("{{") || url.contains("{%");
    if !url.is_empty() && !is_template && message::checked_result_url(url).is_none() {
        return Err(Error::body(
            "Payload validation error: 'Not an address of the web, without credentials' on property resultUrl.",
        ));
    }
    Ok(())
}

async fn existing(call: &Call) -> Result<Document> {
    let missing = || Error::not_found("The template does not exist.", Some("inexistent_email_template"));
    let name = EmailTemplateName::named(call.parameter("templateName")).ok_or_else(missing)?;
    call.tenant.read(&EmailTemplate::NOUN, name.name()).await?.ok_or_else(missing)
}

/// As this caller may see it.
pub fn shown(call: &Call, mut body: Object) -> Result<Object> {
    let viewer = |scope: &str| call.may(scope);
    schema::project(EmailTemplate::NOUN.fields, &mut body, &call.selection()?, &call.viewer(&viewer));
    Ok(body)
}
