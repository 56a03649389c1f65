//! The people who administer: who they are, whom they invite, what each may do. They are documents of the built-in
//! tenant, whichever tenant the call is for.

use http::Method;
use idp::{
    Change, Document, Tenant, clock, invitation,
    invitation::{Invitation, LIFETIME},
    ticket::Listed,
    user,
};
use model::{Administrator, Role, User};
use schema::{Object, Op, Resource};
use serde_json::{Value, json};

use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let (one, read) = ("/administrators/{id}", &["read:administrators"]);
    let (create, update) = (&["create:administrators"], &["update:administrators"]);
    let delete = &["delete:administrators"];
    vec![
        Operation::ours(Method::GET, "/administrators", "List administrators", read, run!(list)),
        Operation::ours(Method::POST, "/administrators", "Invite an administrator", create, run!(invite))
            .grave(),
        Operation::ours(Method::PATCH, one, "Update an administrator", update, run!(change)).grave(),
        Operation::ours(Method::DELETE, one, "Remove an administrator", delete, run!(remove)).grave(),
        Operation::ours(
            Method::POST,
            "/administrators/{id}/password-link",
            "Make a link to choose another password",
            update,
            run!(password_link),
        )
        .grave(),
        Operation::ours(
            Method::DELETE,
            "/administrators/invitations/{id}",
            "Withdraw an invitation",
            delete,
            run!(withdraw),
        ),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    call.must_administer_all()?;
    let builtin = builtin(&call)?;
    let mut people = Vec::new();
    for document in builtin.all(&Administrator::NOUN).await? {
        people.push(described(&call, &builtin, document).await?);
    }
    people.sort_by_key(|person| person.get("email").map(Value::to_string));
    let invitations: Vec<Value> = invitation::open(&builtin).await?.iter().map(invited).collect();
    Ok(Answer::ok(json!({ "administrators": people, "invitations": invitations })))
}

async fn invite(mut call: Call) -> Result<Answer> {
    call.must_administer_all()?;
    let builtin = builtin(&call)?;
    let mut body = call.take_body();
    let mut address = Object::new();
    match body.shift_remove("email") {
        Some(email) if !email.is_null() => drop(address.insert("email".into(), email)),
        _ => return Err(Error::body("Payload validation error: 'Missing required property: email'.")),
    }
    let email = User::NOUN.field("email").map(std::slice::from_ref).unwrap_or_default();
    schema::check(email, &address, Op::Create)?;
    schema::check(Administrator::NOUN.fields, &body, Op::Create)?;
    let email = user::canonical(address.get("email").and_then(Value::as_str).unwrap_or_default());
    if user::by_login(&builtin, user::CONNECTION, &email).await?.is_some() {
        return Err(Error::conflict("Somebody with this address administers already."));
    }
    must_exist(&call, &body)?;
    body.insert("user_id".into(), json!(""));
    let asked = Administrator::view(&body).map_err(idp::Error::from)?;
    let invitation =
        Invitation { email: Some(email.clone()), roles: asked.roles, tenants: asked.tenants, user_id: None };
    let code = invitation::issue(&builtin, &invitation, LIFETIME).await?;
    let mut answer = Object::new();
    for (name, value) in [
        ("email", json!(email)),
        ("roles", json!(invitation.roles)),
        ("tenants", json!(invitation.tenants)),
        ("invitation_url", json!(invitation::link(&call.tenants, &code))),
        ("expires_at", json!(clock::iso((call.tenant.clock().now() + LIFETIME) * 1_000))),
    ] {
        answer.insert(name.into(), value);
    }
    Ok(Answer::created(answer))
}

async fn change(call: Call) -> Result<Answer> {
    call.must_administer_all()?;
    let builtin = builtin(&call)?;
    let document = existing(&call, &builtin).await?;
    schema::check(Administrator::NOUN.fields, &call.body, Op::Update)?;
    must_exist(&call, &call.body)?;
    let mut body = document.body.clone();
    schema::merge(Administrator::NOUN.fields, &mut body, call.body.clone());
    let next = Administrator::view(&body).map_err(idp::Error::from)?;
    let mut changes = vec![Change::replace::<Administrator>(&document, body)];
    if !rules_all(&next) {
        changes.push(somebody_else_rules(&builtin, &document.id).await?);
    }
    builtin.commit(changes).await?;
    let now = existing(&call, &builtin).await?;
    Ok(Answer::ok(described(&call, &builtin, now).await?))
}

