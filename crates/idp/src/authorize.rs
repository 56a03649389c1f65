//! `/authorize`: from what an application asks to a code for it, by way of a login where one is needed. An application
//! that is not known, or a place it may not be sent back to, hears nothing: the refusal is for a page of ours.

mod reply;
mod request;

use std::sync::Arc;

use model::{GrantType, LogType, OrganizationUsage, TokenEndpointAuthMethod, User};
use serde::{Deserialize, Serialize};
use store::{AuthorizationCode, Session};

pub use self::request::Asked;
pub(crate) use self::request::is_verifier;
use self::{reply::Reply, request::Prompt};
pub use crate::token::Authorization;
use crate::{
    Code, Error, Result, Tenant, administrators, bearer, id,
    log::{self, Event},
    login::{self, Login},
    session,
    snapshot::{RegisteredClient, Snapshot},
    token::audience::{self, Wanted},
    user,
    visitor::Visitor,
};

/// What becomes of a request to log somebody in.
#[derive(Debug)]
pub enum Outcome {
    /// The browser goes back to the application, with a code or a refusal.
    Return(String),
    /// Somebody has to log in first.
    LogIn {
        /// What the login is known by.
        state: String,
        /// What the browser's device cookie is to hold.
        device: String,
    },
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
    let trusted = client(&snapshot, &asked).and_then(|client| {
        let callback = callback(tenant, client, &asked, visitor)?;
        Ok((client, Reply::to(tenant, &visitor.host, callback, &asked)))
    });
    let (client, reply) = trusted.inspect_err(|error| refused(tenant, &asked, visitor, error))?;
    match proceed(tenant, client, &asked, &reply, visitor).await {
        Err(error @ Error::Refused { .. }) => {
            refused(tenant, &asked, visitor, &error);
            reply.refusal(error).map(Outcome::Return)
        }
        outcome => outcome,
    }
}

/// Sends somebody who has logged in back to the application, with a code.
pub async fn finish(
    tenant: &Tenant,
    login: &Login,
    person: (&Session, &User),
    visitor: &Visitor,
) -> Result<String> {
    let snapshot = tenant.snapshot().clone();
    let (client, reply) = still_trusted(tenant, &snapshot, login, visitor)?;
    match code(tenant, client, &login.asked, &reply, person).await {
        Err(error @ Error::Refused { .. }) => reply.refusal(error),
        url => url,
    }
}

/// Sends somebody who may not log in back to the application.
pub fn refuse(tenant: &Tenant, login: &Login, error: Error, visitor: &Visitor) -> Result<String> {
    let snapshot = tenant.snapshot().clone();
    let (_, reply) = still_trusted(tenant, &snapshot, login, visitor)?;
    reply.refusal(error)
}

/// The application of a login, and the way back to it. Both may have been taken away since the login began.
fn still_trusted<'a>(
    tenant: &Tenant,
    snapshot: &'a Snapshot,
    login: &Login,
    visitor: &Visitor,
) -> Result<(&'a Arc<RegisteredClient>, Reply)> {
    let client = client(snapshot, &login.asked)?;
    let callback = callback(tenant, client, &login.asked, visitor)?;
    Ok((client, Reply::to(tenant, &visitor.host, callback, &login.asked)))
}

async fn proceed(
    tenant: &Tenant,
    client: &Arc<RegisteredClient>,
    asked: &Asked,
    reply: &Reply,
    visitor: &Visitor,
) -> Result<Outcome> {
    served(client, asked)?;
    request::challenge(asked, is_public(client))?;
    let (prompt, max_age) = (request::prompt(asked)?, request::max_age(asked)?);
    audience::permit(tenant, &wanted(tenant, client, asked, reply, None)).await?;
    let logged_in = session::of(tenant, visitor).await?;
    let now = tenant.clock().now();
    // With an age of nothing, no login is recent enough.
    let is_recent = |session: &Session| {
        max_age.is_none_or(|max_age| max_age > 0 && now - session.authenticated <= max_age)
    };
    let recent = logged_in.filter(|(session, _)| is_recent(session));
    match (prompt, recent) {
        (Prompt::Usual | Prompt::None, Some((session, user))) => {
            session::touch(tenant, &session).await?;
            let url = code(tenant, client, asked, reply, (&session, &user)).await?;
            let event = visitor.event(LogType::Ssa, LogType::Ssa.description());
            tenant.log(about(user::about(event, &user), client));
            Ok(Outcome::Return(url))
        }
        (Prompt::None, None) => Code::LoginRequired.refuse("Login required"),
        (Prompt::Usual | Prompt::Login, _) => {
            let (state, device) = login::begin(tenant, asked, reply.callback(), visitor).await?;
            Ok(Outcome::LogIn { state, device })
        }
    }
}

