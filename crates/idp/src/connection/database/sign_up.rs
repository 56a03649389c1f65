//! How somebody comes into a database who says so themselves.

use std::sync::Arc;

use model::{
    DatabaseOptions, LogType, Secret, User,
    connection::database::{Attribute, SignupStatus},
};
use schema::Object;
use serde_json::{Value, json};

use super::{
    about, check_password,
    elsewhere::{self, Found},
    scripts::{self, Kept},
};
use crate::{
    Code, Error, Occasion, RegisteredConnection, Result, Tenant,
    breached::{self, Moment},
    id, log,
    password::kept,
    protection, registration,
    user::{self, NewUser},
    verification,
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

    /// What is known of them then.
    fn profile(&self) -> Object {
        let mut profile = Object::new();
        let texts = [
            ("email", given(&self.email).map(user::canonical)),
            ("username", given(&self.username).map(user::canonical)),
            ("phone_number", given(&self.phone_number).map(str::to_owned)),
            ("given_name", given(&self.given_name).map(str::to_owned)),
            ("family_name", given(&self.family_name).map(str::to_owned)),
            ("name", given(&self.name).map(str::to_owned)),
            ("nickname", given(&self.nickname).map(str::to_owned)),
            ("picture", given(&self.picture).map(str::to_owned)),
        ];
        for (name, text) in texts {
            profile.extend(text.map(|text| (name.to_owned(), json!(text))));
        }
        profile.extend(self.user_metadata.clone().map(|it| ("user_metadata".to_owned(), Value::Object(it))));
        profile
    }
}

