//! `/authorize`: from what an application asks to an answer for it, by way of a login where one is needed. An application
//! that is not known, or a place it may not be sent back to, hears nothing: the refusal is for a page of ours.

mod answer;
mod callback;
mod consent;
mod fapi;
mod pushed;
mod reply;
mod request;
mod request_object;
mod route;
mod served;

use std::sync::Arc;

use model::{LogType, ResourceParameterProfile, TokenEndpointAuthMethod, User, client::RedirectionPolicy};
use schema::Object;
use serde_json::{Value, json};
use store::Session;

pub(crate) use self::request::is_verifier;
use self::{
    answer::Granting,
    reply::Way,
    request::{Prompt, ResponseType},
};
pub use self::{
    answer::{Challenge, Grant},
    consent::Requested,
    pushed::{Pushed, push},
    reply::{Fields, Reply},
    request::Asked,
    route::default_route,
};
pub use crate::token::Authorization;
use crate::{
    Code, Error, Result, Tenant, administrators, device,
    log::{self, Event},
    login::{self, Begun, Login, Purpose, Step},
    logout,
    occasion::Occasion,
    pipeline::{self, Occurrence, Protocol, Resumed, Verdict},
    session::{self, Cookie},
    snapshot::RegisteredClient,
    token::{
        audience::{self, Wanted},
        authorization_details,
    },
    user,
    visitor::Visitor,
};

/// What becomes of a request to log somebody in.
#[derive(Debug)]
pub enum Outcome {
    /// The application is answered, with what it asked for or a refusal; with a session, if one has just begun.
    Return { reply: Reply, cookie: Option<Cookie> },
    /// Somebody has to be asked something first.
    Ask { begun: Begun, cookie: Option<Cookie> },
}

/// What comes after somebody has proved who they are.
#[derive(Debug)]
pub enum Next {
    /// The page of this step.
    Ask(Step),
    /// The application is answered.
    Answer(Reply),
}

/// Begins to log somebody in, or sends them back at once. A refusal is for a page of ours.
pub async fn begin(tenant: &Tenant, mut asked: Asked, visitor: &Visitor) -> Result<Outcome> {
    let outcome = begun(tenant, &mut asked, visitor).await;
    outcome.inspect_err(|error| refused(tenant, &asked, visitor, error))
}

async fn begun(tenant: &Tenant, asked: &mut Asked, visitor: &Visitor) -> Result<Outcome> {
    let snapshot = tenant.snapshot().clone();
    let client = callback::client(&snapshot, asked)?;
    let is_pushed = pushed::fetch(tenant, asked).await?;
    if !is_pushed {
        pushed::check_not_required(client)?;
    }
    let unpacked = match is_pushed {
        true => Ok(()),
        false => request_object::unpack(tenant, client, asked, &visitor.host).await,
    };
    let way = way(tenant, client, asked, visitor)?;
    let outcome = match unpacked {
        Ok(()) => proceed(tenant, client, asked, &way, visitor).await,
        Err(error) => Err(error),
    };
    match outcome {
        Err(error @ Error::Refused { .. }) => told(tenant, client, asked, &way, visitor, error)
            .map(|reply| Outcome::Return { reply, cookie: None }),
        outcome => outcome,
    }
}

