//! What text messages and calls say.

use http::Method;
use idp::{Document, Tenant, id};
use model::{PhoneTemplate, branding::PhoneTemplateType};
use schema::{Object, Resource};
use serde_json::{Value, json};
use store::Matching;

use super::phone_providers::sends_nothing;
use crate::{
    Answer, Call, Operation,
    about::About,
    collection::{self, Given, Lifecycle, May, Prepared, Rows, existing, replace, shown},
    error::Result,
    operation::run,
};

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<PhoneTemplate>();
    rows.list.run = run!(list);
    rows.list.query = vec!["disabled"];
    rows.update.run = run!(update);
    rows.delete.run = run!(remove);
    let (reset_path, try_path) =
        ("/branding/phone/templates/{id}/reset", "/branding/phone/templates/{id}/try");
    let (update, create) = (&["update:phone_templates"], &["create:phone_templates"]);
    rows.and([
        Operation::new(Method::PATCH, reset_path, "Reset a phone template", update, run!(reset)),
        Operation::new(Method::POST, try_path, "Try a phone template", create, run!(attempt)),
    ])
}

impl Lifecycle for PhoneTemplate {
    const WORDS: (&'static str, &'static str) = ("a phone template", "phone templates");
    const MISSING: (&'static str, Option<&'static str>) = ("Notification Resource not found", None);

    fn taken(_key: &str) -> String {
        "Phone template already configured for tenant".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(id::phone_template);
        let now = tenant.clock().iso();
        for (name, value) in [("id", &id), ("created_at", &now), ("updated_at", &now)] {
            body.insert(name.into(), json!(value));
        }
        body.insert("tenant".into(), json!(tenant.name()));
        body.insert("channel".into(), json!("phone"));
        let kind = body.get("type").and_then(Value::as_str).unwrap_or_default().to_owned();
        let content = body.entry("content").or_insert_with(|| usual(&kind));
        with_syntax(content);
        Ok(Prepared { id, ..Prepared::default() })
    }

    async fn amend(tenant: &Tenant, _may: &May<'_>, _document: &Document, patch: &mut Object) -> Result<()> {
        if let Some(content) = patch.get_mut("content") {
            with_syntax(content);
        }
        patch.insert("updated_at".into(), json!(tenant.clock().iso()));
        Ok(())
    }
}

async fn update(call: Call) -> Result<Answer> {
    collection::update::<PhoneTemplate>(&call).await
}

/// Recorded: what does not say is written in Liquid.
fn with_syntax(content: &mut Value) {
    if let Value::Object(content) = content {
        content.entry("syntax").or_insert_with(|| json!("liquid"));
    }
}

async fn list(call: Call) -> Result<Answer> {
    let wanted = call.flag("disabled")?;
    let all = Matching::all(PhoneTemplate::NOUN.path);
    let found =
        call.tenant.page(&PhoneTemplate::NOUN, &all, store::Span::Offset { offset: 0, limit: MOST }).await?;
    let is_wanted = |document: &&Document| {
        wanted.is_none_or(|wanted| document.body.get("disabled") == Some(&json!(wanted)))
    };
    let templates = found.iter().filter(is_wanted);
    let templates =
        templates.map(|document| shown::<PhoneTemplate>(&call, document.body.clone()).map(Value::Object));
    Ok(Answer::ok(json!({ "templates": templates.collect::<Result<Vec<_>>>()? })))
}

async fn remove(call: Call) -> Result<Answer> {
    existing::<PhoneTemplate>(&call).await?;
    (Rows::of::<PhoneTemplate>().delete.run)(call).await
}

/// Puts our own words in the place of the tenant's; the number that it comes from stays.
async fn reset(call: Call) -> Result<Answer> {
    let document = existing::<PhoneTemplate>(&call).await?;
    call.precondition.check(Some(&document))?;
    let kind = document.body.get("type").and_then(Value::as_str).unwrap_or_default();
    let mut content = usual(kind);
    with_syntax(&mut content);
    if let Some(from) = document.body.get("content").and_then(|content| content.get("from")) {
        content["from"] = from.clone();
    }
    let mut body = document.body.clone();
    body.insert("content".into(), content);
    body.insert("updated_at".into(), json!(call.tenant.clock().iso()));
    replace::<PhoneTemplate>(&call.tenant, &document, body.clone()).await?;
    let about = About::put::<PhoneTemplate>(&document.id, &document.body, &body);
    Ok(Answer::ok(shown::<PhoneTemplate>(&call, body)?).about(about))
}

async fn attempt(call: Call) -> Result<Answer> {
    existing::<PhoneTemplate>(&call).await?;
    Err(sends_nothing())
}

/// Our own words.
fn usual(kind: &str) -> Value {
    let (text, voice) = match serde_json::from_value::<PhoneTemplateType>(json!(kind)) {
        Ok(PhoneTemplateType::OtpVerify | PhoneTemplateType::OtpEnroll) | Err(_) => (
            "{{ code | escape }} is your code for {{ friendly_name | escape }}",
            "Your code for {{ friendly_name | escape }} is {{ pause }} {{ code | escape }}. Once more: {{ pause }} {{ code | escape }}",
        ),
        Ok(PhoneTemplateType::ChangePassword) => (
            "{{ code | escape }} is your code for a new password at {{ friendly_name | escape }}",
            "Your code for a new password at {{ friendly_name | escape }} is {{ pause }} {{ code | escape }}. Once more: {{ pause }} {{ code | escape }}",
        ),
        Ok(PhoneTemplateType::BlockedAccount) => (
            "Logins to your account at {{ friendly_name | escape }} from {{ user.source_ip | escape }} are blocked. If that was you, choose a new password.",
            "Logins to your account at {{ friendly_name | escape }} are blocked. If that was you, choose a new password.",
        ),
        Ok(PhoneTemplateType::PasswordBreach) => (
            "Your password at {{ friendly_name | escape }} became known elsewhere. Choose a new one.",
            "Your password at {{ friendly_name | escape }} became known elsewhere. Choose a new one.",
        ),
    };
    json!({ "body": { "text": text, "voice": voice } })
}

/// There is one for each kind of message.
const MOST: i64 = 50;