/// A text that says something.
fn given(text: &Option<String>) -> Option<&str> {
    text.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// Makes somebody who can log in. Refuses with `InvalidSignup` where nobody may, or where a name is missing, not one,
/// or somebody's; with `UserExists` in the last case where the tenant tells it; and whoever chose no good password.
pub async fn sign_up(
    tenant: &Tenant,
    connection: &Arc<RegisteredConnection>,
    sign_up: SignUp,
    occasion: &Occasion,
) -> Result<User> {
    let name = sign_up.email.clone().or(sign_up.username.clone()).or(sign_up.phone_number.clone());
    let made = attempt(tenant, connection, sign_up, occasion).await;
    let event = match &made {
        Ok(user) => {
            registration::after(tenant, connection, user, occasion);
            about(occasion.event(LogType::Ss, LogType::Ss.description()), connection, Some(user))
        }
        Err(Error::Internal(_)) => return made,
        Err(error) => log::Event {
            user_name: name.as_deref().map(log::cut),
            ..about(occasion.event(LogType::Fs, error.to_string()), connection, None)
        },
    };
    tenant.log(event);
    if let Ok(user) = &made {
        let (tenant, user, client) = (tenant.clone(), user.clone(), occasion.client.clone());
        // A mail that cannot be written does not undo what was done.
        tokio::spawn(async move {
            if let Err(error) = verification::send(&tenant, &user, client.as_deref()).await {
                let error = format!("{error:#}");
                tracing::error!(tenant = tenant.name(), error, "a mail to prove an address was not written");
            }
        });
    }
    made
}

async fn attempt(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    sign_up: SignUp,
    occasion: &Occasion,
) -> Result<User> {
    let Some(options) = connection.database().filter(|options| options.disable_signup != Some(true)) else {
        return Code::InvalidSignup.refuse(DISABLED);
    };
    if !protection::may_sign_up(tenant, occasion.ip).await? {
        let event = occasion.event(LogType::LimitMu, "Too many sign-ups from one address");
        tenant.log(about(event, connection, None));
        return Code::TooManyAttempts.refuse(TOO_MANY);
    }
    let mut body = sign_up.profile();
    named(options, &body)?;
    check_password(connection, &sign_up.password, &body)?;
    breached::guard(tenant, Moment::SignUp, &sign_up.password, None, connection, occasion).await?;
    registration::before(tenant, connection, &mut body, occasion).await?;
    let name = ["email", "username", "phone_number"].iter().find_map(|name| body.get(*name)?.as_str());
    let kept_at = scripts::kept(options);
    if kept_at != Kept::Here {
        let name = name.unwrap_or_default();
        if elsewhere::has(tenant, connection, name, occasion).await? {
            return exists(tenant, connection, None).await;
        }
        if kept_at == Kept::Elsewhere {
            return there(tenant, connection, (name, &body, &sign_up.password), occasion).await;
        }
    }
    let account = id::account();
    // Before it is known whether somebody has the name: it takes as long in both cases.
    let password = kept::first(tenant, &format!("auth0|{account}"), sign_up.password).await?;
    body.insert("user_id".into(), json!(account));
    body.insert("email_verified".into(), json!(false));
    let username = body.get("username").and_then(Value::as_str).map(str::to_owned);
    let new = NewUser {
        connection: connection.view.name.clone(),
        provider: model::DATABASE.into(),
        body,
        beside: vec![password],
    };
    match user::create(tenant, new).await {
        Err(Error::Taken { .. }) => exists(tenant, connection, username.as_deref()).await,
        Err(Error::Refused { .. }) => Code::InvalidSignup.refuse(INVALID),
        made => made,
    }
}

/// Makes somebody where scripts know people; that they are there, the login script says.
async fn there(
    tenant: &Tenant,
    connection: &RegisteredConnection,
    (name, profile, password): (&str, &Object, &Secret),
    occasion: &Occasion,
) -> Result<User> {
    if !elsewhere::create(tenant, connection, profile, password, occasion).await? {
        return exists(tenant, connection, None).await;
    }
    match elsewhere::log_in(tenant, connection, (name, password), false, occasion).await? {
        Found::Somebody(user) => Ok(*user),
        Found::Nobody { .. } => Code::InvalidSignup.refuse(INVALID),
    }
}

/// Somebody has one of the names; it is told only where the tenant tells it.
async fn exists<T>(tenant: &Tenant, connection: &RegisteredConnection, username: Option<&str>) -> Result<T> {
    let snapshot = tenant.snapshot();
    let flags = snapshot.settings.as_ref().and_then(|settings| settings.flags.as_ref());
    if flags.is_none_or(|flags| flags.enable_public_signup_user_exists_error != Some(true)) {
        return Code::InvalidSignup.refuse(INVALID);
    }
    if let Some(username) = username
        && user::by_login(tenant, &connection.view.name, username).await?.is_some()
    {
        return Code::UsernameExists.refuse("The username provided is in use already.");
    }
    Code::UserExists.refuse("The user already exists.")
}

/// Whether somebody brings the names that the database asks for, each like one.
fn named(options: &DatabaseOptions, profile: &Object) -> Result<()> {
    let has = |name: &str| profile.contains_key(name);
    let Some(attributes) = &options.attributes else {
        let wants_username = options.requires_username == Some(true);
        if !has("email") || (wants_username && !has("username")) {
            return Code::InvalidSignup.refuse(INVALID);
        }
        return username(options, profile);
    };
    let named = [
        ("email", &attributes.email),
        ("username", &attributes.username),
        ("phone_number", &attributes.phone_number),
    ];
    let is_wanted = |attribute: &Attribute| {
        attribute.signup.as_ref().and_then(|signup| signup.status) == Some(SignupStatus::Required)
    };
    let is_identifier = |attribute: &Attribute| {
        attribute.identifier.as_ref().is_some_and(|identifier| identifier.active == Some(true))
    };
    let lacks = |(name, attribute): &(&str, &Option<Attribute>)| {
        attribute.as_ref().is_some_and(is_wanted) && !has(name)
    };
    let is_named = |(name, attribute): &(&str, &Option<Attribute>)| {
        attribute.as_ref().is_some_and(is_identifier) && has(name)
    };
    if named.iter().any(lacks) || !named.iter().any(is_named) {
        return Code::InvalidSignup.refuse(INVALID);
    }
    username(options, profile)
}

/// Whether a user name is one. Nothing else may look like an address, or it could be somebody else's.
pub fn username(options: &DatabaseOptions, profile: &Object) -> Result<()> {
    let Some(name) = profile.get("username").and_then(Value::as_str) else { return Ok(()) };
    let own = options.attributes.as_ref().and_then(|all| all.username.as_ref());
    let validation = own.and_then(|own| own.validation.as_ref());
    let older = options.validation.as_ref().and_then(|validation| validation.username);
    let (least, most) = match (validation, older) {
        (Some(newer), _) => (newer.min_length, newer.max_length),
        (None, Some(older)) => (older.min, older.max),
        (None, None) => (None, None),
    };
    let length = name.chars().count();
    let is_long_enough = (least.unwrap_or(1) as usize..=most.unwrap_or(15) as usize).contains(&length);
    let may_be = |kind: &str| {
        let types = validation.and_then(|validation| validation.allowed_types.as_ref());
        types.is_some_and(|types| match kind {
            "email" => types.email == Some(true),
            _ => types.phone_number == Some(true),
        })
    };
    let looks_like_an_address =
        name.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.'));
    let looks_like_a_number =
        name.strip_prefix('+').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()));
    let is_allowed = name.chars().all(|letter| letter.is_alphanumeric() || MARKS.contains(letter));
    if !is_long_enough
        || !is_allowed
        || (looks_like_an_address && !may_be("email"))
        || (looks_like_a_number && !may_be("phone"))
    {
        return Code::InvalidSignup.refuse("The username is not one that can be chosen.");
    }
    Ok(())
}

/// What may stand in a user name beside letters and digits.
const MARKS: &str = "@^$.!#+-_'~`";
const INVALID: &str = "Invalid sign up";
/// Auth0's words where an address has tried too often.
const TOO_MANY: &str = "We have detected suspicious login behavior and further attempts will be blocked. Please contact the administrator.";
const DISABLED: &str = "public signup is disabled";
