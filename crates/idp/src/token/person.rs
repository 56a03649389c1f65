//! Tokens in a person's name: the access token and, where OpenID Connect is spoken, the ID token beside it.

mod access_token;
pub mod custom;
mod decided;
mod front;
mod id_token;

use std::sync::Arc;

use model::{TokenDialect, User};
use schema::{Object, Resource as _};
use store::{Family, Redeemed, Session};

pub(in crate::token) use self::decided::occasion;
pub use self::front::{FrontChannel, FrontTokens, front_channel};
use super::{
    Authorization, Binding, Issuance, Issued,
    audience::{self, Permit, Wanted},
    binding, fapi, refresh,
};
use crate::{
    Code, Document, Result, authorize::is_public, pipeline::Protocol, snapshot::RegisteredClient, user,
    userinfo,
};

/// What may be issued, to whom, in whose name.
pub struct Granted {
    pub client: Arc<RegisteredClient>,
    pub user: User,
    /// The person as stored.
    pub document: Document,
    pub authorization: Authorization,
    permit: Permit,
    issuer: String,
    binding: Binding,
    session: Option<Session>,
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
    /// What the application told this answer apart by.
    pub state: Option<&'a str>,
}

impl Granted {
    /// What of an authorization still holds: the person, the client and the API may have changed since. Whoever asks has
    /// to hold the key that it is for. Customers' code decides about it here, where it did not do so before, at a login.
    pub(in crate::token) async fn of(
        issuance: &Issuance<'_>,
        client: &Arc<RegisteredClient>,
        authorization: Authorization,
        protocol: Option<Protocol>,
    ) -> Result<Granted> {
        let mut granted = Granted::unbound(issuance, client, authorization, protocol).await?;
        granted.binding = binding::of_person(issuance, client, granted.permit.api.as_deref()).await?;
        if let Some(api) = granted.permit.api.as_deref() {
            fapi::check_api(client, api)?;
        }
        fapi::check_binding(client, &granted.binding)?;
        match (&granted.authorization.dpop_jkt, &granted.binding) {
            (None, _) => {}
            (Some(expected), Binding::Key(jkt)) if expected == jkt => {}
            (Some(_), _) => return Code::InvalidDpopProof.refuse("Invalid DPoP proof: it is of another key"),
        }
        if granted.is_online() && is_public(client) && granted.binding == Binding::Bearer {
            return Code::InvalidRequest.refuse("A public client has online_access only with a DPoP proof.");
        }
        Ok(granted)
    }

    /// The same of what goes through the browser, where nobody can prove anything.
    async fn of_front(
        issuance: &Issuance<'_>,
        client: &Arc<RegisteredClient>,
        authorization: Authorization,
    ) -> Result<Granted> {
        let granted = Granted::unbound(issuance, client, authorization, None).await?;
        match binding::is_demanded(client, granted.permit.api.as_deref()) {
            true => Code::InvalidRequest
                .refuse("Tokens that must be bound to a key are issued only at the token endpoint."),
            false => Ok(granted),
        }
    }

