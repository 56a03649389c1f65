//! Linking: one person's accounts become another's, and an account becomes a person again.

use http::{Method, StatusCode};
use idp::{Document, user};
use model::User;
use schema::{Object, Resource, Shaped};
use serde::Deserialize;
use serde_json::Value;

use super::{existing, own, taken};
use crate::{Answer, Call, Error, Operation, about::About, actions::declared, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let scopes = &["update:users", "update:current_user_identities"];
    vec![
        Operation::new(Method::POST, "/users/{id}/identities", "Link a User Account", scopes, run!(link)),
        Operation::new(
            Method::DELETE,
            "/users/{id}/identities/{provider}/{user_id}",
            "Unlink a User Identity",
            scopes,
            run!(unlink),
        ),
    ]
}

/// Whose accounts are to be taken over.
#[derive(Debug, Deserialize, Shaped)]
struct Wanted {
    /// What kind of connection knows the other.
    #[field(min(1), max(128))]
    provider: Option<String>,
    /// The connection that knows the other, by its identifier.
    #[field(min(1), max(128))]
    connection_id: Option<String>,
    /// What the other is called there, or everywhere.
    #[field(min(1), max(255))]
    user_id: Option<String>,
    /// An ID token of the other, who so agrees.
    #[field(min(1), max(16_000))]
    link_with: Option<String>,
}

async fn link(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    let is_own = own::must_be_theirs(&call, &["update:users"], "update:current_user_identities")?;
    let wanted: Wanted = declared(body)?;
    let other_id = match &wanted {
        Wanted { link_with: Some(id_token), .. } => proved(&call, id_token)?,
        // Who acts for themselves has to show that the other agrees.
        _ if is_own => return Err(missing("link_with")),
        Wanted { provider: Some(provider), user_id: Some(id), .. } => {
            let prefix = format!("{provider}|");
            if id.starts_with(&prefix) { id.clone() } else { format!("{prefix}{id}") }
        }
        Wanted { provider: None, .. } => return Err(missing("provider")),
        Wanted { user_id: None, .. } => return Err(missing("user_id")),
    };
    let main = existing(&call.tenant, call.parameter("id")).await?;
    if other_id == main.id {
        return Err(Error::operation("Main account and linked account must be different."));
    }
    let Some(other) = call.tenant.find(&User::NOUN, "identity", &other_id).await? else {
        return Err(Error::not_found("The user does not exist.", Some("inexistent_user")));
    };
    if other.id != other_id {
        return Err(conflict());
    }
    must_be_of(&call, &wanted, &other)?;
    let linked = user::link(&call.tenant, &main, &other).await.map_err(|error| match error {
        idp::Error::Taken { .. } => conflict(),
        other => taken(other),
    })?;
    let about = About::put::<User>(&main.id, &main.body, &linked);
    Ok(Answer { status: StatusCode::CREATED, ..Answer::ok(shown(&call, linked)?) }.about(about))
}

async fn unlink(call: Call) -> Result<Answer> {
    own::must_be_theirs(&call, &["update:users"], "update:current_user_identities")?;
    let main = existing(&call.tenant, call.parameter("id")).await?;
    let (provider, account) = (call.parameter("provider"), call.parameter("user_id"));
    if main.id == format!("{provider}|{account}") {
        return Err(Error::operation("Main identity cannot be unlinked"));
    }
    let unlinked = user::unlink(&call.tenant, &main, provider, account).await.map_err(taken)?;
    let Some(left) = unlinked else {
        return Err(Error::operation("The user has no such identity."));
    };
    let about = About::put::<User>(&main.id, &main.body, &left);
    Ok(Answer::ok(shown(&call, left)?).about(about))
}

/// Whom an ID token proves to agree. It must have been made for the client that asks.
fn proved(call: &Call, id_token: &str) -> Result<String> {
    user::proved_by(&call.tenant, id_token, &call.token.client_id)
        .ok_or_else(|| Error::body("Payload validation error: 'Invalid token' on property link_with."))
}

fn must_be_of(call: &Call, wanted: &Wanted, other: &Document) -> Result<()> {
    let Some(id) = &wanted.connection_id else { return Ok(()) };
    let user = User::view(&other.body)?;
    let snapshot = call.tenant.snapshot();
    let name = snapshot.connection_by_id(id).map(|connection| connection.view.name.clone());
    match name {
        None => Err(Error::new(
            StatusCode::BAD_REQUEST,
            "The connection does not exist.",
            Some("inexistent_connection"),
        )),
        Some(name) if user.connection() == Some(name.as_str()) => Ok(()),
        Some(_) => Err(Error::not_found("The user does not exist.", Some("inexistent_user"))),
    }
}

/// The accounts alone, each with what it says of the person (recorded).
fn shown(call: &Call, mut body: Object) -> Result<Value> {
    let profile = user::profile_of(&body);
    if let Some(first) =
        body.get_mut("identities").and_then(|all| all.get_mut(0)).and_then(Value::as_object_mut)
    {
        first.insert("profileData".into(), Value::Object(profile));
    }
    let mut shown = super::shown(call, body)?;
    Ok(shown.shift_remove("identities").unwrap_or_default())
}

fn missing(name: &str) -> Error {
    Error::body(format!("Payload validation error: 'Missing required property: {name}'."))
}

fn conflict() -> Error {
    Error::new(StatusCode::CONFLICT, "Specified identity already exists.", Some("identity_conflict"))
}
