//! The keys under which a tenant's secrets are sealed, down from the root, and a customer's own root.

use http::Method;
use idp::encryption_keys as keys;
use model::EncryptionKey;
use schema::{Object, Resource, Selection, Viewer};
use serde_json::{Value, json};

use crate::{Answer, Call, Error, Operation, clients::text, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let all = "/keys/encryption";
    let one = "/keys/encryption/{kid}";
    let wrapping = "/keys/encryption/{kid}/wrapping-key";
    let (read_scope, update) = (&["read:encryption_keys"], &["update:encryption_keys"]);
    vec![
        Operation::new(Method::GET, all, "Get all encryption keys", read_scope, run!(list)).reading(&[
            "page",
            "per_page",
            "include_totals",
        ]),
        Operation::new(
            Method::POST,
            all,
            "Create an encryption key",
            &["create:encryption_keys"],
            run!(create),
        ),
        Operation::new(
            Method::POST,
            "/keys/encryption/rekey",
            "Rekey the key hierarchy",
            &["create:encryption_keys", "update:encryption_keys"],
            run!(rekey),
        ),
        Operation::new(Method::GET, one, "Get an encryption key", read_scope, run!(read)),
        Operation::new(Method::POST, one, "Import an encryption key", update, run!(import)),
        Operation::new(
            Method::DELETE,
            one,
            "Delete an encryption key",
            &["delete:encryption_keys"],
            run!(delete),
        ),
        Operation::new(
            Method::POST,
            wrapping,
            "Create a wrapping key",
            &["create:encryption_keys"],
            run!(wrapping_key),
        ),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let page = call.number("page", 0, i64::from(i32::MAX))?.unwrap_or(0);
    let per_page = call.number("per_page", 0, 100)?.unwrap_or(PAGE);
    let mut documents = call.tenant.all(&EncryptionKey::NOUN).await?;
    // Newest first, as recorded.
    documents.reverse();
    let (start, total) = (page * PAGE, documents.len() as i64);
    let keys = documents.into_iter().skip(usize::try_from(start).unwrap_or(usize::MAX)).take(PAGE as usize);
    let keys: Vec<Value> = keys.map(|document| Value::Object(shown(document.body))).collect();
    Ok(Answer::ok(match call.flag("include_totals")?.unwrap_or(false) {
        true => with_totals(keys, start, total, per_page),
        false => json!(keys),
    }))
}

/// Recorded: a page is always of fifty, whatever was asked for, and who asked for another size is told nothing
/// of where it lies (`TestAccEncryptionKeyManagerRotation` against `TestEncryptionKeyManager_List`).
fn with_totals(keys: Vec<Value>, start: i64, total: i64, per_page: i64) -> Value {
    match per_page {
        PAGE => json!({ "start": start, "limit": PAGE, "total": total, "keys": keys }),
        _ => json!({ "start": 0, "limit": 0, "total": 0, "keys": keys }),
    }
}

const PAGE: i64 = 50;

async fn create(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    schema::check(EncryptionKey::NOUN.fields, &body, schema::Op::Create)?;
    if text(&body, "type") != Some("customer-provided-root-key") {
        return Err(Error::body("Only a customer-provided-root-key can be created."));
    }
    Ok(Answer::created(shown(keys::create(&call.tenant).await?)))
}

async fn rekey(call: Call) -> Result<Answer> {
    keys::rekey(&call.tenant).await?;
    Ok(Answer::no_content())
}

async fn read(call: Call) -> Result<Answer> {
    Ok(Answer::ok(shown(existing(&call).await?)))
}

async fn import(call: Call) -> Result<Answer> {
    existing(&call).await?;
    let Some(wrapped) = text(&call.body, "wrapped_key") else {
        return Err(Error::body("Payload validation error: 'Missing required property: wrapped_key'."));
    };
    Ok(Answer::created(shown(keys::import(&call.tenant, call.parameter("kid"), wrapped).await?)))
}

async fn delete(call: Call) -> Result<Answer> {
    existing(&call).await?;
    keys::destroy(&call.tenant, call.parameter("kid")).await?;
    Ok(Answer::no_content())
}

async fn wrapping_key(call: Call) -> Result<Answer> {
    existing(&call).await?;
    Ok(Answer::created(keys::wrapping_key(&call.tenant, call.parameter("kid")).await?))
}

async fn existing(call: &Call) -> Result<Object> {
    let key = call.tenant.read(&EncryptionKey::NOUN, call.parameter("kid")).await?;
    key.map(|key| key.body).ok_or_else(|| Error::not_found("The encryption key does not exist.", None))
}

fn shown(mut key: Object) -> Object {
    schema::project(EncryptionKey::NOUN.fields, &mut key, &Selection::Everything, &Viewer::with(&|_| true));
    // These two are always there, if only as null.
    for name in ["parent_kid", "public_key"] {
        key.entry(name).or_insert(json!(null));
    }
    key
}
