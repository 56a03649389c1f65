//! What is deleted stays for a week, sealed as a whole and out of every other sight, so that it can come back as it
//! was: with its identifier, its secrets and what went with it.

use idp::{Change, Document, Tenant};
use model::{
    Client, ClientCredential, ClientGrant, ClientSecret, Connection, ConnectionClient, Deleted,
    FederatedCredential, Organization, OrganizationClientGrant, ResourceServer,
};
use schema::{Noun, Object, Resource};
use serde_json::{Value, json};

use crate::{Error, about::object, clients::text, collection::Lifecycle, error::Result};

/// How long it can be restored, in milliseconds.
pub const KEPT_FOR: i64 = 7 * 24 * 3_600_000;

/// The keeping of a document whose deletion, with what goes with it, is about to be committed.
pub async fn keep<R: Lifecycle>(tenant: &Tenant, document: &Document, gone: &[Change]) -> Result<Change> {
    let mut remains = Vec::new();
    for change in gone {
        let Change::Delete { noun, id } = change else { continue };
        let read = if *id == document.id && noun.path == R::NOUN.path {
            Some(document.body.clone())
        } else {
            tenant.read(noun, id).await?.map(|document| document.body)
        };
        remains.extend(read.map(|body| json!({ "kind": noun.path, "id": id, "body": body })));
    }
    let id = object(R::NOUN.path, &document.id);
    let mut body = Object::new();
    for (name, value) in [
        ("id", json!(id)),
        ("kind", json!(R::NOUN.path)),
        ("object_id", json!(document.id)),
        ("name", json!(name(&document.body))),
        ("deleted_at", json!(tenant.clock().now_ms())),
        ("remains", json!(Value::Array(remains).to_string())),
    ] {
        body.insert(name.into(), value);
    }
    // A seed can make and somebody delete the same identifier again.
    Ok(match tenant.read(&Deleted::NOUN, &id).await? {
        Some(before) => Change::replace::<Deleted>(&before, body),
        None => Change::create::<Deleted>(id, body),
    })
}

/// A thing that was deleted, read.
pub struct Kept {
    id: String,
    remains: Vec<Remains>,
}

impl Kept {
    /// The grants that come back with it.
    pub fn grants(&self) -> impl Iterator<Item = &Object> {
        self.remains.iter().filter(|one| one.kind == ClientGrant::NOUN.path).map(|one| &one.body)
    }
}

struct Remains {
    kind: String,
    id: String,
    body: Object,
}

/// What was deleted of this kind under this identifier, if it still can be restored.
pub async fn kept(tenant: &Tenant, noun: &Noun, id: &str) -> Result<Option<Kept>> {
    let Some(document) = tenant.read(&Deleted::NOUN, &object(noun.path, id)).await? else { return Ok(None) };
    let view = Deleted::view(&document.body)?;
    if view.deleted_at + KEPT_FOR <= tenant.clock().now_ms() {
        return Ok(None);
    }
    let remains: Vec<Value> = serde_json::from_str(view.remains.expose())?;
    let read = |value: Value| {
        let Value::Object(mut one) = value else { return None };
        let mut take = |name: &str| one.remove(name);
        match (take("kind"), take("id"), take("body")) {
            (Some(Value::String(kind)), Some(Value::String(id)), Some(Value::Object(body))) => {
                Some(Remains { kind, id, body })
            }
            _ => None,
        }
    };
    Ok(Some(Kept { id: document.id, remains: remains.into_iter().filter_map(read).collect() }))
}

