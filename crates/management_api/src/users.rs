//! People: who there is, what is known of each, and who may say so. Searching them is in `list`, linking in
//! `identities`, the smaller things in `parts`.

mod asked;
mod identities;
mod list;
mod own;
mod parts;

use http::{Method, StatusCode};
use idp::{
    Code, Document, Occasion, Tenant,
    connection::database,
    password::kept,
    snapshot::RegisteredClient,
    user::{self, NewUser},
    verification,
};
use model::User;
use schema::{Object, Op, Resource};
use serde_json::{Value, json};
use std::sync::Arc;

use self::asked::Asked;
use crate::{
    Answer, Call, Error, Operation,
    about::About,
    error::Result,
    operation::run,
    precondition::{etag, next_etag},
};

pub fn operations() -> Vec<Operation> {
    let one = "/users/{id}";
    let own = vec![
        Operation::new(Method::POST, "/users", "Create a User", &["create:users"], run!(create)),
        Operation::new(
            Method::GET,
            one,
            "Get a User",
            &["read:users", "read:current_user", "read:user_idp_tokens"],
            run!(read),
        )
        .reading(&["fields", "include_fields"]),
        Operation::new(
            Method::PATCH,
            one,
            "Update a User",
            &["update:users", "update:users_app_metadata", "update:current_user_metadata"],
            run!(update),
        ),
        Operation::new(
            Method::DELETE,
            one,
            "Delete a User",
            &["delete:users", "delete:current_user"],
            run!(delete),
        ),
    ];
    [list::operations(), own, identities::operations(), parts::operations()].concat()
}

/// Makes a person who comes by the connection that the body names.
async fn create(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    let asked = Asked::take(&mut body, Op::Create)?;
    schema::check(User::NOUN.fields, &body, Op::Create)?;
    check_metadata(&body)?;
    let name = asked.connection.clone().unwrap_or_default();
    let Some(connection) = call.tenant.snapshot().connection(&name).cloned() else {
        return Err(Error::new(
            StatusCode::BAD_REQUEST,
            "The connection does not exist.",
            Some("inexistent_connection"),
        ));
    };
    let provider = provider(&connection.view.strategy)?;
    must_be_named(&provider, &body)?;
    let mut beside = Vec::new();
    if connection.is_database() {
        let Some(password) = asked.password.clone() else {
            return Err(Error::body("Payload validation error: 'Missing required property: password'."));
        };
        database::check_password(&connection, &password, &body).map_err(idp::Error::from)?;
        let account = match body.get("user_id").and_then(Value::as_str) {
            Some(account) => account.to_owned(),
            None => idp::id::account(),
        };
        let identity = format!("{provider}|{account}");
        body.insert("user_id".into(), json!(account));
        beside.push(kept::first(&call.tenant, &identity, password).await?);
    } else if asked.password.is_some() {
        return Err(Error::operation("The connection holds no passwords."));
    }
    let (user, changes) = user::prepare(&call.tenant, NewUser { connection: name, provider, body, beside })?;
    call.tenant.commit(changes).await.map_err(taken)?;
    if asked.verify_email && !user.email_verified && user.email.is_some() {
        verification::send(&call.tenant, &user, None).await?;
    }
    let document = existing(&call.tenant, &user.user_id).await?;
    let about = About::put::<User>(&document.id, &Object::new(), &document.body);
    let (tag, shown) = (etag(&document), shown(&call, document.body)?);
    Ok(Answer::created(shown).tagged(tag).about(about))
}

async fn read(call: Call) -> Result<Answer> {
    own::must_be_theirs(&call, &["read:users", "read:user_idp_tokens"], "read:current_user")?;
    let document = existing(&call.tenant, call.parameter("id")).await?;
    let tag = etag(&document);
    Ok(Answer::ok(shown(&call, document.body)?).tagged(tag))
}