async fn remove(call: Call) -> Result<Answer> {
    call.must_administer_all()?;
    let builtin = builtin(&call)?;
    let document = existing(&call, &builtin).await?;
    let stays = somebody_else_rules(&builtin, &document.id).await?;
    let mut changes = vec![stays, Change::delete::<Administrator>(&*document.id)];
    changes.extend(user::deletion(&builtin, &document.id).await?.unwrap_or_default());
    builtin.commit(changes).await?;
    user::log_out_everywhere(&builtin, &document.id).await?;
    Ok(Answer::no_content())
}

async fn password_link(call: Call) -> Result<Answer> {
    call.must_administer_all()?;
    let builtin = builtin(&call)?;
    let document = existing(&call, &builtin).await?;
    let administrator = Administrator::view(&document.body).map_err(idp::Error::from)?;
    let person = user::by_id(&builtin, &document.id).await?.ok_or_else(unknown)?;
    let code = invitation::issue(
        &builtin,
        &Invitation::reset(&administrator, person.known_as().to_owned()),
        LIFETIME,
    )
    .await?;
    let mut answer = Object::new();
    answer.insert("invitation_url".into(), json!(invitation::link(&call.tenants, &code)));
    Ok(Answer::created(answer))
}

async fn withdraw(call: Call) -> Result<Answer> {
    call.must_administer_all()?;
    invitation::withdraw(&builtin(&call)?, call.parameter("id")).await?;
    Ok(Answer::no_content())
}

fn builtin(call: &Call) -> Result<Tenant> {
    call.tenants.administrators().ok_or_else(|| Error::not_found("Not Found", None))
}

async fn existing(call: &Call, builtin: &Tenant) -> Result<Document> {
    builtin.read(&Administrator::NOUN, call.parameter("id")).await?.ok_or_else(unknown)
}

fn unknown() -> Error {
    Error::not_found("The administrator does not exist.", None)
}

/// A list of tenants names tenants that there are.
fn must_exist(call: &Call, body: &Object) -> Result<()> {
    let named = body.get("tenants").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let known = call.tenants.all();
    for name in named {
        if known.iter().all(|tenant| tenant.name() != name) {
            return Err(Error::body(format!(
                "Payload validation error: 'There is no tenant of this name' on property tenants ({}).",
                crate::call::cut(name)
            )));
        }
    }
    Ok(())
}

/// Whether somebody can do everything everywhere, and so let others in.
fn rules_all(administrator: &Administrator) -> bool {
    administrator.tenants.is_none() && administrator.roles.contains(&Role::Admin)
}

/// Somebody else who rules, as they must still be when this one no longer does: two who remove each other at once
/// do not both go.
async fn somebody_else_rules(builtin: &Tenant, than: &str) -> Result<Change> {
    for document in builtin.all(&Administrator::NOUN).await? {
        if document.id != than && rules_all(&Administrator::view(&document.body).map_err(idp::Error::from)?) {
            return Ok(Change::expect::<Administrator>(&document));
        }
    }
    Err(Error::conflict(
        "Nobody else could administer everything then: make somebody an admin of all tenants first.",
    ))
}

async fn described(call: &Call, builtin: &Tenant, document: Document) -> Result<Object> {
    let mut person = document.body;
    let is_you = call.token.administrator.as_ref().is_some_and(|you| you.user_id == document.id);
    if let Some(user) = user::by_id(builtin, &document.id).await? {
        for (name, value) in [
            ("email", json!(user.email)),
            ("name", json!(user.name)),
            ("last_login", json!(user.last_login)),
            ("logins_count", json!(user.logins_count)),
            ("created_at", json!(user.created_at)),
        ] {
            person.insert(name.into(), value);
        }
    }
    person.insert("is_you".into(), json!(is_you));
    Ok(person)
}

fn invited(listed: &Listed<Invitation>) -> Value {
    let Listed { id, body, expires, .. } = listed;
    json!({
        "id": id, "email": body.email, "roles": body.roles, "tenants": body.tenants,
        "expires_at": clock::iso(expires * 1_000),
    })
}
