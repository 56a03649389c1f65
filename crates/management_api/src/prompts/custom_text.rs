//! The tenant's own words for one prompt in one language.

use http::Method;
use idp::Change;
use model::{CustomText, tenant_settings::LOCALES};
use schema::{Object, Resource};
use serde_json::{Value, json};

use super::prompt_of;
use crate::{
    Answer, Call, Error, Operation, about::About, call::cut, error::Result, operation::run,
    precondition::etag,
};

const PATH: &str = "/prompts/{prompt}/custom-text/{language}";

pub fn operations() -> Vec<Operation> {
    let (read, update) = (&["read:prompts"], &["update:prompts"]);
    vec![
        Operation::new(Method::GET, PATH, "Get custom text for a prompt", read, run!(get)),
        Operation::new(Method::PUT, PATH, "Set custom text for a prompt", update, run!(set)),
    ]
}

async fn get(call: Call) -> Result<Answer> {
    let document = call.tenant.read(&CustomText::NOUN, &id_of(&call)?).await?;
    Ok(match document {
        Some(document) => {
            let texts = document.body.get("texts").cloned().unwrap_or_else(|| json!({}));
            Answer::ok(texts).tagged(etag(&document))
        }
        None => Answer::ok(json!({})),
    })
}

/// Takes the place of all the words there were; no words are none at all.
async fn set(mut call: Call) -> Result<Answer> {
    let id = id_of(&call)?;
    let words = words(call.take_body(), &|_| true)?;
    put::<CustomText>(&call, &id, "texts", words).await
}

/// Stores words under a name of their own, or forgets what was there.
pub async fn put<R: Resource>(call: &Call, id: &str, name: &str, words: Object) -> Result<Answer> {
    let document = call.tenant.read(&R::NOUN, id).await?;
    call.precondition.check(document.as_ref())?;
    let before = document.as_ref().map(|document| document.body.clone()).unwrap_or_default();
    let mut after = Object::new();
    after.insert("id".into(), json!(id));
    after.insert(name.into(), Value::Object(words.clone()));
    let change = match (&document, words.is_empty()) {
        (Some(_), true) => Some(Change::delete::<R>(id)),
        (None, true) => None,
        (Some(document), false) => Some(Change::replace::<R>(document, after.clone())),
        (None, false) => Some(Change::create::<R>(id, after.clone())),
    };
    if let Some(change) = change {
        let committed = call.tenant.commit(vec![change]).await.map_err(|error| match error {
            // Somebody else made it a moment ago.
            idp::Error::Taken { .. } => idp::Error::Conflict,
            other => other,
        });
        committed.map_err(|error| call.precondition.lost(error.into()))?;
    }
    Ok(Answer::ok(words).about(About::put::<R>(id, &before, &after)))
}

/// Texts by screen and key; screens without any are left out.
pub fn words(body: Object, may: &dyn Fn(&str) -> bool) -> Result<Object> {
    let mut kept = Object::new();
    for (screen, texts) in body {
        if !is_name(&screen) {
            return Err(fail(format!("'Additional properties not allowed: {}'", cut(&screen))));
        }
        let Value::Object(texts) = texts else {
            return Err(fail(format!("'Expected type object' on property {screen}")));
        };
        if texts.len() > MOST {
            return Err(fail(format!(
                "'Too many properties defined ({})' on property {screen}",
                texts.len()
            )));
        }
        for (key, text) in &texts {
            if !is_name(key) || !may(key) {
                return Err(fail(format!(
                    "'Additional properties not allowed: {}' on property {screen}",
                    cut(key)
                )));
            }
            match text {
                Value::String(text) if text.len() <= LONGEST && !text.contains('\0') => {}
                Value::String(_) => {
                    return Err(fail(format!(
                        "'Too long, or a character that is not allowed' on property {screen}.{key}"
                    )));
                }
                _ => return Err(fail(format!("'Expected type string' on property {screen}.{key}"))),
            }
        }
        if !texts.is_empty() {
            kept.insert(screen, Value::Object(texts));
        }
    }
    match kept.len() > MOST {
        true => Err(fail(format!("'Too many properties defined ({})'", kept.len()))),
        false => Ok(kept),
    }
}

/// Prompt and language of the path.
fn id_of(call: &Call) -> Result<String> {
    let (prompt, language) = (prompt_of(call)?, call.parameter("language"));
    match LOCALES.contains(&language) {
        true => Ok(format!("{prompt}/{language}")),
        false => Err(Error::new(
            http::StatusCode::BAD_REQUEST,
            format!("Path validation error: 'Invalid value \"{}\"' on property language.", cut(language)),
            Some("invalid_uri"),
        )),
    }
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    (1..=255).contains(&name.len()) && name.bytes().all(fits)
}

fn fail(reason: String) -> Error {
    Error::body(format!("Payload validation error: {reason}."))
}

/// Screens of a prompt, and texts of a screen.
const MOST: usize = 500;
const LONGEST: usize = 50_000;
