//! How a token is issued: a straight line of calls. The door parses and answers; nothing on this line
//! waits for a query or a write.

mod authenticate;
mod claims;
mod grants;
mod reason;
mod scope;
mod signing;

use std::{net::IpAddr, sync::Arc};

use model::Secret;

pub use self::reason::{REASONS, reason};
pub use self::signing::SharedToken;
use crate::{
    Result, Tenant,
    snapshot::{Api, Grant, RegisteredClient, Snapshot},
};

/// What was asked at the token endpoint, parsed once.
#[derive(Debug, Default)]
pub struct Request {
    pub grant_type: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<Secret>,
    /// Proves the client as a secret does, so it is no more to be seen.
    pub client_assertion: Option<Secret>,
    pub audience: Option<String>,
    pub resource: Option<String>,
    pub scope: Option<String>,
    pub organization: Option<String>,
    /// The host that was called, which names the issuer.
    pub host: String,
    pub ip: Option<IpAddr>,
}

/// A request for a token, and its tenant at the moment when it came.
struct Issuance<'a> {
    tenant: &'a Tenant,
    snapshot: &'a Snapshot,
    request: &'a Request,
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
}

/// A token and what the answer says about it.
#[derive(Debug, Clone)]
pub struct Issued {
    pub access_token: Arc<str>,
    pub scope: String,
    pub expires_in: i64,
    pub client_name: String,
    pub audience: String,
    pub organization: Option<(String, String)>,
    pub jti: Option<String>,
}

/// Issues a token, or says why not.
pub fn issue(tenant: &Tenant, request: &Request) -> Result<Issued> {
    let issuance = Issuance { tenant, snapshot: &tenant.snapshot(), request };
    let granted = grants::check(&issuance)?;
    let (access_token, jti) = signing::sign(&issuance, &granted)?;
    let Granted { client, api, scope, organization, lifetime, .. } = granted;
    Ok(Issued {
        access_token,
        scope,
        expires_in: lifetime,
        client_name: client.view.name.clone(),
        audience: api.view.identifier.clone(),
        organization: organization.map(|organization| (organization.id.clone(), organization.name.clone())),
        jti,
    })
}
