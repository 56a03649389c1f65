//! Which clients may use a connection: one document for each, so that those who change it at once do not meet.

use idp::{
    RegisteredConnection, Tenant,
    connection::{disable, enable},
};
use model::{Client, Connection, ConnectionClient};
use schema::{Object, Resource};
use serde_json::{Value, json};

use crate::{Answer, Call, Error, about::About, clients::text, collection::existing, error::Result, page};

pub async fn list(call: Call) -> Result<Answer> {
    let connection = existing::<Connection>(&call).await?;
    let snapshot = call.tenant.snapshot();
    let held = snapshot.connection_by_id(&connection.id);
    let clients = held.map(|connection| connection.clients()).unwrap_or_default();
    let (page, next) = page::of_whole(&call, clients, MOST_LISTED, |id| id)?;
    let shown: Vec<Value> = page.iter().map(|client_id| json!({ "client_id": client_id })).collect();
    Ok(page::part("clients", shown, next))
}

/// The connections that a client may use.
pub async fn of_client(call: Call) -> Result<Answer> {
    let client = existing::<Client>(&call).await?;
    let snapshot = call.tenant.snapshot();
    let strategies: Vec<&str> = call.queries("strategy").collect();
    let mut enabled = snapshot.connections_of(&client.id);
    let is_wanted = |connection: &RegisteredConnection| {
        let strategy = serde_json::to_value(connection.view.strategy).unwrap_or_default();
        strategies.is_empty() || strategy.as_str().is_some_and(|strategy| strategies.contains(&strategy))
    };
    enabled.retain(|connection| is_wanted(connection));
    let ids = enabled.iter().map(|connection| &*connection.id).collect();
    let (page, next) = page::of_whole(&call, ids, 100, |id| id)?;
    let mut shown = Vec::new();
    for id in page {
        if let Some(document) = call.tenant.read(&Connection::NOUN, id).await? {
            shown.push(Value::Object(super::shown(&call, document.body)?));
        }
    }
    Ok(page::part("connections", shown, next))
}

pub async fn update(mut call: Call) -> Result<Answer> {
    let connection = existing::<Connection>(&call).await?;
    let Some(Value::Array(wanted)) = call.take_body().shift_remove("clients") else {
        return Err(Error::body("Payload validation error: 'Expected type array'."));
    };
    let n = wanted.len();
    if n > MOST_CHANGED {
        return Err(Error::body(format!(
            "Payload validation error: 'Array is too long ({n}), maximum {MOST_CHANGED}'."
        )));
    }
    let mut changes = Vec::new();
    for (i, one) in wanted.iter().enumerate() {
        let object = one.as_object().filter(|object| object.len() == 2);
        let Some((client_id, Some(status))) = object.and_then(|object| {
            Some((text(object, "client_id")?, object.get("status").and_then(Value::as_bool)))
        }) else {
            return Err(Error::body(format!(
                "Payload validation error: 'Expected client_id and status' on property [{i}]."
            )));
        };
        is_known(&call.tenant, client_id)?;
        changes.push((client_id.to_owned(), status));
    }
    let wanted: Vec<_> = changes.iter().map(|(client_id, status)| (client_id.as_str(), *status)).collect();
    change(&call.tenant, &connection.id, &wanted).await?;
    Ok(Answer::no_content().about(About::only::<Connection>(&connection.id)))
}

/// Takes the clients out of a body, because they are no part of the document.
pub fn taken(tenant: &Tenant, body: &mut Object) -> Result<Option<Vec<String>>> {
    let Some(Value::Array(clients)) = body.shift_remove("enabled_clients") else { return Ok(None) };
    let mut clients: Vec<String> = clients.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    clients.sort_unstable();
    clients.dedup();
    clients.iter().try_for_each(|client_id| is_known(tenant, client_id))?;
    Ok(Some(clients))
}

/// Lets these clients use a connection, and no others.
pub async fn replace(tenant: &Tenant, connection_id: &str, clients: &[String]) -> Result<()> {
    let snapshot = tenant.snapshot();
    let held = snapshot.connection_by_id(connection_id).map(|connection| connection.clients());
    let gone = held.iter().flatten().filter(|id| !clients.iter().any(|client| client == *id));
    let wanted: Vec<_> =
        gone.map(|id| (*id, false)).chain(clients.iter().map(|id| (id.as_str(), true))).collect();
    change(tenant, connection_id, &wanted).await
}

/// Who changes the same at the same time may be faster; then it is looked at again.
async fn change(tenant: &Tenant, connection_id: &str, wanted: &[(&str, bool)]) -> Result<()> {
    for _ in 0..5 {
        let held = tenant.matching::<ConnectionClient>("connection_id", connection_id).await?;
        let is_held = |id: &str| held.iter().any(|one| text(&one.body, "client_id") == Some(id));
        let mut changes = Vec::new();
        for (i, (client_id, status)) in wanted.iter().enumerate() {
            // The last word on a client counts.
            let is_last = wanted[i + 1..].iter().all(|(other, _)| other != client_id);
            if is_last && is_held(client_id) != *status {
                let change = if *status { enable } else { disable };
                changes.push(change(connection_id, client_id));
            }
        }
        if changes.is_empty() {
            return Ok(());
        }
        match tenant.commit(changes).await {
            Err(idp::Error::Taken { .. } | idp::Error::Conflict) => {}
            done => return Ok(done?),
        }
    }
    Err(idp::Error::Conflict.into())
}

fn is_known(tenant: &Tenant, client_id: &str) -> Result<()> {
    match tenant.snapshot().client(client_id) {
        Some(_) => Ok(()),
        None => Err(Error::body(format!("The client {} does not exist.", crate::call::cut(client_id)))),
    }
}

/// How many a page may list, and how many one request may change.
const MOST_LISTED: i64 = 1_000;
const MOST_CHANGED: usize = 50;
