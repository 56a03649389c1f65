//! Importing users into a database, one after the other. A runner that takes over does not make a user twice: what has no
//! name of its own gets one that follows from the job and its place.

use std::collections::HashSet;

use model::{Administrator, LogType, Role, User};
use schema::{Object, Resource};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Job, JobState, Piece};

use super::{
    LONGEST, Told, asked,
    entry::{self, Entry, Fault, UPSERTABLE},
    fail, note, place, sealed, told,
};
use crate::{
    Error, RegisteredConnection, Result, Tenant, Tenants,
    log::Event,
    outbox::{self, Letter},
    password::kept,
    user::{self, NewUser},
};

/// What is to be imported, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Import {
    pub connection_id: String,
    /// Its name.
    pub connection: String,
    /// Whether users that are there already are changed.
    pub upsert: bool,
    /// What the caller knows the job by.
    pub external_id: Option<String>,
    pub send_completion_email: bool,
}

/// Runs an import to its end.
pub(super) async fn run(tenants: &Tenants, tenant: &Tenant, mut job: Job) -> Result<()> {
    let import: Import = asked(&job)?;
    let ended = match users(tenant, &job).await? {
        Err(problem) => {
            fail(tenant, job, problem).await?;
            Err(problem)
        }
        Ok(users) => {
            let mut told = Told { total: users.len(), ..told(&job)? };
            let mut seen: HashSet<String> = users.iter().take(told.done).flat_map(names).collect();
            while told.done < users.len() {
                if tenant.clock().now() > job.created + LONGEST {
                    let problem = "The job took longer than two hours.";
                    fail(tenant, job, problem).await?;
                    completed(tenants, tenant, &import, &Err(problem)).await?;
                    return Ok(());
                }
                let mut errors = Vec::new();
                for (place, value) in users.iter().enumerate().skip(told.done).take(AT_ONCE) {
                    match one(tenant, &job, &import, place, value, &mut seen).await? {
                        Ok(Done::Inserted) => told.inserted += 1,
                        Ok(Done::Updated) => told.updated += 1,
                        Err(faults) => {
                            told.failed += 1;
                            errors.push(error(tenant, &job, place, value, &faults)?);
                        }
                    }
                    told.done += 1;
                }
                job = note(tenant, job, &told, errors).await?;
            }
            super::end(tenant, job, JobState::Completed, &told, Vec::new()).await?;
            Ok(told)
        }
    };
    completed(tenants, tenant, &import, &ended).await
}

/// The users that were sent, or why they are none.
async fn users(tenant: &Tenant, job: &Job) -> Result<std::result::Result<Vec<Value>, &'static str>> {
    let mut text = String::new();
    for piece in tenant.store().jobs().pieces((tenant.name(), &job.id), "input", 0, i64::MAX).await? {
        text.push_str(&tenant.unseal(&place(&job.id, "input"), &piece).await?);
    }
    Ok(match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Array(users)) => Ok(users),
        Ok(_) => Err("The users file is no JSON array."),
        Err(_) => Err("Failed to parse users file JSON when importing users. Make sure it is valid JSON."),
    })
}

enum Done {
    Inserted,
    Updated,
}

type Outcome = std::result::Result<Done, Vec<Fault>>;

async fn one(
    tenant: &Tenant,
    job: &Job,
    import: &Import,
    place: usize,
    value: &Value,
    seen: &mut HashSet<String>,
) -> Result<Outcome> {
    let entry = match entry::read(value) {
        Ok(entry) => entry,
        Err(faults) => return Ok(Err(faults)),
    };
    let own = names(value);
    if own.iter().any(|name| seen.contains(name)) {
        return Ok(Err(vec![Fault::new("DUPLICATED_USER", "The user is in the file more than once", "")]));
    }
    seen.extend(own);
    let Some(connection) = tenant.snapshot().connection(&import.connection).cloned() else {
        return Ok(Err(vec![Fault::new("CONNECTION_NOT_FOUND", "The connection does not exist", "")]));
    };
    let made = Made { account: account(job, place, &entry.body), place, job };
    match attempt(tenant, &connection, import, &made, entry).await {
        Err(Error::Refused { description, .. }) => Ok(Err(vec![Fault::new("NOT_PASSED", description, "")])),
        Err(Error::TooMuch(what)) => {
            Ok(Err(vec![Fault::new("MAX_LENGTH", format!("{what} is too long"), "")]))
        }
        outcome => outcome,
    }
}

/// The user that an entry makes.
struct Made<'a> {
    account: String,
    place: usize,
    job: &'a Job,
}

async fn attempt(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    import: &Import,
    made: &Made<'_>,
    entry: Entry,
) -> Result<Outcome> {
    let Entry { mut body, password } = entry;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let (email, username) = (text("email"), text("username"));
    let user_id = format!("{}|{}", model::DATABASE, made.account);
    let of_login = async |name: &Option<String>| match name {
        Some(name) => user::by_login(tenant, &connection.view.name, name).await,
        None => Ok(None),
    };
    let known = of_login(&email).await?;
    // Made by a runner that stopped before it could say so.
    let is_ours = |user: &User| {
        made.job.attempts > 1
            && user.user_id == user_id
            && user.created_at >= Some(crate::clock::iso(made.job.created * 1000))
    };
    match known {
        Some(user) if is_ours(&user) => return Ok(Ok(Done::Inserted)),
        Some(user) if import.upsert => return update(tenant, connection, &user, body, password).await,
        Some(_) => {
            return Ok(Err(vec![Fault::new("CONFLICT_EMAIL", "The email is already in use", "email")]));
        }
        None => {}
    }
    if of_login(&username).await?.is_some_and(|user| !is_ours(&user)) {
        return Ok(Err(vec![Fault::new("CONFLICT_USERNAME", "The username is already in use", "username")]));
    }
    let beside = match password {
        Some(hash) => match kept::imported(tenant, &user_id, &hash) {
            Ok(change) => vec![change],
            Err(fault) => return Ok(Err(vec![Fault::new("FORMAT", fault, "custom_password_hash")])),
        },
        None => Vec::new(),
    };
    body.insert("user_id".into(), json!(made.account));
    let new =
        NewUser { connection: connection.view.name.clone(), provider: model::DATABASE.into(), body, beside };
    match user::create(tenant, new).await {
        Ok(_) => Ok(Ok(Done::Inserted)),
        Err(Error::Taken { .. }) => match user::by_id(tenant, &user_id).await?.filter(is_ours) {
            Some(_) => Ok(Ok(Done::Inserted)),
            None => Ok(Err(vec![Fault::new("CONFLICT", "The user already exists", "")])),
        },
        Err(error) => {
            tracing::debug!(place = made.place, ?error, "a user was not imported");
            Err(error)
        }
    }
}

