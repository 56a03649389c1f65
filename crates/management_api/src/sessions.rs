//! Sessions as administrators see them: in which browsers somebody is logged in, and their end.

use http::{Method, StatusCode};
use idp::{clock::iso, session, user};
use model::client::Initiator;
use schema::Object;
use serde_json::{Value, json};
use store::{Session, Which};

use crate::{Answer, Call, Error, Operation, call::cut, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let (one, of_user) = ("/sessions/{id}", "/users/{user_id}/sessions");
    let row = Operation::new;
    let (reads, ends) = (&["read:sessions"], &["delete:sessions"]);
    let ends_all = &["delete:sessions", "delete:refresh_tokens"];
    vec![
        row(Method::GET, one, "Get a session", reads, run!(read)),
        row(Method::PATCH, one, "Update a session", &["update:sessions"], run!(update)),
        row(Method::DELETE, one, "Delete a session", ends, run!(delete)),
        row(Method::POST, "/sessions/{id}/revoke", "Revoke a session", ends_all, run!(revoke)),
        row(Method::GET, of_user, "Get a user's sessions", reads, run!(list)).reading(&[
            "from",
            "take",
            "include_totals",
        ]),
        row(Method::DELETE, of_user, "Delete a user's sessions", ends, run!(delete_of_user)),
    ]
}

async fn read(call: Call) -> Result<Answer> {
    let session = existing(&call).await?;
    Ok(Answer::ok(shown(&call, &session).await?))
}

/// Lays other metadata over what is kept with a session.
async fn update(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    only(&body, &[METADATA])?;
    let found = existing(&call).await?;
    if let Some(given) = body.get(METADATA) {
        let metadata = metadata(given)?;
        session::describe(&call.tenant, &found, metadata).await?;
    }
    let session = existing(&call).await?;
    Ok(Answer::ok(shown(&call, &session).await?))
}

/// Gone is gone: what is not there is as good as ended.
async fn delete(call: Call) -> Result<Answer> {
    if let Some(found) = find(&call, call.parameter("id")).await? {
        session::end(&call.tenant, &found, Initiator::SessionRevoked).await?;
    }
    Ok(accepted())
}

/// Ends a session and the refresh tokens that came of it.
async fn revoke(call: Call) -> Result<Answer> {
    let found = existing(&call).await?;
    end_with_tokens(&call, &found).await?;
    Ok(accepted())
}

async fn list(call: Call) -> Result<Answer> {
    let user_id = existing_user(&call).await?;
    let (sessions, now) = (call.tenant.store().sessions(), call.tenant.clock().now());
    let take = call.number("take", 1, MOST)?.unwrap_or(USUAL);
    let from = call.query("from").unwrap_or_default();
    if from.len() > LONGEST_ID {
        return Err(Error::query("Query validation error: 'Invalid checkpoint' on property from."));
    }
    let mut found = sessions
        .of_user(call.tenant.name(), &user_id, from, take + 1, now)
        .await
        .map_err(idp::Error::from)?;
    let has_more = found.len() as i64 > take;
    found.truncate(usize::try_from(take).unwrap_or_default());
    let mut listed = Vec::new();
    for session in &found {
        listed.push(Value::Object(shown(&call, session).await?));
    }
    let mut body = json!({ "sessions": listed });
    if let Some(last) = found.last().filter(|_| has_more) {
        body["next"] = json!(last.id);
    }
    if call.flag("include_totals")? == Some(true) {
        let total = sessions.count(call.tenant.name(), &user_id, now).await.map_err(idp::Error::from)?;
        body["total"] = json!(total);
    }
    Ok(Answer::ok(body))
}

async fn delete_of_user(call: Call) -> Result<Answer> {
    let user_id = existing_user(&call).await?;
    session::end_all(&call.tenant, &user_id, Initiator::SessionRevoked).await?;
    Ok(accepted())
}

