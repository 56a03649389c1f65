//! A database of people with passwords: who has this name and this password, who may sign up, how somebody gets another
//! password. Whoever asks is not told who is in it, neither by words nor by time.

use std::sync::Arc;

use model::{LogType, Secret, User};
use schema::Object;

use super::RegisteredConnection;
use crate::{
    Code, Occasion, Result, Tenant, log,
    password::{self, PasswordRefusal, kept, policy},
    protection::{self, Verdict},
    user,
};

/// Somebody who is to be able to log in with a password.
#[derive(Debug)]
pub struct SignUp {
    pub email: Option<String>,
    pub username: Option<String>,
    pub phone_number: Option<String>,
    pub password: Secret,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub name: Option<String>,
    pub nickname: Option<String>,
    pub picture: Option<String>,
    pub user_metadata: Option<Object>,
}

impl SignUp {
    /// Somebody of whom nothing is known but a password.
    pub fn with(password: Secret) -> SignUp {
        SignUp {
            email: None,
            username: None,
            phone_number: None,
            password,
            given_name: None,
            family_name: None,
            name: None,
            nickname: None,
            picture: None,
            user_metadata: None,
        }
    }
}

/// Whoever has this name and this password. Refuses with `InvalidGrant` whoever has not, `TooManyAttempts` whoever
/// tried too often, `PasswordLeaked` where strangers know the password, and `AccessDenied` whoever is blocked.
pub async fn verify(
    tenant: &Tenant,
    connection: &Arc<RegisteredConnection>,
    identifier: &str,
    password: Secret,
    occasion: &Occasion,
) -> Result<User> {
    let known = by_login(tenant, connection, identifier).await?;
    let typed = typed(known.as_ref(), identifier);
    let counts_account =
        connection.database().is_none_or(|options| options.brute_force_protection != Some(false));
    let event = |kind: LogType, user: Option<&User>, description: &str| log::Event {
        user_name: Some(log::cut(&typed)),
        ..about(occasion.event(kind, description), connection, user)
    };
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
    let proved = prove(tenant, known.as_ref(), password).await?;
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
            Code::InvalidGrant.refuse("Wrong email or password.")
        }
    }
}

/// Makes somebody who can log in, unless the database lets nobody or somebody has the same name.
pub async fn sign_up(
    tenant: &Tenant,
    connection: &Arc<RegisteredConnection>,
    sign_up: SignUp,
    occasion: &Occasion,
) -> Result<User> {
    if connection.database().is_none_or(|options| options.disable_signup == Some(true)) {
        tenant.log(about(occasion.event(LogType::Fs, "Public signup is disabled"), connection, None));
        return Code::InvalidSignup.refuse("Public signup is disabled");
    }
    let SignUp { email: Some(email), name, password, .. } = sign_up else {
        return Code::InvalidSignup.refuse("Invalid sign up");
    };
    let wanted = user::SignUp { email, email_verified: false, name, password };
    let (user, changes) = user::prepare_sign_up(tenant, wanted).await?;
    tenant.commit(changes).await?;
    tenant.log(about(occasion.event(LogType::Ss, LogType::Ss.description()), connection, Some(&user)));
    Ok(user)
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
    let connection = database_of(tenant, user)?;
    let profile = Object::new();
    check_password(&connection, &password, &profile)?;
    let remembered = connection.database().map(policy::remembered).unwrap_or_default();
    let change = kept::another(tenant, &user.user_id, password, remembered).await?;
    tenant.commit(vec![change]).await?;
    user::log_out_everywhere(tenant, &user.user_id).await?;
    tenant.log(about(occasion.event(LogType::Scp, LogType::Scp.description()), &connection, Some(user)));
    Ok(())
}

/// The database that somebody is in.
pub fn database_of(tenant: &Tenant, _user: &User) -> Result<Arc<RegisteredConnection>> {
    match tenant.snapshot().connection(user::CONNECTION) {
        Some(connection) => Ok(connection.clone()),
        None => Code::InvalidRequest.refuse("The user is in no database."),
    }
}

/// Whoever logs in with this name.
async fn by_login(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    identifier: &str,
) -> Result<Option<User>> {
    user::by_login(tenant, &connection.view.name, identifier).await
}

/// Whether it is the password of somebody, or of nobody, at the same cost.
async fn prove(tenant: &Tenant, known: Option<&User>, password: Secret) -> Result<bool> {
    let kept = match known {
        Some(user) => kept::of(tenant, &user.user_id).await?,
        None => None,
    };
    password::matches(password, kept.and_then(|(_, kept)| kept.hash)).await
}

/// The name that attempts are counted under.
fn typed(known: Option<&User>, identifier: &str) -> String {
    known.map_or_else(|| user::canonical(identifier), |user| user.known_as().to_owned())
}

/// An event about somebody who comes by this connection.
pub fn about(event: log::Event, connection: &RegisteredConnection, user: Option<&User>) -> log::Event {
    let event = log::Event {
        connection: Some(connection.view.name.clone().into()),
        connection_id: Some(connection.id.to_string()),
        ..event
    };
    match user {
        Some(user) => log::Event {
            user_id: Some(user.user_id.clone()),
            user_name: Some(user.known_as().to_owned()),
            ..event
        },
        None => event,
    }
}

/// What SDKs look for.
const BLOCKED: &str = "user is blocked";
const TOO_MANY: &str = "Too many failed attempts. Wait half an hour, or ask an administrator.";
