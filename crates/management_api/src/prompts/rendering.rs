//! How the tenant's own programs are told what a screen shows. It is kept as it was written; our own pages are shown
//! whatever it says.

use http::Method;
use idp::{Change, Document};
use model::Rendering;
use schema::{Object, Op, Resource};
use serde_json::{Value, json};
use store::Matching;

use super::prompt_of;
use crate::{
    Answer, Call, Error, Operation, about::About, call::cut, error::Result, operation::run, page::Page,
    precondition::etag,
};

const ALL: &str = "/prompts/rendering";
const ONE: &str = "/prompts/{prompt}/screen/{screen}/rendering";

pub fn operations() -> Vec<Operation> {
    let (read, update) = (&["read:prompts"], &["update:prompts"]);
    vec![
        Operation::new(Method::GET, ALL, "Get render settings", read, run!(list)).reading(&[
            "fields",
            "include_fields",
            "page",
            "per_page",
            "include_totals",
            "prompt",
            "screen",
            "rendering_mode",
        ]),
        Operation::new(
            Method::PATCH,
            ALL,
            "Update render settings of several screens",
            update,
            run!(change_all),
        ),
        Operation::new(Method::GET, ONE, "Get render settings of a screen", read, run!(get)),
        Operation::new(Method::PATCH, ONE, "Update render settings of a screen", update, run!(change)),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let mut matching = Matching::all(Rendering::NOUN.path);
    for filter in ["prompt", "screen", "rendering_mode"] {
        if let Some(value) = call.query(filter) {
            matching = matching.with(filter, vec![value.to_owned()]);
        }
    }
    let page = Page::of(&call)?;
    let documents = call.tenant.page(&Rendering::NOUN, &matching, page.span()).await?;
    let configs = documents.iter().map(|document| {
        let mut body = document.body.clone();
        body.shift_remove("tenant");
        shown(&call, with_filters(body)).map(Value::Object)
    });
    let configs = configs.collect::<Result<Vec<_>>>()?;
    let total = if page.counts() { Some(call.tenant.count(&matching).await?) } else { None };
    Ok(page.answer(&call, "configs", &documents, configs, total))
}

async fn get(call: Call) -> Result<Answer> {
    let (prompt, screen) = (prompt_of(&call)?, screen_of(call.parameter("screen"))?);
    let document = call.tenant.read(&Rendering::NOUN, &format!("{prompt}/{screen}")).await?;
    let body =
        document.as_ref().map_or_else(|| fresh(&call, &prompt, &screen), |document| document.body.clone());
    let answer = Answer::ok(shown(&call, with_filters(body))?);
    Ok(match &document {
        Some(document) => answer.tagged(etag(document)),
        None => answer,
    })
}

/// Recorded: a change is answered with what it said.
async fn change(mut call: Call) -> Result<Answer> {
    let (prompt, screen) = (prompt_of(&call)?, screen_of(call.parameter("screen"))?);
    let patch = call.take_body();
    let (change, about) = changed(&call, &prompt, &screen, patch.clone()).await?;
    call.tenant.commit(vec![change]).await.map_err(|error| call.precondition.lost(error.into()))?;
    Ok(Answer::ok(said(patch)).about(about))
}

async fn change_all(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    let configs = match body.remove("configs") {
        Some(Value::Array(configs)) if (1..=MOST).contains(&configs.len()) && body.is_empty() => configs,
        _ => return Err(fail(format!("'Expected a list of 1 to {MOST}' on property configs"))),
    };
    let (mut changes, mut answer) = (Vec::new(), Vec::new());
    for config in configs {
        let Value::Object(mut patch) = config else {
            return Err(fail("'Expected type object' on property configs".into()));
        };
        let mut name = |name: &str| match patch.remove(name) {
            Some(Value::String(text)) => Ok(text),
            _ => Err(fail(format!("'Missing required property: {name}' on property configs"))),
        };
        let (prompt, screen) = (name("prompt")?, screen_of(&name("screen")?)?);
        if !super::PROMPTS.contains(&prompt.as_str()) {
            return Err(Error::not_found("The prompt does not exist", None));
        }
        changes.push(changed(&call, &prompt, &screen, patch.clone()).await?.0);
        let mut said = said(patch);
        said.insert("prompt".into(), json!(prompt));
        said.insert("screen".into(), json!(screen));
        answer.push(Value::Object(said));
    }
    call.tenant.commit(changes).await?;
    Ok(Answer::ok(json!({ "configs": answer })))
}

/// The change that a patch means, and what it is about.
async fn changed(call: &Call, prompt: &str, screen: &str, patch: Object) -> Result<(Change, About)> {
    schema::check(Rendering::NOUN.fields, &patch, Op::Update)?;
    let id = format!("{prompt}/{screen}");
    let document: Option<Document> = call.tenant.read(&Rendering::NOUN, &id).await?;
    call.precondition.check(document.as_ref())?;
    let before =
        document.as_ref().map_or_else(|| fresh(call, prompt, screen), |document| document.body.clone());
    let mut body = before.clone();
    schema::merge(Rendering::NOUN.fields, &mut body, patch);
    Rendering::view(&body)?;
    let about = About::put::<Rendering>(&id, &before, &body);
    let change = match &document {
        Some(document) => Change::replace::<Rendering>(document, body),
        None => Change::create::<Rendering>(id, body),
    };
    Ok((change, about))
}

fn fresh(call: &Call, prompt: &str, screen: &str) -> Object {
    let mut body = Object::new();
    let id = format!("{prompt}/{screen}");
    for (name, value) in
        [("id", id.as_str()), ("tenant", call.tenant.name()), ("prompt", prompt), ("screen", screen)]
    {
        body.insert(name.into(), json!(value));
    }
    schema::complete(Rendering::NOUN.fields, &mut body);
    body
}

/// Recorded: without filters they are `null`.
fn with_filters(mut body: Object) -> Object {
    body.entry("filters").or_insert(Value::Null);
    body
}

fn said(mut patch: Object) -> Object {
    patch.retain(|_, value| !value.is_null());
    patch
}

fn shown(call: &Call, mut body: Object) -> Result<Object> {
    let (selection, may) = (call.selection()?, |scope: &str| call.may(scope));
    schema::project(Rendering::NOUN.fields, &mut body, &selection, &call.viewer(&may));
    Ok(body)
}

/// A screen's name, as a path says it.
fn screen_of(screen: &str) -> Result<String> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    match (1..=64).contains(&screen.len()) && screen.bytes().all(fits) {
        true => Ok(screen.to_owned()),
        false => Err(Error::not_found(format!("The screen {} does not exist", cut(screen)), None)),
    }
}

fn fail(reason: String) -> Error {
    Error::body(format!("Payload validation error: {reason}."))
}

/// Screens that are changed at once.
const MOST: usize = 20;
