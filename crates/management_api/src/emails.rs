//! Who delivers a tenant's mails: one document, made, read, changed and forgotten. What lets this server in at a service
//! is never shown.

use http::{Method, StatusCode};
use idp::{Change, Document, Tenant, outbox, provision::SETTINGS};
use model::EmailProvider;
use schema::{Object, Op, Resource};
use serde_json::Value;

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    error::Result,
    operation::run,
    precondition::{etag, next_etag},
};

pub fn operations() -> Vec<Operation> {
    let path = "/emails/provider";
    vec![
        Operation::new(Method::GET, path, "Get the email provider", &["read:email_provider"], run!(read))
            .reading(&["fields", "include_fields"]),
        Operation::new(
            Method::POST,
            path,
            "Configure the email provider",
            &["create:email_provider"],
            run!(create),
        ),
        Operation::new(
            Method::PATCH,
            path,
            "Update the email provider",
            &["update:email_provider"],
            run!(update),
        ),
        Operation::new(
            Method::DELETE,
            path,
            "Delete the email provider",
            &["delete:email_provider"],
            run!(delete),
        ),
    ]
}

async fn read(call: Call) -> Result<Answer> {
    let document = existing(&call.tenant).await?;
    let mut body = shown(&call, document.body.clone())?;
    // Without being asked for they are left out.
    if call.query("fields").is_none_or(str::is_empty) {
        body.shift_remove("credentials");
    }
    Ok(Answer::ok(body).tagged(etag(&document)))
}

async fn create(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    schema::check(EmailProvider::NOUN.fields, &body, Op::Create)?;
    schema::complete(EmailProvider::NOUN.fields, &mut body);
    check(&body)?;
    let change = Change::create::<EmailProvider>(SETTINGS, body.clone());
    call.tenant.commit(vec![change]).await.map_err(|error| match error {
        idp::Error::Taken { .. } => Error::conflict("Email provider is already configured"),
        other => other.into(),
    })?;
    let about = About::put::<EmailProvider>(SETTINGS, &Object::new(), &body);
    Ok(Answer::created(shown(&call, body)?).about(about))
}

async fn update(mut call: Call) -> Result<Answer> {
    let mut patch = call.take_body();
    let document = existing(&call.tenant).await?;
    call.precondition.check(Some(&document))?;
    schema::check(EmailProvider::NOUN.fields, &patch, Op::Update)?;
    // Recorded: what another service was told is forgotten (`TestAccEmail`).
    let is_another = patch.get("name").is_some_and(|name| Some(name) != document.body.get("name"));
    if is_another {
        for name in ["credentials", "settings"] {
            patch.entry(name).or_insert(Value::Null);
        }
    }
    let mut body = document.body.clone();
    schema::merge(EmailProvider::NOUN.fields, &mut body, patch);
    check(&body)?;
    if body != document.body {
        let change = Change::replace::<EmailProvider>(&document, body.clone());
        let committed = call.tenant.commit(vec![change]).await;
        committed.map_err(|error| call.precondition.lost(error.into()))?;
    }
    let etag = if body == document.body { etag(&document) } else { next_etag(&document) };
    let about = About::put::<EmailProvider>(SETTINGS, &document.body, &body);
    Ok(Answer::ok(shown(&call, body)?).tagged(etag).about(about))
}

async fn delete(call: Call) -> Result<Answer> {
    let document = call.tenant.read(&EmailProvider::NOUN, SETTINGS).await?;
    call.precondition.check(document.as_ref())?;
    // Recorded: forgetting what is not there succeeds (`TestAccEmail`).
    outbox::forget_provider(&call.tenant).await?;
    Ok(Answer::no_content().about(About::only::<EmailProvider>(SETTINGS)))
}

/// What needs more than one field: each service takes credentials of its own.
fn check(body: &Object) -> Result<()> {
    let name = EmailProvider::view(body)?.name;
    let none = Object::new();
    let credentials = body.get("credentials").and_then(Value::as_object).unwrap_or(&none);
    let fail = |reason: String| {
        Err(Error::body(format!("Payload validation error: '{reason}' on property credentials.")))
    };
    if let Some(missing) = name.required().iter().find(|wanted| !credentials.contains_key(**wanted)) {
        return fail(format!("Missing required property: {missing}"));
    }
    let is_known = |given: &str| name.required().contains(&given) || name.optional().contains(&given);
    if let Some(other) = credentials.keys().find(|given| !is_known(given)) {
        return fail(format!("Additional properties not allowed: {other}"));
    }
    let from = body.get("default_from_address").and_then(Value::as_str).unwrap_or_default();
    check_from(from, "default_from_address")
}

/// Whether mails can be from there, as far as it is known before a template is filled in.
pub fn check_from(from: &str, property: &str) -> Result<()> {
    let is_template = from.contains("{{") || from.contains("{%");
    let reason = if from.chars().any(char::is_control) {
        "it has a control character".to_owned()
    } else if from.trim().is_empty() || is_template {
        return Ok(());
    } else {
        match outbox::check_mailbox(from) {
            Ok(()) => return Ok(()),
            Err(reason) => reason,
        }
    };
    Err(Error::body(format!(
        "Payload validation error: 'Not an email address: {reason}' on property {property}."
    )))
}

async fn existing(tenant: &Tenant) -> Result<Document> {
    let document = tenant.read(&EmailProvider::NOUN, SETTINGS).await?;
    let missing = Error::new(
        StatusCode::NOT_FOUND,
        "There is not a configured email provider",
        Some("inexistent_email_provider"),
    );
    document.ok_or(missing)
}

/// As this caller may see it: without what lets this server in.
pub fn shown(call: &Call, mut body: Object) -> Result<Object> {
    let viewer = |scope: &str| call.may(scope);
    schema::project(EmailProvider::NOUN.fields, &mut body, &call.selection()?, &call.viewer(&viewer));
    Ok(body)
}
