//! People who were stored before they had accounts, and while their passwords lay with them: those who administer.

use model::User;
use schema::Resource;
use serde_json::{Value, json};

use super::{CONNECTION, DATABASE};
use crate::{Change, Document, Error, Result, Tenant, password::kept, tenants::ADMINISTRATORS};

/// Gives an account to whoever has none, and a document of its own to each password.
pub async fn mend(tenant: &Tenant) -> Result<()> {
    if tenant.name() != ADMINISTRATORS {
        return Ok(());
    }
    for document in tenant.all(&User::NOUN).await? {
        let changes = mended(tenant, &document)?;
        if changes.is_empty() {
            continue;
        }
        match tenant.commit(changes).await {
            // Another node did the same a moment ago.
            Ok(()) | Err(Error::Conflict | Error::Taken { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn mended(tenant: &Tenant, document: &Document) -> Result<Vec<Change>> {
    let mut body = document.body.clone();
    let mut changes = Vec::new();
    if let Some(hash) = User::view(&body)?.password_hash {
        body.shift_remove("password_hash");
        changes.push(kept::known_by(tenant, &document.id, &hash));
    }
    if !body.contains_key("identities") {
        let account = document.id.split_once('|').map_or(document.id.as_str(), |(_, account)| account);
        let identity =
            json!({ "connection": CONNECTION, "user_id": account, "provider": DATABASE, "isSocial": false });
        body.insert("identities".into(), Value::Array(vec![identity]));
    }
    if body != document.body {
        let keys = User::keys(&body);
        changes.push(Change::replace::<User>(document, body).with_keys(keys));
    }
    Ok(changes)
}
