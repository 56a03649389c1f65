//! Pushed authorization requests (RFC 9126): an application says what it asks for behind the browser's back, and the
//! browser brings only what that is known by.

use super::{Asked, callback, request_object, served};
use crate::{
    Code, Result, Tenant,
    snapshot::RegisteredClient,
    ticket,
    token::{self, Request, fapi},
    visitor::Visitor,
};

/// What a pushed request is known by.
#[derive(Debug)]
pub struct Pushed {
    pub request_uri: String,
    /// In seconds.
    pub expires_in: i64,
}

/// Keeps what an application that proves itself asks for.
pub async fn push(tenant: &Tenant, request: &Request, asked: Asked, visitor: &Visitor) -> Result<Pushed> {
    let client = token::authenticated(tenant, request).await?;
    let settings = tenant.snapshot().settings.clone();
    if settings.and_then(|settings| settings.pushed_authorization_requests_supported) != Some(true) {
        return Code::InvalidRequest.refuse("Pushed authorization requests are not enabled for this tenant.");
    }
    if asked.request_uri.is_some() {
        return Code::InvalidRequest.refuse("request_uri cannot be pushed");
    }
    let mut asked = Asked { client_id: Some(client.view.client_id.clone()), ..asked };
    request_object::unpack(tenant, &client, &mut asked, &visitor.host).await?;
    asked.rest.retain(|name, _| name.starts_with("ext-"));
    if asked.rest.len() > MOST_EXTRA {
        return Code::InvalidRequest.refuse(format!("More than {MOST_EXTRA} ext- parameters"));
    }
    let to = callback::of(tenant, &client, &asked, visitor)?;
    callback::may_be_told(&client, &asked, &to)?;
    served::check(tenant, &client, &asked)?;
    let lifetime = client.view.par_request_expiry.unwrap_or(LIFETIME);
    let code = ticket::issue(tenant, KIND, &asked, lifetime).await?;
    Ok(Pushed { request_uri: format!("{PREFIX}{code}"), expires_in: lifetime })
}

/// Puts what was pushed in the place of what is asked for, if the browser brought what it is known by, and tells whether
/// it did. It is good once, for the application that pushed it.
pub async fn fetch(tenant: &Tenant, asked: &mut Asked) -> Result<bool> {
    let uri = asked.request_uri.as_deref().unwrap_or_default();
    let Some(code) = uri.strip_prefix(PREFIX) else { return Ok(false) };
    let is_theirs = |pushed: &Asked| pushed.client_id == asked.client_id;
    let is_known = ticket::read::<Asked>(tenant, KIND, code).await?.is_some_and(|pushed| is_theirs(&pushed));
    match is_known {
        true => match ticket::take(tenant, KIND, code).await? {
            Some(pushed) => *asked = pushed,
            None => return Code::InvalidRequest.refuse(SPENT),
        },
        false => return Code::InvalidRequest.refuse(SPENT),
    }
    Ok(true)
}

/// Refuses what was not pushed of a client that has to push what it asks for.
pub fn check_not_required(client: &RegisteredClient) -> Result<()> {
    if fapi::is_held(client) {
        // Auth0's words.
        return Code::InvalidRequest
            .refuse("Pushed Authorization Requests are required by the configured compliance level");
    }
    match client.view.require_pushed_authorization_requests {
        Some(true) => Code::InvalidRequest.refuse("The client requires pushed authorization requests."),
        Some(false) | None => Ok(()),
    }
}

const KIND: &str = "pushed";
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
const SPENT: &str = "The request_uri is unknown, has been used or has expired";
/// Seconds.
const LIFETIME: i64 = 30;
const MOST_EXTRA: usize = 10;
