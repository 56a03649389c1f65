//! What somebody may do once, and not for ever: go on with a login, follow an invitation. Whoever has the code has the
//! ticket; the store has only its hash.

use serde::{Serialize, de::DeserializeOwned};

use crate::{Result, Tenant, bearer};

/// A ticket that is still good.
#[derive(Debug)]
pub struct Listed<T> {
    /// What it can be listed and thrown away by; it does not give the code away.
    pub id: String,
    pub body: T,
    /// Seconds since 1970.
    pub created: i64,
    /// Seconds since 1970.
    pub expires: i64,
}

/// Makes a ticket that is good for so many seconds, and answers its code.
pub async fn issue<T: Serialize>(
    tenant: &Tenant,
    kind: &'static str,
    body: &T,
    lifetime: i64,
) -> Result<String> {
    let code = bearer::make();
    let now = tenant.clock().now();
    let ticket = store::Ticket {
        id: bearer::hash(&code),
        body: serde_json::to_string(body)?,
        created: now,
        expires: now + lifetime,
    };
    tenant.store().tickets().insert(tenant.name(), kind, ticket).await?;
    Ok(code)
}

/// What a ticket says; it stays good.
pub async fn read<T: DeserializeOwned>(tenant: &Tenant, kind: &'static str, code: &str) -> Result<Option<T>> {
    let (id, now) = (bearer::hash(code), tenant.clock().now());
    let ticket = tenant.store().tickets().read(tenant.name(), kind, &id, now).await?;
    Ok(ticket.map(|ticket| serde_json::from_str(&ticket.body)).transpose()?)
}

/// What a ticket says; nobody else can use it afterwards.
pub async fn take<T: DeserializeOwned>(tenant: &Tenant, kind: &'static str, code: &str) -> Result<Option<T>> {
    let (id, now) = (bearer::hash(code), tenant.clock().now());
    let ticket = tenant.store().tickets().take(tenant.name(), kind, &id, now).await?;
    Ok(ticket.map(|ticket| serde_json::from_str(&ticket.body)).transpose()?)
}

/// Gives a ticket that is still there another body.
pub async fn replace<T: Serialize>(tenant: &Tenant, kind: &'static str, code: &str, body: &T) -> Result<()> {
    let body = serde_json::to_string(body)?;
    Ok(tenant.store().tickets().replace(tenant.name(), kind, &bearer::hash(code), body).await?)
}

/// What is left of a ticket that was taken to be put back.
#[derive(Debug)]
pub struct Kept(store::Ticket);

/// Takes a ticket that may be put back with another body: of several who try at once, one goes on.
pub async fn take_to_put_back(tenant: &Tenant, kind: &'static str, code: &str) -> Result<Option<Kept>> {
    let (id, now) = (bearer::hash(code), tenant.clock().now());
    Ok(tenant.store().tickets().take(tenant.name(), kind, &id, now).await?.map(Kept))
}

/// Puts a ticket back under its code.
pub async fn put_back<T: Serialize>(
    tenant: &Tenant,
    kind: &'static str,
    Kept(ticket): Kept,
    body: &T,
) -> Result<()> {
    let ticket = store::Ticket { body: serde_json::to_string(body)?, ..ticket };
    Ok(tenant.store().tickets().insert(tenant.name(), kind, ticket).await?)
}

/// The tickets of a kind, oldest first.
pub async fn list<T: DeserializeOwned>(tenant: &Tenant, kind: &'static str) -> Result<Vec<Listed<T>>> {
    let tickets = tenant.store().tickets().list(tenant.name(), kind, tenant.clock().now()).await?;
    let read = |ticket: store::Ticket| {
        let store::Ticket { id, body, created, expires } = ticket;
        Ok(Listed { id, body: serde_json::from_str(&body)?, created, expires })
    };
    tickets.into_iter().map(read).collect()
}

/// Throws a ticket away by its id; tells whether there was one.
pub async fn revoke(tenant: &Tenant, kind: &'static str, id: &str) -> Result<bool> {
    Ok(tenant.store().tickets().delete(tenant.name(), kind, id).await?)
}
