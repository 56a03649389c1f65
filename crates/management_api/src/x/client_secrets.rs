//! The secrets of a client: its own, and others beside it that have a name, a beginning and an end, so that one takes
//! another's place without a gap; and when each secret and key was used last.

use http::{Method, StatusCode};
use idp::{
    Change, Document, Tenant,
    clock::{iso, milliseconds},
    id,
};
use model::{Client, ClientSecret};
use schema::{Object, Op, Resource};
use serde_json::{Map, Value, json};
use store::CredentialUse;

use super::body;
use crate::{
    Answer, Call, Error, Operation,
    about::About,
    clients::{set_secret, text},
    collection::{Lifecycle, shown},
    error::Result,
    operation::run,
    reach,
};

pub fn operations() -> Vec<Operation> {
    let all = "/clients/{client_id}/secrets";
    let one = "/clients/{client_id}/secrets/{secret_id}";
    let (rotate, uses) = ("/clients/{client_id}/rotate-secret", "/clients/{client_id}/credential-uses");
    let (read, write) = (&["read:clients", "read:client_keys"], &["update:client_keys"]);
    vec![
        Operation::ours(Method::GET, all, "Get client secrets", read, run!(list)),
        Operation::ours(Method::POST, all, "Create a client secret", write, run!(create)),
        Operation::ours(Method::PATCH, one, "Update a client secret", write, run!(update)),
        Operation::ours(Method::DELETE, one, "Delete a client secret", write, run!(delete))
            .reading(&["force"]),
        Operation::ours(
            Method::POST,
            rotate,
            "Rotate a client secret with grace",
            write,
            run!(rotate_secret),
        ),
        Operation::ours(Method::GET, uses, "Get last uses of client credentials", read, run!(uses_of)),
    ]
}

/// How many secrets a client may have beside its own.
const MOST: usize = 10;
/// How long an old secret may stay, in seconds.
const LONGEST_GRACE: i64 = 30 * 24 * 3600;
/// A secret that was used since is in use, in milliseconds.
const IN_USE: i64 = 24 * 3_600_000;
const PRIMARY: &str = "primary";

async fn list(call: Call) -> Result<Answer> {
    let client = client(&call).await?;
    let uses = call.tenant.credential_uses(&client.id).await?;
    let mut secrets = Vec::new();
    if client.body.contains_key("client_secret") {
        secrets.push(primary(&client, &uses)?);
    }
    for secret in named(&call.tenant, &client.id).await? {
        secrets.push(Value::Object(entry(&secret.body, &uses)));
    }
    Ok(Answer::ok(json!({ "secrets": secrets })))
}

async fn create(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    let client = client(&call).await?;
    reach::must_reach(&call, &client.id)?;
    schema::check(ClientSecret::NOUN.fields, &body, Op::Create)?;
    let (good, mut changes) = without_ended(&call.tenant, &client.id).await?;
    if good >= MOST {
        let message = "You reached the limit of entities of this type for this client.";
        return Err(Error::new(StatusCode::FORBIDDEN, message, Some("too_many_entities")));
    }
    let secret = id::client_secret();
    let (id, document) = document(&call.tenant, &client.id, body, &secret);
    has_a_span(&document)?;
    if has_ended(&document, call.tenant.clock().now_ms()) {
        return Err(Error::body("Payload validation error: 'It has ended already' on property expires_at."));
    }
    changes.push(Change::create::<ClientSecret>(id, document.clone()));
    call.tenant.commit(changes).await?;
    let mut shown = entry(&document, &[]);
    shown.insert("client_secret".into(), json!(secret));
    Ok(Answer::created(shown))
}

async fn update(mut call: Call) -> Result<Answer> {
    let patch = call.take_body();
    let client = client(&call).await?;
    schema::check(ClientSecret::NOUN.fields, &patch, Op::Update)?;
    let secret = found(&call, &client).await?;
    let secret =
        secret.ok_or_else(|| Error::not_found("The secret does not exist", Some("inexistent_secret")))?;
    reach::must_reach(&call, &client.id)?;
    let mut body = secret.body.clone();
    schema::merge(ClientSecret::NOUN.fields, &mut body, patch);
    in_milliseconds(&mut body);
    has_a_span(&body)?;
    call.tenant.commit(vec![Change::replace::<ClientSecret>(&secret, body.clone())]).await?;
    let uses = call.tenant.credential_uses(&client.id).await?;
    Ok(Answer::ok(Value::Object(entry(&body, &uses))))
}

