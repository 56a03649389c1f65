//! `/authorize`: from what an application asks to an answer for it, by way of a login where one is needed. An application
//! that is not known, or a place it may not be sent back to, hears nothing: the refusal is for a page of ours.

mod callback;
mod reply;
mod request;

use std::sync::Arc;

use model::{GrantType, LogType, OrganizationUsage, TokenEndpointAuthMethod, User};
use schema::Object;
use serde::{Deserialize, Serialize};
use store::{AuthorizationCode, Session};

pub(crate) use self::request::is_verifier;
pub use self::{
    reply::{Fields, Reply},
    request::Asked,
};
use self::{
    reply::{Mode, Way},
    request::{Prompt, ResponseType},
};
pub use crate::token::Authorization;
use crate::{
    Code, Error, Result, Tenant, bearer, id,
    log::{self, Event},
    login::{self, Begun, Login, Purpose, Step},
    occasion::Occasion,
    pipeline::{self, Go, Occurrence, Protocol, Verdict},
    session,
    snapshot::{RegisteredClient, Snapshot},
    token::audience::{self, Wanted},
    user,
    visitor::Visitor,
};

/// What becomes of a request to log somebody in.
#[derive(Debug)]
pub enum Outcome {
    /// The application is answered, with what it asked for or a refusal.
    Return(Reply),
    /// Somebody has to be asked something first.
    Ask(Begun),
}

/// What comes after somebody has proved who they are.
#[derive(Debug)]
pub enum Next {
    /// The page of this step.
    Ask(Step),
    /// The application is answered.
    Answer(Reply),
}

/// What a code stands for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Grant {
    pub authorization: Authorization,
    pub callback: String,
    /// Whether the application named the callback, and so has to name it again.
    pub named_callback: bool,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
    /// The key that whoever redeems it has to prove (RFC 9449 §10).
    #[serde(default)]
    pub dpop_jkt: Option<String>,
}

/// What proves that a code is redeemed by whoever asked for it (RFC 7636).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Challenge {
    S256(String),
    Plain(String),
}

/// Begins to log somebody in, or sends them back at once. A refusal is for a page of ours.
pub async fn begin(tenant: &Tenant, asked: Asked, visitor: &Visitor) -> Result<Outcome> {
    let snapshot = tenant.snapshot().clone();
    let trusted = callback::client(&snapshot, &asked).and_then(|client| {
        let callback = callback::of(tenant, client, &asked, visitor)?;
        callback::may_be_told(client, &asked, &callback)?;
        Ok((client, Way::to(tenant, &visitor.host, callback, &asked)))
    });
    let (client, way) = trusted.inspect_err(|error| refused(tenant, &asked, visitor, error))?;
    match proceed(tenant, client, &asked, &way, visitor).await {
        Err(error @ Error::Refused { .. }) => {
            refused(tenant, &asked, visitor, &error);
            way.refusal(error).map(Outcome::Return)
        }
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
    served(client, asked)?;
    request::challenge(asked, is_public(client))?;
    let (prompt, max_age) = (request::prompt(asked)?, request::max_age(asked)?);
    audience::permit(tenant, &wanted(tenant, client, asked, way, None)).await?;
    let logged_in = session::of(tenant, visitor).await?;
    let now = tenant.clock().now();
    // With an age of nothing, no login is recent enough.
    let is_recent = |session: &Session| {
        max_age.is_none_or(|max_age| max_age > 0 && now - session.authenticated <= max_age)
    };
    let recent = logged_in.filter(|(session, _)| is_recent(session));
    let mut login = Login::new(asked, way.callback(), Purpose::Authorize);
    match (prompt, recent) {
        (Prompt::Usual | Prompt::None, Some((session, user))) => {
            session::touch(tenant, &session).await?;
            login.session_id = Some(session.id.clone());
            match further(tenant, client, &mut login, way, (&session, &user), visitor).await? {
                Next::Answer(answer) => {
                    let event = visitor.event(LogType::Ssa, LogType::Ssa.description());
                    tenant.log(about(user::about(event, &user), client));
                    Ok(Outcome::Return(answer))
                }
                Next::Ask(step) if prompt == Prompt::None => unasked(&step),
                Next::Ask(step) => {
                    login.step = step;
                    Ok(Outcome::Ask(login::begin(tenant, login, visitor).await?))
                }
            }
        }
        (Prompt::None, None) => Code::LoginRequired.refuse("Login required"),
        (Prompt::Usual | Prompt::Login, _) => Ok(Outcome::Ask(login::begin(tenant, login, visitor).await?)),
    }
}

/// What an application hears that did not want anybody to be asked.
fn unasked(step: &Step) -> Result<Outcome> {
    match step {
        Step::Consent => Code::ConsentRequired.refuse("Consent required"),
        Step::Identifier
        | Step::Password { .. }
        | Step::Credentials
        | Step::SignUp
        | Step::ResetRequest
        | Step::ResetSent { .. }
        | Step::Confirm
        | Step::Redirected { .. }
        | Step::Done { .. } => Code::InteractionRequired.refuse("External interaction required"),
    }
}

/// What comes next for somebody who has proved who they are.
pub async fn onward(
    tenant: &Tenant,
    login: &mut Login,
    person: (&Session, &User),
    visitor: &Visitor,
) -> Result<Next> {
    let snapshot = tenant.snapshot().clone();
    let (client, way) = still_trusted(tenant, &snapshot, login, visitor)?;
    match further(tenant, client, login, &way, person, visitor).await {
        Err(error @ Error::Refused { .. }) => {
            refused(tenant, &login.asked, visitor, &error);
            way.refusal(error).map(Next::Answer)
        }
        next => next,
    }
}

/// Sends somebody who may not log in back to the application.
pub fn refuse(tenant: &Tenant, login: &Login, error: Error, visitor: &Visitor) -> Result<Reply> {
    let snapshot = tenant.snapshot().clone();
    let (_, way) = still_trusted(tenant, &snapshot, login, visitor)?;
    way.refusal(error)
}

/// The application of a login, and the way back to it. Both may have been taken away since the login began.
fn still_trusted<'a>(
    tenant: &Tenant,
    snapshot: &'a Snapshot,
    login: &Login,
    visitor: &Visitor,
) -> Result<(&'a Arc<RegisteredClient>, Way)> {
    let client = callback::client(snapshot, &login.asked)?;
    let callback = callback::of(tenant, client, &login.asked, visitor)?;
    callback::may_be_told(client, &login.asked, &callback)?;
    Ok((client, Way::to(tenant, &visitor.host, callback, &login.asked)))
}

