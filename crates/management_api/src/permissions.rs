//! What roles and people are permitted to do with APIs.

use std::collections::HashMap;

use http::{Method, StatusCode};
use idp::{Change, Tenant, permissions::MOST_PERMISSIONS};
use model::{
    ResourceServer, User,
    role::{Permission, Permissions, Role},
};
use schema::{Object, Op, Resource, Shape, Shaped};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Held, Tie};

use crate::{
    Answer, Call, Error, Operation,
    call::cut,
    clients::text,
    collection::{Lifecycle, existing},
    error::Result,
    operation::run,
    page::Pages,
    roles::user_named,
};

pub fn operations() -> Vec<Operation> {
    let of_role = "/roles/{id}/permissions";
    let of_user = "/users/{id}/permissions";
    vec![
        Operation::new(
            Method::GET,
            of_role,
            "Get permissions granted by role",
            &["read:roles"],
            run!(of_a_role),
        )
        .reading(Pages::QUERY),
        Operation::new(
            Method::POST,
            of_role,
            "Associate permissions with a role",
            &["update:roles"],
            run!(add_to_role),
        ),
        Operation::new(
            Method::DELETE,
            of_role,
            "Remove permissions from a role",
            &["update:roles"],
            run!(remove_from_role),
        )
        .naming_in_body(),
        Operation::new(Method::GET, of_user, "Get a user's permissions", &["read:users"], run!(of_a_user))
            .reading(Pages::QUERY),
        Operation::new(
            Method::POST,
            of_user,
            "Assign permissions to a user",
            &["update:users"],
            run!(add_to_user),
        ),
        Operation::new(
            Method::DELETE,
            of_user,
            "Remove permissions from a user",
            &["update:users"],
            run!(remove_from_user),
        )
        .naming_in_body(),
    ]
}

async fn of_a_role(call: Call) -> Result<Answer> {
    let role = existing::<Role>(&call).await?;
    let pages = Pages::of(&call)?;
    let (ties, tenant) = (call.tenant.store().ties(), call.tenant.name());
    let held = ties.held(tenant, &role.id, pages.start, pages.limit).await?;
    let shown = held.iter().map(|held| Value::Object(described(&call.tenant, held))).collect();
    Ok(pages.answer("permissions", shown, ties.count_held(tenant, &role.id).await?))
}

/// Also those that come with a role, each with all that it comes from.
async fn of_a_user(call: Call) -> Result<Answer> {
    let user_id = user_named(&call.tenant, call.parameter("id")).await?;
    let pages = Pages::of(&call)?;
    let held = call.tenant.store().ties().sources(call.tenant.name(), &user_id).await?;
    let by_permission: Vec<&[Held]> =
        held.chunk_by(|one, next| (&one.audience, &one.name) == (&next.audience, &next.name)).collect();
    let total = by_permission.len() as i64;
    let mut names = HashMap::new();
    let mut shown = Vec::new();
    for sources in pages.cut(by_permission) {
        let mut permission = described(&call.tenant, &sources[0]);
        let mut from = Vec::new();
        for source in sources {
            if source.holder == user_id {
                from.push(json!({ "source_id": "", "source_name": "", "source_type": "DIRECT" }));
                continue;
            }
            if !names.contains_key(&source.holder) {
                let role = call.tenant.read(&Role::NOUN, &source.holder).await?;
                let name = role.and_then(|role| text(&role.body, "name").map(str::to_owned));
                names.insert(source.holder.clone(), name.unwrap_or_default());
            }
            let name = names.get(&source.holder);
            from.push(json!({ "source_id": source.holder, "source_name": name, "source_type": "ROLE" }));
        }
        permission.insert("sources".into(), Value::Array(from));
        shown.push(Value::Object(permission));
    }
    Ok(pages.answer("permissions", shown, total))
}

async fn add_to_role(call: Call) -> Result<Answer> {
    let permissions = named(&call.body)?;
    let role = existing::<Role>(&call).await?;
    let exists = Change::exists::<Role>(&*role.id);
    grant(&call.tenant, exists, &role.id, permissions).await?;
    Ok(Answer::created(Object::new()))
}