async fn delete(call: Call) -> Result<Answer> {
    let client = client(&call).await?;
    let force = call.flag("force")?.unwrap_or(false);
    // Gone is gone.
    let Some(secret) = found(&call, &client).await? else { return Ok(Answer::no_content()) };
    let uses = call.tenant.credential_uses(&client.id).await?;
    let last = uses.iter().find(|one| one.credential == secret.id);
    if let Some(last) = last.filter(|last| !force && call.tenant.clock().now_ms() - last.at < IN_USE) {
        let from = last.ip.as_deref().map(|ip| format!(" from {ip}")).unwrap_or_default();
        let message = format!(
            "The secret is in use: the application {} proved itself with it at {}{from}. Send force=true to delete it.",
            text(&client.body, "name").unwrap_or_default(),
            iso(last.at),
        );
        return Err(Error::new(StatusCode::CONFLICT, message, Some("secret_in_use")));
    }
    call.tenant.commit(vec![Change::delete::<ClientSecret>(secret.id)]).await?;
    Ok(Answer::no_content())
}

async fn rotate_secret(call: Call) -> Result<Answer> {
    let grace = grace(&call.body)?;
    let client = client(&call).await?;
    reach::must_reach(&call, &client.id)?;
    if client.body.contains_key("client_authentication_methods") {
        return Err(Error::operation("The client authenticates with credentials, not with a secret."));
    }
    let (good, mut changes) = without_ended(&call.tenant, &client.id).await?;
    if let Some(old) = text(&client.body, "client_secret").filter(|_| grace > 0) {
        if good >= MOST {
            let message = "The client has too many secrets to keep the old one. Delete one first.";
            return Err(Error::new(StatusCode::FORBIDDEN, message, Some("too_many_entities")));
        }
        let now = call.tenant.clock().now_ms();
        let mut body = Object::new();
        body.insert("name".into(), json!(format!("Replaced {}", iso(now))));
        body.insert("expires_at".into(), json!(iso(now + grace * 1000)));
        let (id, mut document) = document(&call.tenant, &client.id, body, old);
        if let Some(since) = client.body.get("client_secret_created_at") {
            document.insert("created_at".into(), since.clone());
        }
        changes.push(Change::create::<ClientSecret>(id, document));
    }
    let mut body = client.body.clone();
    let secret = id::client_secret();
    set_secret(&call.tenant, &mut body, secret.clone());
    let keys = Client::view(&body)?.keys();
    changes.push(Change::replace::<Client>(&client, body.clone()).with_keys(keys));
    call.tenant.commit(changes).await?;
    let about = About::put::<Client>(&client.id, &client.body, &body);
    let mut answer = shown::<Client>(&call, body)?;
    answer.insert("client_secret".into(), json!(secret));
    Ok(Answer::ok(answer).about(about))
}

async fn uses_of(call: Call) -> Result<Answer> {
    let client = client(&call).await?;
    let since = since(&client)?;
    let uses = call.tenant.credential_uses(&client.id).await?;
    let uses: Map<String, Value> = uses
        .iter()
        .filter(|one| one.credential != PRIMARY || one.at >= since)
        .map(|one| (one.credential.clone(), last_use(one)))
        .collect();
    Ok(Answer::ok(json!({ "uses": uses })))
}

/// How long the old secret stays, in seconds.
fn grace(given: &Object) -> Result<i64> {
    body::only(given, &["grace_seconds"])?;
    let grace = match given.get("grace_seconds") {
        None => Some(0),
        Some(grace) => grace.as_i64().filter(|grace| (0..=LONGEST_GRACE).contains(grace)),
    };
    grace.ok_or_else(|| {
        let reason = format!("Expected an integer from 0 to {LONGEST_GRACE}");
        Error::body(format!("Payload validation error: '{reason}' on property grace_seconds."))
    })
}

