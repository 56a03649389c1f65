//! What customers' code decides about somebody who has logged in, before anything is issued in their name: rules, and the
//! actions after a login. Whoever issues calls it; it issues nothing itself.

mod flow;
mod post_login;
mod rules;
mod scene;

use model::User;
use schema::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::Session;

use self::flow::Flow;
pub use self::rules::try_rule;
use self::scene::Scene;
pub(crate) use self::{flow::note, scene::profile};
use crate::{
    Code, Result, Tenant,
    actions::{FAILED, Pass},
    authorize::Asked,
    occasion::Occasion,
    snapshot::{RegisteredClient, Snapshot, actions::Trigger},
};

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

/// Runs what the tenant has bound: its rules, then its actions. With nothing bound this costs a branch. Code that fails
/// denies the login.
pub async fn run(tenant: &Tenant, occurrence: Occurrence<'_>) -> Result<Verdict> {
    let snapshot = tenant.snapshot().clone();
    let lacks = snapshot.lacks(Trigger::PostLogin);
    if snapshot.rules().is_empty() && snapshot.bound(Trigger::PostLogin).is_empty() && !lacks {
        return Ok(Verdict::Go(Box::default()));
    }
    if lacks {
        tracing::error!(tenant = tenant.name(), "an action that is bound cannot be read, so nobody logs in");
        return Code::ServerError.refuse(FAILED);
    }
    Box::pin(decide(tenant, &snapshot, &occurrence)).await
}

/// What is kept of a run while somebody is away.
#[derive(Debug, Serialize, Deserialize)]
enum Kept {
    /// The rules sent them; all of it runs again.
    Rules,
    /// This action did; it goes on, and what was decided before stands.
    Action { id: String, flow: Box<Flow> },
}

async fn decide(tenant: &Tenant, snapshot: &Snapshot, occurrence: &Occurrence<'_>) -> Result<Verdict> {
    let kept = match &occurrence.resumed {
        Some(resumed) => Some(serde_json::from_value::<Kept>(resumed.kept.clone())?),
        None => None,
    };
    let scene = Scene::of(tenant, snapshot, occurrence).await?;
    let mut pass = Pass::begin(tenant, Trigger::PostLogin);
    let verdict = steps(&scene, &mut pass, kept).await;
    pass.end(|kind, description| scene.event(kind, description));
    verdict
}

async fn steps(scene: &Scene<'_>, pass: &mut Pass<'_>, kept: Option<Kept>) -> Result<Verdict> {
    let was_away = kept.is_some();
    let (mut flow, from) = match kept {
        Some(Kept::Action { id, flow }) => (*flow, Some(id)),
        Some(Kept::Rules) | None => {
            let (flow, redirect) = rules::run(scene, pass).await?;
            // Who is back is sent away by no rule again.
            if let Some(url) = redirect.filter(|_| !was_away) {
                return away(scene, url, &Kept::Rules);
            }
            (flow, None)
        }
    };
    if let Some((url, id)) = post_login::run(scene, pass, &mut flow, from.as_deref()).await? {
        return away(scene, url, &Kept::Action { id, flow: Box::new(flow) });
    }
    flow.apply(scene).await?;
    Ok(Verdict::Go(Box::new(flow.into_go())))
}

/// Sends somebody away, unless nobody can be.
fn away(scene: &Scene<'_>, url: String, kept: &Kept) -> Result<Verdict> {
    match scene.can_redirect() {
        true => Ok(Verdict::Redirect { url, kept: serde_json::to_value(kept)? }),
        false => Code::InteractionRequired.refuse("The tenant's own code wants to ask for something first"),
    }
}