async fn end_with_tokens(call: &Call, found: &Session) -> Result<()> {
    session::end(&call.tenant, found, Initiator::SessionRevoked).await?;
    let which = Which { session_id: Some(&found.id), ..Which::default() };
    let ended = call.tenant.store().refresh_tokens().end_some(call.tenant.name(), &which).await;
    Ok(ended.map(drop).map_err(idp::Error::from)?)
}

async fn existing(call: &Call) -> Result<Session> {
    let found = find(call, call.parameter("id")).await?;
    found.ok_or_else(|| Error::not_found("The session does not exist", Some("inexistent_session")))
}

async fn find(call: &Call, id: &str) -> Result<Option<Session>> {
    if id.len() > LONGEST_ID || id.contains('\0') {
        return Ok(None);
    }
    let now = call.tenant.clock().now();
    let found = call.tenant.store().sessions().read(call.tenant.name(), id, now).await;
    Ok(found.map_err(idp::Error::from)?)
}

/// The person whose sessions are meant, by the name that they are stored under.
async fn existing_user(call: &Call) -> Result<String> {
    match user::by_id(&call.tenant, call.parameter("user_id")).await? {
        Some(user) => Ok(user.user_id),
        None => Err(Error::not_found("The user does not exist.", Some("inexistent_user"))),
    }
}

fn metadata(given: &Value) -> Result<Object> {
    let entries = match given {
        Value::Object(entries) if entries.len() <= 25 => entries,
        Value::Object(_) => return Err(wrong("Too many properties defined, maximum 25", METADATA)),
        _ => return Err(wrong("Expected type object", METADATA)),
    };
    for (key, value) in entries {
        if !(1..=255).contains(&key.chars().count()) || key.contains('\0') {
            return Err(wrong("A key is 1 to 255 characters", METADATA));
        }
        let is_short = |text: &str| text.chars().count() <= 255 && !text.contains('\0');
        if !value.is_null() && !value.as_str().is_some_and(is_short) {
            return Err(wrong("A value is a text of up to 255 characters", METADATA));
        }
    }
    Ok(entries.clone())
}

fn only(body: &Object, names: &[&str]) -> Result<()> {
    match body.keys().find(|name| !names.contains(&name.as_str())) {
        Some(other) => Err(Error::body(format!(
            "Payload validation error: 'Additional properties not allowed: {}'.",
            cut(other)
        ))),
        None => Ok(()),
    }
}

fn wrong(why: &str, property: &str) -> Error {
    Error::body(format!("Payload validation error: '{why}' on property {property}."))
}

fn accepted() -> Answer {
    Answer { status: StatusCode::ACCEPTED, ..Answer::empty() }
}

async fn shown(call: &Call, session: &Session) -> Result<Object> {
    let clients = call.tenant.store().sessions().clients(call.tenant.name(), &session.id).await;
    let clients = clients.map_err(idp::Error::from)?;
    let clients: Vec<Value> = clients.into_iter().map(|id| json!({ "client_id": id })).collect();
    let time = |seconds: i64| iso(seconds.saturating_mul(1000));
    let metadata = session::metadata(session)?;
    let members = json!({
        "id": session.id,
        "user_id": session.user_id,
        "created_at": time(session.created),
        "updated_at": time(session.used),
        "authenticated_at": time(session.authenticated),
        "idle_expires_at": time(session.idle_expires),
        "expires_at": time(session.expires),
        "last_interacted_at": time(session.used),
        "device": {
            "initial_user_agent": session.user_agent,
            "initial_ip": session.ip,
            "initial_asn": null,
            "last_user_agent": session.last_user_agent,
            "last_ip": session.last_ip,
            "last_asn": null,
        },
        "clients": clients,
        "authentication": { "methods": session::methods(session)? },
        "cookie": { "mode": if session.is_ephemeral { "non-persistent" } else { "persistent" } },
        METADATA: if metadata.is_empty() { Value::Null } else { Value::Object(metadata) },
    });
    match members {
        Value::Object(shown) => Ok(shown),
        _ => Ok(Object::new()),
    }
}

const METADATA: &str = "session_metadata";
const LONGEST_ID: usize = 100;
const MOST: i64 = 100;
const USUAL: i64 = 50;