fn document(tenant: &Tenant, client_id: &str, mut body: Object, secret: &str) -> (String, Object) {
    let id = id::named_secret();
    in_milliseconds(&mut body);
    body.retain(|_, value| !value.is_null());
    body.shift_insert(0, "id".into(), json!(id));
    body.insert("client_id".into(), json!(client_id));
    body.insert("created_at".into(), json!(tenant.clock().iso()));
    body.insert("secret".into(), json!(secret));
    (id, body)
}

/// Times come back with milliseconds, whatever precision they were sent in.
fn in_milliseconds(body: &mut Object) {
    for name in ["starts_at", "expires_at"] {
        if let Some(time) = text(body, name).and_then(|time| milliseconds(time).ok()) {
            body.insert(name.into(), json!(iso(time)));
        }
    }
}

fn has_a_span(body: &Object) -> Result<()> {
    let time = |name| text(body, name).map(milliseconds).transpose();
    match (time("starts_at")?, time("expires_at")?) {
        (Some(starts), Some(expires)) if expires <= starts => {
            Err(Error::body("Payload validation error: 'It ends before it begins' on property expires_at."))
        }
        _ => Ok(()),
    }
}

fn primary(client: &Document, uses: &[CredentialUse]) -> Result<Value> {
    let since = since(client)?;
    let last = uses.iter().find(|one| one.credential == PRIMARY && one.at >= since);
    Ok(json!({
        "id": PRIMARY, "name": "Client secret", "is_primary": true,
        "created_at": client.body.get("client_secret_created_at"), "starts_at": null, "expires_at": null,
        "last_used": last.map(last_use),
    }))
}

/// Since when the client has its own secret, in milliseconds since 1970. A use before that was of another one.
fn since(client: &Document) -> Result<i64> {
    Ok(text(&client.body, "client_secret_created_at").map_or(Ok(0), milliseconds)?)
}

fn entry(secret: &Object, uses: &[CredentialUse]) -> Object {
    let last = uses.iter().find(|one| text(secret, "id") == Some(&one.credential));
    let kept = |name: &str| json!(secret.get(name));
    let mut entry = Object::new();
    for (name, value) in [
        ("id", kept("id")),
        ("name", kept("name")),
        ("is_primary", json!(false)),
        ("created_at", kept("created_at")),
        ("starts_at", kept("starts_at")),
        ("expires_at", kept("expires_at")),
        ("last_used", json!(last.map(last_use))),
    ] {
        entry.insert(name.into(), value);
    }
    entry
}

fn last_use(one: &CredentialUse) -> Value {
    json!({ "at": iso(one.at), "ip": one.ip })
}

async fn client(call: &Call) -> Result<Document> {
    let (message, code) = Client::MISSING;
    let client = call.tenant.read(&Client::NOUN, call.parameter("client_id")).await?;
    client.ok_or_else(|| Error::not_found(message, code))
}

/// The secret that the path names, if this client has it.
async fn found(call: &Call, client: &Document) -> Result<Option<Document>> {
    let id = call.parameter("secret_id");
    if id == PRIMARY {
        return Err(Error::operation("The client's own secret is rotated, or set on the client."));
    }
    let secret = call.tenant.read(&ClientSecret::NOUN, id).await?;
    Ok(secret.filter(|secret| text(&secret.body, "client_id") == Some(&client.id)))
}

async fn named(tenant: &Tenant, client_id: &str) -> Result<Vec<Document>> {
    Ok(tenant.matching::<ClientSecret>("client_id", client_id).await?)
}

/// How many secrets are left beside the client's own, and the deletion of those that have ended.
async fn without_ended(tenant: &Tenant, client_id: &str) -> Result<(usize, Vec<Change>)> {
    let now = tenant.clock().now_ms();
    let secrets = named(tenant, client_id).await?;
    let ended = secrets.iter().filter(|secret| has_ended(&secret.body, now));
    let ended: Vec<Change> = ended.map(|secret| Change::delete::<ClientSecret>(&*secret.id)).collect();
    Ok((secrets.len() - ended.len(), ended))
}

fn has_ended(secret: &Object, now: i64) -> bool {
    text(secret, "expires_at").is_some_and(|end| milliseconds(end).is_ok_and(|end| end <= now))
}
