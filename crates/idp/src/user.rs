//! People: how one comes to be, is found, changes and goes. Their documents are read from the store; the
//! snapshot does not hold them.

mod cascade;
mod linking;
mod mend;
mod profile;

use model::{LogType, Secret, User};
use schema::{Object, Op, Resource};
use serde_json::json;
use store::{Order, Term, Terms, Wanted};

use crate::{
    Change, Code, Document, Error, Put, Result, Tenant, id,
    log::Event,
    password::{self, kept},
};

pub use cascade::{delete, deletion, forget, log_out_everywhere};
pub use linking::{further_in, link, profile_of, proved_by, unlink};
pub use mend::mend;
pub use model::user::canonical;
pub use profile::canonicalize;

/// How long a profile may be, written out, in bytes. Auth0 documents 10 KB and lets about ten times of that pass.
pub const LONGEST: usize = 100 * 1024;

/// The connection that people with a password come by.
pub const CONNECTION: &str = "Username-Password-Authentication";

/// Somebody who is to be known.
pub struct NewUser {
    /// The name of the connection by which they come.
    pub connection: String,
    /// What kind of connection that is; `auth0` for a database of ours.
    pub provider: String,
    /// What is known of them. Its `user_id`, if there is one, is the name of their account there.
    pub body: Object,
    /// What else is to be stored, or nothing is.
    pub beside: Vec<Change>,
}

/// Makes a person; [`Error::Taken`] if the account, or what one logs in with, is somebody's.
pub async fn create(tenant: &Tenant, new: NewUser) -> Result<User> {
    let (user, changes) = prepare(tenant, new)?;
    tenant.commit(changes).await?;
    Ok(user)
}