/// Changes what is known of somebody, or of one of their further accounts, and their password.
async fn update(mut call: Call) -> Result<Answer> {
    let mut patch = call.take_body();
    let is_own = own::must_be_theirs(
        &call,
        &["update:users", "update:users_app_metadata"],
        "update:current_user_metadata",
    )?;
    let asked = Asked::take(&mut patch, Op::Update)?;
    schema::check(User::NOUN.fields, &patch, Op::Update)?;
    check_metadata(&patch)?;
    own::may_change(&call, is_own, &patch, &asked)?;
    let mut document = existing(&call.tenant, call.parameter("id")).await?;
    call.precondition.check(Some(&document))?;
    let before = User::view(&document.body)?;
    asked.must_be_alone(&patch)?;
    let client = client(&call, asked.client_id.as_deref())?;
    let further = asked.connection.as_deref().filter(|name| before.connection() != Some(name));
    if let Some(name) = further
        && user::further_in(&before, name).is_none()
    {
        return Err(Error::operation("The user has no account in this connection."));
    }
    if further.is_none() {
        may_be_changed(&call.tenant, &before, &patch)?;
    }
    // First, because it may be refused.
    if let Some(password) = asked.password {
        set_password(&call, &before, further, password, client.clone()).await?;
        document = existing(&call.tenant, &document.id).await?;
    }
    let mut body = document.body.clone();
    lay_over(&mut body, patch, further);
    let mut tag = etag(&document);
    if body != document.body {
        user::must_fit(&body, Some(&document.body))?;
        body.insert("updated_at".into(), json!(call.tenant.clock().iso()));
        let committed = call.tenant.commit(vec![user::replace(&document, body.clone())]).await;
        committed.map_err(taken).map_err(|error| call.precondition.lost(error))?;
        tag = next_etag(&document);
    }
    let after = User::view(&body)?;
    if ended(&before, &after) {
        user::log_out_everywhere(&call.tenant, &document.id).await?;
    }
    if asked.verify_email && !after.email_verified && after.email.is_some() {
        verification::send(&call.tenant, &after, client.as_deref()).await?;
    }
    let about = About::put::<User>(&document.id, &document.body, &body);
    Ok(Answer::ok(shown(&call, body)?).tagged(tag).about(about))
}

/// Gone is gone: deleting who is not there succeeds too.
async fn delete(call: Call) -> Result<Answer> {
    own::must_be_theirs(&call, &["delete:users"], "delete:current_user")?;
    let id = call.parameter("id");
    if call.precondition.is_given() {
        call.precondition.check(call.tenant.read(&User::NOUN, id).await?.as_ref())?;
    }
    let was_there = user::delete(&call.tenant, id).await?;
    let answer = Answer::no_content();
    Ok(if was_there { answer.about(About::only::<User>(id)) } else { answer })
}

/// What this caller is shown of somebody.
fn shown(call: &Call, mut body: Object) -> Result<Object> {
    let may = |scope: &str| call.may(scope);
    schema::project(User::NOUN.fields, &mut body, &call.selection()?, &call.viewer(&may));
    Ok(body)
}

/// The person whom a path names. Who became another's account is nobody any more.
async fn existing(tenant: &Tenant, id: &str) -> Result<Document> {
    let found = tenant.read(&User::NOUN, id).await?;
    found.ok_or_else(|| Error::not_found("The user does not exist.", Some("inexistent_user")))
}

/// Lays a checked patch over what is known of somebody, or over what a further account says of them.
fn lay_over(body: &mut Object, mut patch: Object, further: Option<&str>) {
    user::canonicalize(&mut patch);
    // Another address is not yet known to be the person's.
    for (of, flag) in [("email", "email_verified"), ("phone_number", "phone_verified")] {
        if patch.contains_key(of)
            && !patch.contains_key(flag)
            && body.get(of) != patch.get(of)
            && further.is_none()
        {
            patch.insert(flag.into(), json!(false));
        }
    }
    if let Some(connection) = further {
        let accounts = body.get_mut("identities").and_then(Value::as_array_mut).into_iter().flatten().skip(1);
        let account = accounts
            .filter_map(Value::as_object_mut)
            .find(|account| account.get("connection").and_then(Value::as_str) == Some(connection));
        if let Some(account) = account {
            let profile = account.entry("profileData").or_insert_with(|| json!({}));
            for name in OF_AN_ACCOUNT {
                if let (Some(profile), Some(value)) = (profile.as_object_mut(), patch.shift_remove(*name)) {
                    profile.insert((*name).into(), value);
                }
            }
        }
    }
    let is_cleared =
        |patch: &Object, name: &str| patch.get(name).and_then(Value::as_object).is_some_and(Object::is_empty);
    let clears = ["user_metadata", "app_metadata"].map(|name| (name, is_cleared(&patch, name)));
    schema::merge(User::NOUN.fields, body, patch);
    for (name, _) in clears.iter().filter(|(_, clears)| *clears) {
        body.insert((*name).into(), json!({}));
    }
    // Recorded: of empty metadata only that of the person is shown.
    if is_cleared(body, "app_metadata") {
        body.shift_remove("app_metadata");
    }
}

/// Whether a change ends what somebody was logged in with.
fn ended(before: &User, after: &User) -> bool {
    before.email != after.email
        || before.username != after.username
        || before.phone_number != after.phone_number
        || (after.blocked && !before.blocked)
}