async fn proceed(
    tenant: &Tenant,
    client: &Arc<RegisteredClient>,
    asked: &Asked,
    way: &Way,
    visitor: &Visitor,
) -> Result<Outcome> {
    served::check(tenant, client, asked)?;
    let (prompt, max_age) = (Prompt::of(asked)?, request::max_age(asked)?);
    let wanted = wanted(tenant, client, asked, way, None);
    let permit = audience::permit(tenant, &wanted).await?;
    details(asked, &permit)?;
    let mut login = Login::new(tenant, asked, way.callback(), Purpose::Authorize);
    if let Some((session, user, cookie)) = login::by_ticket(tenant, asked, visitor).await? {
        login.session_id = Some(session.id.clone());
        login.was_shown = true;
        let next = match further(tenant, client, &mut login, way, (&session, &user), visitor).await? {
            // The browser keeps the session that was proved, whatever the application hears.
            Next::Ask(step) if prompt.none => {
                Next::Answer(told(tenant, client, asked, way, visitor, unasked(&step))?)
            }
            next => next,
        };
        return next_of(tenant, login, next, visitor, Some(cookie)).await;
    }
    if prompt.none && callback::is_anybodys(way.callback()) && is_confirmed(tenant, client) {
        return Code::InteractionRequired.refuse("prompt=none is not allowed with a non-verifiable callback");
    }
    let now = tenant.clock().now();
    // With an age of nothing, no login is recent enough.
    let is_recent = |session: &Session| {
        max_age.is_none_or(|max_age| max_age > 0 && now - session.authenticated <= max_age)
    };
    let is_meant = |user: &User| logout::is_meant(tenant, asked.id_token_hint.as_deref(), &user.user_id);
    let logged_in = session::of(tenant, visitor).await?;
    let suffices = |(session, user): &(Session, User)| {
        is_recent(session)
            && is_open_to(tenant, client, asked, session)
            && !prompt.wants_login()
            && (!prompt.none || is_meant(user))
    };
    match logged_in.filter(suffices) {
        Some((session, user)) => {
            session::touch(tenant, &session, Some(visitor)).await?;
            login.session_id = Some(session.id.clone());
            let next = further(tenant, client, &mut login, way, (&session, &user), visitor).await?;
            match &next {
                Next::Answer(_) => {
                    let event = visitor.event(LogType::Ssa, LogType::Ssa.description());
                    tenant.log(about(user::about(event, &user), client, asked));
                }
                Next::Ask(step) if prompt.none => return Err(unasked(step)),
                Next::Ask(_) => {}
            }
            next_of(tenant, login, next, visitor, None).await
        }
        None if prompt.none => Code::LoginRequired.refuse("Login required"),
        None => Ok(Outcome::Ask { begun: login::begin(tenant, login, visitor).await?, cookie: None }),
    }
}

/// The answer, or the page that comes first.
async fn next_of(
    tenant: &Tenant,
    mut login: Login,
    next: Next,
    visitor: &Visitor,
    cookie: Option<Cookie>,
) -> Result<Outcome> {
    match next {
        Next::Answer(reply) => Ok(Outcome::Return { reply, cookie }),
        Next::Ask(step) => {
            login.step = step;
            Ok(Outcome::Ask { begun: login::begin(tenant, login, visitor).await?, cookie })
        }
    }
}

/// What an application hears that did not want anybody to be asked.
fn unasked(step: &Step) -> Error {
    let (code, description) = match step {
        Step::Consent => (Code::ConsentRequired, "Consent required"),
        Step::Identifier
        | Step::Password { .. }
        | Step::Credentials
        | Step::SignUp
        | Step::ResetRequest
        | Step::ResetSent { .. }
        | Step::Confirm
        | Step::Redirected { .. }
        | Step::Done { .. } => (Code::InteractionRequired, "External interaction required"),
    };
    Error::Refused { code, description: description.into() }
}

/// What comes next for somebody who has proved who they are.
pub async fn onward(
    tenant: &Tenant,
    login: &mut Login,
    person: (&Session, &User),
    visitor: &Visitor,
) -> Result<Next> {
    let snapshot = tenant.snapshot().clone();
    let client = callback::client(&snapshot, &login.asked)?;
    let way = way_of(tenant, client, login, visitor)?;
    match further(tenant, client, login, &way, person, visitor).await {
        Err(error @ Error::Refused { .. }) => refuse(tenant, login, error, visitor).await.map(Next::Answer),
        next => next,
    }
}

/// Sends somebody who may not log in back to the application, or tells the device that waits.
pub async fn refuse(tenant: &Tenant, login: &Login, error: Error, visitor: &Visitor) -> Result<Reply> {
    let snapshot = tenant.snapshot().clone();
    let client = callback::client(&snapshot, &login.asked)?;
    if let Purpose::Device { id } = &login.purpose {
        refused(tenant, &login.asked, visitor, &error);
        device::deny(tenant, id, visitor).await?;
        return Ok(Reply::Redirect(format!("{}/device/failure", visitor.origin)));
    }
    let way = way_of(tenant, client, login, visitor)?;
    told(tenant, client, &login.asked, &way, visitor, error)
}

/// What somebody is asked to let the application of a login have.
pub async fn requested(tenant: &Tenant, login: &Login, visitor: &Visitor) -> Result<Requested> {
    let snapshot = tenant.snapshot().clone();
    let client = callback::client(&snapshot, &login.asked)?;
    let way = way_of(tenant, client, login, visitor)?;
    let permit = audience::permit(tenant, &wanted(tenant, client, &login.asked, &way, None)).await?;
    Ok(consent::requested(tenant, client, &way, &permit))
}

