//! How a token is issued: a straight line of calls. The door parses and answers; nothing on a machine's line waits for
//! a query or a write. A person's token costs both: its code or refresh token is used up.

mod actions;
pub mod audience;
mod authenticate;
mod authorization;
pub(crate) mod authorization_details;
mod binding;
mod claims;
pub(crate) mod fapi;
mod grants;
mod limits;
pub mod person;
mod protection;
mod reason;
mod refresh;
mod scope;
mod signing;
pub mod spoiled;
mod trace;

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use model::Secret;
use schema::Object;
use serde_json::Value;

pub(crate) use self::actions::custom_claims;
pub use self::authenticate::{Method, Proved};
pub use self::authorization::Authorization;
pub use self::reason::{REASONS, reason};
pub use self::trace::{Notes, Trace};
pub use self::{binding::Binding, signing::Signed};
pub use self::{
    grants::{introspect, revoke},
    signing::SharedToken,
};
use crate::{
    Code, Result, Tenant,
    snapshot::{Api, Grant, RegisteredClient, Snapshot},
};

/// What was asked at the token endpoint, parsed once.
#[derive(Debug, Default)]
pub struct Request {
    pub grant_type: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    /// Whether the secret came in the `Authorization` header.
    pub is_basic: bool,
    /// Proves the client as a secret does, so it is no more to be seen.
    pub client_assertion: Option<Secret>,
    pub client_assertion_type: Option<String>,
    pub authorization_details: Option<String>,
    pub audience: Option<String>,
    pub resource: Option<String>,
    pub scope: Option<String>,
    pub organization: Option<String>,
    pub redirect_uri: Option<String>,
    pub code: Option<Secret>,
    pub code_verifier: Option<Secret>,
    pub refresh_token: Option<Secret>,
    pub device_code: Option<Secret>,
    pub username: Option<String>,
    pub password: Option<Secret>,
    /// The name of a connection.
    pub realm: Option<String>,
    /// What is to be revoked.
    pub token: Option<Secret>,
    /// The proof that the `DPoP` header carried (RFC 9449); of several, all, separated by commas.
    pub dpop: Option<String>,
    /// What `auth0-forwarded-for` says; nobody has believed it yet.
    pub forwarded_for: Option<String>,
    /// The certificate that the caller showed it holds the key of.
    pub certificate: Option<PeerCertificate>,
    /// All parameters that no grant reads, for customers' code.
    pub rest: Object,
    /// The host that was called, which names the issuer.
    pub host: String,
    /// The path that was called, on that host.
    pub path: String,
    /// The address that was called, as the caller wrote it; only where a proof that names it came along.
    pub url: Option<String>,
    pub user_agent: Option<String>,
    pub ip: Option<IpAddr>,
}

/// A certificate of a TLS client.
#[derive(Debug, Clone)]
pub struct PeerCertificate {
    pub der: Vec<u8>,
    /// Whether it was issued by an authority that is believed.
    pub is_verified: bool,
}

/// A request for a token, and its tenant at the moment when it came.
struct Issuance<'a> {
    /// Whether somebody who may do so asks in the client's place, without its secret.
    is_test: bool,
    /// Whether it is only asked what would happen: nothing is counted, used up or kept of it, and no token leaves. Customers'
    /// code is run, since it decides too.
    is_dry: bool,
    tenant: &'a Tenant,
    snapshot: &'a Snapshot,
    request: &'a Request,
    notes: Mutex<Notes>,
}