async fn remove_from_role(call: Call) -> Result<Answer> {
    let permissions = named(&call.body)?;
    let role = existing::<Role>(&call).await?;
    take_away(&call.tenant, &role.id, permissions).await
}

async fn add_to_user(call: Call) -> Result<Answer> {
    let permissions = named(&call.body)?;
    let user_id = user_named(&call.tenant, call.parameter("id")).await?;
    let exists = Change::exists::<User>(&*user_id);
    grant(&call.tenant, exists, &user_id, permissions).await?;
    Ok(Answer::created(Object::new()))
}

async fn remove_from_user(call: Call) -> Result<Answer> {
    let permissions = named(&call.body)?;
    let user_id = user_named(&call.tenant, call.parameter("id")).await?;
    take_away(&call.tenant, &user_id, permissions).await
}

/// Permits them, if each is a scope of its API and stays one until this is committed.
async fn grant(tenant: &Tenant, exists: Change, holder: &str, permissions: Vec<Permission>) -> Result<()> {
    let held = tenant.store().ties().count_held(tenant.name(), holder).await?;
    let mut changes = vec![exists];
    let mut apis = HashMap::new();
    for Permission { resource_server_identifier: audience, permission_name: name } in permissions {
        if !apis.contains_key(&audience) {
            let Some(api) = tenant.find(&ResourceServer::NOUN, "identifier", &audience).await? else {
                let (message, code) = ResourceServer::MISSING;
                return Err(Error::not_found(message, code));
            };
            changes.push(Change::expect::<ResourceServer>(&api));
            apis.insert(audience.clone(), ResourceServer::view(&api.body)?);
        }
        let scopes = apis.get(&audience).and_then(|api| api.scopes.as_ref());
        if !scopes.into_iter().flatten().any(|scope| scope.value == name) {
            let message = format!("The permission {} does not exist on {}.", cut(&name), cut(&audience));
            return Err(Error::new(StatusCode::BAD_REQUEST, message, Some("inexistent_permission")));
        }
        let holder = holder.to_owned();
        changes.push(Change::Tie(Tie::Permission { holder, audience, name }));
    }
    if held + changes.len() as i64 > MOST_PERMISSIONS + 2 {
        let message = format!("There can be {MOST_PERMISSIONS} permissions at most.");
        return Err(Error::operation(message));
    }
    Ok(tenant.commit(changes).await?)
}

async fn take_away(tenant: &Tenant, holder: &str, permissions: Vec<Permission>) -> Result<Answer> {
    let untie = |one: Permission| {
        Change::Untie(Tie::Permission {
            holder: holder.to_owned(),
            audience: one.resource_server_identifier,
            name: one.permission_name,
        })
    };
    tenant.commit(permissions.into_iter().map(untie).collect()).await?;
    Ok(Answer::no_content())
}

/// The permissions that a body lists, checked against its declaration.
fn named(body: &Object) -> Result<Vec<Permission>> {
    if let Shape::Object(fields) = Permissions::SHAPE {
        schema::check(fields, body, Op::Create)?;
    }
    Ok(Permissions::deserialize(body)?.permissions)
}

/// A permission in the words of its API.
pub fn described(tenant: &Tenant, held: &Held) -> Object {
    let snapshot = tenant.snapshot();
    let api = snapshot.api(&held.audience);
    let scopes = api.and_then(|api| api.view.scopes.as_ref());
    let scope = scopes.into_iter().flatten().find(|scope| scope.value == held.name);
    let mut shown = Object::new();
    for (name, value) in [
        ("permission_name", json!(held.name)),
        ("description", json!(scope.and_then(|scope| scope.description.as_deref()).unwrap_or_default())),
        ("resource_server_name", json!(api.and_then(|api| api.view.name.as_deref()).unwrap_or_default())),
        ("resource_server_identifier", json!(held.audience)),
    ] {
        shown.insert(name.into(), value);
    }
    shown
}