/// The application, if there is one of this name.
fn client<'a>(snapshot: &'a Snapshot, asked: &Asked) -> Result<&'a Arc<RegisteredClient>> {
    let Some(id) = asked.client_id.as_deref().filter(|id| !id.is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: client_id");
    };
    match snapshot.client(id) {
        Some(client) => Ok(client),
        None => Code::InvalidRequest.refuse(format!("Unknown client: {id}")),
    }
}

/// Where the browser is to be sent back to: byte for byte one of the client's callbacks, or the first of them.
fn callback(tenant: &Tenant, client: &RegisteredClient, asked: &Asked, visitor: &Visitor) -> Result<String> {
    let callbacks = match administrators::is_dashboard(tenant, &client.view.client_id) {
        true => vec![administrators::callback(visitor)],
        false => client.view.callbacks.clone().unwrap_or_default(),
    };
    let Some(named) = asked.redirect_uri.as_deref().filter(|named| !named.is_empty()) else {
        return match callbacks.first() {
            Some(first) => Ok(first.clone()),
            None => Code::InvalidRequest.refuse("Missing required parameter: redirect_uri"),
        };
    };
    // What follows it never reaches a server; ours would be lost behind it.
    let named = named.split('#').next().unwrap_or_default();
    match callbacks.iter().any(|callback| callback == named) && !is_script(named) {
        true => Ok(named.to_owned()),
        false => Code::UnauthorizedClient.refuse(format!(
            "Callback URL mismatch. {} is not in the list of allowed callback URLs",
            log::cut(named)
        )),
    }
}

/// Whether a browser would run it instead of going there.
fn is_script(uri: &str) -> bool {
    let scheme = uri.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
    ["javascript", "data", "vbscript", "blob", "file", "about"].contains(&scheme.as_str())
}

/// Refuses what is asked for, or what the client demands, and is not served; nothing less is given in its place.
fn served(client: &RegisteredClient, asked: &Asked) -> Result<()> {
    if asked.request.is_some() {
        return Code::RequestNotSupported.refuse("Request objects are not supported.");
    }
    if asked.request_uri.is_some() {
        return Code::RequestUriNotSupported.refuse("Pushed authorization requests are not supported.");
    }
    match asked.response_type.as_deref() {
        Some("code") => {}
        None | Some("") => return Code::InvalidRequest.refuse("Missing required parameter: response_type"),
        Some(_) => {
            return Code::UnsupportedResponseType.refuse("The response type is not supported; use code.");
        }
    }
    if asked.response_mode.as_deref().is_some_and(|mode| mode != "query") {
        return Code::InvalidRequest.refuse("The response mode is not supported; use query.");
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
    reply: &Reply,
    (session, user): (&Session, &User),
) -> Result<String> {
    let wanted = wanted(tenant, client, asked, reply, Some(user));
    let permit = audience::permit(tenant, &wanted).await?;
    let code = bearer::make();
    let grant = Grant {
        authorization: Authorization {
            user_id: user.user_id.clone(),
            session_id: Some(session.id.clone()),
            auth_time: session.authenticated,
            audience: wanted.audience,
            scope: permit.scope,
            tells_auth_time: asked.max_age.is_some() || request::prompt(asked)? == Prompt::Login,
            ..Authorization::default()
        },
        callback: reply.callback().to_owned(),
        named_callback: asked.redirect_uri.as_deref().is_some_and(|named| !named.is_empty()),
        nonce: asked.nonce.clone(),
        challenge: request::challenge(asked, is_public(client))?,
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
    Ok(reply.code(&code))
}

fn wanted<'a>(
    tenant: &Tenant,
    client: &'a Arc<RegisteredClient>,
    asked: &'a Asked,
    reply: &'a Reply,
    user: Option<&'a User>,
) -> Wanted<'a> {
    let audience = audience::named(tenant, asked.audience.as_deref());
    let scope = asked.scope.as_deref().unwrap_or_default();
    Wanted { client, user, audience, scope, issuer: reply.issuer() }
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
