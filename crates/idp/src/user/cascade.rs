//! What goes when a person goes.

use model::{DeviceCredential, User, client::Initiator};
use schema::Resource;
use store::Forgotten;

use crate::{Change, Result, Tenant, connection::database, password::kept, session};

/// Removes somebody, first where scripts know them; tells whether there was anybody.
pub async fn delete(tenant: &Tenant, user_id: &str) -> Result<bool> {
    if let Some(document) = tenant.read(&User::NOUN, user_id).await? {
        database::remove_elsewhere(tenant, &User::view(&document.body)?).await?;
    }
    forget(tenant, user_id).await
}

/// Forgets somebody and all that is theirs here; tells whether there was anybody.
pub async fn forget(tenant: &Tenant, user_id: &str) -> Result<bool> {
    let Some(changes) = deletion(tenant, user_id).await? else { return Ok(false) };
    tenant.commit(changes).await?;
    session::end_all(tenant, user_id, Initiator::AccountDeleted).await?;
    log_out_everywhere(tenant, user_id).await?;
    Ok(true)
}

/// The documents that go, to be committed together with whatever else; nothing if there is nobody.
pub async fn deletion(tenant: &Tenant, user_id: &str) -> Result<Option<Vec<Change>>> {
    let Some(document) = tenant.read(&User::NOUN, user_id).await? else { return Ok(None) };
    let user = User::view(&document.body)?;
    let mut changes = beside_accounts(tenant, user_id).await?;
    changes.extend(kept::of_all(tenant, &user).await?);
    changes.push(Change::delete::<User>(document.id));
    Ok(Some(changes))
}

/// What belongs to somebody, of whichever family, apart from what belongs to their accounts.
pub(super) async fn beside_accounts(tenant: &Tenant, user_id: &str) -> Result<Vec<Change>> {
    let keys = tenant.matching::<DeviceCredential>("user_id", user_id).await?;
    let mut changes: Vec<Change> =
        keys.into_iter().map(|key| Change::delete::<DeviceCredential>(key.id)).collect();
    changes.push(Change::Forget(Forgotten::User(user_id.to_owned())));
    Ok(changes)
}

/// Ends every session and every refresh token of somebody.
pub async fn log_out_everywhere(tenant: &Tenant, user_id: &str) -> Result<()> {
    session::end_all(tenant, user_id, Initiator::PasswordChanged).await?;
    tenant.store().refresh_tokens().end_all(tenant.name(), user_id).await?;
    Ok(())
}