/// The way back to the application; it may have been taken away since the login began.
fn way(tenant: &Tenant, client: &RegisteredClient, asked: &Asked, visitor: &Visitor) -> Result<Way> {
    let callback = callback::of(tenant, client, asked, visitor)?;
    callback::may_be_told(client, asked, &callback)?;
    Ok(Way::to(tenant, &visitor.host, callback, asked))
}

/// The same, of a login. To a device no browser goes back.
fn way_of(tenant: &Tenant, client: &RegisteredClient, login: &Login, visitor: &Visitor) -> Result<Way> {
    match &login.purpose {
        Purpose::Authorize => way(tenant, client, &login.asked, visitor),
        Purpose::Device { .. } => Ok(Way::to(tenant, &visitor.host, String::new(), &login.asked)),
    }
}

/// Takes a refusal back to the application, unless it is one to which nobody is sent for nothing.
fn told(
    tenant: &Tenant,
    client: &RegisteredClient,
    asked: &Asked,
    way: &Way,
    visitor: &Visitor,
    error: Error,
) -> Result<Reply> {
    let policy = client.view.redirection_policy.unwrap_or(RedirectionPolicy::OpenRedirectProtection);
    if served::is_strict(client) && policy == RedirectionPolicy::OpenRedirectProtection {
        return Err(error);
    }
    refused(tenant, asked, visitor, &error);
    way.refusal(error)
}

/// The questions that are left, one after the other, then the answer.
async fn further(
    tenant: &Tenant,
    client: &Arc<RegisteredClient>,
    login: &mut Login,
    way: &Way,
    (session, user): (&Session, &User),
    visitor: &Visitor,
) -> Result<Next> {
    let asked = login.asked.clone();
    let wanted = wanted(tenant, client, &asked, way, Some(user));
    let permit = audience::permit(tenant, &wanted).await?;
    let decided = match login.decided.take() {
        Some(decided) => decided,
        None => match decide(tenant, client, login, &wanted, (session, user), visitor).await? {
            Verdict::Go(decided) => *decided,
            Verdict::Redirect { url, .. } if !url.starts_with("https://") && !url.starts_with("http://") => {
                return Code::AccessDenied.refuse("The address to go to is none of the web.");
            }
            Verdict::Redirect { url, kept } => {
                login.kept = Some(kept);
                return Ok(Next::Ask(Step::Redirected { url }));
            }
        },
    };
    let decided = login.decided.insert(decided).clone();
    if consent::is_needed(tenant, client, login, way, user, &permit).await? {
        return Ok(Next::Ask(Step::Consent));
    }
    if login.is_consented {
        consent::remember(tenant, client, user, &permit).await?;
    }
    if let Purpose::Device { id } = &login.purpose {
        let connection = session.connection.as_deref();
        device::confirm(tenant, id, (session, user), connection, &decided).await?;
        return Ok(Next::Answer(Reply::Redirect(format!("{}/device/success", visitor.origin))));
    }
    if !login.was_shown && callback::is_anybodys(way.callback()) && is_confirmed(tenant, client) {
        return Ok(Next::Ask(Step::Confirm));
    }
    let granted = Granting { tenant, client, login, way, session, user, host: &visitor.host };
    answer::of(&granted, wanted.audience, &permit, decided).await.map(Next::Answer)
}

/// Whether somebody has to confirm that they want to go back to an application that nobody can verify.
fn is_confirmed(tenant: &Tenant, client: &RegisteredClient) -> bool {
    let snapshot = tenant.snapshot();
    let settings = snapshot.settings.as_deref();
    let skipped = client.view.skip_non_verifiable_callback_uri_confirmation_prompt.or_else(|| {
        settings.and_then(|settings| settings.skip_non_verifiable_callback_uri_confirmation_prompt)
    });
    skipped != Some(true) && !administrators::is_dashboard(tenant, &client.view.client_id)
}

