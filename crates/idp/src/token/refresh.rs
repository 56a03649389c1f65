//! Refresh tokens: how long they live, whether they replace each other, and what one is worth that comes, as the client
//! says.

use model::{
    Secret,
    client::{RefreshTokenExpiration, RefreshTokenRotation},
};
use store::{Device, Family, RefreshToken};

use super::{Request, person::Granted};
use crate::{Result, Tenant, bearer, log, snapshot::RegisteredClient};

/// A client's rules, in seconds.
pub struct Rules {
    pub rotates: bool,
    /// How long a replaced token may still be used.
    leeway: i64,
    lifetime: Option<i64>,
    idle_lifetime: Option<i64>,
}

/// What a token of a family is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is the newest, or one of several that are.
    Newest,
    /// It was replaced a moment ago, and its client may not have heard of it.
    JustReplaced,
    /// It was replaced, so two hold it.
    Replayed,
    /// Its time is over.
    Ended,
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

    /// The rules of what lives as long as a session does.
    pub fn of_session() -> Rules {
        Rules { rotates: false, leeway: 0, lifetime: None, idle_lifetime: None }
    }

    /// What a token is worth now. That it was replaced counts first: a thief is betrayed however late one of the two comes.
    pub fn standing(&self, token: &RefreshToken, family: &Family, now: i64) -> Standing {
        let standing = match family.generation - token.generation {
            ..=0 => Standing::Newest,
            1 if now - family.advanced < self.leeway => Standing::JustReplaced,
            _ => return Standing::Replayed,
        };
        if family.idle_expires.min(family.expires) <= now { Standing::Ended } else { standing }
    }

    /// What becomes of a family when one of its tokens is used, and the token that is handed out, if one is. A client that
    /// changed its mind about rotation is given one of the new kind.
    pub fn exchange(
        &self,
        standing: Standing,
        from: &Family,
        now: i64,
        device: Device,
    ) -> (Family, Option<(RefreshToken, Secret)>) {
        // Tokens that had no end get one with the first use after the client set it, and keep it from then on.
        let is_endless = from.expires == i64::MAX;
        let expires =
            self.lifetime.filter(|_| is_endless).map_or(from.expires, |life| now.saturating_add(life));
        let changes = from.rotates.is_some_and(|rotates| rotates != self.rotates);
        let hands_out = self.rotates || changes || standing != Standing::Newest;
        let advances = hands_out && standing == Standing::Newest;
        let to = Family {
            used: now,
            generation: from.generation + i64::from(advances),
            advanced: if advances { now } else { from.advanced },
            rotates: Some(self.rotates),
            idle_expires: self.idle_expires(now, expires),
            expires,
            last: device,
            ..from.clone()
        };
        let token = hands_out.then(|| token(&to, now, ""));
        (to, token)
    }

    /// When a family that is used now ends if it is not used again.
    fn idle_expires(&self, now: i64, expires: i64) -> i64 {
        self.idle_lifetime.map_or(i64::MAX, |idle| now.saturating_add(idle)).min(expires)
    }
}

/// A new family and its first token, of which only the second value is a secret to hand out.
pub fn family(
    tenant: &Tenant,
    granted: &Granted,
    id: String,
    request: &Request,
) -> Result<(Family, (RefreshToken, Secret))> {
    let now = tenant.clock().now();
    let (rules, prefix) = match granted.is_online() {
        true => (Rules::of_session(), ONLINE),
        false => (Rules::of(&granted.client), ""),
    };
    let endless = granted.session().map_or(i64::MAX, |session| session.expires);
    let expires = rules.lifetime.map_or(endless, |lifetime| now.saturating_add(lifetime));
    let device = device(request);
    let family = Family {
        id,
        client_id: granted.client.view.client_id.clone(),
        user_id: granted.user.user_id.clone(),
        session_id: granted.authorization.session_id.clone().unwrap_or_default(),
        audience: granted.authorization.audience.clone(),
        body: serde_json::to_string(&granted.kept())?,
        metadata: None,
        created: now,
        used: now,
        generation: 0,
        advanced: now,
        rotates: Some(rules.rotates),
        idle_expires: rules.idle_expires(now, expires),
        expires,
        initial: device.clone(),
        last: device,
    };
    let token = token(&family, now, prefix);
    Ok((family, token))
}

/// From where somebody asks.
pub fn device(request: &Request) -> Device {
    Device {
        ip: request.ip.map(|ip| ip.to_string()),
        user_agent: request.user_agent.as_deref().map(log::cut),
    }
}

/// A token of a family's newest number.
fn token(family: &Family, now: i64, prefix: &str) -> (RefreshToken, Secret) {
    let secret = format!("{prefix}{}", bearer::make());
    let token = RefreshToken {
        id: bearer::hash(&secret),
        family: family.id.clone(),
        generation: family.generation,
        created: now,
    };
    (token, secret.into())
}

/// Thirty days, and half of that without use.
const LIFETIME: i64 = 2_592_000;
const IDLE: i64 = 1_296_000;
/// What tokens begin with that end with the session.
const ONLINE: &str = "ORT";
