//! What the tenant adds to the forms of one prompt: pieces of a page, by screen and place.

use http::Method;
use model::Partials;
use schema::Resource;
use serde_json::json;

use super::{
    custom_text::{put, words},
    prompt_of,
};
use crate::{Answer, Call, Operation, error::Result, operation::run, precondition::etag};

const PATH: &str = "/prompts/{prompt}/partials";

pub fn operations() -> Vec<Operation> {
    let (read, update) = (&["read:prompts"], &["update:prompts"]);
    vec![
        Operation::new(Method::GET, PATH, "Get partials for a prompt", read, run!(get)),
        Operation::new(Method::PUT, PATH, "Set partials for a prompt", update, run!(set)),
    ]
}

async fn get(call: Call) -> Result<Answer> {
    let document = call.tenant.read(&Partials::NOUN, &prompt_of(&call)?).await?;
    Ok(match document {
        Some(document) => {
            let partials = document.body.get("partials").cloned().unwrap_or_else(|| json!({}));
            Answer::ok(partials).tagged(etag(&document))
        }
        None => Answer::ok(json!({})),
    })
}

async fn set(mut call: Call) -> Result<Answer> {
    let prompt = prompt_of(&call)?;
    let partials = words(call.take_body(), &|place| PLACES.contains(&place))?;
    put::<Partials>(&call, &prompt, "partials", partials).await
}

const PLACES: &[&str] = &[
    "form-content-start",
    "form-content-end",
    "form-footer-start",
    "form-footer-end",
    "secondary-actions-start",
    "secondary-actions-end",
];
