//! The hosted pages before they are saved: as the server would make them, with colours, a template and words that are
//! only tried out. Nothing is stored.

use std::sync::Arc;

use http::Method;
use idp::{Document, provision::SETTINGS, snapshot::Snapshot};
use model::{Branding, PageTemplate, TenantSettings, Theme, prompts::Words, tenant_settings::LOCALES};
use schema::{Object, Op, Resource};
use serde::Deserialize;
use serde_json::{Value, json};

use super::body;
use crate::{
    Answer, Call, Error, Operation, branding, call::cut, collection::Lifecycle as _, error::Result,
    operation::run, precondition::etag, prompts::custom_text, singleton,
};

pub fn operations() -> Vec<Operation> {
    let (all, texts) = ("/branding", "/branding/texts/{language}");
    vec![
        Operation::ours(Method::GET, all, "Read all of the branding", &["read:branding"], run!(read)),
        Operation::ours(
            Method::POST,
            "/branding/preview",
            "Preview a page",
            &["read:branding"],
            run!(preview),
        )
        .changing_nothing(),
        Operation::ours(Method::GET, texts, "Read the texts of the pages", &["read:prompts"], run!(texts_of)),
    ]
}

/// All that makes the look, each with its version; what is not there is no error.
async fn read(call: Call) -> Result<Answer> {
    let branding = call.tenant.read(&Branding::NOUN, SETTINGS).await?;
    let theme = Theme::find(&call.tenant, "default").await?;
    let template = call.tenant.read(&PageTemplate::NOUN, branding::PAGE).await?;
    let etag_of = |document: &Option<Document>| document.as_ref().map(etag);
    let etags = json!({
        "branding": etag_of(&branding), "theme": etag_of(&theme), "template": etag_of(&template),
    });
    let body = singleton::body_of::<Branding>(branding.as_ref());
    Ok(Answer::ok(json!({
        "branding": singleton::shown::<Branding>(&call, body)?,
        "theme": theme.map(|theme| singleton::shown::<Theme>(&call, theme.body)).transpose()?,
        "template": template.and_then(|template| template.body.get("body").cloned()),
        "etags": etags,
    })))
}

async fn texts_of(call: Call) -> Result<Answer> {
    let language = call.parameter("language");
    check_language(language)?;
    Ok(Answer::ok(json!({ "texts": (call.pages.texts)(language) })))
}

async fn preview(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    body::only(&body, &["prompt", "screen", "language", "branding", "theme", "template", "custom_text"])?;
    let (prompt, screen) = (body::required(&body, "prompt")?, body::required(&body, "screen")?);
    let asked = body::optional(&body, "language")?;
    if let Some(language) = &asked {
        check_language(language)?;
    }
    let snapshot = call.tenant.snapshot().as_ref().clone();
    let language = asked.unwrap_or_else(|| first_language(&snapshot));
    let snapshot = imagined(&call, snapshot, body, &language).await?;
    let tenant = call.tenants.imagined(&call.tenant, snapshot);
    let page = (call.pages.preview)(tenant, call.origin.clone(), prompt, screen).await;
    let (html, problem) = page.ok_or_else(|| Error::not_found("The screen does not exist", None))?;
    Ok(Answer::ok(json!({ "html": html, "language": language, "template_problem": problem })))
}

/// What the tenant holds, and over it what the body says.
async fn imagined(call: &Call, snapshot: Snapshot, mut body: Object, language: &str) -> Result<Snapshot> {
    let mut snapshot = snapshot.with_shown_client()?;
    // A page is in a language that the tenant has; this one is looked at whether it has it or not.
    let only = TenantSettings::deserialize(json!({ "enabled_locales": [language] }))?;
    let settings = snapshot.settings.as_deref().cloned();
    let settings =
        settings.map(|own| TenantSettings { enabled_locales: only.enabled_locales.clone(), ..own });
    snapshot.settings = Some(Arc::new(settings.unwrap_or(only)));
    if let Some(patch) = body.remove("branding") {
        let patch = object(patch, "branding")?;
        schema::check(Branding::NOUN.fields, &patch, Op::Update)?;
        branding::check(&patch)?;
        let stored = call.tenant.read(&Branding::NOUN, SETTINGS).await?;
        let mut whole = singleton::body_of::<Branding>(stored.as_ref());
        schema::merge(Branding::NOUN.fields, &mut whole, patch);
        snapshot.pages.branding = Some(Arc::new(Branding::view(&whole)?));
    }
    match body.remove("theme") {
        None => {}
        Some(Value::Null) => snapshot.pages.theme = None,
        Some(theme) => {
            let theme = object(theme, "theme")?;
            schema::check(Theme::NOUN.fields, &theme, Op::Create)?;
            snapshot.pages.theme = Some(Arc::new(Theme::view(&theme)?));
        }
    }
    match body.remove("template") {
        None => {}
        Some(Value::Null) => snapshot.pages.template = None,
        Some(Value::String(body)) => {
            branding::check_template(&body)?;
            snapshot.pages.template = Some(Arc::new(PageTemplate { id: None, body }));
        }
        Some(_) => return Err(fail("'Expected type string' on property template.")),
    }
    if let Some(texts) = body.remove("custom_text") {
        for (prompt, words) in object(texts, "custom_text")? {
            let words = custom_text::words(object(words, "custom_text")?, &|_| true)?;
            let words: Words = serde_json::from_value(Value::Object(words))?;
            snapshot.pages.put_text(&prompt, language, words);
        }
    }
    Ok(snapshot)
}

fn first_language(snapshot: &Snapshot) -> String {
    let settings = snapshot.settings.as_deref();
    let first = settings.and_then(|settings| settings.enabled_locales.as_ref()?.first());
    first.map_or_else(|| "en".to_owned(), |locale| locale.0.clone())
}

fn check_language(language: &str) -> Result<()> {
    match LOCALES.contains(&language) {
        true => Ok(()),
        false => Err(fail(&format!("'Invalid value \"{}\"' on property language.", cut(language)))),
    }
}

fn object(value: Value, name: &str) -> Result<Object> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(fail(&format!("'Expected type object' on property {name}."))),
    }
}

fn fail(reason: &str) -> Error {
    Error::body(format!("Payload validation error: {reason}"))
}