/// The same, to be committed together with whatever else makes a person of somebody.
pub fn prepare(tenant: &Tenant, new: NewUser) -> Result<(User, Vec<Change>)> {
    let NewUser { connection, provider, mut body, beside } = new;
    let given = |name: &&String| User::NOUN.field(name).is_some_and(|field| field.writable(Op::Create));
    let writable: Object = body
        .iter()
        .filter(|(name, _)| given(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Err(violation) = schema::check(User::NOUN.fields, &writable, Op::Create) {
        return Code::InvalidRequest.refuse(violation.to_string());
    }
    let account = body.get("user_id").and_then(|id| id.as_str()).map_or_else(id::account, str::to_owned);
    schema::complete(User::NOUN.fields, &mut body);
    canonicalize(&mut body);
    profile::complete(&mut body);
    let (user_id, now) = (format!("{provider}|{account}"), tenant.clock().iso());
    body.insert("user_id".into(), json!(user_id));
    let is_social = !NOT_SOCIAL.contains(&provider.as_str()) && !account.contains('|');
    body.insert(
        "identities".into(),
        json!([{ "connection": connection, "user_id": account, "provider": provider, "isSocial": is_social }]),
    );
    body.entry("created_at").or_insert_with(|| json!(now));
    body.entry("updated_at").or_insert_with(|| json!(now));
    must_fit(&body, None)?;
    let user = User::view(&body)?;
    let mut changes = vec![Change::create::<User>(user_id, body.clone()).with_keys(User::keys(&body))];
    changes.extend(beside);
    Ok((user, changes))
}

/// The person with this identity, whether it names them or is linked to them.
pub async fn by_id(tenant: &Tenant, user_id: &str) -> Result<Option<User>> {
    view(document(tenant, user_id).await?)
}

/// The same as it is stored.
pub async fn document(tenant: &Tenant, user_id: &str) -> Result<Option<Document>> {
    match is_sought(user_id) {
        true => tenant.find(&User::NOUN, "identity", user_id).await,
        false => Ok(None),
    }
}

/// The person who logs in by this connection with this address, name or telephone number, whatever its case.
pub async fn by_login(tenant: &Tenant, connection: &str, identifier: &str) -> Result<Option<User>> {
    if !is_sought(connection) || !is_sought(identifier) {
        return Ok(None);
    }
    for kind in ["email", "username", "phone"] {
        let is_possible = match kind {
            "email" => identifier.contains('@'),
            "phone" => identifier.trim().starts_with('+'),
            _ => true,
        };
        let key = model::user::login_key(connection, kind, identifier);
        if is_possible && let Some(document) = tenant.find(&User::NOUN, "login", &key).await? {
            return view(Some(document));
        }
    }
    Ok(None)
}

/// Everybody who has this address, whatever its case.
pub async fn by_email(tenant: &Tenant, email: &str) -> Result<Vec<User>> {
    documents_by_email(tenant, email).await?.iter().map(|found| Ok(User::view(&found.body)?)).collect()
}

/// The same, as their documents are stored.
pub async fn documents_by_email(tenant: &Tenant, email: &str) -> Result<Vec<Document>> {
    let email = canonical(email);
    if !is_sought(&email) || email.is_empty() {
        return Ok(Vec::new());
    }
    let terms = Terms::Term(Term { name: "email", value: Wanted::Is(email), is_multiple: false });
    let order = Order { by: None, descending: false };
    Ok(tenant.search(&User::NOUN, &terms, order, (0, MOST_OF_AN_ADDRESS), false).await?.0)
}

/// Changes what is known of the person with this identifier, and answers what is then; nothing if there is no such
/// person. Whatever another change wrote in between is read first, so `edit` may be called again.
pub async fn change(
    tenant: &Tenant,
    user_id: &str,
    edit: impl FnMut(&mut Object) -> Result<()>,
) -> Result<Option<User>> {
    change_read(tenant, user_id, tenant.read(&User::NOUN, user_id).await?, edit).await
}

/// The same of somebody who has just been read.
async fn change_read(
    tenant: &Tenant,
    user_id: &str,
    mut read: Option<Document>,
    mut edit: impl FnMut(&mut Object) -> Result<()>,
) -> Result<Option<User>> {
    for _ in 0..MOST_TRIES {
        let Some(document) = read else { return Ok(None) };
        let mut body = document.body.clone();
        edit(&mut body)?;
        if body == document.body {
            return view(Some(document));
        }
        body.insert("updated_at".into(), json!(tenant.clock().iso()));
        match tenant.commit(vec![replace(&document, body.clone())]).await {
            Err(Error::Conflict) => read = tenant.read(&User::NOUN, user_id).await?,
            done => return done.and_then(|()| Ok(Some(User::view(&body)?))),
        }
    }
    Err(Error::Conflict)
}

/// The same, where what is written was brought by somebody and may be too much. What the server itself notes of a login
/// always fits.
pub async fn enrich(
    tenant: &Tenant,
    user_id: &str,
    mut edit: impl FnMut(&mut Object),
) -> Result<Option<User>> {
    change(tenant, user_id, |body| {
        let before = body.clone();
        edit(body);
        must_fit(body, Some(&before))
    })
    .await
}

/// Refuses a profile that would be longer than one may be, unless it was before and grows no further.
pub fn must_fit(body: &Object, before: Option<&Object>) -> Result<()> {
    let length = |body: &Object| serde_json::to_string(body).map(|text| text.len());
    let now = length(body)?;
    if now <= LONGEST || now <= before.map(length).transpose()?.unwrap_or_default() {
        return Ok(());
    }
    Code::InvalidRequest.refuse(format!("The profile is longer than {LONGEST} bytes."))
}

/// A new body for a person's document. Of the keys only what differs is written: a login changes a few of dozens.
pub fn replace(read: &Document, body: Object) -> Change {
    let (id, keys, known) = (read.id.clone(), User::keys(&body), User::keys(&read.body));
    Change::Put(Put { noun: &User::NOUN, id, body, keys, known: Some(known), version: Some(read.version) })
}

/// Notes that somebody has logged in, and answers what is known of them then.
pub async fn logged_in(tenant: &Tenant, user_id: &str, ip: &str) -> Result<Option<User>> {
    note_login(tenant, user_id, tenant.read(&User::NOUN, user_id).await?, ip).await
}

/// The same of somebody who has just been read.
pub async fn note_login(
    tenant: &Tenant,
    user_id: &str,
    read: Option<Document>,
    ip: &str,
) -> Result<Option<User>> {
    let noted = change_read(tenant, user_id, read, |body| {
        let count = body.get("logins_count").and_then(|count| count.as_u64()).unwrap_or_default() + 1;
        body.insert("last_login".into(), json!(tenant.clock().iso()));
        body.insert("last_ip".into(), json!(ip));
        body.insert("logins_count".into(), json!(count));
        Ok(())
    });
    match noted.await {
        // So many at once that this one need not be counted.
        Err(Error::Conflict) => by_id(tenant, user_id).await,
        noted => noted,
    }
}

/// Somebody who administers, and is to be able to log in.
#[derive(Debug)]
pub struct SignUp {
    pub email: String,
    pub email_verified: bool,
    pub name: Option<String>,
    pub password: Secret,
}

/// Makes a person who can log in with this address and password; [`Error::Taken`] if the address is somebody's.
pub async fn sign_up(tenant: &Tenant, sign_up: SignUp) -> Result<User> {
    let (user, changes) = prepare_sign_up(tenant, sign_up).await?;
    tenant.commit(changes).await?;
    tenant.log(event(LogType::Ss, &user));
    Ok(user)
}

/// The same, to be committed together with whatever else makes a person of somebody.
pub async fn prepare_sign_up(tenant: &Tenant, sign_up: SignUp) -> Result<(User, Vec<Change>)> {
    let SignUp { email, email_verified, name, password } = sign_up;
    let mut body = Object::new();
    body.insert("email".into(), json!(canonical(&email)));
    body.insert("email_verified".into(), json!(email_verified));
    if let Some(name) = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()) {
        body.insert("name".into(), json!(name));
    }
    let fields = User::NOUN.field("email").map(std::slice::from_ref).unwrap_or_default();
    let address: Object = body.iter().take(1).map(|(name, value)| (name.clone(), value.clone())).collect();
    if let Err(violation) = schema::check(fields, &address, Op::Create) {
        return Code::InvalidRequest.refuse(violation.to_string());
    }
    password::check(&password, &canonical(&email))?;
    let account = id::account();
    let beside = vec![kept::first(tenant, &format!("{DATABASE}|{account}"), password).await?];
    body.insert("user_id".into(), json!(account));
    let (connection, provider) = (CONNECTION.to_owned(), DATABASE.to_owned());
    prepare(tenant, NewUser { connection, provider, body, beside })
}

/// Gives somebody another password; whoever was logged in as them is no longer.
pub async fn set_password(tenant: &Tenant, user_id: &str, password: Secret) -> Result<()> {
    let Some(user) = by_id(tenant, user_id).await? else { return Code::InvalidRequest.refuse(GONE) };
    password::check(&password, user.known_as())?;
    tenant.commit(vec![kept::another(tenant, &user.user_id, password, 0).await?]).await?;
    password_changed(tenant, &user.user_id).await?;
    log_out_everywhere(tenant, &user.user_id).await?;
    tenant.log(event(LogType::Scp, &user));
    Ok(())
}

/// Notes that somebody has another password.
pub async fn password_changed(tenant: &Tenant, user_id: &str) -> Result<Option<User>> {
    change(tenant, user_id, |body| {
        body.insert("last_password_reset".into(), json!(tenant.clock().iso()));
        Ok(())
    })
    .await
}

/// Whether somebody has another password since this second: what was proved with the one before proves nothing now.
pub fn is_before_reset(user: &User, second: i64) -> bool {
    let reset = user.last_password_reset.as_deref().and_then(|at| at.parse::<jiff::Timestamp>().ok());
    reset.is_some_and(|reset| second < reset.as_second())
}

/// An event about somebody.
pub(crate) fn event(kind: LogType, user: &User) -> Event {
    about(Event::new(kind, kind.description()), user)
}

/// The same event, about somebody.
pub(crate) fn about(event: Event, user: &User) -> Event {
    Event {
        user_id: Some(user.user_id.clone()),
        user_name: Some(user.known_as().to_owned()),
        connection: user.connection().map(str::to_owned),
        ..event
    }
}

fn view(document: Option<Document>) -> Result<Option<User>> {
    Ok(document.map(|document| User::view(&document.body)).transpose()?)
}

/// Whether a text can be a key at all: none is as long, and neither database looks for NUL.
fn is_sought(text: &str) -> bool {
    text.len() <= 1_000 && !text.contains('\0')
}

/// The kind of connection that keeps passwords.
pub const DATABASE: &str = "auth0";
/// Kinds of connection that are no social networks, as long as their accounts name no connection.
const NOT_SOCIAL: [&str; 6] = [DATABASE, "sms", "email", "ad", "waad", "google-apps"];
const GONE: &str = "The user does not exist.";
/// More connections than a tenant has.
const MOST_OF_AN_ADDRESS: i64 = 1_000;
/// How often a change is tried while others change the same person.
const MOST_TRIES: usize = 8;
