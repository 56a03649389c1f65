//! The care of signing keys: when they are rotated by themselves, and the end of one at once, whichever it is.

use http::Method;
use idp::{clock::iso, key_policy, keys};
use model::{KeyPolicy, SigningKey};
use schema::{Resource, Selection, Viewer};
use serde_json::{Value, json};

use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let (read, update) = (&["read:signing_keys"], &["update:signing_keys"]);
    let revoke = "/keys/signing/{kid}/revoke";
    vec![
        Operation::ours(Method::GET, "/keys/policy", "Get the key policy", read, run!(get)),
        Operation::ours(Method::PATCH, "/keys/policy", "Update the key policy", update, run!(change)),
        Operation::ours(Method::POST, revoke, "Revoke a signing key at once", update, run!(revoke_at_once))
            .grave(),
    ]
}

async fn get(call: Call) -> Result<Answer> {
    let policy = key_policy::read(&call.tenant).await?;
    shown(&call, &policy).await
}

async fn change(mut call: Call) -> Result<Answer> {
    let patch = call.take_body();
    key_policy::check(&patch)?;
    let policy = key_policy::change(&call.tenant, patch).await?;
    shown(&call, &policy).await
}

async fn revoke_at_once(call: Call) -> Result<Answer> {
    let found = call.tenant.read(&SigningKey::NOUN, call.parameter("kid")).await?;
    let key = found.ok_or_else(|| Error::not_found("The signing key does not exist.", None))?;
    let mut revoked = keys::revoke_at_once(&call.tenant, &key).await?;
    let viewer = Viewer::with(&|_| true);
    schema::project(SigningKey::NOUN.fields, &mut revoked, &Selection::Everything, &viewer);
    Ok(Answer::ok(Value::Object(revoked)))
}

async fn shown(call: &Call, policy: &KeyPolicy) -> Result<Answer> {
    let next = key_policy::next_rotation(&call.tenant, policy).await?;
    Ok(Answer::ok(json!({
        "rotate_every_days": policy.rotate_every_days,
        "announce_days": policy.announce_days,
        "next_rotation": next.map(iso),
    })))
}
