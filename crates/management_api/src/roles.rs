//! Roles, and who has them. What they permit is in `permissions`.

use http::{Method, StatusCode};
use idp::{Change, Document, Tenant, id, permissions::MOST_ROLES};
use model::{
    Organization, User,
    role::{Role, RoleUsers, UserRoles},
};
use schema::{Object, Op, Resource, Shape, Shaped};
use serde_json::{Value, json};
use store::{Forgotten, Tie};

use crate::{
    Answer, Call, Error, Operation,
    clients::text,
    collection::{self, Given, Lifecycle, Prepared, Rows, existing, shown},
    error::Result,
    operation::run,
    page::{self, Page, Pages},
};

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<Role>();
    rows.list.query = vec!["page", "per_page", "include_totals", "name_filter", "type", "owner_id"];
    rows.list.run = run!(list);
    rows.create.run = run!(create);
    rows.delete.run = run!(delete);
    let members = "/roles/{id}/users";
    let of_user = "/users/{id}/roles";
    rows.and([
        Operation::new(
            Method::GET,
            members,
            "Get a role's users",
            &["read:users", "read:roles", "read:role_members"],
            run!(users),
        )
        .reading(&["page", "per_page", "include_totals", "from", "take"]),
        Operation::new(
            Method::POST,
            members,
            "Assign users to a role",
            &["update:roles", "create:role_members"],
            run!(add_users),
        ),
        Operation::new(
            Method::GET,
            of_user,
            "Get a user's roles",
            &["read:users", "read:roles", "read:role_members"],
            run!(of_a_user),
        )
        .reading(Pages::QUERY),
        Operation::new(
            Method::POST,
            of_user,
            "Assign roles to a user",
            &["update:users", "create:role_members"],
            run!(add_to_user),
        ),
        Operation::new(
            Method::DELETE,
            of_user,
            "Remove roles from a user",
            &["update:users", "delete:role_members"],
            run!(remove_from_user),
        )
        .naming_in_body(),
    ])
}

impl Lifecycle for Role {
    const WORDS: (&'static str, &'static str) = ("a role", "roles");
    const MISSING: (&'static str, Option<&'static str>) =
        ("The role does not exist.", Some("inexistent_role"));

    fn taken(_key: &str) -> String {
        "The role already exists.".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(id::role);
        body.shift_insert(0, "id".into(), json!(id));
        let is_organizations = text(body, "type") == Some("organization");
        let mut beside = Vec::new();
        match (is_organizations, text(body, "owner_id")) {
            (false, None) => {}
            (true, Some(owner)) => {
                let Some(organization) = tenant.read(&Organization::NOUN, owner).await? else {
                    let (message, code) = Organization::MISSING;
                    return Err(Error::not_found(message, code));
                };
                beside.push(Change::exists::<Organization>(organization.id));
            }
            (true, None) | (false, Some(_)) => {
                let reason = "A role of an organization names it, and no other does";
                return Err(Error::body(format!(
                    "Payload validation error: '{reason}' on property owner_id."
                )));
            }
        }
        Ok(Prepared { id, beside, ..Prepared::default() })
    }

    async fn cascade(_tenant: &Tenant, document: &Document) -> Result<Vec<Change>> {
        Ok(vec![Change::Forget(Forgotten::Role(document.id.clone()))])
    }

    /// Recorded: what nobody described is described by nothing.
    fn show(_tenant: &Tenant, document: &mut Object) {
        document.entry("description").or_insert(json!(""));
    }
}

async fn list(call: Call) -> Result<Answer> {
    let pages = Pages::of(&call)?;
    let wanted = call.query("name_filter").unwrap_or_default().to_lowercase();
    // Roles are few; those who have them are many.
    let mut found = call.tenant.all(&Role::NOUN).await?;
    found.retain(|role| {
        let is = |name: &str| call.query(name).is_none_or(|value| text(&role.body, name) == Some(value));
        text(&role.body, "name").unwrap_or_default().to_lowercase().contains(&wanted)
            && is("type")
            && is("owner_id")
    });
    let total = found.len() as i64;
    let page = pages.cut(found).into_iter();
    let shown = page.map(|role| shown::<Role>(&call, role.body).map(Value::Object));
    Ok(pages.answer("roles", shown.collect::<Result<Vec<_>>>()?, total))
}

/// Recorded with 200, and with `null` for a description that is not there, which reads show as an empty one.
async fn create(call: Call) -> Result<Answer> {
    let is_described = call.body.contains_key("description");
    let mut answer = collection::create::<Role>(call).await?;
    if let Some(Value::Object(body)) = answer.body.as_mut().filter(|_| !is_described) {
        body.insert("description".into(), Value::Null);
    }
    Ok(Answer { status: StatusCode::OK, ..answer })
}

/// Recorded with 200 and an empty object.
async fn delete(call: Call) -> Result<Answer> {
    let role = existing::<Role>(&call).await?;
    call.precondition.check(Some(&role))?;
    let about = crate::about::About::only::<Role>(&role.id);
    let mut changes = Role::with_cascade(&call.tenant, role.clone()).await?;
    if call.precondition.is_given() {
        changes.insert(0, Change::expect::<Role>(&role));
    }
    let gone = call.tenant.commit(changes).await;
    gone.map_err(|error| call.precondition.lost(error.into()))?;
    Ok(Answer::ok(json!({})).about(about))
}