/// What customers' code says.
async fn decide(
    tenant: &Tenant,
    client: &Arc<RegisteredClient>,
    login: &mut Login,
    wanted: &Wanted<'_>,
    (session, user): (&Session, &User),
    visitor: &Visitor,
) -> Result<Verdict> {
    let asked = &login.asked;
    let resumed = login.kept.take().map(|kept| Resumed { parameters: login.brought.clone(), kept });
    let request = Occasion {
        client: Some(client.clone()),
        ip: visitor.ip,
        user_agent: visitor.user_agent.clone(),
        host: visitor.host.clone(),
        body: Object::new(),
        query: asked.as_query(),
    };
    let methods = session::methods(session)?;
    let occurrence = Occurrence {
        protocol: match &login.purpose {
            _ if resumed.is_some() => Protocol::RedirectCallback,
            Purpose::Device { .. } => Protocol::DeviceCode,
            Purpose::Authorize => ResponseType::of(asked)?.protocol(),
        },
        client,
        connection: session.connection.as_deref(),
        user,
        session: Some(session),
        asked: Some(asked),
        request: &request,
        audience: wanted.audience.as_deref(),
        scope: wanted.scope,
        methods: &methods,
        is_silent: Prompt::of(asked)?.none,
        resumed,
    };
    pipeline::run(tenant, occurrence).await
}

/// What the application asks to be authorized to do in more than a word (RFC 9396).
fn details(asked: &Asked, permit: &audience::Permit) -> Result<Vec<Value>> {
    let text = asked.authorization_details.as_deref().filter(|text| !text.is_empty());
    match (text, permit.api.as_deref()) {
        (None, _) => Ok(Vec::new()),
        (Some(text), Some(api)) => authorization_details::granted(&api.view, Some(text)),
        (Some(_), None) => Code::InvalidAuthorizationDetails
            .refuse("authorization_details are for an API; name its audience"),
    }
}

fn wanted<'a>(
    tenant: &Tenant,
    client: &'a Arc<RegisteredClient>,
    asked: &'a Asked,
    way: &'a Way,
    user: Option<&'a User>,
) -> Wanted<'a> {
    let given = |text: &'a Option<String>| text.as_deref().filter(|text| !text.is_empty());
    let snapshot = tenant.snapshot();
    let profile = snapshot.settings.as_deref().and_then(|settings| settings.resource_parameter_profile);
    let resource =
        given(&asked.resource).filter(|_| profile == Some(ResourceParameterProfile::Compatibility));
    let audience = audience::named(tenant, given(&asked.audience).or(resource));
    let scope = asked.scope.as_deref().unwrap_or_default();
    Wanted { client, user, audience, scope, issuer: way.issuer() }
}

/// Whether the application may have whoever came by the connection of a session, and did not ask for another.
fn is_open_to(tenant: &Tenant, client: &RegisteredClient, asked: &Asked, session: &Session) -> bool {
    if administrators::is_dashboard(tenant, &client.view.client_id) {
        return true;
    }
    let snapshot = tenant.snapshot();
    let named = asked.connection.as_deref().filter(|name| !name.is_empty());
    session.connection.as_deref().is_some_and(|name| {
        named.is_none_or(|named| named == name)
            && snapshot
                .connection(name)
                .is_some_and(|one| one.is_active() && one.is_enabled_for(&client.view.client_id))
    })
}

/// Whether the client has no way to prove itself.
pub fn is_public(client: &RegisteredClient) -> bool {
    client.view.token_endpoint_auth_method == Some(TokenEndpointAuthMethod::None)
}

fn about(event: Event, client: &RegisteredClient, asked: &Asked) -> Event {
    let event = Event {
        client_id: Some(client.view.client_id.clone()),
        client_name: Some(client.view.name.clone()),
        ..event
    };
    correlated(event, asked)
}

/// The event, with what the application tells its requests apart by.
pub(crate) fn correlated(mut event: Event, asked: &Asked) -> Event {
    if let Some(id) = asked.correlation_id.as_deref().filter(|id| is_correlation(id)) {
        event.rest.insert("references".into(), json!({ "correlation_id": id }));
    }
    event
}

fn is_correlation(id: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.*~@+/:".contains(&byte);
    (1..=64).contains(&id.len()) && id.bytes().all(is_fine)
}

fn refused(tenant: &Tenant, asked: &Asked, visitor: &Visitor, error: &Error) {
    let Error::Refused { description, .. } = error else { return };
    let kind = if asked.prompt.as_deref() == Some("none") { LogType::Fsa } else { LogType::F };
    let mut event = visitor.event(kind, log::cut(description));
    event.client_id = asked.client_id.as_deref().map(log::cut);
    tenant.log(correlated(event, asked));
}
