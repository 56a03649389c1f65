//! Refresh tokens as administrators see them: what each login gave each application, and its end. Those that end with a
//! session are seen and ended with it, and not here.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{Method, StatusCode};
use idp::{authorize::Authorization, clock::iso, user};
use schema::Object;
use serde_json::{Value, json};
use store::{Family, Which};

use crate::{Answer, Call, Error, Operation, error::Result, operation::run, page};

pub fn operations() -> Vec<Operation> {
    let (all, one, of_user) = ("/refresh-tokens", "/refresh-tokens/{id}", "/users/{user_id}/refresh-tokens");
    let row = |method, path, summary, scope, run| Operation::new(method, path, summary, &[scope], run);
    let (reads, ends) = ("read:refresh_tokens", "delete:refresh_tokens");
    vec![
        row(Method::GET, all, "Get refresh tokens", reads, run!(list)).reading(&[
            "user_id",
            "client_id",
            "from",
            "take",
            "fields",
            "include_fields",
        ]),
        row(Method::POST, "/refresh-tokens/revoke", "Revoke refresh tokens", ends, run!(revoke)),
        row(Method::GET, one, "Get a refresh token", reads, run!(read)),
        row(Method::PATCH, one, "Update a refresh token", "update:refresh_tokens", run!(update)),
        row(Method::DELETE, one, "Delete a refresh token", ends, run!(delete)),
        row(Method::GET, of_user, "Get refresh tokens for a user", reads, run!(list_of_user)).reading(&[
            "from",
            "take",
            "include_totals",
        ]),
        row(Method::DELETE, of_user, "Delete refresh tokens for a user", ends, run!(delete_of_user)),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let Some(user_id) = call.query("user_id").filter(|user_id| !user_id.is_empty()) else {
        return Err(Error::query("Missing required 'user_id' parameter"));
    };
    if user::by_id(&call.tenant, user_id).await?.is_none() {
        return Err(Error::not_found("User not found", Some("inexistent_user")));
    }
    let client_id = call.query("client_id").filter(|client_id| !client_id.is_empty());
    let which = Which { user_id: Some(user_id), client_id, ..Which::default() };
    families(&call, &which, "refresh_tokens").await
}

async fn list_of_user(call: Call) -> Result<Answer> {
    let user_id = existing_user(&call).await?;
    families(&call, &Which { user_id: Some(user_id), ..Which::default() }, "tokens").await
}

async fn families(call: &Call, which: &Which<'_>, name: &str) -> Result<Answer> {
    let (selection, now) = (call.selection()?, call.tenant.clock().now());
    let take = call.number("take", 1, MOST)?.unwrap_or(USUAL);
    let from = call.query("from").filter(|from| !from.is_empty()).map(read_mark).transpose()?;
    let behind = from.as_ref().map(|(created, id)| (*created, id.as_str()));
    let tokens = call.tenant.store().refresh_tokens();
    let mut read = tokens.list(call.tenant.name(), which, now, behind, take + 1).await?;
    let has_more = read.len() as i64 > take;
    read.truncate(usize::try_from(take).unwrap_or_default());
    let next = read.last().filter(|_| has_more).map(mark);
    let shown = read.into_iter().filter(|family| !is_online(family)).map(|family| {
        let mut shown = shown(family);
        shown.retain(|name, _| selection.wants(name));
        Value::Object(shown)
    });
    Ok(page::part(name, shown.collect(), next))
}

async fn read(call: Call) -> Result<Answer> {
    Ok(Answer::ok(shown(existing(&call).await?)))
}

/// Keeps other metadata with a token, in place of what was there.
async fn update(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    if let Some(other) = body.keys().find(|name| *name != METADATA) {
        let message = format!(
            "Payload validation error: 'Additional properties not allowed: {}'.",
            crate::call::cut(other)
        );
        return Err(Error::body(message));
    }
    let family = existing(&call).await?;
    if let Some(given) = body.get(METADATA) {
        let metadata = metadata(given)?;
        if !call.tenant.store().refresh_tokens().note(call.tenant.name(), &family.id, metadata).await? {
            return Err(missing());
        }
    }
    Ok(Answer::ok(shown(existing(&call).await?)))
}

/// Gone is gone: what is not there is as good as ended.
async fn delete(call: Call) -> Result<Answer> {
    call.tenant.store().refresh_tokens().end(call.tenant.name(), call.parameter("id")).await?;
    Ok(accepted())
}

async fn delete_of_user(call: Call) -> Result<Answer> {
    let user_id = existing_user(&call).await?;
    let which = Which { user_id: Some(user_id), ..Which::default() };
    call.tenant.store().refresh_tokens().end_some(call.tenant.name(), &which).await?;
    Ok(accepted())
}

/// Ends the tokens that are named, or all of a person or an application; nobody and nothing named would be everybody's.
async fn revoke(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    let names = ["ids", "user_id", "client_id", "audience"];
    if let Some(other) = body.keys().find(|name| !names.contains(&name.as_str())) {
        let message = format!(
            "Payload validation error: 'Additional properties not allowed: {}'.",
            crate::call::cut(other)
        );
        return Err(Error::body(message));
    }
    let text = |name: &str| match body.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if (1..=600).contains(&text.len()) && !text.contains('\0') => {
            Ok(Some(text.as_str()))
        }
        Some(_) => {
            Err(Error::body(format!("Payload validation error: 'Expected a text' on property {name}.")))
        }
    };
    let ids = match body.get("ids") {
        None => None,
        Some(given) => Some(ids(given).ok_or_else(|| {
            Error::body(
                "Payload validation error: 'Expected a list of up to 100 identifiers' on property ids.",
            )
        })?),
    };
    let which = Which {
        ids: ids.as_deref(),
        user_id: text("user_id")?,
        client_id: text("client_id")?,
        audience: text("audience")?,
        session_id: None,
    };
    if which.ids.is_none() && which.user_id.is_none() && which.client_id.is_none() {
        return Err(Error::body("Payload validation error: 'Missing one of ids, user_id, client_id'."));
    }
    call.tenant.store().refresh_tokens().end_some(call.tenant.name(), &which).await?;
    Ok(accepted())
}

