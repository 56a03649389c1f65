//! Tokens in a person's name: the access token and, where OpenID Connect is spoken, the ID token beside it.

use std::sync::Arc;

use jose::Signer;
use model::{SigningAlgorithm, TokenDialect, User, client::IdTokenAlgorithm};
use serde_json::{Map, Value, json};

use super::{
    Binding, Issuance, Issued,
    audience::{self, Permit, Wanted},
};
use crate::{
    Code, Error, Result, Tenant, authorize::Authorization, revocation, session, snapshot::RegisteredClient,
    user, userinfo,
};

/// What may be issued, to whom, in whose name.
pub struct Granted {
    pub client: Arc<RegisteredClient>,
    pub user: User,
    pub authorization: Authorization,
    permit: Permit,
    issuer: String,
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
        if permit.bound_to_session && !session::is_alive(tenant, &authorization.session_id).await? {
            return Code::InvalidGrant.refuse("The session has ended.");
        }
        Ok(Granted { client: client.clone(), user, authorization: authorization.clone(), permit, issuer })
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

/// Signs what was granted. Only a login tells its ID token which session it was.
pub async fn sign(
    issuance: &Issuance<'_>,
    granted: &Granted,
    nonce: Option<&str>,
    is_login: bool,
) -> Result<Issued> {
    let issued_at = settle(issuance, granted).await?;
    let is_openid = audience::contains(&granted.permit.scope, "openid");
    let id_token = is_openid.then(|| id_token(issuance, granted, nonce, is_login)).transpose()?;
    let (access_token, jti) = access_token(issuance, granted, issued_at)?;
    Ok(Issued {
        access_token: access_token.into(),
        scope: granted.permit.scope.clone(),
        expires_in: granted.permit.lifetime,
        token_type: Binding::Bearer.token_type(),
        authorization_details: Vec::new(),
        certificate: None,
        client_name: granted.client.view.name.clone(),
        audience: granted.permit.audiences.first().cloned().unwrap_or_default(),
        organization: None,
        jti,
        id_token,
        refresh_token: None,
        refresh_token_expires_in: None,
        user: Some((granted.user.user_id.clone(), granted.user.email.clone())),
    })
}

fn access_token(issuance: &Issuance, granted: &Granted, mut now: i64) -> Result<(String, Option<String>)> {
    let Granted { client, user, authorization, permit, issuer } = granted;
    let api = permit.api.as_deref();
    let dialect = api.and_then(|api| api.view.token_dialect).unwrap_or(TokenDialect::AccessToken);
    let signer = match api.and_then(|api| api.hmac.as_ref()) {
        Some(signer) => signer,
        None => {
            let algorithm = api.map_or(SigningAlgorithm::RS256, |api| api.view.signing_alg);
            signer(issuance, algorithm, dialect.typ())?
        }
    };
    let revocations = &issuance.snapshot.revocations;
    let mut claims = Map::new();
    let mut claim = |name: &str, value: Value| claims.insert(name.into(), value);
    claim("iss", json!(issuer));
    claim("sub", json!(user.user_id));
    claim(
        "aud",
        match permit.audiences.as_slice() {
            [one] => json!(one),
            several => json!(several),
        },
    );
    claim("iat", json!(now));
    claim("exp", json!(now + permit.lifetime));
    if !permit.scope.is_empty() {
        claim("scope", json!(permit.scope));
    }
    if permit.bound_to_session {
        claim("sid", json!(authorization.session_id));
        claim("auth_time", json!(authorization.auth_time));
    }
    let jti = dialect.is_rfc9068().then(crate::id::token);
    match &jti {
        // RFC 9068 §2.2
        Some(jti) => {
            claim("jti", json!(jti));
            claim("client_id", json!(client.view.client_id));
        }
        None => drop(claim("azp", json!(client.view.client_id))),
    }
    if dialect.has_permissions() && api.is_some_and(|api| api.view.enforce_policies == Some(true)) {
        // What is asked of such an API is granted by permissions, and nobody has any yet.
        claim("permissions", json!([]));
    }
    let mut token = signer.sign(&serde_json::to_vec(&claims)?)?;
    while jti.is_none() && revocations.is_refused_already(now, &token) {
        now += 1;
        claims.insert("iat".into(), json!(now));
        claims.insert("exp".into(), json!(now + permit.lifetime));
        token = signer.sign(&serde_json::to_vec(&claims)?)?;
    }
    Ok((token, jti))
}

/// The second to stamp on it.
async fn settle(issuance: &Issuance<'_>, granted: &Granted) -> Result<i64> {
    let Granted { client, user, permit, .. } = granted;
    let audiences: Vec<&str> = permit.audiences.iter().map(String::as_str).collect();
    let client_id = &client.view.client_id;
    let api = permit.api.as_deref();
    let algorithm = api.map_or(SigningAlgorithm::RS256, |api| api.view.signing_alg);
    let kid = issuance.snapshot.keys.signer(algorithm, TokenDialect::AccessToken.typ()).and_then(Signer::kid);
    super::settle(issuance, client_id, || revocation::of_issue(client_id, &user.user_id, &audiences, kid))
        .await
}

fn id_token(issuance: &Issuance, granted: &Granted, nonce: Option<&str>, is_login: bool) -> Result<String> {
    let Granted { client, user, authorization, permit, issuer } = granted;
    let rules = client.view.jwt_configuration.as_deref();
    let algorithm = match rules.and_then(|rules| rules.alg).unwrap_or(IdTokenAlgorithm::RS256) {
        IdTokenAlgorithm::RS256 => SigningAlgorithm::RS256,
        IdTokenAlgorithm::RS512 => SigningAlgorithm::RS512,
        IdTokenAlgorithm::PS256 => SigningAlgorithm::PS256,
        IdTokenAlgorithm::HS256 => {
            return Code::AccessDenied.refuse("ID tokens are not signed with client secrets here.");
        }
    };
    let lifetime = rules.and_then(|rules| rules.lifetime_in_seconds).map_or(LIFETIME, i64::from);
    let now = issuance.tenant.clock().now();
    let mut claims = Map::new();
    userinfo::tell(&mut claims, user, &permit.scope);
    let mut claim = |name: &str, value: Value| claims.insert(name.into(), value);
    claim("iss", json!(issuer));
    claim("aud", json!(client.view.client_id));
    claim("sub", json!(user.user_id));
    claim("iat", json!(now));
    claim("exp", json!(now + lifetime));
    claim("auth_time", json!(authorization.auth_time));
    if is_login {
        claim("sid", json!(authorization.session_id));
    }
    if let Some(nonce) = nonce {
        claim("nonce", json!(nonce));
    }
    Ok(signer(issuance, algorithm, TokenDialect::AccessToken.typ())?.sign(&serde_json::to_vec(&claims)?)?)
}

fn signer<'a>(issuance: &'a Issuance, algorithm: SigningAlgorithm, typ: &str) -> Result<&'a Signer> {
    issuance.snapshot.keys.signer(algorithm, typ).ok_or_else(|| {
        let tenant = issuance.tenant.name();
        Error::Internal(anyhow::anyhow!("{tenant} has no key to sign {algorithm:?} with"))
    })
}

/// Ten hours, in seconds.
const LIFETIME: i64 = 36_000;
