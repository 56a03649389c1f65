//! Tokens that go to the application through the browser, of an implicit or a hybrid login (OpenID Connect Core §3.2, §3.3).

use std::sync::{Arc, Mutex};

use super::{Granted, Way, id_token, sign};
use crate::{
    Result, Tenant,
    snapshot::RegisteredClient,
    token::{Authorization, Issuance, Request},
};

/// What of an authorization goes through the browser.
#[derive(Clone, Copy)]
pub struct FrontChannel<'a> {
    pub client: &'a Arc<RegisteredClient>,
    pub authorization: &'a Authorization,
    /// The host that was called, which names the issuer.
    pub host: &'a str,
    pub nonce: Option<&'a str>,
    pub access_token: bool,
    pub id_token: bool,
    /// The code that goes along, which the ID token then vouches for.
    pub code: Option<&'a str>,
    pub state: Option<&'a str>,
}

/// The tokens, as the fields of the answer name them.
#[derive(Debug)]
pub struct FrontTokens {
    pub access_token: Option<String>,
    pub token_type: &'static str,
    pub expires_in: i64,
    /// Space-separated, as it was granted.
    pub scope: String,
    pub id_token: Option<String>,
}

/// Signs the tokens that go through the browser; no refresh token is ever among them.
pub async fn front_channel(tenant: &Tenant, wanted: &FrontChannel<'_>) -> Result<FrontTokens> {
    let snapshot = tenant.snapshot().clone();
    let request = Request { host: wanted.host.to_owned(), ..Request::default() };
    let notes = Mutex::default();
    let (is_test, is_dry) = (false, false);
    let issuance = Issuance { is_test, is_dry, tenant, snapshot: &snapshot, request: &request, notes };
    let granted = Granted::of_front(&issuance, wanted.client, wanted.authorization.clone()).await?;
    let way =
        Way { nonce: wanted.nonce, is_login: true, is_front: true, code: wanted.code, state: wanted.state };
    if !wanted.access_token {
        let id_token = wanted.id_token.then(|| id_token::sign(&issuance, &granted, way, None)).transpose()?;
        let (scope, expires_in) = (granted.permit.scope.clone(), granted.permit.lifetime_by(true));
        let token_type = granted.binding.token_type();
        return Ok(FrontTokens { access_token: None, token_type, expires_in, scope, id_token });
    }
    let issued = sign(&issuance, &granted, way).await?;
    Ok(FrontTokens {
        access_token: Some(issued.access_token.to_string()),
        token_type: issued.token_type,
        expires_in: issued.expires_in,
        scope: issued.scope,
        id_token: issued.id_token.filter(|_| wanted.id_token),
    })
}
