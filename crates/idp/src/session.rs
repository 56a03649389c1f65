//! A browser in which somebody has logged in. Its cookie holds a secret that changes with every login; tokens name the
//! session by another identifier.

use model::{Secret, User, client::Initiator, tenant_settings::SessionCookieMode};
use schema::Object;
use store::Session;

use crate::{Result, Tenant, backchannel, bearer, id, log::cut, pipeline::Method, user, visitor::Visitor};

/// The cookie of a session that has just begun.
#[derive(Debug)]
pub struct Cookie {
    pub value: Secret,
    /// Seconds that it is to be kept, if it is to outlive the browser.
    pub max_age: Option<i64>,
}

/// Somebody who has proved who they are.
#[derive(Debug)]
pub struct Proof<'a> {
    pub user_id: &'a str,
    /// The name of the connection that they came by.
    pub connection: &'a str,
    pub methods: Vec<Method>,
}

/// The session of this browser and who is logged in; nobody who is blocked or gone.
pub async fn of(tenant: &Tenant, visitor: &Visitor) -> Result<Option<(Session, User)>> {
    let lifetimes = Lifetimes::of(tenant);
    for cookie in visitor.sessions.iter().take(MOST_COOKIES) {
        let (secret, now) = (bearer::hash(cookie), tenant.clock().now());
        let found = tenant.store().sessions().by_secret(tenant.name(), &secret, now).await?;
        // The tenant may have become stricter meanwhile.
        let Some(session) = found.filter(|session| lifetimes.allow(session, now)) else { continue };
        let user = user::by_id(tenant, &session.user_id).await?;
        return Ok(user.filter(|user| !user.blocked).map(|user| (session, user)));
    }
    Ok(None)
}

/// Begins a session, in the place of whichever this browser had.
pub async fn begin(tenant: &Tenant, visitor: &Visitor, proof: Proof<'_>) -> Result<(Session, Cookie)> {
    let now = tenant.clock().now();
    let lifetimes = Lifetimes::of(tenant);
    let previous = of(tenant, visitor).await?.map(|(session, _)| session.id);
    let cookie = bearer::make();
    let (ip, user_agent) = (Some(visitor.ip.to_string()), visitor.user_agent.as_deref().map(cut));
    let session = Session {
        id: id::session(),
        secret: bearer::hash(&cookie),
        user_id: proof.user_id.to_owned(),
        created: now,
        authenticated: now,
        used: now,
        idle_expires: now + lifetimes.idle.min(lifetimes.absolute),
        expires: now + lifetimes.absolute,
        ip: ip.clone(),
        user_agent: user_agent.clone(),
        connection: Some(proof.connection.to_owned()),
        methods: serde_json::to_string(&proof.methods)?,
        is_ephemeral: !lifetimes.outlives_the_browser,
        metadata: None,
        last_ip: ip,
        last_user_agent: user_agent,
    };
    tenant.store().sessions().begin(tenant.name(), session.clone(), previous.as_deref()).await?;
    let max_age = lifetimes.outlives_the_browser.then_some(lifetimes.absolute);
    Ok((session, Cookie { value: cookie.into(), max_age }))
}

/// Notes that a session was used, by its browser or in its name, which keeps it from ending.
pub async fn touch(tenant: &Tenant, session: &Session, visitor: Option<&Visitor>) -> Result<()> {
    let now = tenant.clock().now();
    if now - session.used < SELDOM {
        return Ok(());
    }
    let touched = Session {
        used: now,
        idle_expires: (now + Lifetimes::of(tenant).idle).min(session.expires),
        ..session.clone()
    };
    let touched = match visitor {
        Some(visitor) => Session {
            last_ip: Some(visitor.ip.to_string()),
            last_user_agent: visitor.user_agent.as_deref().map(cut),
            ..touched
        },
        None => touched,
    };
    Ok(tenant.store().sessions().touch(tenant.name(), &touched).await?)
}

