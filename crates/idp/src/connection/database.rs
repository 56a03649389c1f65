//! A database of people with passwords: who has this name and this password, who may sign up, how somebody gets another
//! password. Whoever asks is not told who is in it, neither by words nor by time.

mod sign_up;

use std::sync::Arc;

use model::{LogType, Secret, User, user::Identity};
use schema::{Object, Resource};
use serde_json::json;

pub use self::sign_up::{SignUp, sign_up};
use super::RegisteredConnection;
use crate::{
    Code, Error, Occasion, Result, Tenant, log,
    password::{PasswordRefusal, kept, policy},
    protection::{self, Verdict},
    user,
};

/// Whoever has this name and this password. Refuses with `InvalidGrant` whoever has not, `TooManyAttempts` whoever
/// tried too often, `PasswordLeaked` where strangers know the password, and `AccessDenied` whoever is blocked.
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
            return Code::TooManyAttempts.refuse(TOO_MANY);
        }
    };
    let identity = known.as_ref().and_then(|user| identity_of(user, &connection.view.name, identifier));
    let proved = kept::matches(tenant, identity.map(Identity::id).as_deref(), password).await?;
    match known {
        Some(user) if proved && user.blocked => {
            attempt.succeeded(tenant).await?;
            tenant.log(event(LogType::F, Some(&user), BLOCKED));
            Code::AccessDenied.refuse(BLOCKED)
        }
        Some(user) if proved => {
            attempt.succeeded(tenant).await?;
            Ok(user)
        }
        known => {
            let kind = if known.is_some() { LogType::Fp } else { LogType::Fu };
            tenant.log(event(kind, known.as_ref(), kind.description()));
            // One answer for an unknown name and for a wrong password.
            Code::InvalidGrant.refuse(WRONG)
        }
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
    let refused = |refusal: PasswordRefusal| {
        let event = about(occasion.event(LogType::Fcp, refusal.message()), &connection, Some(user));
        tenant.log(event);
        Error::from(refusal)
    };
    // Another change of the same person may come in between; then all of it is looked at again.
    for _ in 0..3 {
        let Some(document) = tenant.read(&User::NOUN, &user.user_id).await? else { break };
        check_password(&connection, &password, &document.body).map_err(refused)?;
        let remembered = connection.database().map(policy::remembered).unwrap_or_default();
        let change = match kept::another(tenant, &identity, password.clone(), remembered).await {
            Err(Error::Password(refusal)) => return Err(refused(*refusal)),
            change => change?,
        };
        let mut body = document.body.clone();
        let now = tenant.clock().iso();
        for name in ["last_password_reset", "updated_at"] {
            body.insert(name.into(), json!(now));
        }
        match tenant.commit(vec![user::replace(&document, body), change]).await {
            Err(Error::Conflict | Error::Taken { .. }) => continue,
            done => done?,
        }
        user::log_out_everywhere(tenant, &user.user_id).await?;
        let event = occasion.event(LogType::Scp, LogType::Scp.description());
        tenant.log(about(event, &connection, Some(user)));
        return Ok(());
    }
    Err(Error::Conflict)
}

/// Lets whoever has this name choose another password, by a mail to them; nobody is told whether somebody has it.
pub async fn recover(
    _tenant: &Tenant,
    connection: &Arc<RegisteredConnection>,
    _identifier: &str,
    _occasion: &Occasion,
) -> Result<()> {
    if connection.database().is_none_or(|options| options.disable_self_service_change_password == Some(true))
    {
        return Code::InvalidRequest.refuse("Nobody can change a password here by themselves.");
    }
    Ok(())
}

/// The database that somebody is in, and the identity that they have there.
pub fn database_of(tenant: &Tenant, user: &User) -> Option<(Arc<RegisteredConnection>, String)> {
    let identity = user.identities.iter().find(|identity| identity.is_database())?;
    let connection = tenant.snapshot().connection(&identity.connection)?.clone();
    Some((connection, identity.id()))
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
