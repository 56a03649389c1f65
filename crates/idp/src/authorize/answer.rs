//! What an application gets in the end: a code, tokens, or both.

use std::sync::Arc;

use model::User;
use serde::{Deserialize, Serialize};
use store::{AuthorizationCode, Session};

use super::{
    Asked, details, is_public,
    reply::{Fields, Reply, Way},
    request::{self, Prompt, ResponseType},
};
use crate::{
    Code, Result, Tenant, bearer, id,
    login::Login,
    pipeline::Go,
    session,
    snapshot::RegisteredClient,
    token::{
        Authorization,
        audience::Permit,
        person::{self, FrontChannel},
    },
};

/// What a code stands for.
#[derive(Debug, Serialize, Deserialize)]
pub struct Grant {
    pub authorization: Authorization,
    pub callback: String,
    /// Whether the application named the callback, and so has to name it again.
    pub named_callback: bool,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
}

/// What proves that a code is redeemed by whoever asked for it (RFC 7636).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Challenge {
    S256(String),
    Plain(String),
}

/// Who is granted what, in whose name.
pub struct Granting<'a> {
    pub tenant: &'a Tenant,
    pub client: &'a Arc<RegisteredClient>,
    pub login: &'a Login,
    pub way: &'a Way,
    pub session: &'a Session,
    pub user: &'a User,
    /// The host that was called, which names the issuer.
    pub host: &'a str,
}

/// The answer for what this person lets the application have.
pub async fn of(
    granting: &Granting<'_>,
    audience: Option<String>,
    permit: &Permit,
    decided: Go,
) -> Result<Reply> {
    let Granting { tenant, client, login, way, session, user, host } = granting;
    let asked = &login.asked;
    let authorization = Authorization {
        user_id: user.user_id.clone(),
        session_id: Some(session.id.clone()),
        auth_time: session.authenticated,
        tells_auth_time: tells_auth_time(asked)?,
        audience,
        scope: decided.scope.unwrap_or_else(|| permit.scope.clone()),
        id_claims: decided.id_claims,
        access_claims: decided.access_claims,
        dpop_jkt: asked.dpop_jkt.clone(),
        connection: session.connection.clone(),
        methods: serde_json::from_str(&session.methods)?,
        details: details(asked, permit)?,
        ..Authorization::default()
    };
    session::serves(tenant, session, &client.view.client_id).await?;
    let wanted = ResponseType::of(asked)?;
    let mut fields = Fields::new();
    let code = wanted.code.then(bearer::make);
    if let Some(code) = &code {
        keep(granting, code, &authorization).await?;
        fields.push(("code", code.clone()));
    }
    if wanted.is_front_channel() {
        let tokens = person::front_channel(
            tenant,
            &FrontChannel {
                client,
                authorization: &authorization,
                host,
                nonce: asked.nonce.as_deref(),
                access_token: wanted.token,
                id_token: wanted.id_token,
                code: code.as_deref(),
                state: asked.state.as_deref(),
            },
        )
        .await?;
        if let Some(access_token) = tokens.access_token {
            fields.push(("access_token", access_token));
            fields.push(("expires_in", tokens.expires_in.to_string()));
            fields.push(("token_type", tokens.token_type.to_owned()));
            if tokens.scope != asked.scope.as_deref().unwrap_or_default() {
                fields.push(("scope", tokens.scope));
            }
        }
        fields.extend(tokens.id_token.map(|id_token| ("id_token", id_token)));
    }
    Ok(way.reply(fields))
}

/// Remembers what a code stands for.
async fn keep(granting: &Granting<'_>, code: &str, authorization: &Authorization) -> Result<()> {
    let Granting { tenant, client, login, way, session, .. } = granting;
    let asked = &login.asked;
    let grant = Grant {
        authorization: authorization.clone(),
        callback: way.callback().to_owned(),
        named_callback: asked.redirect_uri.as_deref().is_some_and(|named| !named.is_empty()),
        nonce: asked.nonce.clone(),
        challenge: request::challenge(asked, is_public(client))?,
    };
    let row = AuthorizationCode {
        id: bearer::hash(code),
        client_id: client.view.client_id.clone(),
        user_id: session.user_id.clone(),
        session_id: session.id.clone(),
        family: id::family(),
        body: serde_json::to_string(&grant)?,
        expires: tenant.clock().now() + LIFETIME,
        used: None,
    };
    match tenant.store().refresh_tokens().insert_code(tenant.name(), row).await {
        // They were logged out while this went on.
        Err(store::Error::Conflict) => Code::LoginRequired.refuse("Login required"),
        kept => Ok(kept?),
    }
}

/// Whether the application asks when the login was.
fn tells_auth_time(asked: &Asked) -> Result<bool> {
    let has_age = asked.max_age.as_deref().is_some_and(|text| !text.is_empty());
    Ok(has_age || Prompt::of(asked)?.login)
}

/// Seconds that a code lives.
const LIFETIME: i64 = 60;