/// Notes that a session serves a client.
pub async fn serves(tenant: &Tenant, session: &Session, client_id: &str) -> Result<()> {
    let sessions = tenant.store().sessions();
    // A read is cheaper than a write, and mostly it is known.
    if sessions.clients(tenant.name(), &session.id).await?.iter().any(|known| known == client_id) {
        return Ok(());
    }
    Ok(sessions.serve(tenant.name(), session, client_id).await?)
}

/// Lays more over what customers keep with a session.
pub async fn describe(tenant: &Tenant, session: &Session, more: Object) -> Result<Object> {
    let mut metadata = metadata(session)?;
    for (name, value) in more {
        match value.is_null() {
            true => drop(metadata.shift_remove(&name)),
            false => drop(metadata.insert(name, value)),
        }
    }
    let text = serde_json::to_string(&metadata)?;
    tenant.store().sessions().describe(tenant.name(), &session.id, Some(text)).await?;
    Ok(metadata)
}

/// What customers keep with a session.
pub fn metadata(session: &Session) -> Result<Object> {
    Ok(session.metadata.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default())
}

/// How somebody has proved who they are in a session.
pub fn methods(session: &Session) -> Result<Vec<Method>> {
    Ok(serde_json::from_str(&session.methods)?)
}

/// Whether the session with this identifier has not ended.
pub async fn is_alive(tenant: &Tenant, id: &str) -> Result<bool> {
    let now = tenant.clock().now();
    let session = tenant.store().sessions().read(tenant.name(), id, now).await?;
    Ok(session.is_some_and(|session| Lifetimes::of(tenant).allow(&session, now)))
}

/// Ends a session; the clients that it served are told why.
pub async fn end(tenant: &Tenant, session: &Session, why: Initiator) -> Result<()> {
    backchannel::announce(tenant, session, why).await?;
    Ok(tenant.store().sessions().end(tenant.name(), &session.id).await?)
}

/// Ends every session of somebody; the clients that they served are told why.
pub async fn end_all(tenant: &Tenant, user_id: &str, why: Initiator) -> Result<()> {
    let (sessions, now) = (tenant.store().sessions(), tenant.clock().now());
    let mut after = String::new();
    loop {
        let page = sessions.of_user(tenant.name(), user_id, &after, PAGE, now).await?;
        for session in &page {
            backchannel::announce(tenant, session, why).await?;
        }
        match page.last() {
            Some(last) => after.clone_from(&last.id),
            None => break,
        }
    }
    Ok(sessions.end_all(tenant.name(), user_id).await?)
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
        let Some(settings) = snapshot.settings.as_deref() else {
            return Lifetimes { idle: IDLE, absolute: ABSOLUTE, outlives_the_browser: true };
        };
        let mode = settings.session_cookie.as_ref().map(|cookie| cookie.mode);
        let is_ephemeral = mode == Some(SessionCookieMode::NonPersistent);
        let hours = |ephemeral: Option<f64>, usual: Option<f64>, default: i64| {
            let hours = ephemeral.filter(|_| is_ephemeral).or(usual);
            hours.map_or(default, |hours| (hours * 3600.0) as i64)
        };
        Lifetimes {
            idle: hours(settings.idle_ephemeral_session_lifetime, settings.idle_session_lifetime, IDLE),
            absolute: hours(settings.ephemeral_session_lifetime, settings.session_lifetime, ABSOLUTE),
            outlives_the_browser: !is_ephemeral,
        }
    }

    /// Whether a session that was begun under other rules has not ended under these.
    fn allow(&self, session: &Session, now: i64) -> bool {
        now < session.created.saturating_add(self.absolute) && now < session.used.saturating_add(self.idle)
    }
}

/// Twice as many as any browser holds for one address, under two names, short of a stranger who sets them.
const MOST_COOKIES: usize = 8;
/// Seconds between two notes that a session was used.
const SELDOM: i64 = 60;
/// Three days without use, and a week.
const IDLE: i64 = 72 * 3600;
const ABSOLUTE: i64 = 168 * 3600;
const PAGE: i64 = 100;
