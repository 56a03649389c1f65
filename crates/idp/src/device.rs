//! Devices without a browser (RFC 8628): one shows its user a short code, who types it in elsewhere, logs in and lets the
//! device have what it asks for, while it asks again and again. A code is short, so whoever types too many wrong ones is
//! not listened to.

use std::sync::Arc;

use model::{GrantType, LogType, Secret, User, tenant_settings::DeviceFlowCharset};
use serde::{Deserialize, Serialize};
use store::{DeviceCode, DeviceState, Session};
use url::form_urlencoded;

use crate::{
    Code, Error, Result, Tenant,
    authorize::{Asked, Authorization, is_public},
    bearer,
    log::Event,
    login::{self, Login, Purpose},
    pipeline::Go,
    protection,
    snapshot::RegisteredClient,
    token::{
        Request,
        audience::{self, Wanted},
        proved,
    },
    visitor::Visitor,
};

/// What a device is told to show and to wait with.
#[derive(Debug)]
pub struct Begun {
    pub device_code: Secret,
    pub user_code: String,
    /// Where its user goes, without the code.
    pub verification_uri: String,
    /// The same, with the code.
    pub verification_uri_complete: String,
    pub expires_in: i64,
    /// Seconds between two questions.
    pub interval: i64,
}

/// A device that waits for its user.
#[derive(Clone)]
pub struct Waiting {
    pub id: String,
    pub client: Arc<RegisteredClient>,
    pub audience: Option<String>,
    /// Space-separated, as it was asked for.
    pub scope: String,
    /// From where the device asked.
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

/// What is kept of a device's request, and in the end what its user allowed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Kept {
    audience: Option<String>,
    scope: String,
    ip: Option<String>,
    user_agent: Option<String>,
    pub authorization: Option<Authorization>,
}

