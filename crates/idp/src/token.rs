//! How a token is issued: a straight line of calls. The door parses and answers; nothing on this line
//! waits for a query or a write.

pub mod authenticate;
mod claims;
mod grants;
mod scope;

use std::{net::IpAddr, sync::Arc};

use model::{GrantType, TokenDialect};

use crate::{
    Code, Error, Result, Tenant,
    snapshot::{Api, Grant, RegisteredClient, Snapshot},
};

/// What was asked at the token endpoint, parsed once.
#[derive(Debug, Default)]
pub struct Request {
    pub grant_type: Option<String>,
    pub client_id: Option<String>,
    pub client_secret: Option<authenticate::GivenSecret>,
    pub client_assertion: Option<String>,
    pub audience: Option<String>,
    pub resource: Option<String>,
    pub scope: Option<String>,
    pub organization: Option<String>,
    /// The host that was called, which names the issuer.
    pub host: String,
    pub ip: Option<IpAddr>,
}

/// What may be issued.
pub struct Granted {
    pub client: Arc<RegisteredClient>,
    pub api: Arc<Api>,
    pub grant: Arc<Grant>,
    /// Space-separated, in the order of the grant; empty means no `scope` at all.
    pub scope: String,
    pub organization: Option<Arc<model::Organization>>,
    pub lifetime: i64,
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

/// The token that a grant gave last, and all that its signed bytes depend on.
pub struct SharedToken {
    issued_at: i64,
    revision: i64,
    scope: String,
    organization: Option<String>,
    issuer: String,
    token: Arc<str>,
}

/// Issues a token, or says why not.
pub fn issue(tenant: &Tenant, request: &Request) -> Result<Issued> {
    let snapshot = tenant.snapshot();
    let grant_type = grants::grant_type(request)?;
    let client = authenticate::client(tenant, &snapshot, request)?;
    let granted = match grant_type {
        GrantType::ClientCredentials => {
            grants::client_credentials::check(tenant, &snapshot, client, request)?
        }
        // RFC 6749 §5.2
        _ => return Code::UnsupportedGrantType.refuse("Grant type not supported"),
    };
    let (access_token, jti) = sign(tenant, &snapshot, &granted, request)?;
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

/// A Management API token with every scope, for whoever owns the data folder.
pub fn for_owner(tenant: &Tenant) -> Result<String> {
    let snapshot = tenant.snapshot();
    let audience = tenant.management_audience();
    let lost = || Error::Internal(anyhow::anyhow!("{} has no Management API or no key", tenant.name()));
    let api = snapshot.api(&audience).ok_or_else(lost)?;
    let signer =
        snapshot.keys.signer(api.view.signing_alg, TokenDialect::AccessToken.typ()).ok_or_else(lost)?;
    let scopes: Vec<&str> = api.view.scopes.iter().flatten().map(|scope| scope.value.as_str()).collect();
    let now = tenant.clock().now();
    let claims = serde_json::json!({
        "iss": tenant.issuer(tenant.domain()), "sub": OWNER, "aud": audience, "iat": now,
        "exp": now + OWNER_LIFETIME, "scope": scopes.join(" "), "azp": OWNER,
    });
    Ok(signer.sign(&serde_json::to_vec(&claims)?)?)
}

/// Who the owner of the data folder is in tokens and logs.
pub const OWNER: &str = "owner";
/// How long, in seconds, an owner's token lives, whatever the Management API says of others.
const OWNER_LIFETIME: i64 = 86_400;

/// Identical requests within the same second, whose signed bytes would be the same, share one signature.
fn sign(
    tenant: &Tenant,
    snapshot: &Snapshot,
    granted: &Granted,
    request: &Request,
) -> Result<(Arc<str>, Option<String>)> {
    let issued_at = tenant.clock().now();
    let issuer = tenant.issuer(&request.host);
    let organization = granted.organization.as_ref().map(|organization| organization.id.clone());
    let dialect = granted.api.view.token_dialect.unwrap_or(TokenDialect::AccessToken);
    if dialect.is_rfc9068() {
        let jti = crate::id::token();
        let token = sign_claims(snapshot, granted, dialect, &issuer, issued_at, Some(&jti), tenant)?;
        return Ok((token.into(), Some(jti)));
    }
    // Whoever comes while the signature is made waits for it instead of making it again.
    let mut shared = granted.grant.shared.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(last) = shared.as_ref()
        && last.issued_at == issued_at
        && last.revision == snapshot.revision
        && last.scope == granted.scope
        && last.organization == organization
        && last.issuer == issuer
    {
        return Ok((last.token.clone(), None));
    }
    let token: Arc<str> = sign_claims(snapshot, granted, dialect, &issuer, issued_at, None, tenant)?.into();
    *shared = Some(SharedToken {
        issued_at,
        revision: snapshot.revision,
        scope: granted.scope.clone(),
        organization,
        issuer,
        token: token.clone(),
    });
    Ok((token, None))
}

fn sign_claims(
    snapshot: &Snapshot,
    granted: &Granted,
    dialect: TokenDialect,
    issuer: &str,
    issued_at: i64,
    jti: Option<&str>,
    tenant: &Tenant,
) -> Result<String> {
    let algorithm = granted.api.view.signing_alg;
    let signer = match &granted.api.hmac {
        Some(signer) => signer,
        None => snapshot.keys.signer(algorithm, dialect.typ()).ok_or_else(|| {
            Error::Internal(anyhow::anyhow!("{} has no key to sign {algorithm:?} with", tenant.name()))
        })?,
    };
    let claims = claims::of(snapshot, granted, dialect, issuer, issued_at, jti);
    Ok(signer.sign(&serde_json::to_vec(&claims)?)?)
}
