//! How somebody comes to administer, or gets back in: a link that is good once. The first one is printed by the first
//! start; whoever has the data folder can have another.

use model::{Administrator, LogType, Role, Secret, User};
use schema::{Object, Resource};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    Change, Code, Error, Result, Tenant, Tenants,
    pipeline::Method,
    session::{self, Cookie, Proof},
    ticket,
    user::{self, SignUp},
    visitor::Visitor,
};

/// What a link is for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Invitation {
    /// For whom; whoever has the link says it themselves if there is none.
    pub email: Option<String>,
    pub roles: Vec<Role>,
    pub tenants: Option<Vec<String>>,
    /// Who administers already, and is to choose another password.
    pub user_id: Option<String>,
}

impl Invitation {
    /// For whoever reads the console of a server that nobody administers yet.
    pub fn first() -> Self {
        Invitation { email: None, roles: vec![Role::Admin], tenants: None, user_id: None }
    }

    /// For who administers already, and cannot log in.
    pub fn reset(administrator: &Administrator, email: String) -> Self {
        let Administrator { user_id, roles, tenants } = administrator.clone();
        Invitation { email: Some(email), roles, tenants, user_id: Some(user_id) }
    }
}

/// Whether anybody administers.
pub async fn has_administrators(builtin: &Tenant) -> Result<bool> {
    Ok(!builtin.all(&Administrator::NOUN).await?.is_empty())
}

/// Makes a link's code. A person has one at most: an older one is good no more.
pub async fn issue(builtin: &Tenant, invitation: &Invitation, lifetime: i64) -> Result<String> {
    for older in ticket::list::<Invitation>(builtin, KIND).await? {
        if older.body.email == invitation.email {
            ticket::revoke(builtin, KIND, &older.id).await?;
        }
    }
    ticket::issue(builtin, KIND, invitation, lifetime).await
}

/// Where a code leads.
pub fn link(tenants: &Tenants, code: &str) -> String {
    format!("https://{}{SETUP}?code={code}", tenants.dashboard_domain())
}

/// What a code is for, if it is good.
pub async fn read(builtin: &Tenant, code: &str) -> Result<Option<Invitation>> {
    ticket::read(builtin, KIND, code).await
}

/// Those that nobody has followed yet, oldest first.
pub async fn open(builtin: &Tenant) -> Result<Vec<ticket::Listed<Invitation>>> {
    let all = ticket::list::<Invitation>(builtin, KIND).await?;
    Ok(all.into_iter().filter(|one| one.body.email.is_some() && one.body.user_id.is_none()).collect())
}

/// Takes an invitation back; tells whether there was one.
pub async fn withdraw(builtin: &Tenant, id: &str) -> Result<bool> {
    ticket::revoke(builtin, KIND, id).await
}

/// Makes an administrator of whoever has the code, or gives one another password, and logs them in.
pub async fn accept(
    builtin: &Tenant,
    code: &str,
    email: &str,
    password: Secret,
    visitor: &Visitor,
) -> Result<Cookie> {
    let Some(invitation) = read(builtin, code).await? else { return spent() };
    let user = match &invitation.user_id {
        Some(user_id) => reset(builtin, code, user_id, password).await?,
        None => {
            let user = join(builtin, code, &invitation, email, password).await?;
            builtin.log(user::about(visitor.event(LogType::Ss, LogType::Ss.description()), &user));
            user
        }
    };
    let methods = vec![Method::now(builtin, "pwd")];
    let proof = Proof { user_id: &user.user_id, connection: user::CONNECTION, methods };
    let (_, cookie) = session::begin(builtin, visitor, proof).await?;
    user::logged_in(builtin, &user.user_id, &visitor.ip.to_string()).await?;
    builtin.log(user::about(visitor.event(LogType::S, LogType::S.description()), &user));
    Ok(cookie)
}

async fn join(
    builtin: &Tenant,
    code: &str,
    invitation: &Invitation,
    email: &str,
    password: Secret,
) -> Result<User> {
    // Nodes that start together may each have printed a first link.
    if invitation.email.is_none() && has_administrators(builtin).await? {
        return spent();
    }
    let email = invitation.email.as_deref().unwrap_or(email);
    if user::by_login(builtin, user::CONNECTION, email).await?.is_some() {
        return Code::InvalidRequest.refuse("Somebody with this address administers already.");
    }
    let who =
        SignUp { email: email.to_owned(), email_verified: invitation.email.is_some(), name: None, password };
    let (user, mut changes) = user::prepare_sign_up(builtin, who).await?;
    if ticket::take::<Invitation>(builtin, KIND, code).await?.is_none() {
        return spent();
    }
    let mut role = Object::new();
    role.insert("user_id".into(), json!(user.user_id));
    role.insert("roles".into(), json!(invitation.roles));
    role.insert("tenants".into(), json!(invitation.tenants));
    changes.push(Change::create::<Administrator>(user.user_id.clone(), role));
    builtin.commit(changes).await.map_err(|error| match error {
        Error::Taken { .. } => Error::Refused {
            code: Code::InvalidRequest,
            description: "Somebody with this address administers already.".into(),
        },
        other => other,
    })?;
    Ok(user)
}

async fn reset(builtin: &Tenant, code: &str, user_id: &str, password: Secret) -> Result<User> {
    let Some(user) = user::by_id(builtin, user_id).await? else { return spent() };
    crate::password::check(&password, user.known_as())?;
    if ticket::take::<Invitation>(builtin, KIND, code).await?.is_none() {
        return spent();
    }
    user::set_password(builtin, user_id, password).await?;
    Ok(user)
}

fn spent<T>() -> Result<T> {
    Code::InvalidRequest.refuse("This link was used already, has expired, or was never made.")
}

/// The path that a link leads to, on every host.
pub const SETUP: &str = "/setup";
/// For how long, in seconds, a link is good.
pub const LIFETIME: i64 = 86_400;
const KIND: &str = "invitation";
