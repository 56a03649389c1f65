//! How passwords are kept from being guessed: one document for each of the measures, read and changed. One that nobody
//! ever changed says what a new one would.

use http::Method;
use idp::{Change, Document, provision::SETTINGS};
use model::{
    BruteForceProtection, SuspiciousIpThrottling,
    attack_protection::{BotDetection, BreachedPasswordDetection, Captcha, PhoneProviderProtection},
};
use schema::{Object, Op, Resource};
use serde_json::Value;

use crate::{
    Answer, Call, Operation,
    about::About,
    error::Result,
    operation::run,
    precondition::{etag, next_etag},
};

pub fn operations() -> Vec<Operation> {
    [
        rows::<BruteForceProtection>("brute-force settings"),
        rows::<SuspiciousIpThrottling>("suspicious IP throttling settings"),
        rows::<BreachedPasswordDetection>("breached password detection settings"),
        rows::<BotDetection>("bot detection settings"),
        rows::<Captcha>("captcha settings"),
        rows::<PhoneProviderProtection>("phone provider protection settings"),
    ]
    .concat()
}

fn rows<R: Resource>(words: &str) -> Vec<Operation> {
    let path = format!("/{}", R::NOUN.path);
    vec![
        Operation::new(
            Method::GET,
            &path,
            &format!("Get {words}"),
            &["read:attack_protection"],
            run!(read::<R>),
        ),
        Operation::new(
            Method::PATCH,
            &path,
            &format!("Update {words}"),
            &["update:attack_protection"],
            run!(update::<R>),
        ),
    ]
}

async fn read<R: Resource>(call: Call) -> Result<Answer> {
    let document = call.tenant.read(&R::NOUN, SETTINGS).await?;
    let answer = Answer::ok(shown::<R>(&call, body_of::<R>(document.as_ref()))?);
    Ok(match &document {
        Some(document) => answer.tagged(etag(document)),
        None => answer,
    })
}

async fn update<R: Resource>(mut call: Call) -> Result<Answer> {
    let mut patch = call.take_body();
    schema::check(R::NOUN.fields, &patch, Op::Update)?;
    let document = call.tenant.read(&R::NOUN, SETTINGS).await?;
    call.precondition.check(document.as_ref())?;
    let before = body_of::<R>(document.as_ref());
    whole_stages(&before, &mut patch);
    let mut body = before.clone();
    schema::merge(R::NOUN.fields, &mut body, patch);
    R::view(&body)?;
    let change = match &document {
        Some(document) => Change::replace::<R>(document, body.clone()),
        None => Change::create::<R>(SETTINGS, body.clone()),
    };
    if body != before || document.is_none() {
        let committed = call.tenant.commit(vec![change]).await.map_err(|error| match error {
            // Somebody else made it a moment ago.
            idp::Error::Taken { .. } => idp::Error::Conflict,
            other => other,
        });
        committed.map_err(|error| call.precondition.lost(error.into()))?;
    }
    let about = About::put::<R>(SETTINGS, &before, &body);
    let answer = Answer::ok(shown::<R>(&call, body)?).about(about);
    Ok(match &document {
        Some(document) => answer.tagged(next_etag(document)),
        None => answer,
    })
}

fn body_of<R: Resource>(document: Option<&Document>) -> Object {
    document.map_or_else(
        || {
            let mut body = Object::new();
            schema::complete(R::NOUN.fields, &mut body);
            body
        },
        |document| document.body.clone(),
    )
}

/// Recorded: a stage, and a member of one, that a patch does not name stays as it was
/// (`TestAccAttackProtectionSuspiciousIPThrottling`).
fn whole_stages(before: &Object, patch: &mut Object) {
    if let (Some(kept), Some(stages)) = (before.get("stage"), patch.get_mut("stage")) {
        let given = std::mem::replace(stages, kept.clone());
        lay_over(stages, given);
    }
}

fn lay_over(kept: &mut Value, given: Value) {
    match (kept, given) {
        (Value::Object(kept), Value::Object(given)) => {
            for (name, value) in given {
                lay_over(kept.entry(name).or_insert(Value::Null), value);
            }
        }
        (kept, given) => *kept = given,
    }
}

fn shown<R: Resource>(call: &Call, mut body: Object) -> Result<Object> {
    schema::project(R::NOUN.fields, &mut body, &call.selection()?, &call.viewer(&|scope| call.may(scope)));
    Ok(body)
}
