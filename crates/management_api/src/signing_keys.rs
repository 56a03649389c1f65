//! The tenant's signing keys: read, rotate, revoke.

use http::Method;
use idp::{Document, keys};
use model::SigningKey;
use schema::{Object, Resource, Selection, Viewer};
use serde_json::{Value, json};

use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let read_scope = &["read:signing_keys"];
    vec![
        Operation::new(Method::GET, "/keys/signing", "Get all signing keys", read_scope, run!(list)),
        Operation::new(Method::GET, "/keys/signing/{kid}", "Get a signing key", read_scope, run!(read)),
        Operation::new(
            Method::POST,
            "/keys/signing/rotate",
            "Rotate the signing keys",
            &["create:signing_keys", "update:signing_keys"],
            run!(rotate),
        ),
        Operation::new(
            Method::PUT,
            "/keys/signing/{kid}/revoke",
            "Revoke a signing key",
            &["update:signing_keys"],
            run!(revoke),
        )
        .grave(),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let mut documents = call.tenant.all(&SigningKey::NOUN).await?;
    // Current first, then next, previous, and what was revoked, newest first.
    let is = |document: &Document, state: &str| document.body.get(state) == Some(&json!(true));
    documents.reverse();
    documents
        .sort_by_key(|document| [is(document, "revoked"), is(document, "previous"), is(document, "next")]);
    Ok(Answer::ok(Value::Array(
        documents.into_iter().map(|document| Value::Object(shown(document.body))).collect(),
    )))
}

async fn read(call: Call) -> Result<Answer> {
    Ok(Answer::ok(shown(existing(&call).await?.body)))
}

async fn rotate(call: Call) -> Result<Answer> {
    let next = keys::rotate(&call.tenant).await?;
    Ok(Answer::created(shown(next)))
}

async fn revoke(call: Call) -> Result<Answer> {
    let key = existing(&call).await?;
    let revoked = keys::revoke(&call.tenant, &key.id).await?;
    Ok(Answer::ok(shown(revoked)))
}

async fn existing(call: &Call) -> Result<Document> {
    let key = call.tenant.read(&SigningKey::NOUN, call.parameter("kid")).await?;
    key.ok_or_else(|| Error::not_found("The signing key does not exist.", None))
}

fn shown(mut key: Object) -> Object {
    schema::project(SigningKey::NOUN.fields, &mut key, &Selection::Everything, &Viewer::with(&|_| true));
    key
}
