//! Refresh tokens: how long they live and whether they rotate, as the client says.

use model::{
    Secret,
    client::{RefreshTokenExpiration, RefreshTokenRotation},
};
use store::{Family, RefreshToken};

use super::person::Granted;
use crate::{Result, Tenant, bearer, snapshot::RegisteredClient};

/// A client's rules, in seconds.
pub struct Rules {
    pub rotates: bool,
    /// How long a replaced token may still be used.
    pub leeway: i64,
    lifetime: Option<i64>,
    idle_lifetime: Option<i64>,
}

impl Rules {
    pub fn of(client: &RegisteredClient) -> Rules {
        let Some(rules) = client.view.refresh_token.as_deref() else {
            // RFC 9700 §4.14.2: what a public client holds must rotate; it harms no other.
            return Rules { rotates: true, leeway: 0, lifetime: Some(LIFETIME), idle_lifetime: Some(IDLE) };
        };
        let ends = rules.expiration_type == RefreshTokenExpiration::Expiring;
        let unless = |infinite: Option<bool>, lifetime: Option<i64>, default: i64| {
            (ends && infinite != Some(true)).then_some(lifetime.unwrap_or(default))
        };
        Rules {
            rotates: rules.rotation_type == RefreshTokenRotation::Rotating,
            leeway: rules.leeway.unwrap_or_default(),
            lifetime: unless(rules.infinite_token_lifetime, rules.token_lifetime, LIFETIME),
            idle_lifetime: unless(rules.infinite_idle_token_lifetime, rules.idle_token_lifetime, IDLE),
        }
    }

    /// When a token that is used now ends if it is not used again.
    pub fn idle_expires(&self, now: i64, family_expires: i64) -> i64 {
        self.idle_lifetime.map_or(i64::MAX, |idle| now.saturating_add(idle)).min(family_expires)
    }
}

/// A new family and its first token, of which only the second value is a secret to hand out.
pub fn family(tenant: &Tenant, granted: &Granted, id: String) -> Result<(Family, (RefreshToken, Secret))> {
    let now = tenant.clock().now();
    let rules = Rules::of(&granted.client);
    let expires = rules.lifetime.map_or(i64::MAX, |lifetime| now.saturating_add(lifetime));
    let family = Family {
        id,
        client_id: granted.client.view.client_id.clone(),
        user_id: granted.user.user_id.clone(),
        session_id: granted.authorization.session_id.clone().unwrap_or_default(),
        body: serde_json::to_string(&granted.authorization)?,
        created: now,
        expires,
    };
    let token = token(&rules, &family, 0, now);
    Ok((family, token))
}

/// The token that takes the place of another.
pub fn next(rules: &Rules, old: &RefreshToken, family: &Family, now: i64) -> (RefreshToken, Secret) {
    token(rules, family, old.generation + 1, now)
}

fn token(rules: &Rules, family: &Family, generation: i64, now: i64) -> (RefreshToken, Secret) {
    let secret = bearer::make();
    let token = RefreshToken {
        id: bearer::hash(&secret),
        family: family.id.clone(),
        generation,
        created: now,
        idle_expires: rules.idle_expires(now, family.expires),
        replaced: None,
    };
    (token, secret.into())
}

/// Thirty days, and half of that without use.
const LIFETIME: i64 = 2_592_000;
const IDLE: i64 = 1_296_000;