/// Begins to wait for somebody; it is the client itself that asks.
pub async fn begin(tenant: &Tenant, request: &Request) -> Result<Begun> {
    let client = proved(tenant, request).await?;
    may_use(&client)?;
    let issuer = tenant.issuer(&request.host);
    let audience = audience::named(tenant, request.audience.as_deref());
    // A device has no session that its tokens could end with.
    let asked = request.scope.as_deref().unwrap_or_default().split(' ');
    let scope = asked.filter(|one| *one != audience::ONLINE_ACCESS).collect::<Vec<_>>().join(" ");
    let wanted =
        Wanted { client: &client, user: None, audience: audience.clone(), scope: &scope, issuer: &issuer };
    audience::permit(tenant, &wanted).await?;
    if let Some(ip) = request.ip
        && !protection::may_begin(tenant, ip).await?
    {
        return Code::TooManyAttempts.refuse("Too many devices ask from here. Try again in half an hour.");
    }
    let kept = Kept {
        audience,
        scope,
        ip: request.ip.map(|ip| ip.to_string()),
        user_agent: request.user_agent.as_deref().map(crate::log::cut),
        authorization: None,
    };
    let (device_code, now) = (bearer::make(), tenant.clock().now());
    let mut code = DeviceCode {
        id: bearer::hash(&device_code),
        user_code: String::new(),
        client_id: client.view.client_id.clone(),
        state: DeviceState::Pending,
        body: serde_json::to_string(&kept)?,
        polled: 0,
        created: now,
        expires: now + LIFETIME,
    };
    for _ in 0..MOST_TRIES {
        let user_code = user_code(tenant);
        code.user_code = keyed(tenant, &user_code);
        match tenant.store().device_codes().insert(tenant.name(), code.clone()).await {
            // Another device shows the same.
            Err(store::Error::Taken { .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {
                let verification_uri = format!("{issuer}activate");
                let mut query = form_urlencoded::Serializer::new(String::new());
                let query = query.append_pair("user_code", &user_code).finish();
                return Ok(Begun {
                    device_code: device_code.into(),
                    user_code,
                    verification_uri_complete: format!("{verification_uri}?{query}"),
                    verification_uri,
                    expires_in: LIFETIME,
                    interval: INTERVAL,
                });
            }
        }
    }
    Err(Error::Conflict)
}

/// The device that shows what somebody typed, in whatever case and with whatever between the characters. Whoever types too
/// many that nobody shows is refused for a while.
pub async fn by_user_code(tenant: &Tenant, typed: &str, visitor: &Visitor) -> Result<Option<Waiting>> {
    if !protection::may_guess(tenant, visitor.ip).await? {
        tenant.log(visitor.event(LogType::Fdeac, TOO_MANY));
        return Code::TooManyAttempts.refuse(TOO_MANY);
    }
    let known = match typed.len() {
        ..=LONGEST => {
            let user_code = keyed(tenant, typed);
            tenant.store().device_codes().by_user_code(tenant.name(), &user_code).await?
        }
        _ => None,
    };
    let waiting = known.map(|code| waiting(tenant, code)).transpose()?.flatten();
    match waiting {
        Some(_) => protection::guessed(tenant, visitor.ip).await?,
        None => tenant.log(visitor.event(LogType::Fdeac, "The code is not one that a device shows")),
    }
    Ok(waiting)
}

/// The device with this identifier, while it waits.
pub async fn read(tenant: &Tenant, id: &str) -> Result<Option<Waiting>> {
    let code = tenant.store().device_codes().read(tenant.name(), id).await?;
    Ok(code.map(|code| waiting(tenant, code)).transpose()?.flatten())
}

/// Begins the login of whoever said that the device is theirs.
pub async fn log_in(tenant: &Tenant, waiting: &Waiting, visitor: &Visitor) -> Result<login::Begun> {
    let asked = Asked {
        client_id: Some(waiting.client.view.client_id.clone()),
        audience: waiting.audience.clone(),
        scope: Some(waiting.scope.clone()),
        ..Asked::default()
    };
    let purpose = Purpose::Device { id: waiting.id.clone() };
    login::begin(tenant, Login::new(tenant, &asked, "", purpose), visitor).await
}

/// Lets a device have what it waits for, in the name of whoever has logged in; it does so once.
pub async fn confirm(
    tenant: &Tenant,
    id: &str,
    (session, user): (&Session, &User),
    connection: Option<&str>,
    decided: &Go,
) -> Result<()> {
    let Some(waiting) = read(tenant, id).await? else { return over() };
    let authorization = Authorization {
        user_id: user.user_id.clone(),
        session_id: Some(session.id.clone()),
        auth_time: session.authenticated,
        connection: connection.map(str::to_owned),
        audience: waiting.audience.clone(),
        scope: decided.scope.clone().unwrap_or_else(|| waiting.scope.clone()),
        id_claims: decided.id_claims.clone(),
        access_claims: decided.access_claims.clone(),
        ..Authorization::default()
    };
    decide(tenant, &waiting, DeviceState::Allowed, Some(authorization)).await
}

/// Tells a device that its user wants none of it.
pub async fn deny(tenant: &Tenant, id: &str, visitor: &Visitor) -> Result<()> {
    let Some(waiting) = read(tenant, id).await? else { return over() };
    decide(tenant, &waiting, DeviceState::Denied, None).await?;
    let event = visitor.event(LogType::Fdecc, LogType::Fdecc.description());
    tenant.log(Event { client_id: Some(waiting.client.view.client_id.clone()), ..event });
    Ok(())
}

async fn decide(
    tenant: &Tenant,
    waiting: &Waiting,
    state: DeviceState,
    authorization: Option<Authorization>,
) -> Result<()> {
    let Waiting { audience, scope, ip, user_agent, .. } = waiting.clone();
    let kept = Kept { audience, scope, ip, user_agent, authorization };
    let body = serde_json::to_string(&kept)?;
    let owner = kept.authorization.as_ref();
    let owner = owner.and_then(|owner| Some((owner.user_id.as_str(), owner.session_id.as_deref()?)));
    let (codes, now) = (tenant.store().device_codes(), tenant.clock().now());
    match codes.decide(tenant.name(), &waiting.id, (state, &body), owner, now).await? {
        true => Ok(()),
        false => over(),
    }
}

fn over() -> Result<()> {
    Code::InvalidRequest.refuse("The device does not wait any more.")
}

fn waiting(tenant: &Tenant, code: DeviceCode) -> Result<Option<Waiting>> {
    let Some(client) = tenant.snapshot().client(&code.client_id).cloned() else { return Ok(None) };
    if code.state != DeviceState::Pending || code.expires <= tenant.clock().now() {
        return Ok(None);
    }
    let Kept { audience, scope, ip, user_agent, .. } = serde_json::from_str(&code.body)?;
    Ok(Some(Waiting { id: code.id, client, audience, scope, ip, user_agent }))
}

/// Only what runs on the device itself may, and that keeps no secret.
fn may_use(client: &RegisteredClient) -> Result<()> {
    let view = &client.view;
    if !view.grant_types.as_deref().unwrap_or_default().contains(&GrantType::DeviceCode) {
        let name = "urn:ietf:params:oauth:grant-type:device_code";
        return Code::GrantTypeNotAllowed.refuse(format!("Grant type '{name}' not allowed for the client."));
    }
    if !is_public(client) || view.oidc_conformant != Some(true) {
        return Code::UnauthorizedClient
            .refuse("The device flow is for clients that are OIDC conformant and have no secret.");
    }
    Ok(())
}

/// A code as the tenant wants it to look: an asterisk stands for a character, and all else for itself.
fn user_code(tenant: &Tenant) -> String {
    let snapshot = tenant.snapshot();
    let rules = snapshot.settings.as_deref().and_then(|settings| settings.device_flow.as_ref());
    let charset = match rules.and_then(|rules| rules.charset).unwrap_or(DeviceFlowCharset::Base20) {
        DeviceFlowCharset::Base20 => BASE20,
        DeviceFlowCharset::Digits => DIGITS,
    };
    let mask = rules.and_then(|rules| rules.mask.as_deref()).filter(|mask| is_safe(mask, charset));
    let mask = mask.unwrap_or(if charset == DIGITS { "***-***-***" } else { "****-****" });
    let mut drawn = jose::random_text(mask.len(), charset).into_bytes().into_iter();
    let mut draw = |place| if place == '*' { drawn.next().map_or(place, char::from) } else { place };
    mask.chars().map(&mut draw).collect()
}

/// Whether a mask leaves enough to chance: some 2^29, with guesses counted.
fn is_safe(mask: &str, charset: &[u8]) -> bool {
    let places = mask.chars().filter(|place| *place == '*').count();
    places >= if charset == DIGITS { 9 } else { 8 }
}

/// What is remembered of a user's code. It is short, so only whoever has the tenant's key can tell which one it is.
fn keyed(tenant: &Tenant, typed: &str) -> String {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_uppercase());
    let key = tenant.0.vault.derived(tenant.name(), "device user codes");
    jose::b64url_encode(jose::hmac_sha256(&key, letters.collect::<String>().as_bytes()))
}

/// Seconds that a device waits, and between two of its questions.
pub const LIFETIME: i64 = 900;
pub const INTERVAL: i64 = 5;
const BASE20: &[u8] = b"BCDFGHJKLMNPQRSTVWXZ";
const DIGITS: &[u8] = b"0123456789";
const LONGEST: usize = 100;
const MOST_TRIES: usize = 5;
const TOO_MANY: &str = "Too many wrong codes came from here. Try again in half an hour.";
