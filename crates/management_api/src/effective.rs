//! What people have in effect, whichever way it came to them: roles, and what they may do with an API. There are no groups
//! here that it could come from.

use std::collections::HashMap;

use http::Method;
use model::role::Role;
use schema::Object;
use serde_json::{Value, json};
use store::Held;

use crate::{
    Answer, Call, Error, Operation, collection::Lifecycle, error::Result, operation::run, page,
    permissions::described, roles::user_named,
};

pub fn operations() -> Vec<Operation> {
    let row = |path, summary, scope, query, run| {
        Operation::new(Method::GET, path, summary, &[scope], run).reading(query)
    };
    vec![
        row(
            "/users/{id}/effective-roles",
            "Get a user's effective roles",
            "read:user_effective_roles",
            &["from", "take"],
            run!(roles),
        ),
        row(
            "/users/{id}/effective-roles/sources/groups",
            "Get the groups that a role comes to a user from",
            "read:user_role_source_groups",
            &["role_id", "from", "take"],
            run!(groups),
        ),
        row(
            "/users/{id}/effective-permissions",
            "Get a user's effective permissions",
            "read:user_effective_permissions",
            &["resource_server_identifier", "from", "take"],
            run!(permissions),
        ),
        row(
            "/users/{id}/effective-permissions/sources/effective-roles",
            "Get the roles that a permission comes to a user from",
            "read:user_permission_source_roles",
            &["resource_server_identifier", "permission_name", "from", "take"],
            run!(sources),
        ),
    ]
}

async fn roles(call: Call) -> Result<Answer> {
    let user_id = user_named(&call.tenant, call.parameter("id")).await?;
    let roles = idp::permissions::roles_of(&call.tenant, &user_id).await?;
    let (page, next) = page::of_whole(&call, roles, MOST, |role| &role.id)?;
    Ok(page::part("roles", page.iter().map(role).collect(), next))
}

/// None, of a role that the person has or has not.
async fn groups(call: Call) -> Result<Answer> {
    user_named(&call.tenant, call.parameter("id")).await?;
    let role_id = required(&call, "role_id")?;
    Role::find(&call.tenant, role_id).await?.ok_or_else(|| {
        let (message, code) = Role::MISSING;
        Error::not_found(message, code)
    })?;
    Ok(page::part("groups", Vec::new(), None))
}

async fn permissions(call: Call) -> Result<Answer> {
    let user_id = user_named(&call.tenant, call.parameter("id")).await?;
    let held = held(&call, &user_id).await?;
    let mut named: HashMap<String, Vec<Held>> = HashMap::new();
    for one in held {
        named.entry(one.name.clone()).or_default().push(one);
    }
    let named: Vec<(String, Vec<Held>)> = named.into_iter().collect();
    let (page, next) = page::of_whole(&call, named, MOST, |(name, _)| name)?;
    let shown = page.iter().map(|(_, held)| {
        let mut permission = described(&call.tenant, &held[0]);
        let is_from = |direct: bool| held.iter().any(|one| (one.holder == user_id) == direct);
        let sources = [("direct", is_from(true)), ("roles", is_from(false))];
        let sources = sources.into_iter().filter(|(_, is_from)| *is_from).map(|(name, _)| name);
        permission.insert("sources".into(), json!(sources.collect::<Vec<_>>()));
        Value::Object(permission)
    });
    Ok(page::part("permissions", shown.collect(), next))
}

async fn sources(call: Call) -> Result<Answer> {
    let user_id = user_named(&call.tenant, call.parameter("id")).await?;
    let name = required(&call, "permission_name")?.to_owned();
    let held = held(&call, &user_id).await?;
    let mut roles = idp::permissions::roles_of(&call.tenant, &user_id).await?;
    roles.retain(|role| held.iter().any(|one| one.name == name && one.holder == role.id));
    let (page, next) = page::of_whole(&call, roles, MOST, |role| &role.id)?;
    Ok(page::part("roles", page.iter().map(role).collect(), next))
}

/// What somebody may do with the API that the query names, one for each way it came to them.
async fn held(call: &Call, user_id: &str) -> Result<Vec<Held>> {
    let audience = required(call, "resource_server_identifier")?;
    let mut held = call.tenant.store().ties().sources(call.tenant.name(), user_id).await?;
    held.retain(|one| one.audience == audience);
    Ok(held)
}

fn required<'a>(call: &'a Call, name: &str) -> Result<&'a str> {
    let given = call.query(name).filter(|value| !value.is_empty());
    given.ok_or_else(|| Error::query(format!("Query validation error: 'Missing required property: {name}'.")))
}

fn role(role: &Role) -> Value {
    let mut shown = Object::new();
    let description = role.description.as_deref().unwrap_or_default();
    for (name, value) in [
        ("id", json!(role.id)),
        ("name", json!(role.name)),
        ("description", json!(description)),
        ("sources", json!(["direct"])),
    ] {
        shown.insert(name.into(), value);
    }
    Value::Object(shown)
}

const MOST: i64 = 100;
