//! What becomes of the people of a connection that goes.

use model::User;
use schema::Resource;
use serde_json::{Value, json};
use store::{Order, Term, Terms, Wanted};

use crate::{Change, Error, Result, Tenant, password::kept, user};

/// Removes whoever came by this connection. Whoever also has another account, which names them, keeps that.
pub async fn remove_people(tenant: &Tenant, name: &str) -> Result<()> {
    let value = Wanted::Is(name.to_owned());
    let here = Terms::Term(Term { name: "identities.connection", value, is_multiple: true });
    loop {
        let order = Order { by: None, descending: false };
        let (page, _) = tenant.search(&User::NOUN, &here, order, (0, PAGE), false).await?;
        if page.is_empty() {
            return Ok(());
        }
        for document in page {
            let user = User::view(&document.body)?;
            if user.connection() == Some(name) {
                // What scripts know elsewhere stays there.
                match user::forget(tenant, &document.id).await {
                    Ok(_) | Err(Error::Conflict) => continue,
                    Err(error) => return Err(error),
                }
            }
            let mut changes: Vec<Change> = Vec::new();
            for identity in user.identities.iter().filter(|identity| identity.connection == name) {
                changes.extend(kept::removed(tenant, &identity.id()).await?);
            }
            let mut body = document.body.clone();
            if let Some(Value::Array(identities)) = body.get_mut("identities") {
                identities.retain(|identity| identity.get("connection") != Some(&json!(name)));
            }
            changes.push(user::replace(&document, body));
            match tenant.commit(changes).await {
                // Somebody else changed the same person: the next page has them again.
                Ok(()) | Err(Error::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
    }
}

const PAGE: i64 = 100;
