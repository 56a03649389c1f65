//! What devices hold in people's names: refresh tokens, as an older list shows them, and public keys that a device left with
//! its user's own access token.

use http::Method;
use idp::{Change, user};
use model::{DeviceCredential, User};
use schema::{Object, Op, Resource};
use serde_json::{Value, json};
use store::{Family, Which};

use crate::{Answer, Call, Error, Operation, error::Result, operation::run, refresh_tokens};

pub fn operations() -> Vec<Operation> {
    let (all, one) = ("/device-credentials", "/device-credentials/{id}");
    let own = "create:current_user_device_credentials";
    vec![
        Operation::new(Method::GET, all, "Get device credentials", &["read:device_credentials"], run!(list))
            .reading(&[
                "page",
                "per_page",
                "include_totals",
                "fields",
                "include_fields",
                "user_id",
                "client_id",
                "type",
            ]),
        Operation::new(Method::POST, all, "Create a device credential", &[own], run!(create)),
        Operation::new(
            Method::DELETE,
            one,
            "Delete a device credential",
            &["delete:device_credentials", "delete:current_user_device_credentials"],
            run!(delete),
        ),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let totals = call.flag("include_totals")?.unwrap_or(false);
    let page = call.number("page", 0, i64::from(i32::MAX))?.unwrap_or(0);
    let per_page = call.number("per_page", 0, 100)?.unwrap_or(50);
    let selection = call.selection()?;
    let kind = call.query("type");
    if kind.is_some_and(|kind| !KINDS.contains(&kind)) {
        return Err(Error::query(
            "Query validation error: 'Expected public_key, refresh_token or rotating_refresh_token' on property type.",
        ));
    }
    let named = |name: &str| call.query(name).filter(|value| !value.is_empty());
    let (user_id, client_id) = (named("user_id"), named("client_id"));
    let mut found: Vec<Object> = Vec::new();
    if kind.is_none_or(|kind| kind == PUBLIC_KEY) {
        let keys = match user_id {
            Some(user_id) => call.tenant.matching::<DeviceCredential>("user_id", user_id).await?,
            None => call.tenant.all(&DeviceCredential::NOUN).await?,
        };
        let is_theirs = |key: &Object| {
            client_id.is_none_or(|id| key.get("client_id").and_then(Value::as_str) == Some(id))
        };
        found.extend(keys.into_iter().map(|key| key.body).filter(is_theirs));
    }
    if kind != Some(PUBLIC_KEY) {
        let which = Which { user_id, client_id, ..Which::default() };
        let (tokens, now) = (call.tenant.store().refresh_tokens(), call.tenant.clock().now());
        let families = tokens.list(call.tenant.name(), &which, now, None, MOST).await?;
        let families = families.iter().filter(|family| !refresh_tokens::is_online(family)).map(of_family);
        let is_kind = |shown: &Object| kind.is_none_or(|kind| shown["type"] == kind);
        found.extend(families.filter(is_kind));
    }
    let (total, start) = (found.len(), page.saturating_mul(per_page));
    let skipped = usize::try_from(start).unwrap_or(usize::MAX);
    let shown = found.into_iter().skip(skipped).take(usize::try_from(per_page).unwrap_or_default());
    let shown: Vec<Value> = shown
        .map(|mut one| {
            // The key itself is for whoever verifies with it.
            one.retain(|name, _| name != "value" && selection.wants(name));
            Value::Object(one)
        })
        .collect();
    Ok(Answer::ok(match totals {
        true => json!({ "start": start, "limit": per_page, "total": total, "device_credentials": shown }),
        false => json!(shown),
    }))
}

/// Only people leave keys, and only for themselves.
async fn create(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    schema::check(DeviceCredential::NOUN.fields, &body, Op::Create)?;
    let user = match subject(&call) {
        Some(subject) => user::by_id(&call.tenant, subject).await?,
        None => None,
    };
    let Some(User { user_id, .. }) = user else {
        return Err(Error::forbidden("Cannot create device credentials for that user"));
    };
    let client_id = body.get("client_id").and_then(Value::as_str).unwrap_or(&call.token.client_id).to_owned();
    if call.tenant.snapshot().client(&client_id).is_none() {
        return Err(Error::body(
            "Payload validation error: 'There is no such client' on property client_id.",
        ));
    }
    if call.tenant.matching::<DeviceCredential>("user_id", &user_id).await?.len() >= MOST_OF_ONE {
        return Err(Error::operation(format!("A user can have {MOST_OF_ONE} device credentials at most.")));
    }
    let id = idp::id::device_credential();
    body.insert("id".into(), json!(id));
    body.insert("user_id".into(), json!(user_id));
    body.insert("client_id".into(), json!(client_id));
    let keys = DeviceCredential::view(&body)?.uniqueness();
    let change = Change::create::<DeviceCredential>(id.clone(), body).with_keys(keys);
    match call.tenant.commit(vec![change]).await {
        Err(idp::Error::Taken { .. }) => Err(Error::conflict("A public key already exists for the device")),
        done => {
            done?;
            Ok(Answer::created(Object::from_iter([("id".to_owned(), json!(id))])))
        }
    }
}

/// Gone is gone. Who may end only their own ends no others.
async fn delete(call: Call) -> Result<Answer> {
    let (tenant, id) = (&call.tenant, call.parameter("id"));
    let own = subject(&call).filter(|_| !call.may("delete:device_credentials"));
    let is_theirs = |user_id: &str| own.is_none_or(|own| own == user_id);
    if let Some(key) = tenant.read(&DeviceCredential::NOUN, id).await? {
        if is_theirs(key.body.get("user_id").and_then(Value::as_str).unwrap_or_default()) {
            tenant.commit(vec![Change::delete::<DeviceCredential>(id)]).await?;
        }
    } else if let Some(family) = tenant.store().refresh_tokens().family(tenant.name(), id).await?
        && is_theirs(&family.user_id)
    {
        tenant.store().refresh_tokens().end(tenant.name(), id).await?;
    }
    Ok(Answer::no_content())
}

fn subject(call: &Call) -> Option<&str> {
    call.token.claims.get("sub").and_then(Value::as_str)
}

fn of_family(family: &Family) -> Object {
    let kind = if family.rotates.unwrap_or(true) { "rotating_refresh_token" } else { "refresh_token" };
    let members = [
        ("id", json!(family.id)),
        ("device_name", json!(family.initial.user_agent.as_deref().unwrap_or("Unknown"))),
        ("type", json!(kind)),
        ("user_id", json!(family.user_id)),
        ("client_id", json!(family.client_id)),
    ];
    Object::from_iter(members.map(|(name, value)| (name.to_owned(), value)))
}

const PUBLIC_KEY: &str = "public_key";
const KINDS: [&str; 3] = [PUBLIC_KEY, "refresh_token", "rotating_refresh_token"];
/// As many as one list goes through.
const MOST: i64 = 1_000;

/// How many device credentials a person may leave.
const MOST_OF_ONE: usize = 100;
