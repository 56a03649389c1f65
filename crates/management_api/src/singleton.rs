//! What a tenant has one of: a document that is read and changed. One that nobody ever changed says what a new one would.

use idp::{Change, Document, provision::SETTINGS};
use schema::{Object, Op, Resource};

use crate::{
    Answer, Call,
    about::About,
    error::Result,
    precondition::{etag, next_etag},
};

pub async fn read<R: Resource>(call: Call) -> Result<Answer> {
    let document = call.tenant.read(&R::NOUN, SETTINGS).await?;
    let answer = Answer::ok(shown::<R>(&call, body_of::<R>(document.as_ref()))?);
    Ok(match &document {
        Some(document) => answer.tagged(etag(document)),
        None => answer,
    })
}

/// Checks a patch, lays it over the document and stores the result. What was there before may add to the patch.
pub async fn update<R: Resource>(
    call: &Call,
    mut patch: Object,
    amend: fn(&Object, &mut Object),
) -> Result<Answer> {
    schema::check(R::NOUN.fields, &patch, Op::Update)?;
    let document = call.tenant.read(&R::NOUN, SETTINGS).await?;
    call.precondition.check(document.as_ref())?;
    let before = body_of::<R>(document.as_ref());
    amend(&before, &mut patch);
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
    let answer = Answer::ok(shown::<R>(call, body)?).about(about);
    Ok(match &document {
        Some(document) => answer.tagged(next_etag(document)),
        None => answer,
    })
}

/// What is stored, or what a new one would say.
pub fn body_of<R: Resource>(document: Option<&Document>) -> Object {
    document.map_or_else(
        || {
            let mut body = Object::new();
            schema::complete(R::NOUN.fields, &mut body);
            body
        },
        |document| document.body.clone(),
    )
}

/// As this caller may see it.
pub fn shown<R: Resource>(call: &Call, mut body: Object) -> Result<Object> {
    schema::project(R::NOUN.fields, &mut body, &call.selection()?, &call.viewer(&|scope| call.may(scope)));
    Ok(body)
}