/// Lays what may be changed over somebody who is there.
async fn update(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    user: &User,
    body: Object,
    password: Option<Object>,
) -> Result<Outcome> {
    let identity =
        user.identities.iter().find(|it| it.is_database() && it.connection == connection.view.name);
    if let (Some(hash), Some(identity)) = (password, identity) {
        match kept::imported_again(tenant, &identity.id(), &hash).await? {
            Ok(Some(change)) => tenant.commit(vec![change]).await?,
            // They have logged in, and have a password of ours.
            Ok(None) => {}
            Err(fault) => return Ok(Err(vec![Fault::new("FORMAT", fault, "custom_password_hash")])),
        }
    }
    user::enrich(tenant, &user.user_id, |stored| {
        for name in UPSERTABLE {
            if let Some(value) = body.get(name) {
                stored.insert(name.into(), value.clone());
            }
        }
    })
    .await?;
    Ok(Ok(Done::Updated))
}

/// What an entry is known by, so that it is not taken twice.
fn names(value: &Value) -> Vec<String> {
    let name = |field: &str| Some(format!("{field}\n{}", user::canonical(value.get(field)?.as_str()?)));
    ["email", "username", "user_id", "phone_number"].iter().filter_map(|field| name(field)).collect()
}

/// The name of the account: the entry's own, or one that follows from the job.
fn account(job: &Job, place: usize, body: &Object) -> String {
    let own = body.get("user_id").and_then(Value::as_str).map(str::to_owned);
    own.unwrap_or_else(|| {
        let hash = jose::sha256(format!("{}\n{place}", job.id).as_bytes());
        hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect()
    })
}

fn error(tenant: &Tenant, job: &Job, place: usize, value: &Value, faults: &[Fault]) -> Result<Piece> {
    let shown: Vec<Value> = faults.iter().map(Fault::shown).collect();
    let text = json!({ "user": entry::shown(value), "errors": shown }).to_string();
    sealed(tenant, &job.id, "errors", place, &text)
}

/// Tells the log, and those who administer, how it ended.
async fn completed(
    tenants: &Tenants,
    tenant: &Tenant,
    import: &Import,
    ended: &std::result::Result<Told, &'static str>,
) -> Result<()> {
    let (kind, words) = match ended {
        Ok(told) => {
            let Told { total, inserted, updated, failed, .. } = told;
            (LogType::Sui, format!("{total} users: {inserted} inserted, {updated} updated, {failed} failed."))
        }
        Err(problem) => (LogType::Fui, (*problem).to_owned()),
    };
    let mut event = Event::new(kind, words.clone());
    event.connection = Some(import.connection.clone());
    event.connection_id = Some(import.connection_id.clone());
    event
        .rest
        .insert("details".into(), json!({ "external_id": import.external_id, "upsert": import.upsert }));
    tenant.log(event);
    if !import.send_completion_email {
        return Ok(());
    }
    let provider = outbox::provider(tenant).await?;
    let host = crate::tenants::without_port(tenant.domain().split('/').next().unwrap_or_default());
    let from =
        provider.as_ref().and_then(|it| it.default_from_address.clone()).filter(|from| !from.is_empty());
    let from = from.unwrap_or_else(|| format!("no-reply@{host}"));
    let what = if ended.is_ok() { "is complete" } else { "failed" };
    let text =
        format!("The import of users into {} of {} {what}.\n\n{words}", import.connection, tenant.name());
    for to in owners(tenants, tenant).await? {
        let letter = Letter {
            template: None,
            to,
            from: from.clone(),
            subject: format!("The import of users {what}"),
            // The words are ours and hold nothing of a user's but the connection's name, of letters and hyphens.
            html: format!("<p>{}</p>", text.replace("\n\n", "</p><p>")),
            text: text.clone(),
            link: None,
            code: None,
            user_id: None,
            client_id: None,
            connection: None,
        };
        outbox::post(tenant, provider.as_ref(), &letter).await?;
    }
    Ok(())
}

/// The addresses of those who administer everything here.
async fn owners(tenants: &Tenants, tenant: &Tenant) -> Result<Vec<String>> {
    let Some(builtin) = tenants.administrators() else { return Ok(Vec::new()) };
    let mut addresses = Vec::new();
    for document in builtin.all(&Administrator::NOUN).await? {
        let administrator = Administrator::view(&document.body)?;
        if administrator.roles.contains(&Role::Admin) && administrator.administers(tenant.name()) {
            let person = user::by_id(&builtin, &administrator.user_id).await?;
            addresses.extend(person.and_then(|person| person.email));
        }
    }
    Ok(addresses)
}

/// How many users are looked at between two notes.
const AT_ONCE: usize = 25;