    async fn unbound(
        issuance: &Issuance<'_>,
        client: &Arc<RegisteredClient>,
        mut authorization: Authorization,
        protocol: Option<Protocol>,
    ) -> Result<Granted> {
        let Issuance { tenant, request, .. } = *issuance;
        let Some(document) = user::document(tenant, &authorization.user_id).await? else {
            return Code::InvalidGrant.refuse("The user does not exist.");
        };
        let user = User::view(&document.body)?;
        if user.blocked {
            return Code::AccessDenied.refuse("user is blocked");
        }
        if user::is_before_reset(&user, authorization.auth_time) {
            return Code::InvalidGrant.refuse("The login was before the password was changed.");
        }
        let issuer = tenant.issuer(&request.host);
        let audience = authorization.audience.clone();
        let wanted =
            Wanted { client, user: Some(&user), audience, scope: &authorization.scope, issuer: &issuer };
        let mut permit = audience::permit(tenant, &wanted).await?;
        if let Some(protocol) = protocol {
            let go =
                decided::by_code(issuance, client, (&user, &authorization), &permit.scope, protocol).await?;
            if let Some(scope) = &go.scope {
                permit = audience::permit(tenant, &Wanted { scope, ..wanted }).await?;
            }
            (authorization.id_claims, authorization.access_claims) = (go.id_claims, go.access_claims);
        }
        custom::fit(&authorization.id_claims)?;
        custom::fit(&authorization.access_claims)?;
        let is_online = audience::contains(&permit.scope, audience::ONLINE_ACCESS);
        let session = match authorization.session_id.as_deref() {
            Some(id) if permit.bound_to_session || is_online => {
                tenant.store().sessions().read(tenant.name(), id, tenant.clock().now()).await?
            }
            Some(_) | None => None,
        };
        if (permit.bound_to_session || is_online) && session.is_none() {
            return Code::InvalidGrant.refuse("The session has ended.");
        }
        let (client, binding) = (client.clone(), Binding::Bearer);
        Ok(Granted { client, user, document, authorization, permit, issuer, binding, session })
    }

    /// What is kept for the next tokens. A public client proves itself with nothing else, so it stays with its key (RFC 9449
    /// §5); another one may take a new key at any time.
    pub fn kept(&self) -> Authorization {
        let dpop_jkt = match &self.binding {
            Binding::Key(jkt) if is_public(&self.client) => Some(jkt.clone()),
            Binding::Key(_) | Binding::Bearer | Binding::Certificate(_) => None,
        };
        // Customers' code decides anew each time.
        let (id_claims, access_claims) = (Object::new(), Object::new());
        Authorization { dpop_jkt, id_claims, access_claims, ..self.authorization.clone() }
    }

    fn dialect(&self) -> TokenDialect {
        let dialect = self.permit.api.as_deref().and_then(|api| api.view.token_dialect);
        dialect.unwrap_or(TokenDialect::AccessToken)
    }

    /// The session that it ends with, if it does.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref().filter(|_| self.is_online())
    }

    /// Whether the application is to know when its refresh token ends: it then asks for a login in time.
    pub fn tells_end(&self) -> bool {
        self.permit.bound_to_session
    }

    /// Whether a refresh token comes with it.
    pub fn is_refreshable(&self) -> bool {
        audience::contains(&self.permit.scope, "offline_access") || self.is_online()
    }

    /// Whether its refresh token ends with the session.
    pub fn is_online(&self) -> bool {
        audience::contains(&self.permit.scope, audience::ONLINE_ACCESS)
    }
}

/// Issues what was granted, with the first of a family of refresh tokens where one belongs to it, and uses up what it came
/// by; [`Error::Conflict`](crate::Error::Conflict) if somebody else did.
pub(in crate::token) async fn issue(
    issuance: &Issuance<'_>,
    granted: &Granted,
    way: Way<'_>,
    redeemed: Redeemed<'_>,
    family: String,
) -> Result<Issued> {
    let Issuance { tenant, request, .. } = *issuance;
    let mut issued = sign(issuance, granted, way).await?;
    let family = match granted.is_refreshable() {
        true => Some(refresh::family(tenant, granted, family, request)?),
        false => None,
    };
    let (tokens, now) = (tenant.store().refresh_tokens(), tenant.clock().now());
    let (given, secret) = family.map(|(family, (token, secret))| ((family, token), secret)).unzip();
    let ends = given.as_ref().map(|(family, _): &(Family, _)| family.idle_expires);
    tokens.redeem(tenant.name(), redeemed, now, given).await?;
    issued.refresh_token_expires_in = ends.filter(|_| granted.tells_end()).map(|ends| ends - now);
    issued.refresh_token = secret;
    Ok(issued)
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
    if is_openid && !granted.permit.is_for_userinfo() && !granted.authorization.id_claims.is_empty() {
        userinfo::keep(issuance.tenant, &access_token, &granted.authorization.id_claims, lifetime).await?;
    }
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
        user: Some((granted.user.user_id.clone(), granted.user.known_as().to_owned())),
    })
}