/// The questions that are left, one after the other, then the answer.
async fn further(
    tenant: &Tenant,
    client: &Arc<RegisteredClient>,
    login: &mut Login,
    way: &Way,
    person: (&Session, &User),
    visitor: &Visitor,
) -> Result<Next> {
    let decided = match login.decided.take() {
        Some(decided) => decided,
        None => match decide(tenant, client, login, person, visitor).await? {
            Verdict::Go(decided) => *decided,
            Verdict::Redirect { url, .. } => return Ok(Next::Ask(Step::Redirected { url })),
        },
    };
    let decided = login.decided.insert(decided);
    code(tenant, client, &login.asked, way, person, decided).await.map(Next::Answer)
}

/// What customers' code says.
async fn decide(
    tenant: &Tenant,
    client: &Arc<RegisteredClient>,
    login: &Login,
    (session, user): (&Session, &User),
    visitor: &Visitor,
) -> Result<Verdict> {
    let asked = &login.asked;
    let audience = audience::named(tenant, asked.audience.as_deref());
    let request = Occasion {
        client: Some(client.clone()),
        ip: visitor.ip,
        user_agent: visitor.user_agent.clone(),
        host: visitor.host.clone(),
        body: Object::new(),
        query: asked.as_query(),
    };
    let occurrence = Occurrence {
        protocol: Protocol::OidcBasicProfile,
        client,
        connection: Some(user::CONNECTION),
        user,
        session: Some(session),
        asked: Some(asked),
        request: &request,
        audience: audience.as_deref(),
        scope: asked.scope.as_deref().unwrap_or_default(),
        methods: &[login::method(tenant, "pwd")],
        is_silent: asked.prompt.as_deref() == Some("none"),
        resumed: None,
    };
    pipeline::run(tenant, occurrence).await
}

