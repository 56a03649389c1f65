//! A browser in which somebody has logged in. Its cookie holds a secret that changes with every login; tokens name the
//! session by another identifier.

use model::{Secret, User, tenant_settings::SessionCookieMode};
use store::Session;

use crate::{Result, Tenant, bearer, id, user, visitor::Visitor};

/// The cookie of a session that has just begun.
#[derive(Debug)]
pub struct Cookie {
    pub value: Secret,
    /// Seconds that it is to be kept, if it is to outlive the browser.
    pub max_age: Option<i64>,
}

/// The session of this browser and who is logged in; nobody who is blocked or gone.
pub async fn of(tenant: &Tenant, visitor: &Visitor) -> Result<Option<(Session, User)>> {
    for cookie in visitor.sessions.iter().take(MOST_COOKIES) {
        let (secret, now) = (bearer::hash(cookie), tenant.clock().now());
        let Some(session) = tenant.store().sessions().by_secret(tenant.name(), &secret, now).await? else {
            continue;
        };
        let user = user::by_id(tenant, &session.user_id).await?;
        return Ok(user.filter(|user| !user.blocked).map(|user| (session, user)));
    }
    Ok(None)
}

/// Begins a session, in the place of whichever this browser had.
pub async fn begin(tenant: &Tenant, visitor: &Visitor, user_id: &str) -> Result<(Session, Cookie)> {
    let now = tenant.clock().now();
    let lifetimes = Lifetimes::of(tenant);
    let previous = of(tenant, visitor).await?.map(|(session, _)| session.id);
    let cookie = bearer::make();
    let session = Session {
        id: id::session(),
        secret: bearer::hash(&cookie),
        user_id: user_id.to_owned(),
        created: now,
        authenticated: now,
        used: now,
        idle_expires: now + lifetimes.idle.min(lifetimes.absolute),
        expires: now + lifetimes.absolute,
        ip: Some(visitor.ip.to_string()),
        user_agent: visitor.user_agent.as_deref().map(crate::log::cut),
    };
    tenant.store().sessions().begin(tenant.name(), session.clone(), previous.as_deref()).await?;
    let max_age = lifetimes.outlives_the_browser.then_some(lifetimes.absolute);
    Ok((session, Cookie { value: cookie.into(), max_age }))
}

/// Notes that a session was used, which keeps it from ending.
pub async fn touch(tenant: &Tenant, session: &Session) -> Result<()> {
    let now = tenant.clock().now();
    if now - session.used < SELDOM {
        return Ok(());
    }
    let idle_expires = (now + Lifetimes::of(tenant).idle).min(session.expires);
    Ok(tenant.store().sessions().touch(tenant.name(), &session.id, now, idle_expires).await?)
}

/// Whether the session with this identifier has not ended.
pub async fn is_alive(tenant: &Tenant, id: &str) -> Result<bool> {
    Ok(tenant.store().sessions().read(tenant.name(), id, tenant.clock().now()).await?.is_some())
}

/// Ends a session.
pub async fn end(tenant: &Tenant, session: &Session) -> Result<()> {
    Ok(tenant.store().sessions().end(tenant.name(), &session.id).await?)
}

/// How long sessions live, in seconds.
struct Lifetimes {
    idle: i64,
    absolute: i64,
    outlives_the_browser: bool,
}

impl Lifetimes {
    fn of(tenant: &Tenant) -> Lifetimes {
        let snapshot = tenant.snapshot();
        let settings = snapshot.settings.as_deref();
        let hours = |setting: Option<f64>, default: f64| (setting.unwrap_or(default) * 3600.0) as i64;
        let mode = settings.and_then(|settings| settings.session_cookie.as_ref()).map(|cookie| cookie.mode);
        Lifetimes {
            idle: hours(settings.and_then(|settings| settings.idle_session_lifetime), 72.0),
            absolute: hours(settings.and_then(|settings| settings.session_lifetime), 168.0),
            outlives_the_browser: mode != Some(SessionCookieMode::NonPersistent),
        }
    }
}

/// More than any browser holds for one address, short of a stranger who sets them.
const MOST_COOKIES: usize = 4;
/// Seconds between two notes that a session was used.
const SELDOM: i64 = 60;
