//! People whom scripts know: who logs in, is copied here, signs up, or gets another password there.

use model::{Secret, User};
use schema::Object;
use serde_json::{Value, json};

use super::scripts::{self, Answer, Question};
use crate::{
    Change, Code, Error, Occasion, RegisteredConnection, Result, Tenant,
    password::kept,
    user::{self, NewUser},
};

/// Whom a script found.
pub enum Found {
    Somebody(Box<User>),
    /// The password is not theirs, or nobody has the name.
    Nobody {
        is_known: bool,
        words: String,
    },
}

/// Asks who has this name and this password. Whoever is found is known here from now on; where people are copied, by their
/// password too.
pub async fn log_in(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    (identifier, password): (&str, &Secret),
    copies: bool,
    occasion: &Occasion,
) -> Result<Found> {
    let arguments = vec![json!(identifier), json!(password.expose())];
    let profile = match asked(tenant, connection, Question::Login, arguments, occasion).await? {
        None => return scripts::unfit("The connection has no login script."),
        Some(Answer::Wrong { about, message }) => {
            return Ok(Found::Nobody {
                is_known: about.is_some_and(|about| !about.is_empty()),
                words: message,
            });
        }
        Some(Answer::Invalid { message, .. }) => return scripts::unfit(&message),
        Some(Answer::Value(Value::Object(profile))) => profile,
        Some(Answer::Value(_)) => return Ok(Found::Nobody { is_known: false, words: String::new() }),
    };
    let user = known_here(tenant, connection, &profile, copies.then_some(password)).await?;
    Ok(Found::Somebody(Box::new(user)))
}

/// Whoever has this name there, and is known here from now on.
pub async fn find(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    identifier: &str,
    occasion: &Occasion,
) -> Result<Option<User>> {
    match asked(tenant, connection, Question::GetUser, vec![json!(identifier)], occasion).await? {
        Some(Answer::Value(Value::Object(profile))) if !profile.is_empty() => {
            Ok(Some(known_here(tenant, connection, &profile, None).await?))
        }
        _ => Ok(None),
    }
}

/// Whether somebody has this name there.
pub async fn has(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    identifier: &str,
    occasion: &Occasion,
) -> Result<bool> {
    let answer = asked(tenant, connection, Question::GetUser, vec![json!(identifier)], occasion).await?;
    Ok(matches!(answer, Some(Answer::Value(Value::Object(profile))) if !profile.is_empty()))
}

/// Makes somebody there; whether nobody had the name.
pub async fn create(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    profile: &Object,
    password: &Secret,
    occasion: &Occasion,
) -> Result<bool> {
    let mut user = profile.clone();
    let client_id = occasion.client.as_ref().map(|client| client.view.client_id.clone());
    for (name, value) in [
        ("tenant", json!(tenant.name())),
        ("client_id", json!(client_id)),
        ("connection", json!(connection.view.name)),
        ("password", json!(password.expose())),
    ] {
        user.insert(name.into(), value);
    }
    match asked(tenant, connection, Question::Create, vec![Value::Object(user)], occasion).await? {
        None => scripts::unfit("The connection has no create script."),
        Some(Answer::Value(_)) => Ok(true),
        Some(Answer::Invalid { code, .. }) if code == "user_exists" => Ok(false),
        Some(Answer::Invalid { message, .. } | Answer::Wrong { message, .. }) => {
            Code::InvalidSignup.refuse(crate::log::cut(&message))
        }
    }
}

/// Gives somebody another password there.
pub async fn change_password(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    user: &User,
    password: &Secret,
    occasion: &Occasion,
) -> Result<()> {
    let arguments = vec![json!(user.known_as()), json!(password.expose())];
    match asked(tenant, connection, Question::ChangePassword, arguments, occasion).await? {
        Some(Answer::Value(Value::Bool(true) | Value::Object(_))) => Ok(()),
        Some(Answer::Value(_)) => Code::InvalidRequest.refuse("The password was not changed."),
        Some(Answer::Invalid { message, .. } | Answer::Wrong { message, .. }) => {
            Code::InvalidRequest.refuse(crate::log::cut(&message))
        }
        None => scripts::unfit("The connection has no change_password script."),
    }
}

