//! People who were stored before they had accounts: those who administer.

use model::User;
use schema::Resource;
use serde_json::{Value, json};

use super::{CONNECTION, DATABASE};
use crate::{Change, Error, Result, Tenant, tenants::ADMINISTRATORS};

/// Gives an account to whoever has none.
pub async fn mend(tenant: &Tenant) -> Result<()> {
    if tenant.name() != ADMINISTRATORS {
        return Ok(());
    }
    for document in tenant.all(&User::NOUN).await? {
        if document.body.contains_key("identities") {
            continue;
        }
        let mut body = document.body.clone();
        let account = document.id.split_once('|').map_or(document.id.as_str(), |(_, account)| account);
        let identity =
            json!({ "connection": CONNECTION, "user_id": account, "provider": DATABASE, "isSocial": false });
        body.insert("identities".into(), Value::Array(vec![identity]));
        let keys = User::keys(&body);
        match tenant.commit(vec![Change::replace::<User>(&document, body).with_keys(keys)]).await {
            // Another node did the same a moment ago.
            Ok(()) | Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
