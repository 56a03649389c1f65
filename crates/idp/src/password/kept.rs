//! Passwords as they are kept: one document for each identity, with what its forerunners were known by.

use model::{Password, Secret, User};
use schema::{Object, Resource};
use serde_json::{Value, json};

use super::{PasswordRefusal, hash, imported};
use crate::{Change, Document, Error, Result, Tenant};

/// The document of somebody's first password, to be committed with whatever else makes a person of them.
pub async fn first(tenant: &Tenant, identity: &str, password: Secret) -> Result<Change> {
    let hash = hash(password).await?;
    Ok(Change::create::<Password>(identity, body(tenant, identity, ("hash", json!(hash)))))
}

/// The document of a password that is known by a hash of ours.
pub fn known_by(tenant: &Tenant, identity: &str, hash: &Secret) -> Change {
    Change::create::<Password>(identity, body(tenant, identity, ("hash", json!(hash.expose()))))
}

/// The document of a password that another system knew by this hash, or why it is none.
pub fn imported(tenant: &Tenant, identity: &str, hash: &Object) -> std::result::Result<Change, String> {
    match imported::fault(hash) {
        Some(fault) => Err(fault),
        None => {
            let hash = Value::Object(hash.clone()).to_string();
            Ok(Change::create::<Password>(identity, body(tenant, identity, ("imported", json!(hash)))))
        }
    }
}

/// What puts another imported hash in the place of one that was never used.
pub async fn imported_again(
    tenant: &Tenant,
    identity: &str,
    hash: &Object,
) -> Result<std::result::Result<Option<Change>, String>> {
    let change = match imported(tenant, identity, hash) {
        Ok(change) => change,
        Err(fault) => return Ok(Err(fault)),
    };
    Ok(Ok(match of(tenant, identity).await? {
        None => Some(change),
        // Whoever has logged in meanwhile has a password of ours.
        Some((_, kept)) if kept.imported.is_none() => None,
        Some((document, _)) => {
            let hash = Value::Object(hash.clone()).to_string();
            Some(Change::replace::<Password>(&document, body(tenant, identity, ("imported", json!(hash)))))
        }
    }))
}

/// Whether it is the password of an identity, or of nobody at the same cost. What came from elsewhere is kept in our own
/// manner from then on.
pub(crate) async fn matches(tenant: &Tenant, identity: Option<&str>, password: Secret) -> Result<bool> {
    // Of nobody, too, something is read.
    let kept = of(tenant, identity.unwrap_or(NOBODY)).await?;
    let (document, kept) = match kept {
        Some((document, kept)) => (Some(document), kept),
        None => return super::matches(password, None).await,
    };
    let Some(imported) = kept.imported else { return super::matches(password, kept.hash).await };
    if !super::matches_imported(password.clone(), imported).await? {
        return Ok(false);
    }
    if let (Some(document), Some(identity)) = (document, identity) {
        let body = body(tenant, identity, ("hash", json!(hash(password).await?)));
        match tenant.commit(vec![Change::replace::<Password>(&document, body)]).await {
            // Another login did the same, or the password was changed: what is there now is newer.
            Ok(()) | Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// No identity has this name.
const NOBODY: &str = "|";

/// What removes the passwords of somebody who goes.
pub async fn of_all(tenant: &Tenant, user: &User) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    for identity in user.identities.iter().filter(|identity| identity.is_database()) {
        changes.extend(removed(tenant, &identity.id()).await?);
    }
    Ok(changes)
}

/// What removes the password of an identity, if it has one.
pub async fn removed(tenant: &Tenant, identity: &str) -> Result<Option<Change>> {
    let document = tenant.read(&Password::NOUN, identity).await?;
    Ok(document.map(|document| Change::delete::<Password>(document.id)))
}

/// The password of an identity.
pub(crate) async fn of(tenant: &Tenant, identity: &str) -> Result<Option<(Document, Password)>> {
    let document = tenant.read(&Password::NOUN, identity).await?;
    Ok(match document {
        Some(document) => {
            let view = Password::view(&document.body)?;
            Some((document, view))
        }
        None => None,
    })
}

/// What gives an identity another password, of whose forerunners the latest may not be chosen again.
pub(crate) async fn another(
    tenant: &Tenant,
    identity: &str,
    password: Secret,
    remembered: usize,
) -> Result<Change> {
    let Some((document, kept)) = of(tenant, identity).await? else {
        return first(tenant, identity, password).await;
    };
    if let Some(imported) = kept.imported.filter(|_| remembered > 0)
        && super::matches_imported(password.clone(), imported).await?
    {
        return Err(PasswordRefusal::UsedBefore.into());
    }
    let former: Vec<Secret> = kept.hash.into_iter().chain(kept.history.unwrap_or_default()).collect();
    for hash in former.iter().take(remembered) {
        if super::matches(password.clone(), Some(hash.clone())).await? {
            return Err(PasswordRefusal::UsedBefore.into());
        }
    }
    let mut body = body(tenant, identity, ("hash", json!(hash(password).await?)));
    let history: Vec<&str> = former.iter().take(remembered).map(Secret::expose).collect();
    if !history.is_empty() {
        body.insert("history".into(), json!(history));
    }
    Ok(Change::replace::<Password>(&document, body))
}

fn body(tenant: &Tenant, identity: &str, (name, known_by): (&str, Value)) -> Object {
    let mut body = Object::new();
    body.insert("identity".into(), json!(identity));
    body.insert(name.into(), known_by);
    body.insert("changed_at".into(), json!(tenant.clock().iso()));
    body
}
