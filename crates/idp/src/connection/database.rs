//! A database of people with passwords: who has this name and this password, who may sign up, how somebody gets another
//! password. Whoever asks is not told who is in it, neither by words nor by time.

mod elsewhere;
mod scripts;
mod sign_up;

use std::sync::Arc;

use model::{LogType, Secret, User, user::Identity};
use schema::{Object, Resource};
use serde_json::json;

use self::{elsewhere::Found, scripts::Kept};
pub use self::{
    scripts::{Question, try_script},
    sign_up::{SignUp, sign_up},
};
use super::RegisteredConnection;
use crate::{
    Code, Error, Occasion, Result, Tenant,
    breached::{self, Moment},
    log,
    password::{PasswordRefusal, kept, policy},
    protection::{self, Verdict},
    registration, unblock, user,
};

/// Whoever has this name and this password. Refuses with `InvalidGrant` whoever has not, `AccountClosed` and
/// `TooManyAttempts` whoever tried too often, `PasswordLeaked` where strangers know the password, and `AccessDenied` whoever is blocked.
pub async fn verify(
    tenant: &Tenant,
    connection: &Arc<RegisteredConnection>,
    identifier: &str,
    password: Secret,
    occasion: &Occasion,
) -> Result<User> {
    let Some(options) = connection.database().filter(|_| connection.is_active()) else {
        return Code::InvalidRequest.refuse("Nobody can log in with a password by this connection.");
    };
    let known = user::by_login(tenant, &connection.view.name, identifier).await?;
    let typed = known.as_ref().map_or_else(|| user::canonical(identifier), |user| user.known_as().to_owned());
    let event = |kind: LogType, user: Option<&User>, description: &str| log::Event {
        user_name: Some(log::cut(&typed)),
        ..about(occasion.event(kind, description), connection, user)
    };
    let counts_account = options.brute_force_protection != Some(false);
    let attempt = match protection::attempt(tenant, &typed, occasion.ip, counts_account).await? {
        Verdict::GoOn(attempt) => {
            if let Some(kind) = attempt.noted {
                tenant.log(event(kind, known.as_ref(), kind.description()));
            }
            attempt
        }
        closed @ (Verdict::TooManyForAccount | Verdict::TooManyForAddress) => {
            let kind = match closed {
                Verdict::TooManyForAddress => LogType::LimitMu,
                Verdict::TooManyForAccount | Verdict::GoOn(_) => LogType::LimitWc,
            };
            tenant.log(event(kind, known.as_ref(), kind.description()));
            if let (LogType::LimitWc, Some(user)) = (kind, known) {
                unblock::tell(tenant, user, typed, connection, occasion);
            }
            return match kind {
                LogType::LimitWc => Code::AccountClosed.refuse(TOO_MANY),
                _ => Code::TooManyAttempts.refuse(TOO_MANY),
            };
        }
    };
    let looked_up = breached::is_watched(tenant, Moment::Login).then(|| password.clone());
    let (known, proved, words) = prove(tenant, connection, known, (identifier, password), occasion).await?;
    match known {
        Some(user) if proved && user.blocked => {
            attempt.succeeded().await?;
            tenant.log(event(LogType::F, Some(&user), BLOCKED));
            Code::AccessDenied.refuse(BLOCKED)
        }
        Some(user) if proved => {
            attempt.succeeded().await?;
            if let Some(password) = looked_up {
                breached::guard(tenant, Moment::Login, &password, Some(&user), connection, occasion).await?;
            }
            Ok(user)
        }
        known => {
            let kind = match &words {
                Some((true, _)) => LogType::Fp,
                Some((false, _)) => LogType::Fu,
                None => {
                    if known.is_some() {
                        LogType::Fp
                    } else {
                        LogType::Fu
                    }
                }
            };
            let words = words.map(|(_, words)| words).filter(|words| !words.is_empty());
            tenant.log(event(kind, known.as_ref(), words.as_deref().unwrap_or(kind.description())));
            attempt.failed().await?;
            // One answer for an unknown name and for a wrong password.
            Code::InvalidGrant.refuse(WRONG)
        }
    }
}

/// Who it is, whether the password is theirs, and what a script said of a failure: whether it knows the name, and words.
async fn prove(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    known: Option<User>,
    (identifier, password): (&str, Secret),
    occasion: &Occasion,
) -> Result<(Option<User>, bool, Option<(bool, String)>)> {
    let identity = known
        .as_ref()
        .and_then(|user| identity_of(user, &connection.view.name, identifier))
        .map(Identity::id);
    let copies = match connection.database().map(scripts::kept) {
        Some(Kept::Elsewhere) => Some(false),
        Some(Kept::HereAfterLogin) => {
            let has_password = match &identity {
                Some(identity) => kept::of(tenant, identity).await?.is_some(),
                None => false,
            };
            (!has_password).then_some(true)
        }
        Some(Kept::Here) | None => None,
    };
    let Some(copies) = copies else {
        let proved = kept::matches(tenant, identity.as_deref(), password).await?;
        return Ok((known, proved, None));
    };
    match elsewhere::log_in(tenant, connection, (identifier, &password), copies, occasion).await? {
        Found::Somebody(user) => Ok((Some(*user), true, None)),
        Found::Nobody { is_known, words } => Ok((known, false, Some((is_known, words)))),
    }
}

/// Whoever has this name, be it where people are that were not copied yet.
pub async fn find(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    identifier: &str,
    occasion: &Occasion,
) -> Result<Option<User>> {
    match user::by_login(tenant, &connection.view.name, identifier).await? {
        None if connection.database().is_some_and(|options| scripts::kept(options) != Kept::Here) => {
            elsewhere::find(tenant, connection, identifier, occasion).await
        }
        known => Ok(known),
    }
}