fn ids(given: &Value) -> Option<Vec<String>> {
    let given = given.as_array().filter(|given| given.len() <= 100)?;
    let id = |id: &Value| id.as_str().filter(|id| id.len() <= 100 && !id.contains('\0')).map(str::to_owned);
    given.iter().map(id).collect()
}

fn metadata(given: &Value) -> Result<Option<String>> {
    let wrong =
        |why: &str| Err(Error::body(format!("Payload validation error: '{why}' on property {METADATA}.")));
    let entries = match given {
        Value::Null => return Ok(None),
        Value::Object(entries) if entries.is_empty() => return Ok(None),
        Value::Object(entries) if entries.len() <= 25 => entries,
        Value::Object(_) => return wrong("Too many properties defined, maximum 25"),
        _ => return wrong("Expected type object"),
    };
    for (key, value) in entries {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !(1..=255).contains(&key.len()) || !key.bytes().all(is_plain) {
            return wrong("A key is up to 255 letters, digits, _ or -");
        }
        if !value.as_str().is_some_and(|text| text.chars().count() <= 255 && !text.contains('\0')) {
            return wrong("A value is a text of up to 255 characters");
        }
    }
    Ok(Some(given.to_string()))
}

async fn existing(call: &Call) -> Result<Family> {
    let found = call.tenant.store().refresh_tokens().family(call.tenant.name(), call.parameter("id")).await?;
    let now = call.tenant.clock().now();
    match found.filter(|family| family.idle_expires > now) {
        Some(family) if is_online(&family) => Err(Error::new(
            StatusCode::BAD_REQUEST,
            "API doesn't support Online Refresh Tokens",
            Some("invalid_uri"),
        )),
        Some(family) => Ok(family),
        None => Err(missing()),
    }
}

async fn existing_user(call: &Call) -> Result<&str> {
    let user_id = call.parameter("user_id");
    match user::by_id(&call.tenant, user_id).await? {
        Some(_) => Ok(user_id),
        None => Err(Error::not_found("The user does not exist.", Some("inexistent_user"))),
    }
}

fn missing() -> Error {
    Error::not_found("The refresh token does not exist", Some("inexistent_refresh_token"))
}

fn accepted() -> Answer {
    Answer { status: StatusCode::ACCEPTED, ..Answer::empty() }
}

/// What its login gave: the scopes are those of the first access token.
pub fn authorization(family: &Family) -> Authorization {
    serde_json::from_str(&family.body).unwrap_or_default()
}

pub fn is_online(family: &Family) -> bool {
    authorization(family).scope.split(' ').any(|scope| scope == "online_access")
}

fn shown(family: Family) -> Object {
    let time = |seconds: i64| if seconds == i64::MAX { Value::Null } else { json!(iso(seconds * 1000)) };
    let Authorization { audience, scope, .. } = authorization(&family);
    let audience =
        audience.map_or_else(|| json!([]), |audience| json!([{ "audience": audience, "scopes": scope }]));
    let metadata = family.metadata.as_deref().and_then(|text| serde_json::from_str(text).ok());
    let members = json!({
        "id": family.id,
        "user_id": family.user_id,
        "created_at": time(family.created),
        "idle_expires_at": time(family.idle_expires),
        "expires_at": time(family.expires),
        "device": {
            "initial_ip": family.initial.ip, "initial_asn": null,
            "initial_user_agent": family.initial.user_agent,
            "last_ip": family.last.ip, "last_asn": null, "last_user_agent": family.last.user_agent,
        },
        "client_id": family.client_id,
        "session_id": Some(family.session_id).filter(|session_id| !session_id.is_empty()),
        "rotating": family.rotates.unwrap_or(true),
        "resource_servers": audience,
        METADATA: metadata.unwrap_or(Value::Null),
        "last_exchanged_at": if family.used > family.created { time(family.used) } else { Value::Null },
    });
    match members {
        Value::Object(shown) => shown,
        _ => Object::new(),
    }
}

fn mark(family: &Family) -> String {
    URL_SAFE_NO_PAD.encode(format!("{}:{}", family.created, family.id))
}

fn read_mark(text: &str) -> Result<(i64, String)> {
    let parse = || {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        let (created, id) = plain.split_once(':')?;
        let is_plain = id.len() <= 100 && !id.contains('\0');
        Some((created.parse().ok()?, id.to_owned())).filter(|_| is_plain)
    };
    parse().ok_or_else(|| Error::query("Query validation error: 'Invalid checkpoint' on property from."))
}

const METADATA: &str = "refresh_token_metadata";
const MOST: i64 = 100;
const USUAL: i64 = 50;
