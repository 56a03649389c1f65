//! Links for people, handed to whoever calls instead of being mailed: one that proves an address, one under which another
//! password is chosen.

use http::Method;
use idp::{Tenant, connection::database, message, recovery, user, verification};
use model::{Organization, User};
use schema::{Field, Object, Op, Resource, Shaped};
use serde::Deserialize;
use serde_json::json;

use crate::{Answer, Call, Error, Operation, collection::Lifecycle, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let scope = &["create:user_tickets"];
    vec![
        Operation::new(
            Method::POST,
            "/tickets/email-verification",
            "Create an email verification ticket",
            scope,
            run!(email_verification),
        ),
        Operation::new(
            Method::POST,
            "/tickets/password-change",
            "Create a password change ticket",
            scope,
            run!(password_change),
        ),
    ]
}

/// What a link to prove an address is to be like.
#[derive(Deserialize, Shaped)]
struct EmailVerification {
    /// Where the person goes on to.
    #[field(max(4_096), format(AbsoluteUriOrEmpty))]
    result_url: Option<String>,
    /// Whose address.
    #[field(min(1), max(255))]
    user_id: String,
    /// Through which application it comes about.
    #[field(max(255))]
    client_id: Option<String>,
    /// For which organization.
    #[field(max(50))]
    organization_id: Option<String>,
    /// For how many seconds it is good.
    #[field(min(0))]
    ttl_sec: Option<i64>,
    /// Whether the address goes along to where the person goes on to.
    #[serde(rename = "includeEmailInRedirect")]
    include_email_in_redirect: Option<bool>,
    /// Which of the person's accounts is meant.
    identity: Option<Identity>,
}

/// What a link to another password is to be like.
#[derive(Deserialize, Shaped)]
struct PasswordChange {
    /// Where the person goes on to.
    #[field(max(4_096), format(AbsoluteUriOrEmpty))]
    result_url: Option<String>,
    /// Whose password.
    #[field(min(1), max(255))]
    user_id: Option<String>,
    /// Through which application it comes about.
    #[field(max(255))]
    client_id: Option<String>,
    /// For which organization.
    #[field(max(50))]
    organization_id: Option<String>,
    /// The database of whoever has the address.
    #[field(max(255))]
    connection_id: Option<String>,
    /// The address of whoever is meant.
    #[field(max(254), format(EmailOrEmpty))]
    email: Option<String>,
    /// For how many seconds it is good.
    #[field(min(0))]
    ttl_sec: Option<i64>,
    /// Whether following the link proves the address.
    mark_email_as_verified: Option<bool>,
    /// Whether the address goes along to where the person goes on to.
    #[serde(rename = "includeEmailInRedirect")]
    include_email_in_redirect: Option<bool>,
    /// A password of older clients; the person chooses their own.
    #[expect(dead_code, reason = "older clients send it, and nothing is done with it")]
    new_password: Option<schema::Declared<String>>,
    /// Which of the person's accounts is meant.
    identity: Option<Identity>,
}

/// One account of a person.
#[derive(Deserialize, Shaped)]
pub struct Identity {
    /// Its name there.
    #[field(min(1), max(255))]
    pub user_id: String,
    /// What kind of connection knows it.
    #[field(min(1), max(255))]
    pub provider: String,
    /// The connection that knows it.
    #[field(max(255))]
    pub connection_id: Option<String>,
}

async fn email_verification(mut call: Call) -> Result<Answer> {
    let asked: EmailVerification = read(call.take_body())?;
    let tenant = &call.tenant;
    let user = person(tenant, &asked.user_id).await?;
    check(&call, &user, asked.result_url.as_deref(), asked.client_id.as_deref(), asked.identity.as_ref())?;
    is_organization(tenant, asked.organization_id.as_deref()).await?;
    let options = verification::Options {
        result_url: asked.result_url.filter(|url| !url.is_empty()),
        ttl: asked.ttl_sec,
        includes_email: asked.include_email_in_redirect,
        client_id: asked.client_id,
        organization_id: asked.organization_id,
    };
    let Some(code) = verification::ticket(tenant, &user, options).await? else {
        return Err(Error::body("The user does not have an email address."));
    };
    let ticket = verification::link(tenant, &call.origin.host, &code);
    Ok(Answer::created(object(json!({ "ticket": ticket }))))
}