/// Whether somebody of this profile may choose this password in this database, as far as the database's rules say.
pub fn check_password(
    connection: &RegisteredConnection,
    password: &Secret,
    profile: &Object,
) -> std::result::Result<(), PasswordRefusal> {
    match connection.database() {
        Some(options) => policy::check(options, password.expose(), profile),
        None => Err(PasswordRefusal::Unfit("The connection holds no passwords.")),
    }
}

/// Gives somebody another password; whoever was logged in as them is no longer.
pub async fn set_password(tenant: &Tenant, user: &User, password: Secret, occasion: &Occasion) -> Result<()> {
    let Some((connection, identity)) = database_of(tenant, user) else {
        return Code::InvalidRequest.refuse("The user is in no database.");
    };
    breached::guard(tenant, Moment::Change, &password, Some(user), &connection, occasion).await?;
    let refused = |refusal: PasswordRefusal| {
        let event = about(occasion.event(LogType::Fcp, refusal.message()), &connection, Some(user));
        tenant.log(event);
        Error::from(refusal)
    };
    // Another change of the same person may come in between; then all of it is looked at again.
    for _ in 0..3 {
        let Some(document) = tenant.read(&User::NOUN, &user.user_id).await? else { break };
        check_password(&connection, &password, &document.body).map_err(refused)?;
        let is_elsewhere =
            connection.database().is_some_and(|options| scripts::kept(options) == Kept::Elsewhere);
        let change = if is_elsewhere {
            elsewhere::change_password(tenant, &connection, user, &password, occasion).await?;
            None
        } else {
            let remembered = connection.database().map(policy::remembered).unwrap_or_default();
            match kept::another(tenant, &identity, password.clone(), remembered).await {
                Err(Error::Password(refusal)) => return Err(refused(*refusal)),
                change => Some(change?),
            }
        };
        let mut body = document.body.clone();
        let now = tenant.clock().iso();
        for name in ["last_password_reset", "updated_at"] {
            body.insert(name.into(), json!(now));
        }
        match tenant.commit([user::replace(&document, body)].into_iter().chain(change).collect()).await {
            Err(Error::Conflict | Error::Taken { .. }) => continue,
            done => done?,
        }
        user::log_out_everywhere(tenant, &user.user_id).await?;
        let event = occasion.event(LogType::Scp, LogType::Scp.description());
        tenant.log(about(event, &connection, Some(user)));
        registration::password_changed(tenant, &connection, user, occasion);
        return Ok(());
    }
    Err(Error::Conflict)
}

/// The database that somebody is in, and the identity that they have there.
pub fn database_of(tenant: &Tenant, user: &User) -> Option<(Arc<RegisteredConnection>, String)> {
    let identity = user.identities.iter().find(|identity| identity.is_database())?;
    let connection = tenant.snapshot().connection(&identity.connection)?.clone();
    Some((connection, identity.id()))
}

/// Removes somebody from the databases that are elsewhere, before they are removed here.
pub async fn remove_elsewhere(tenant: &Tenant, user: &User) -> Result<()> {
    for (connection, identity) in elsewhere_of(tenant, user) {
        elsewhere::remove(tenant, &connection, &identity.user_id).await?;
    }
    Ok(())
}

/// Notes in the databases that are elsewhere that an address is somebody's.
pub async fn verified_elsewhere(tenant: &Tenant, user: &User) -> Result<()> {
    for (connection, _) in elsewhere_of(tenant, user) {
        elsewhere::verified(tenant, &connection, user.email.as_deref().unwrap_or_default()).await?;
    }
    Ok(())
}

fn elsewhere_of<'a>(tenant: &Tenant, user: &'a User) -> Vec<(Arc<RegisteredConnection>, &'a Identity)> {
    let snapshot = tenant.snapshot();
    let identities = user.identities.iter().filter(|identity| identity.is_database());
    let with_connection = identities
        .filter_map(|identity| Some((snapshot.connection(&identity.connection)?.clone(), identity)));
    let is_elsewhere = |connection: &RegisteredConnection| {
        connection.database().is_some_and(|options| scripts::kept(options) == Kept::Elsewhere)
    };
    with_connection.filter(|(connection, _)| is_elsewhere(connection)).collect()
}

/// The identity that somebody has by this connection: if there are several, the one of that name.
fn identity_of<'a>(user: &'a User, connection: &str, identifier: &str) -> Option<&'a Identity> {
    let is_here = |identity: &&Identity| identity.is_database() && identity.connection == connection;
    let named = |identity: &&Identity| {
        let profile = identity.profile_data.as_ref();
        let names = ["email", "username", "phone_number"].map(|name| profile?.get(name)?.as_str());
        names.into_iter().flatten().any(|name| user::canonical(name) == user::canonical(identifier))
    };
    let here = || user.identities.iter().filter(is_here);
    here().find(named).or_else(|| here().next())
}

/// An event about somebody who comes by this connection.
pub fn about(event: log::Event, connection: &RegisteredConnection, user: Option<&User>) -> log::Event {
    let event = match user {
        Some(user) => user::about(event, user),
        None => event,
    };
    log::Event {
        connection: Some(connection.view.name.clone()),
        connection_id: Some(connection.id.to_string()),
        ..event
    }
}

/// What SDKs look for.
const WRONG: &str = "Wrong email or password.";
const BLOCKED: &str = "user is blocked";
const TOO_MANY: &str = "Too many failed attempts. Wait half an hour, or ask an administrator.";