/// Brings a thing back, with of its company what still has a place; answers its body.
pub async fn restore<R: Lifecycle>(tenant: &Tenant, kept: Kept) -> Result<Object> {
    let Kept { id, remains } = kept;
    let is_it = |one: &Remains| object(&one.kind, &one.id) == id && one.kind == R::NOUN.path;
    let body = remains.iter().find(|one| is_it(one)).map(|one| one.body.clone());
    let body = body.ok_or_else(|| Error::not_found(R::MISSING.0, R::MISSING.1))?;
    let mut changes = vec![Change::delete::<Deleted>(id.clone())];
    let mut grants = Vec::new();
    for one in &remains {
        match one.kind.as_str() {
            kind if kind == Client::NOUN.path => changes.push(put::<Client>(one)?),
            kind if kind == ResourceServer::NOUN.path => changes.push(put::<ResourceServer>(one)?),
            kind if kind == ClientCredential::NOUN.path => {
                changes.push(Change::create::<ClientCredential>(&one.id, one.body.clone()));
            }
            kind if kind == FederatedCredential::NOUN.path => {
                changes.push(Change::create::<FederatedCredential>(&one.id, one.body.clone()));
            }
            kind if kind == ClientSecret::NOUN.path => {
                changes.push(Change::create::<ClientSecret>(&one.id, one.body.clone()));
            }
            kind if kind == ConnectionClient::NOUN.path => {
                let connection = text(&one.body, "connection_id").unwrap_or_default();
                if let Some(connection) = tenant.read(&Connection::NOUN, connection).await? {
                    changes.push(Change::expect::<Connection>(&connection));
                    changes.push(Change::create::<ConnectionClient>(&one.id, one.body.clone()));
                }
            }
            kind if kind == ClientGrant::NOUN.path => match both_sides(tenant, &remains, one).await? {
                Ok(expected) => {
                    grants.push(one.id.as_str());
                    changes.extend(expected);
                    changes.push(put::<ClientGrant>(one)?);
                }
                Err(missing) if is_it(one) => return Err(Error::conflict(missing)),
                Err(_) => {}
            },
            _ => {}
        }
    }
    for one in remains.iter().filter(|one| one.kind == OrganizationClientGrant::NOUN.path) {
        let organization = text(&one.body, "organization_id").unwrap_or_default();
        let has_grant = grants.iter().any(|grant| text(&one.body, "grant_id") == Some(grant));
        if let Some(organization) =
            tenant.read(&Organization::NOUN, organization).await?.filter(|_| has_grant)
        {
            changes.push(Change::expect::<Organization>(&organization));
            changes.push(Change::create::<OrganizationClientGrant>(&one.id, one.body.clone()));
        }
    }
    tenant.commit(changes).await.map_err(|error| match error {
        idp::Error::Taken { key } if key == "id" => Error::conflict("Its identifier is in use again."),
        idp::Error::Taken { key } => Error::conflict(R::taken(&key)),
        other => other.into(),
    })?;
    Ok(body)
}

/// Forgets what can no longer be restored.
pub async fn forget_old(tenants: &[Tenant]) -> idp::Result<()> {
    for tenant in tenants {
        let kept = tenant.store().documents().all(tenant.name(), Deleted::NOUN.path).await?;
        let deleted_at = |body: &Object| body.get("deleted_at").and_then(Value::as_i64).unwrap_or(0);
        let now = tenant.clock().now_ms();
        for document in kept.into_iter().filter(|document| deleted_at(&document.body) + KEPT_FOR <= now) {
            match tenant.commit(vec![Change::delete::<Deleted>(document.id)]).await {
                // Another node was faster.
                Ok(()) | Err(idp::Error::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}

fn put<R: Lifecycle>(one: &Remains) -> Result<Change> {
    let keys = R::view(&one.body)?.keys();
    Ok(Change::create::<R>(&one.id, one.body.clone()).with_keys(keys))
}

/// What a grant relies on, each to stay while it comes; or what of it is gone.
async fn both_sides(
    tenant: &Tenant,
    remains: &[Remains],
    grant: &Remains,
) -> Result<std::result::Result<Vec<Change>, &'static str>> {
    let comes_too = |noun: &Noun, field: &str, value: &str| {
        remains.iter().any(|one| one.kind == noun.path && text(&one.body, field) == Some(value))
    };
    let mut expected = Vec::new();
    if let Some(client_id) = text(&grant.body, "client_id")
        && !comes_too(&Client::NOUN, "client_id", client_id)
    {
        match tenant.read(&Client::NOUN, client_id).await? {
            Some(client) => expected.push(Change::expect::<Client>(&client)),
            None => return Ok(Err("The grant's client does not exist; restore that first.")),
        }
    }
    let audience = text(&grant.body, "audience").unwrap_or_default();
    if !comes_too(&ResourceServer::NOUN, "identifier", audience) {
        match tenant.find(&ResourceServer::NOUN, "identifier", audience).await? {
            Some(api) => expected.push(Change::expect::<ResourceServer>(&api)),
            None => return Ok(Err("The grant's API does not exist; restore that first.")),
        }
    }
    Ok(Ok(expected))
}

/// What people call a thing; a grant has no name but the two that it joins.
fn name(body: &Object) -> String {
    match text(body, "name") {
        Some(name) => name.to_owned(),
        None => {
            let sides = [text(body, "client_id"), text(body, "audience")];
            sides.into_iter().flatten().collect::<Vec<_>>().join(" → ")
        }
    }
}
