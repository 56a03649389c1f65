//! OpenID Connect Back-Channel Logout: the clients that a session served are told that it has ended. What is to be said is
//! written down when it happens, and sent later, so that no logout waits for anybody's server.

use jose::Signer;
use model::{
    Client, LogType, SigningAlgorithm,
    client::{Initiator, InitiatorMode, OidcLogout},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{LogoutNotice, Session};

use crate::{Carrier, Error, InHand, Result, Tenant, Tenants, id, in_hand::carry, log::Event, session};

/// What a notice says, and where.
#[derive(Debug, Serialize, Deserialize)]
struct Notice {
    url: String,
    user_id: String,
    session_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Value>,
}

/// Writes down whom to tell that a session ends, and why it does.
pub async fn announce(tenant: &Tenant, ending: &Session, why: Initiator) -> Result<()> {
    let notices = notices(tenant, ending, why).await?;
    if notices.is_empty() {
        return Ok(());
    }
    Ok(tenant.store().logout_notices().insert(tenant.name(), notices).await?)
}

/// Sweeps up the sessions of all tenants that have ended by themselves, and writes down whom to tell; answers how many that
/// were. Nodes share the work.
pub async fn sweep(tenants: &Tenants) -> Result<usize> {
    let sessions = tenants.store().sessions();
    let ended = sessions.run_out(tenants.clock().now(), MOST).await?;
    for (name, session) in &ended {
        let Some(tenant) = tenants.named(name) else { continue };
        let notices = notices(&tenant, session, Initiator::SessionExpired).await?;
        sessions.sweep(name, session, notices).await?;
    }
    Ok(ended.len())
}

async fn notices(tenant: &Tenant, ending: &Session, why: Initiator) -> Result<Vec<LogoutNotice>> {
    let snapshot = tenant.snapshot().clone();
    let now = tenant.server_clock().now();
    let mut notices = Vec::new();
    for client_id in tenant.store().sessions().clients(tenant.name(), &ending.id).await? {
        let Some(client) = snapshot.client(&client_id) else { continue };
        let Some(rules) = rules(&client.view).filter(|rules| wants(rules, why)) else { continue };
        let tells = rules.backchannel_logout_session_metadata.as_ref().and_then(|tells| tells.include);
        let metadata = match tells {
            Some(true) => Some(Value::Object(session::metadata(ending)?)),
            Some(false) | None => None,
        };
        for url in rules.backchannel_logout_urls.iter().flatten() {
            let notice = Notice {
                url: url.clone(),
                user_id: ending.user_id.clone(),
                session_id: ending.id.clone(),
                metadata: metadata.clone(),
            };
            notices.push(LogoutNotice {
                id: id::uuid(),
                client_id: client_id.clone(),
                body: serde_json::to_string(&notice)?,
                tries: 0,
                due: now,
                expires: now + KEPT,
            });
        }
    }
    Ok(notices)
}

/// Whoever tells clients on a node. Nodes share the work, and of one tenant a few notices are in hand at most.
#[derive(Debug, Default)]
pub struct Herald(InHand);

impl Carrier for Herald {
    async fn look(&mut self, tenants: &Tenants) -> Result<usize> {
        let room = self.0.room(AT_ONCE);
        if room == 0 {
            return Ok(0);
        }
        let notices = tenants.store().logout_notices();
        let due = notices.due(tenants.clock().now(), room as i64, MOST_OF_TENANT, &self.0.busy()).await?;
        let all = due.len();
        for (name, notice) in due {
            let Some(tenant) = tenants.named(&name) else { continue };
            self.0.take(name, async move {
                if let Err(error) = send(&tenant, &notice).await {
                    let error = format!("{error:#}");
                    tracing::warn!(tenant = tenant.name(), error, "a client is told of a logout later");
                }
            });
        }
        Ok(all)
    }

    fn in_hand(&mut self) -> &mut InHand {
        &mut self.0
    }
}

/// Sends what is due, of each tenant a few, waits until it is sent or put off, and answers how much that was.
pub async fn deliver(tenants: &Tenants) -> Result<usize> {
    carry::<Herald>(tenants).await
}

async fn send(tenant: &Tenant, notice: &LogoutNotice) -> Result<()> {
    let notices = tenant.store().logout_notices();
    let now = tenant.server_clock().now();
    // Put off before it is sent: another node leaves it alone meanwhile, and comes if this one dies.
    let wait = WAITS.get(usize::try_from(notice.tries).unwrap_or(usize::MAX)).copied();
    if !notices.claim(tenant.name(), notice, now + wait.unwrap_or(KEPT)).await? {
        return Ok(());
    }
    let said: Notice = serde_json::from_str(&notice.body)?;
    let outcome = match token(tenant, notice, &said)? {
        Some(token) => post(tenant, &said.url, &token).await,
        // Nobody is left who could be told.
        None => Ok(()),
    };
    let is_last = wait.is_none();
    if outcome.is_ok() || is_last {
        notices.delete(tenant.name(), &notice.id).await?;
    }
    let (kind, words) = match outcome {
        Ok(()) => (LogType::OidcBackchannelLogoutSucceeded, said.url),
        Err(why) => (LogType::OidcBackchannelLogoutFailed, format!("{}: {why}", said.url)),
    };
    tenant.log(Event {
        client_id: Some(notice.client_id.clone()),
        user_id: Some(said.user_id),
        ..Event::new(kind, crate::log::cut(&words))
    });
    Ok(())
}

async fn post(tenant: &Tenant, url: &str, token: &str) -> std::result::Result<(), String> {
    let body = format!("logout_token={token}");
    let posted = tenant.outbound().post(url, &[], "application/x-www-form-urlencoded", body).await;
    match posted {
        Ok((200..=299, _)) => Ok(()),
        Ok((status, _)) => Err(format!("answered with status {status}")),
        Err(error) => Err(error.to_string()),
    }
}

/// The logout token (OpenID Connect Back-Channel Logout 1.0 §2.4); none if the client is gone.
fn token(tenant: &Tenant, notice: &LogoutNotice, said: &Notice) -> Result<Option<String>> {
    let snapshot = tenant.snapshot();
    if snapshot.client(&notice.client_id).is_none() {
        return Ok(None);
    }
    let now = tenant.clock().now();
    let mut event = json!({});
    if let Some(metadata) = &said.metadata {
        event["session_metadata"] = metadata.clone();
    }
    let claims = json!({
        "iss": tenant.issuer(tenant.domain()),
        "sub": said.user_id,
        "aud": notice.client_id,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": id::uuid(),
        "sid": said.session_id,
        "events": { "http://schemas.openid.net/event/backchannel-logout": event },
        "trace_id": notice.id,
    });
    let signer: &Signer = snapshot.keys.signer(SigningAlgorithm::RS256, "logout+jwt").ok_or_else(|| {
        Error::Internal(anyhow::anyhow!("{} has no key to sign a logout token with", tenant.name()))
    })?;
    Ok(Some(signer.sign(&serde_json::to_vec(&claims)?)?))
}

/// A client's rules, under their newer or their older name.
fn rules(client: &Client) -> Option<&OidcLogout> {
    client.oidc_logout.as_deref().or(client.oidc_backchannel_logout.as_deref())
}

/// Whether a client wants to be told of this.
fn wants(rules: &OidcLogout, why: Initiator) -> bool {
    let Some(initiators) = &rules.backchannel_logout_initiators else {
        return DEFAULT.contains(&why);
    };
    match initiators.mode {
        Some(InitiatorMode::All) => true,
        Some(InitiatorMode::Custom) | None => {
            let selected = initiators.selected_initiators.as_deref().unwrap_or_default();
            DEFAULT.contains(&why) || selected.contains(&why)
        }
    }
}

/// What every client is told of that is told anything.
const DEFAULT: [Initiator; 2] = [Initiator::RpLogout, Initiator::IdpLogout];
/// How many sessions that have run out are ended in one go.
const MOST: i64 = 50;
/// How many notices a node has in hand at most, and how many of one tenant.
const AT_ONCE: usize = 50;
const MOST_OF_TENANT: i64 = 10;
/// Seconds that a logout token is good.
const LIFETIME: i64 = 120;
/// Seconds after which a notice is sent once more.
const WAITS: [i64; 5] = [15, 60, 300, 1_800, 3_600];
/// Seconds after which nobody wants to hear it any more.
const KEPT: i64 = 24 * 3600;