async fn set_password(
    call: &Call,
    user: &User,
    further: Option<&str>,
    password: model::Secret,
    client: Option<Arc<RegisteredClient>>,
) -> Result<()> {
    let has_one = user.primary().is_some_and(|identity| identity.is_database());
    if further.is_some() || !has_one {
        return Err(Error::operation("The password of this account is not kept here."));
    }
    let occasion = Occasion {
        client,
        ip: call.origin.ip,
        user_agent: None,
        host: call.origin.host.clone(),
        body: Object::new(),
        query: Object::new(),
    };
    Ok(database::set_password(&call.tenant, user, password, &occasion).await?)
}

fn client(call: &Call, id: Option<&str>) -> Result<Option<Arc<RegisteredClient>>> {
    let Some(id) = id else { return Ok(None) };
    let known = call.tenant.snapshot().client(id).cloned();
    known.map(Some).ok_or_else(|| {
        Error::new(StatusCode::BAD_REQUEST, "The client does not exist.", Some("inexistent_client"))
    })
}

/// What a connection says of somebody at each login is not changed here.
fn may_be_changed(tenant: &Tenant, user: &User, patch: &Object) -> Result<()> {
    let Some(identity) = user.primary() else { return Ok(()) };
    if matches!(identity.provider.as_str(), "auth0" | "email" | "sms") {
        return Ok(());
    }
    let snapshot = tenant.snapshot();
    let options = snapshot.connection(&identity.connection).and_then(|known| known.view.options.as_ref());
    let synced = options.and_then(|options| options.get("set_user_root_attributes")).and_then(Value::as_str);
    let named: Vec<&str> = FROM_OUTSIDE.iter().copied().filter(|name| patch.contains_key(*name)).collect();
    if named.is_empty() || matches!(synced, Some("on_first_login" | "never_on_login")) {
        return Ok(());
    }
    Err(Error::operation(format!(
        "The following user attributes cannot be updated: {}. The connection ({}) must either be a database \
         connection (using the Auth0 store), a passwordless connection (email or sms) or has disabled 'Sync user \
         profile attributes at each login'. For more information, see \
         https://auth0.com/docs/dashboard/guides/connections/configure-connection-sync",
        named.join(", "),
        identity.connection
    )))
}

/// Names in metadata that mean something else (§ reserved).
fn check_metadata(body: &Object) -> Result<()> {
    let Some(metadata) = body.get("app_metadata").and_then(Value::as_object) else { return Ok(()) };
    match metadata.keys().find(|name| RESERVED.contains(&name.as_str())) {
        Some(name) => Err(Error::body(format!(
            "Payload validation error: 'Property not allowed: {name}' on property app_metadata."
        ))),
        None => Ok(()),
    }
}

fn must_be_named(provider: &str, body: &Object) -> Result<()> {
    let has = |name: &str| body.get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    let missing = match provider {
        "sms" => (!has("phone_number")).then_some("phone_number"),
        "auth0" => (!has("email") && !has("username") && !has("phone_number")).then_some("email"),
        _ => (!has("email")).then_some("email"),
    };
    match missing {
        Some(name) => {
            Err(Error::body(format!("Payload validation error: 'Missing required property: {name}'.")))
        }
        None => Ok(()),
    }
}

/// The kind of account that a connection gives: only those whose people we can make.
fn provider(strategy: &model::connection::Strategy) -> Result<String> {
    use model::connection::Strategy;
    match strategy {
        Strategy::Auth0 => Ok("auth0".into()),
        Strategy::Sms => Ok("sms".into()),
        Strategy::Email => Ok("email".into()),
        _ => Err(Error::operation("People of this connection are made by their first login.")),
    }
}

fn taken(error: idp::Error) -> Error {
    match error {
        idp::Error::Taken { .. } => {
            Error::new(StatusCode::CONFLICT, "The user already exists.", Some("user_exists"))
        }
        idp::Error::Refused { code: Code::InvalidRequest, description } => Error::body(description),
        other => other.into(),
    }
}

const OF_AN_ACCOUNT: &[&str] = &["email", "email_verified", "username", "phone_number", "phone_verified"];
const FROM_OUTSIDE: &[&str] = &[
    "email",
    "email_verified",
    "username",
    "phone_number",
    "phone_verified",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "picture",
];
const RESERVED: &[&str] = &[
    "__tenant",
    "_id",
    "blocked",
    "clientID",
    "created_at",
    "email",
    "email_verified",
    "globalClientID",
    "global_client_id",
    "identities",
    "lastIP",
    "lastLogin",
    "loginsCount",
    "metadata",
    "multifactor",
    "multifactor_last_modified",
    "updated_at",
    "user_id",
];