async fn password_change(mut call: Call) -> Result<Answer> {
    let asked: PasswordChange = read(call.take_body())?;
    let tenant = &call.tenant;
    let user = match (&asked.user_id, &asked.email, &asked.connection_id) {
        (Some(user_id), None, _) => person(tenant, user_id).await?,
        (Some(_), Some(_), _) => return Err(Error::body("Either user_id or email can be given, not both.")),
        (None, Some(email), Some(connection_id)) => {
            let connection = tenant.snapshot().connection_by_id(connection_id).cloned();
            let connection = connection.ok_or_else(|| {
                Error::not_found("The connection does not exist.", Some("inexistent_connection"))
            })?;
            let user = user::by_login(tenant, &connection.view.name, email).await?;
            user.ok_or_else(missing)?
        }
        (None, Some(_), None) => return Err(Error::body("connection_id is required together with email.")),
        (None, None, _) => return Err(Error::body("user_id, or email and connection_id, are required.")),
    };
    check(&call, &user, asked.result_url.as_deref(), asked.client_id.as_deref(), asked.identity.as_ref())?;
    is_organization(tenant, asked.organization_id.as_deref()).await?;
    if database::database_of(tenant, &user).is_none() {
        return Err(Error::operation("The user does not have a password: its connection is no database."));
    }
    let options = recovery::Options {
        kind: None,
        result_url: asked.result_url.filter(|url| !url.is_empty()),
        ttl: asked.ttl_sec,
        includes_email: asked.include_email_in_redirect,
        client_id: asked.client_id,
        organization_id: asked.organization_id,
        mark_email_as_verified: asked.mark_email_as_verified.unwrap_or(false),
    };
    let code = recovery::ticket(tenant, &user, options).await?;
    let ticket = recovery::link(tenant, &call.origin.host, &code);
    Ok(Answer::created(object(json!({ "ticket": ticket }))))
}

/// Checks a body that is no noun's against its declaration, and reads it.
pub fn read<T: Shaped + for<'de> Deserialize<'de>>(body: Object) -> Result<T> {
    schema::check(fields::<T>(), &body, Op::Create)?;
    Ok(T::deserialize(serde_json::Value::Object(body))?)
}

fn fields<T: Shaped>() -> &'static [Field] {
    match T::SHAPE {
        schema::Shape::Object(fields) => fields,
        _ => &[],
    }
}

/// The person with this identifier.
pub async fn person(tenant: &Tenant, user_id: &str) -> Result<User> {
    user::by_id(tenant, user_id).await?.ok_or_else(missing)
}

fn missing() -> Error {
    Error::not_found("The user does not exist.", Some("inexistent_user"))
}

/// Where the person goes on to is an address of the web, the application is one, and the account is the person's.
fn check(
    call: &Call,
    user: &User,
    result_url: Option<&str>,
    client_id: Option<&str>,
    identity: Option<&Identity>,
) -> Result<()> {
    if let Some(url) = result_url.filter(|url| !url.is_empty())
        && message::checked_result_url(url).is_none()
    {
        return Err(Error::body(
            "Payload validation error: 'Not an address of the web, without credentials' on property result_url.",
        ));
    }
    is_known(call, client_id)?;
    is_theirs(&call.tenant, user, identity)
}

/// The organization, if one is named, is one.
async fn is_organization(tenant: &Tenant, id: Option<&str>) -> Result<()> {
    match id {
        Some(id) if tenant.read(&Organization::NOUN, id).await?.is_none() => {
            let (message, code) = Organization::MISSING;
            Err(Error::not_found(message, code))
        }
        Some(_) | None => Ok(()),
    }
}

/// The application, if one is named, is one.
pub fn is_known(call: &Call, client_id: Option<&str>) -> Result<()> {
    match client_id {
        Some(client_id) if call.tenant.snapshot().client(client_id).is_none() => {
            Err(Error::body("The client does not exist."))
        }
        _ => Ok(()),
    }
}

/// The account, if one is named, is the person's.
pub fn is_theirs(tenant: &Tenant, user: &User, identity: Option<&Identity>) -> Result<()> {
    let Some(identity) = identity else { return Ok(()) };
    let snapshot = tenant.snapshot();
    let connection_id = |known: &model::user::Identity| {
        snapshot.connection(&known.connection).map(|connection| connection.id.to_string())
    };
    let is_it = |known: &&model::user::Identity| {
        known.user_id == identity.user_id && known.provider == identity.provider
    };
    let found = user.identities.iter().find(is_it);
    let fits = |known| identity.connection_id.is_none() || identity.connection_id == connection_id(known);
    match found.is_some_and(fits) {
        true => Ok(()),
        false => Err(Error::body("The user does not have this identity.")),
    }
}

/// The members of a JSON object.
pub fn object(value: serde_json::Value) -> Object {
    match value {
        serde_json::Value::Object(object) => object,
        _ => Object::new(),
    }
}