/// Refuses what is asked for, or what the client demands, and is not served; nothing less is given in its place.
fn served(client: &RegisteredClient, asked: &Asked) -> Result<()> {
    if asked.request.is_some() {
        return Code::RequestNotSupported.refuse("Request objects are not supported.");
    }
    if asked.request_uri.is_some() {
        return Code::RequestUriNotSupported.refuse("Pushed authorization requests are not supported.");
    }
    let mode = asked.response_mode.as_deref().filter(|mode| !mode.is_empty());
    if mode.is_some_and(|mode| Mode::named(mode).is_none()) {
        return Code::InvalidRequest.refuse("response_mode is query, fragment, form_post or web_message");
    }
    if ResponseType::of(asked)?.is_front_channel() {
        return Code::UnsupportedResponseType.refuse("The response type is not supported; use code.");
    }
    if !client.view.grant_types.as_deref().unwrap_or_default().contains(&GrantType::AuthorizationCode) {
        return Code::UnauthorizedClient
            .refuse("Grant type 'authorization_code' not allowed for the client.");
    }
    if client.view.require_pushed_authorization_requests == Some(true) {
        return Code::InvalidRequest.refuse("The client requires pushed authorization requests.");
    }
    if !client.view.is_first_party {
        return Code::UnauthorizedClient
            .refuse("Nobody can be asked for consent to a third-party client yet.");
    }
    match (client.view.organization_usage, &asked.organization) {
        (Some(OrganizationUsage::Require), _) => {
            Code::InvalidRequest.refuse("parameter organization is required for this client")
        }
        (_, Some(_)) => Code::InvalidRequest.refuse("parameter organization is not allowed for this client"),
        (Some(OrganizationUsage::Allow | OrganizationUsage::Deny) | None, None) => Ok(()),
    }
}

/// A code for what this person lets the application have, on its way back there.
async fn code(
    tenant: &Tenant,
    client: &Arc<RegisteredClient>,
    asked: &Asked,
    way: &Way,
    (session, user): (&Session, &User),
    decided: &Go,
) -> Result<Reply> {
    let wanted = wanted(tenant, client, asked, way, Some(user));
    let permit = audience::permit(tenant, &wanted).await?;
    let code = bearer::make();
    let grant = Grant {
        authorization: Authorization {
            user_id: user.user_id.clone(),
            session_id: Some(session.id.clone()),
            auth_time: session.authenticated,
            audience: wanted.audience,
            scope: decided.scope.clone().unwrap_or(permit.scope),
            tells_auth_time: asks_auth_time(asked),
            id_claims: decided.id_claims.clone(),
            access_claims: decided.access_claims.clone(),
            ..Authorization::default()
        },
        callback: way.callback().to_owned(),
        named_callback: asked.redirect_uri.as_deref().is_some_and(|named| !named.is_empty()),
        nonce: asked.nonce.clone(),
        challenge: request::challenge(asked, is_public(client))?,
        dpop_jkt: asked.dpop_jkt.clone(),
    };
    let row = AuthorizationCode {
        id: bearer::hash(&code),
        client_id: client.view.client_id.clone(),
        family: id::family(),
        body: serde_json::to_string(&grant)?,
        expires: tenant.clock().now() + LIFETIME,
        used: None,
    };
    tenant.store().refresh_tokens().insert_code(tenant.name(), row).await?;
    Ok(way.reply(vec![("code", code)]))
}

fn wanted<'a>(
    tenant: &Tenant,
    client: &'a Arc<RegisteredClient>,
    asked: &'a Asked,
    way: &'a Way,
    user: Option<&'a User>,
) -> Wanted<'a> {
    let audience = audience::named(tenant, asked.audience.as_deref());
    let scope = asked.scope.as_deref().unwrap_or_default();
    Wanted { client, user, audience, scope, issuer: way.issuer() }
}

/// Whether the application asks when the login was.
fn asks_auth_time(asked: &Asked) -> bool {
    let is_given = |text: &Option<String>| text.as_deref().is_some_and(|text| !text.is_empty());
    is_given(&asked.max_age)
        || asked.prompt.as_deref().is_some_and(|prompt| audience::contains(prompt, "login"))
}

/// Whether the client has no way to prove itself.
pub fn is_public(client: &RegisteredClient) -> bool {
    client.view.token_endpoint_auth_method == Some(TokenEndpointAuthMethod::None)
}

fn about(event: Event, client: &RegisteredClient) -> Event {
    Event {
        client_id: Some(client.view.client_id.clone()),
        client_name: Some(client.view.name.clone()),
        ..event
    }
}

fn refused(tenant: &Tenant, asked: &Asked, visitor: &Visitor, error: &Error) {
    let Error::Refused { description, .. } = error else { return };
    let kind = if asked.prompt.as_deref() == Some("none") { LogType::Fsa } else { LogType::F };
    let mut event = visitor.event(kind, log::cut(description));
    event.client_id = asked.client_id.as_deref().map(log::cut);
    tenant.log(event);
}

/// Seconds that a code lives.
const LIFETIME: i64 = 60;