/// Removes there whoever is about to be removed here; whoever has no account there is passed over.
pub async fn remove(tenant: &Tenant, connection: &RegisteredConnection, account: &str) -> Result<()> {
    match scripts::ask(tenant, connection, Question::Delete, vec![json!(account)]).await? {
        Some(Answer::Invalid { message, .. } | Answer::Wrong { message, .. }) => {
            Code::InvalidRequest.refuse(crate::log::cut(&message))
        }
        Some(Answer::Value(_)) | None => Ok(()),
    }
}

/// Notes there that an address is its owner's.
pub async fn verified(tenant: &Tenant, connection: &RegisteredConnection, email: &str) -> Result<()> {
    scripts::ask(tenant, connection, Question::Verify, vec![json!(email)]).await?;
    Ok(())
}

async fn asked(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    question: Question,
    mut arguments: Vec<Value>,
    occasion: &Occasion,
) -> Result<Option<Answer>> {
    if connection.database().is_some_and(|options| options.enable_script_context == Some(true)) {
        let client = occasion.client.as_ref().map(|client| &client.view);
        arguments.push(json!({
            "connection": { "id": &*connection.id, "name": connection.view.name },
            "client": client.map(|client| json!({ "client_id": client.client_id, "name": client.name })),
            "request": { "ip": occasion.ip.to_string(), "user_agent": occasion.user_agent },
        }));
    }
    scripts::ask(tenant, connection, question, arguments).await
}

/// Makes somebody known here by what a script says of them, or knows them again.
async fn known_here(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    profile: &Object,
    password: Option<&Secret>,
) -> Result<User> {
    let account = match profile.get("user_id").or_else(|| profile.get("id")) {
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(id)) => id.to_string(),
        _ => return scripts::unfit("The script gave a profile without user_id."),
    };
    if account.is_empty() || account.len() > 200 || account.chars().any(char::is_control) {
        return scripts::unfit("The script gave a user_id that cannot be one.");
    }
    let mut said = Object::new();
    for name in SAID {
        let value = profile.get(*name).filter(|value| !value.is_null() && **value != json!(""));
        said.extend(value.map(|value| ((*name).to_owned(), value.clone())));
    }
    let identity = format!("{}|{account}", model::DATABASE);
    let Some(known) = user::by_id(tenant, &identity).await? else {
        let mut body = said;
        body.insert("user_id".into(), json!(account));
        let beside: Vec<Change> = match password {
            Some(password) => vec![kept::first(tenant, &identity, password.clone()).await?],
            None => Vec::new(),
        };
        let (connection, provider) = (connection.view.name.clone(), model::DATABASE.to_owned());
        return match user::create(tenant, NewUser { connection, provider, body, beside }).await {
            Err(Error::Taken { .. }) => scripts::unfit("Somebody else here has the same name."),
            Err(Error::Refused { description, .. }) => scripts::unfit(&description),
            made => made,
        };
    };
    // Two databases may give one account to two people.
    let is_here = |identity: &model::user::Identity| {
        identity.is_database() && identity.user_id == account && identity.connection == connection.view.name
    };
    if !known.identities.iter().any(is_here) {
        return scripts::unfit("The script gave a user_id that belongs to another connection.");
    }
    if let Some(password) = password
        && kept::of(tenant, &identity).await?.is_none()
    {
        match tenant.commit(vec![kept::first(tenant, &identity, password.clone()).await?]).await {
            Ok(()) | Err(Error::Taken { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let is_linked = known.user_id != identity;
    let syncs = connection.view.options.as_ref().and_then(|options| options.get("set_user_root_attributes"));
    if is_linked || syncs.is_some_and(|syncs| *syncs != json!("on_each_login")) {
        return Ok(known);
    }
    let root = ["name", "nickname", "given_name", "family_name", "picture"];
    said.retain(|name, _| root.contains(&name.as_str()));
    let changed = user::enrich(tenant, &known.user_id, |body| body.extend(said.clone()));
    Ok(changed.await?.unwrap_or(known))
}

/// What a script may say of somebody.
const SAID: &[&str] = &[
    "email",
    "email_verified",
    "username",
    "phone_number",
    "phone_verified",
    "name",
    "nickname",
    "given_name",
    "family_name",
    "picture",
    "user_metadata",
    "app_metadata",
    "blocked",
];