async fn users(call: Call) -> Result<Answer> {
    may_see_people(&call)?;
    let role = existing::<Role>(&call).await?;
    let page = Page::of(&call)?;
    let (ties, tenant) = (call.tenant.store().ties(), call.tenant.name());
    let mut members = ties.members(tenant, &role.id, page.span()).await?;
    let next = match &page {
        Page::Checkpoint { take, .. } if members.len() as i64 > *take => {
            members.truncate(*take as usize);
            members.last().map(|last| page::cursor(last.created, &last.user_id))
        }
        Page::Checkpoint { .. } | Page::Offset { .. } => None,
    };
    let mut shown = Vec::new();
    for member in members {
        // Whoever is gone has no roles; this may be a moment before.
        if let Some(user) = call.tenant.read(&User::NOUN, &member.user_id).await? {
            let mut person = Object::new();
            for name in ["user_id", "email", "picture", "name"] {
                if let Some(value) = user.body.get(name) {
                    person.insert(name.into(), value.clone());
                }
            }
            shown.push(Value::Object(person));
        }
    }
    match page {
        Page::Checkpoint { .. } => Ok(page::part("users", shown, next)),
        Page::Offset { totals: false, .. } => Ok(Answer::ok(Value::Array(shown))),
        Page::Offset { .. } => {
            let total = ties.count_members(tenant, &role.id).await?;
            Ok(Pages::of(&call)?.answer("users", shown, total))
        }
    }
}

async fn add_users(call: Call) -> Result<Answer> {
    let user_ids = texts::<RoleUsers>(&call.body, "users")?;
    let role = existing::<Role>(&call).await?;
    let mut changes = vec![Change::exists::<Role>(&*role.id)];
    for user_id in user_ids {
        let user_id = user_named(&call.tenant, &user_id).await?;
        few_roles(&call.tenant, &user_id, &[&role.id]).await?;
        changes.push(Change::exists::<User>(&*user_id));
        changes.push(Change::Tie(Tie::Role { user_id, role_id: role.id.clone() }));
    }
    call.tenant.commit(changes).await?;
    Ok(Answer::ok(json!({})))
}

async fn of_a_user(call: Call) -> Result<Answer> {
    may_see_people(&call)?;
    let user_id = user_named(&call.tenant, call.parameter("id")).await?;
    let pages = Pages::of(&call)?;
    let (ties, tenant) = (call.tenant.store().ties(), call.tenant.name());
    let mut shown = Vec::new();
    for id in ties.roles(tenant, &user_id, pages.start, pages.limit).await? {
        if let Some(mut role) = call.tenant.read(&Role::NOUN, &id).await? {
            Role::show(&call.tenant, &mut role.body);
            role.body.retain(|name, _| ["id", "name", "description"].contains(&name.as_str()));
            shown.push(Value::Object(role.body));
        }
    }
    Ok(pages.answer("roles", shown, ties.count_roles(tenant, &user_id).await?))
}

async fn add_to_user(call: Call) -> Result<Answer> {
    let role_ids = texts::<UserRoles>(&call.body, "roles")?;
    let user_id = user_named(&call.tenant, call.parameter("id")).await?;
    let mut changes = vec![Change::exists::<User>(&*user_id)];
    few_roles(&call.tenant, &user_id, &role_ids.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    for role_id in role_ids {
        if call.tenant.read(&Role::NOUN, &role_id).await?.is_none() {
            let (message, code) = Role::MISSING;
            return Err(Error::not_found(message, code));
        }
        changes.push(Change::exists::<Role>(&*role_id));
        changes.push(Change::Tie(Tie::Role { user_id: user_id.clone(), role_id }));
    }
    call.tenant.commit(changes).await?;
    Ok(Answer::no_content())
}

async fn remove_from_user(call: Call) -> Result<Answer> {
    let role_ids = texts::<UserRoles>(&call.body, "roles")?;
    let user_id = user_named(&call.tenant, call.parameter("id")).await?;
    let untie = |role_id| Change::Untie(Tie::Role { user_id: user_id.clone(), role_id });
    call.tenant.commit(role_ids.into_iter().map(untie).collect()).await?;
    Ok(Answer::no_content())
}

/// The person whom a path or body names, by the identifier that ties are kept under.
pub async fn user_named(tenant: &Tenant, id: &str) -> Result<String> {
    match idp::user::by_id(tenant, id).await? {
        Some(user) => Ok(user.user_id),
        None => Err(Error::not_found("The user does not exist.", Some("inexistent_user"))),
    }
}

/// Refuses if somebody would come to have more roles than one may.
async fn few_roles(tenant: &Tenant, user_id: &str, more: &[&str]) -> Result<()> {
    let held = tenant.store().ties().roles(tenant.name(), user_id, 0, MOST_ROLES + 1).await?;
    let new = more.iter().filter(|id| !held.iter().any(|held| held == *id)).count();
    match (held.len() + new) as i64 > MOST_ROLES && new > 0 {
        true => Err(Error::operation(format!("A user can have {MOST_ROLES} roles at most."))),
        false => Ok(()),
    }
}

/// The texts that a body lists, checked against its declaration.
fn texts<T: Shaped>(body: &Object, name: &str) -> Result<Vec<String>> {
    let Shape::Object(fields) = T::SHAPE else { return Ok(Vec::new()) };
    schema::check(fields, body, Op::Create)?;
    let Some(Value::Array(values)) = body.get(name) else { return Ok(Vec::new()) };
    Ok(values.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// To machines Auth0 shows them with `read:roles` alone; to those who administer roles and no people it would tell who
/// there is.
fn may_see_people(call: &Call) -> Result<()> {
    match call.token.administrator {
        Some(_) => call.must(&["read:users", "read:role_members"]),
        None => Ok(()),
    }
}
