//! The refresh token grant (RFC 6749 §6): a token of a family for new ones. Where tokens rotate, one that comes again
//! after it was replaced ends its family (RFC 9700 §4.14).

use std::sync::Mutex;

use model::{GrantType, LogType};
use serde_json::{Map, Value, json};
use store::{Family, RefreshToken};

use super::{admit_public, public_client};
use crate::{
    Code, Error, Result, Tenant,
    authorize::Authorization,
    bearer, introspection,
    log::Event,
    snapshot::Snapshot,
    token::{
        Issuance, Issued, Request, audience, authenticate,
        person::{self, Granted, Way},
        protection,
        refresh::{self, Rules},
    },
};

/// Issues new tokens for a refresh token.
pub async fn issue(issuance: &Issuance<'_>) -> Result<Issued> {
    let Issuance { tenant, request, .. } = *issuance;
    let proved = public_client(issuance, GrantType::RefreshToken).await?;
    let client = proved.client.clone();
    let Some(given) = request.refresh_token.as_ref().filter(|token| !token.expose().is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: refresh_token");
    };
    let now = tenant.clock().now();
    let tokens = tenant.store().refresh_tokens();
    let found = tokens.read(tenant.name(), &bearer::hash(given.expose())).await?;
    let Some((token, family)) = found.filter(|(_, family)| family.client_id == client.view.client_id) else {
        return Code::InvalidGrant.refuse(INVALID);
    };
    if token.idle_expires.min(family.expires) <= now {
        return Code::InvalidGrant.refuse(INVALID);
    }
    let rules = Rules::of(&client);
    if token.replaced.is_some_and(|replaced| now - replaced >= rules.leeway)
        || token.replaced.is_some() && tokens.is_long_replaced(tenant.name(), &token).await?
    {
        return used_again(tenant, request, &family).await;
    }
    admit_public(issuance, &proved)?;

    let authorization = narrowed(serde_json::from_str(&family.body)?, request)?;
    let granted = Granted::of(tenant, &client, &authorization, &request.host).await?;
    let mut issued = person::sign(issuance, &granted, Way::default()).await?;
    let kept = match rules.rotates {
        true => {
            let (next, secret) = refresh::next(&rules, &token, &family, now);
            issued.refresh_token = Some(secret);
            issued.refresh_token_expires_in = granted.tells_end().then(|| next.idle_expires - now);
            tokens.rotate(tenant.name(), &token, next).await
        }
        false => tokens.extend(tenant.name(), &token, now, rules.idle_expires(now, family.expires)).await,
    };
    match kept.map_err(Error::from) {
        Ok(()) => Ok(issued),
        // It was used or revoked in between, so it came a second time.
        Err(Error::Conflict) => used_again(tenant, request, &family).await,
        Err(error) => Err(error),
    }
}

/// Revokes an access token of this client, or a refresh token with its whole family (RFC 7009); one that is not known is
/// as good as revoked.
pub async fn revoke(tenant: &Tenant, request: &Request) -> Result<Option<String>> {
    let snapshot = tenant.snapshot();
    let issuance = issuance(tenant, &snapshot, request);
    let client = protection::guarded(&issuance, authenticate::client_or_public(&issuance)).await?.client;
    let Some(given) = request.token.as_ref().filter(|token| !token.expose().is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: token");
    };
    if given.expose().contains('.') {
        // No refresh token has a dot, and each access token has.
        introspection::revoke(tenant, &snapshot, &client.view, given.expose(), request.ip).await?;
        return Ok(None);
    }
    let tokens = tenant.store().refresh_tokens();
    let found: Option<(RefreshToken, Family)> =
        tokens.read(tenant.name(), &bearer::hash(given.expose())).await?;
    let Some((_, family)) = found.filter(|(_, family)| family.client_id == client.view.client_id) else {
        return Ok(None);
    };
    tokens.end(tenant.name(), &family.id).await?;
    Ok(Some(family.user_id))
}

/// What a client is told of a token (RFC 7662): nothing, unless it is good and the client's business.
pub async fn introspect(tenant: &Tenant, request: &Request) -> Result<Option<Map<String, Value>>> {
    let snapshot = tenant.snapshot();
    let issuance = issuance(tenant, &snapshot, request);
    let client = protection::guarded(&issuance, authenticate::client(&issuance)).await?.client;
    let Some(given) = request.token.as_ref().filter(|token| !token.expose().is_empty()) else {
        return Code::InvalidRequest.refuse("Missing required parameter: token");
    };
    if given.expose().contains('.') {
        return Ok(introspection::introspect(tenant, &snapshot, &client.view, given.expose()));
    }
    let found = tenant.store().refresh_tokens().read(tenant.name(), &bearer::hash(given.expose())).await?;
    Ok(found.and_then(|(token, family)| {
        let expires = token.idle_expires.min(family.expires);
        let is_active = token.replaced.is_none() && expires > tenant.clock().now();
        let told = json!({
            "active": true, "client_id": family.client_id, "token_type": "refresh_token",
            "sub": family.user_id, "iat": token.created, "exp": expires,
        });
        let is_theirs = family.client_id == client.view.client_id;
        told.as_object().filter(|_| is_active && is_theirs).cloned()
    }))
}

fn issuance<'a>(tenant: &'a Tenant, snapshot: &'a Snapshot, request: &'a Request) -> Issuance<'a> {
    Issuance { is_test: false, is_dry: false, tenant, snapshot, request, notes: Mutex::default() }
}

async fn used_again(tenant: &Tenant, request: &Request, family: &Family) -> Result<Issued> {
    tenant.store().refresh_tokens().end(tenant.name(), &family.id).await?;
    tenant.log(Event {
        client_id: Some(family.client_id.clone()),
        user_id: Some(family.user_id.clone()),
        ip: request.ip.map(|ip| ip.to_string()),
        hostname: Some(request.host.clone()),
        ..Event::new(LogType::Ferrt, LogType::Ferrt.description())
    });
    Code::InvalidGrant.refuse(INVALID)
}

/// RFC 6749 §6: less may be asked for, never more, and nothing else.
fn narrowed(authorization: Authorization, request: &Request) -> Result<Authorization> {
    let asked = |value: &Option<String>| value.clone().filter(|value| !value.is_empty());
    if asked(&request.audience).is_some_and(|audience| authorization.audience.as_ref() != Some(&audience)) {
        return Code::InvalidRequest.refuse("The refresh token is for another audience.");
    }
    let Some(scope) = asked(&request.scope) else { return Ok(authorization) };
    let granted = authorization.scope.split(' ').filter(|one| audience::contains(&scope, one));
    let scope = granted.collect::<Vec<_>>().join(" ");
    Ok(Authorization { scope, ..authorization })
}

/// What SDKs look for.
const INVALID: &str = "Unknown or invalid refresh token.";