impl Issuance<'_> {
    /// Notes something of what was decided.
    fn note(&self, write: impl FnOnce(&mut Notes)) {
        write(&mut self.notes.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// How a request ended, and what was noted on the way.
pub struct Answered {
    pub outcome: Result<Issued>,
    pub notes: Notes,
}

/// What may be issued.
struct Granted {
    client: Arc<RegisteredClient>,
    api: Arc<Api>,
    grant: Arc<Grant>,
    /// Space-separated, in the order of the grant; empty means no `scope` at all.
    scope: String,
    organization: Option<Arc<model::Organization>>,
    lifetime: i64,
    /// What it is authorized to do in more than a word (RFC 9396).
    details: Vec<Value>,
    binding: Binding,
    /// What customers' code has the token say beside.
    claims: Object,
}

impl Granted {
    /// Whether a later request that proves the same key may be given the same token. What is encrypted cannot be asked
    /// whether it was revoked.
    fn is_reusable(&self) -> bool {
        self.claims.is_empty() && self.details.is_empty() && self.api.view.token_encryption.is_none()
    }

    /// Whether nothing of it is this request's alone, so that another request may be given the same token.
    fn is_plain(&self) -> bool {
        self.claims.is_empty() && self.details.is_empty() && self.binding == Binding::Bearer
    }
}

/// A token and what the answer says about it.
#[derive(Debug, Clone)]
pub struct Issued {
    pub access_token: Arc<str>,
    pub scope: String,
    pub expires_in: i64,
    pub token_type: &'static str,
    /// What it is authorized to do in more than a word (RFC 9396).
    pub authorization_details: Vec<Value>,
    /// The certificate that it is bound to.
    pub certificate: Option<String>,
    pub client_name: String,
    pub audience: String,
    pub organization: Option<(String, String)>,
    pub jti: Option<String>,
    pub id_token: Option<String>,
    pub refresh_token: Option<Secret>,
    /// Seconds until the refresh token ends if it is not used, where the application is to know it.
    pub refresh_token_expires_in: Option<i64>,
    /// In whose name: identifier and address.
    pub user: Option<(String, String)>,
}

/// Issues a token, or says why not.
pub async fn issue(tenant: &Tenant, request: &Request) -> Answered {
    answered(tenant, request, (false, false)).await
}

/// Issues a token to somebody who may try what the client would get of its own. The client proves nothing; all else is
/// the same.
pub async fn issue_test(tenant: &Tenant, request: &Request) -> Answered {
    answered(tenant, request, (true, false)).await
}

/// The client that asks at one of the token endpoint's neighbours, if it can prove that it is, as its level demands.
pub async fn authenticated(tenant: &Tenant, request: &Request) -> Result<Arc<RegisteredClient>> {
    let snapshot = tenant.snapshot();
    let (is_test, is_dry, notes) = (false, false, Mutex::default());
    let issuance = Issuance { is_test, is_dry, tenant, snapshot: &snapshot, request, notes };
    let proved = protection::guarded(&issuance, authenticate::client(&issuance)).await?;
    fapi::check_proof(&issuance, &proved)?;
    Ok(proved.client)
}

/// Says what somebody would be issued, or why not. It goes down the whole line as a test does, and issues nothing.
pub async fn explain(tenant: &Tenant, request: &Request) -> Answered {
    let mut answered = answered(tenant, request, (true, true)).await;
    if let Ok(issued) = &mut answered.outcome {
        issued.access_token = "".into();
    }
    answered
}

async fn answered(tenant: &Tenant, request: &Request, (is_test, is_dry): (bool, bool)) -> Answered {
    let snapshot = tenant.snapshot();
    let issuance =
        Issuance { is_test, is_dry, tenant, snapshot: &snapshot, request, notes: Mutex::default() };
    let outcome = match tenant.0.counts.outage.check(tenant.clock().now()) {
        Ok(()) => grants::issue(&issuance).await,
        Err(error) => Err(error),
    };
    let mut notes = issuance.notes.into_inner().unwrap_or_else(PoisonError::into_inner);
    let outcome = outcome.map_err(|error| fapi::standard(&snapshot, request, &mut notes, error));
    Answered { outcome, notes }
}

/// The second to stamp on a token of this client that is known by these names. Waits while something that concerns it was
/// revoked a moment ago, and refuses if that happened while the request was under way: it may have been answered by then
/// that no such token is left.
async fn settle(issuance: &Issuance<'_>, client_id: &str, names: impl Fn() -> Vec<String>) -> Result<i64> {
    let Issuance { tenant, snapshot: held, is_dry, .. } = issuance;
    loop {
        // First the time: what is revoked after the look that follows refuses this second.
        let now = tenant.clock().now();
        let ready = {
            let fresh = tenant.snapshot();
            if fresh.revision != held.revision && fresh.revocations.outdate(&held.revocations, &names()) {
                return Code::AccessDenied.refuse("What the token depends on was revoked meanwhile.");
            }
            fresh.revocations.ready(now, client_id, &names)
        };
        if ready > now && !is_dry {
            tenant.clock().until(ready).await;
        }
        if ready <= now || tenant.clock().now() < ready {
            return Ok(ready);
        }
    }
}

/// The client that asks beside the token endpoint, if it can prove that it does; one without a secret is believed.
pub(crate) async fn proved(tenant: &Tenant, request: &Request) -> Result<Arc<RegisteredClient>> {
    let snapshot = tenant.snapshot();
    let notes = Mutex::default();
    let issuance = Issuance { is_test: false, is_dry: false, tenant, snapshot: &snapshot, request, notes };
    let proved = protection::guarded(&issuance, authenticate::client_or_public(&issuance)).await?;
    limits::admit(&issuance, &proved.client)?;
    Ok(proved.client)
}

/// Signs what a machine was granted.
fn sign(issuance: &Issuance, granted: Granted, issued_at: i64) -> Result<Issued> {
    let Signed { token, jti, expires_in } = signing::sign(issuance, &granted, issued_at)?;
    let Granted { client, api, scope, organization, details, binding, .. } = granted;
    Ok(Issued {
        access_token: token,
        scope,
        expires_in,
        token_type: binding.token_type(),
        authorization_details: details,
        certificate: binding.certificate(),
        client_name: client.view.name.clone(),
        audience: api.view.identifier.clone(),
        organization: organization.map(|organization| (organization.id.clone(), organization.name.clone())),
        jti,
        id_token: None,
        refresh_token: None,
        refresh_token_expires_in: None,
        user: None,
    })
}
