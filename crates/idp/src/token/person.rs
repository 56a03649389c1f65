//! Tokens in a person's name: the access token and, where OpenID Connect is spoken, the ID token beside it.

mod access_token;
mod front;
mod id_token;

use std::sync::Arc;

use model::User;

pub use self::front::{FrontChannel, FrontTokens, front_channel};
use super::{
    Authorization, Binding, Issuance, Issued,
    audience::{self, Permit, Wanted},
};
use crate::{Code, Result, Tenant, session, snapshot::RegisteredClient, user};

/// What may be issued, to whom, in whose name.
pub struct Granted {
    pub client: Arc<RegisteredClient>,
    pub user: User,
    pub authorization: Authorization,
    permit: Permit,
    issuer: String,
    binding: Binding,
}

/// By which way tokens reach an application, and what they say of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Way<'a> {
    /// What the application gave along to know its ID token again.
    pub nonce: Option<&'a str>,
    /// Whether somebody has just logged in, so that the ID token says in which session.
    pub is_login: bool,
    /// Whether they go through the browser, where access tokens live shorter and ID tokens vouch for what is beside them.
    pub is_front: bool,
    /// The code that goes along.
    pub code: Option<&'a str>,
}

impl Granted {
    /// What of an authorization still holds: the person, the client and the API may have changed since.
    pub async fn of(
        tenant: &Tenant,
        client: &Arc<RegisteredClient>,
        authorization: &Authorization,
        host: &str,
    ) -> Result<Granted> {
        let Some(user) = user::by_id(tenant, &authorization.user_id).await? else {
            return Code::InvalidGrant.refuse("The user does not exist.");
        };
        if user.blocked {
            return Code::AccessDenied.refuse("user is blocked");
        }
        let issuer = tenant.issuer(host);
        let wanted = Wanted {
            client,
            user: Some(&user),
            audience: authorization.audience.clone(),
            scope: &authorization.scope,
            issuer: &issuer,
        };
        let permit = audience::permit(tenant, &wanted).await?;
        if permit.bound_to_session && !is_alive(tenant, authorization).await? {
            return Code::InvalidGrant.refuse("The session has ended.");
        }
        let (client, authorization, binding) = (client.clone(), authorization.clone(), Binding::Bearer);
        Ok(Granted { client, user, authorization, permit, issuer, binding })
    }

    /// Whether the application is to know when its refresh token ends: it then asks for a login in time.
    pub fn tells_end(&self) -> bool {
        self.permit.bound_to_session
    }

    /// Whether a refresh token comes with it.
    pub fn is_offline(&self) -> bool {
        audience::contains(&self.permit.scope, "offline_access")
    }
}

/// Whether the session is still there that an authorization came of.
async fn is_alive(tenant: &Tenant, authorization: &Authorization) -> Result<bool> {
    match &authorization.session_id {
        Some(session_id) => session::is_alive(tenant, session_id).await,
        None => Ok(false),
    }
}

/// Signs what was granted.
pub(in crate::token) async fn sign(
    issuance: &Issuance<'_>,
    granted: &Granted,
    way: Way<'_>,
) -> Result<Issued> {
    let issued_at = access_token::settle(issuance, granted).await?;
    let lifetime = granted.permit.lifetime_by(way.is_front);
    let (access_token, jti) = access_token::sign(issuance, granted, lifetime, issued_at)?;
    let is_openid = audience::contains(&granted.permit.scope, "openid");
    let id_token = is_openid.then(|| id_token::sign(issuance, granted, way, Some(&access_token)));
    Ok(Issued {
        access_token: access_token.into(),
        scope: granted.permit.scope.clone(),
        expires_in: lifetime,
        token_type: granted.binding.token_type(),
        authorization_details: granted.authorization.details.clone(),
        certificate: granted.binding.clone().certificate(),
        client_name: granted.client.view.name.clone(),
        audience: granted.permit.audiences.first().cloned().unwrap_or_default(),
        organization: None,
        jti,
        id_token: id_token.transpose()?,
        refresh_token: None,
        refresh_token_expires_in: None,
        user: Some((granted.user.user_id.clone(), granted.user.email.clone())),
    })
}
