//! People: how one comes to be, is found, and gets another password. Their documents are read from the store; the
//! snapshot does not hold them.

use model::{LogType, Secret, User};
use schema::{Object, Op, Resource};
use serde_json::json;

use crate::{
    Change, Code, Document, Error, Result, Tenant, id,
    log::Event,
    password::{self, kept},
};

/// The connection that people with a password come by.
pub const CONNECTION: &str = "Username-Password-Authentication";

/// Somebody who is to be able to log in.
#[derive(Debug)]
pub struct SignUp {
    pub email: String,
    pub email_verified: bool,
    pub name: Option<String>,
    pub password: Secret,
}

/// Makes a person who can log in with this address and password; [`Error::Taken`] if the address is somebody's.
pub async fn sign_up(tenant: &Tenant, sign_up: SignUp) -> Result<User> {
    let (user, changes) = prepare(tenant, sign_up).await?;
    tenant.commit(changes).await?;
    tenant.log(event(LogType::Ss, &user));
    Ok(user)
}

/// The same, to be committed together with whatever else makes a person of somebody.
pub async fn prepare(tenant: &Tenant, sign_up: SignUp) -> Result<(User, Vec<Change>)> {
    let SignUp { email, email_verified, name, password } = sign_up;
    let email = canonical(&email);
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let mut body = Object::new();
    body.insert("email".into(), json!(email));
    body.insert("email_verified".into(), json!(email_verified));
    body.insert("name".into(), json!(name.unwrap_or_else(|| email.clone())));
    body.insert("nickname".into(), json!(email.split('@').next().unwrap_or(&email)));
    if let Err(violation) = schema::check(User::NOUN.fields, &body, Op::Create) {
        return Code::InvalidRequest.refuse(violation.to_string());
    }
    password::check(&password, &email)?;
    schema::complete(User::NOUN.fields, &mut body);
    let (id, now) = (id::user(), tenant.clock().iso());
    body.insert("user_id".into(), json!(id));
    body.insert("created_at".into(), json!(now));
    body.insert("updated_at".into(), json!(now));
    let password = kept::first(tenant, &id, password).await?;
    Ok((User::view(&body)?, vec![Change::create::<User>(id, body), password]))
}

/// The person with this identifier.
pub async fn by_id(tenant: &Tenant, user_id: &str) -> Result<Option<User>> {
    view(tenant.read(&User::NOUN, user_id).await?)
}

/// The person who logs in with this address, whatever its case.
pub async fn by_email(tenant: &Tenant, email: &str) -> Result<Option<User>> {
    let email = canonical(email);
    // No key is as long, and neither database looks for NUL.
    if email.len() > LONGEST_EMAIL || email.contains('\0') {
        return Ok(None);
    }
    view(tenant.find(&User::NOUN, "email", &email).await?)
}

/// Gives somebody another password; whoever was logged in as them is no longer.
pub async fn set_password(tenant: &Tenant, user_id: &str, password: Secret) -> Result<()> {
    let Some(document) = tenant.read(&User::NOUN, user_id).await? else {
        return Code::InvalidRequest.refuse("The user does not exist.");
    };
    let user = User::view(&document.body)?;
    password::check(&password, &user.email)?;
    let now = tenant.clock().iso();
    let mut body = document.body.clone();
    body.insert("last_password_reset".into(), json!(now));
    body.insert("updated_at".into(), json!(now));
    let password = kept::another(tenant, user_id, password, 0).await?;
    tenant.commit(vec![Change::replace::<User>(&document, body), password]).await?;
    log_out_everywhere(tenant, user_id).await?;
    tenant.log(event(LogType::Scp, &user));
    Ok(())
}

/// Ends every session and every refresh token of somebody.
pub async fn log_out_everywhere(tenant: &Tenant, user_id: &str) -> Result<()> {
    tenant.store().sessions().end_all(tenant.name(), user_id).await?;
    tenant.store().refresh_tokens().end_all(tenant.name(), user_id).await?;
    Ok(())
}

/// Notes that somebody has logged in.
pub(crate) async fn logged_in(tenant: &Tenant, user_id: &str, ip: &str) -> Result<()> {
    let now = tenant.clock().iso();
    // Another login of the same person may come in between; then this one is counted after it.
    for _ in 0..3 {
        let Some(document) = tenant.read(&User::NOUN, user_id).await? else { return Ok(()) };
        let mut body = document.body.clone();
        let count = User::view(&body)?.logins_count.unwrap_or_default() + 1;
        body.insert("last_login".into(), json!(now));
        body.insert("updated_at".into(), json!(now));
        body.insert("last_ip".into(), json!(ip));
        body.insert("logins_count".into(), json!(count));
        match tenant.commit(vec![Change::replace::<User>(&document, body)]).await {
            Err(Error::Conflict) => {}
            done => return done,
        }
    }
    Ok(())
}

/// An event about somebody.
pub(crate) fn event(kind: LogType, user: &User) -> Event {
    about(Event::new(kind, kind.description()), user)
}

/// The same event, about somebody.
pub(crate) fn about(event: Event, user: &User) -> Event {
    Event {
        user_id: Some(user.user_id.clone()),
        user_name: Some(user.email.clone()),
        connection: Some(CONNECTION.into()),
        ..event
    }
}

fn view(document: Option<Document>) -> Result<Option<User>> {
    Ok(document.map(|document| User::view(&document.body)).transpose()?)
}

/// An address as it is stored and looked for.
pub fn canonical(email: &str) -> String {
    email.trim().to_lowercase()
}

const LONGEST_EMAIL: usize = 254;
