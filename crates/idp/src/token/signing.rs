//! From what was granted to a signed token. Identical requests within a second share one signature where
//! their signed bytes would be the same; where an API reuses tokens, they share one for longer.

use std::sync::{Arc, PoisonError};

use jose::Signer;
use model::{Organization, TenantSettings, TokenDialect};

use super::{Granted, Issuance, binding::Binding, claims};
use crate::{
    Code, Error, Result, log, revocation,
    snapshot::{Api, RegisteredClient},
};

/// All that a token says.
pub struct Signing<'a> {
    pub issuance: &'a Issuance<'a>,
    pub granted: &'a Granted,
    pub signer: &'a Signer,
    pub dialect: TokenDialect,
    pub issuer: String,
    pub issued_at: i64,
    pub jti: Option<String>,
}

/// A token, and what the answer says of it.
pub struct Signed {
    pub token: Arc<str>,
    pub jti: Option<String>,
    pub expires_in: i64,
}

/// A token that a grant gave, and all that its signed bytes depend on: held, so that nothing else can take its place.
pub struct SharedToken {
    issued_at: i64,
    client: Arc<RegisteredClient>,
    api: Arc<Api>,
    settings: Option<Arc<TenantSettings>>,
    organization: Option<Arc<Organization>>,
    kid: Option<String>,
    scope: String,
    binding: Binding,
    issuer: String,
    jti: Option<String>,
    token: Arc<str>,
}

/// Signs what was granted, or hands out what was signed before: a moment ago, or, where the API says so, for as long as
/// enough of its life is left.
pub fn sign(issuance: &Issuance, granted: &Granted, now: i64) -> Result<Signed> {
    let Issuance { tenant, snapshot, request, .. } = issuance;
    let dialect = granted.api.view.token_dialect.unwrap_or(TokenDialect::AccessToken);
    let mut signing = Signing {
        issuance,
        granted,
        signer: signer(issuance, granted, dialect)?,
        dialect,
        issuer: tenant.issuer(&request.host),
        issued_at: now,
        // RFC 9068 §2.2: such a token has an identifier, so each is another.
        jti: dialect.is_rfc9068().then(crate::id::token),
    };
    note(&signing);
    let is_shared = signing.jti.is_none() && granted.is_plain();
    let reuse = granted.api.view.token_reuse.filter(|_| granted.is_reusable());
    if issuance.is_dry || !is_shared && reuse.is_none() {
        let token = signing.signed()?.into();
        return Ok(Signed { token, jti: signing.jti, expires_in: granted.lifetime });
    }
    // Whoever comes while the signature is made waits for it instead of making it again.
    let mut shared = granted.grant.shared.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(last) = shared.iter().find(|last| last.says_the_same(&signing)) {
        let is_of_now = is_shared
            && last.issued_at == signing.issued_at
            && !snapshot.revocations.is_refused_already(last.issued_at, &last.token);
        let is_reused = !is_of_now && reuse.is_some_and(|least| last.is_reusable(&signing, now, least));
        if is_reused {
            issuance.note(|notes| {
                notes.trace.reused = true;
                notes.headers.push((REUSED, "1".to_owned()));
            });
        }
        if is_of_now || is_reused {
            let expires_in = last.issued_at + granted.lifetime - if is_reused { now } else { last.issued_at };
            return Ok(Signed { token: last.token.clone(), jti: last.jti.clone(), expires_in });
        }
    }
    let mut token: Arc<str> = signing.signed()?.into();
    while snapshot.revocations.is_refused_already(signing.issued_at, &token) {
        signing.issued_at += 1;
        token = signing.signed()?.into();
    }
    match reuse {
        Some(_) => shared.retain(|last| !last.says_the_same(&signing)),
        None => shared.clear(),
    }
    if shared.len() >= MOST_SHARED {
        shared.remove(0);
    }
    shared.push(SharedToken::of(&signing, token.clone()));
    Ok(Signed { token, jti: signing.jti, expires_in: granted.lifetime })
}

/// The second to stamp on a machine's token; see [`crate::token::settle`].
pub async fn settle(issuance: &Issuance<'_>, granted: &Granted) -> Result<i64> {
    let names = || {
        let dialect = granted.api.view.token_dialect.unwrap_or(TokenDialect::AccessToken);
        names(granted, signer(issuance, granted, dialect).ok().and_then(Signer::kid))
    };
    super::settle(issuance, &granted.client.view.client_id, names).await
}

/// What the token is known by where tokens are revoked.
fn names(granted: &Granted, kid: Option<&str>) -> Vec<String> {
    let client_id = &granted.client.view.client_id;
    let subject = format!("{client_id}@clients");
    revocation::of_issue(client_id, &subject, &[&granted.api.view.identifier], kid)
}

/// Says that a token was handed out before.
const REUSED: &str = "x-countersign-token-reused";
/// How many tokens of one grant are kept to be handed out again.
const MOST_SHARED: usize = 8;

impl SharedToken {
    fn of(signing: &Signing, token: Arc<str>) -> SharedToken {
        let Signing { issuance, granted, .. } = signing;
        SharedToken {
            issued_at: signing.issued_at,
            client: granted.client.clone(),
            api: granted.api.clone(),
            settings: issuance.snapshot.settings.clone(),
            organization: granted.organization.clone(),
            kid: signing.signer.kid().map(str::to_owned),
            scope: granted.scope.clone(),
            binding: granted.binding.clone(),
            issuer: signing.issuer.clone(),
            jti: signing.jti.clone(),
            token,
        }
    }

    /// Whether it is what would be signed now, but for its time: nothing that it came from has changed since. The grant
    /// itself has not, since it holds this.
    fn says_the_same(&self, signing: &Signing) -> bool {
        let Signing { issuance, granted, .. } = signing;
        Arc::ptr_eq(&self.client, &granted.client)
            && Arc::ptr_eq(&self.api, &granted.api)
            && is_same(self.settings.as_ref(), issuance.snapshot.settings.as_ref())
            && is_same(self.organization.as_ref(), granted.organization.as_ref())
            && self.kid.as_deref() == signing.signer.kid()
            && self.scope == granted.scope
            && self.binding == granted.binding
            && self.issuer == signing.issuer
    }

    /// Whether it is good for long enough, and nobody revoked it.
    fn is_reusable(&self, signing: &Signing, now: i64, least: i64) -> bool {
        let lifetime = signing.granted.lifetime;
        let left = self.issued_at + lifetime - now;
        let revocations = &signing.issuance.snapshot.revocations;
        left > 0
            && left * 100 >= lifetime * least
            && revocations.let_pass(&self.token, self.jti.as_deref(), self.issued_at, || signing.names())
    }
}

fn is_same<T>(one: Option<&Arc<T>>, other: Option<&Arc<T>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

impl Signing<'_> {
    fn names(&self) -> Vec<String> {
        names(self.granted, self.signer.kid())
    }

    fn signed(&self) -> Result<String> {
        let token = self.signer.sign(&serde_json::to_vec(&claims::of(self))?)?;
        encrypted(&self.granted.api, token)
    }
}

/// The token under the key of its API, if that wants it so.
pub fn encrypted(Api { view, encrypter, .. }: &Api, token: String) -> Result<String> {
    match (&view.token_encryption, encrypter) {
        (None, _) => Ok(token),
        (Some(_), Some(encrypter)) => Ok(encrypter.encrypt(&token)?),
        (Some(_), None) => Code::AccessDenied.refuse(format!(
            "Resource server \"{}\" has a key that tokens cannot be encrypted to.",
            view.identifier
        )),
    }
}

/// The API's own secret, if it signs with one, else the tenant's key.
fn signer<'a>(issuance: &Issuance<'a>, granted: &'a Granted, dialect: TokenDialect) -> Result<&'a Signer> {
    let Issuance { tenant, snapshot, .. } = issuance;
    let algorithm = granted.api.view.signing_alg;
    let own = granted.api.hmac.as_ref().or_else(|| snapshot.keys.signer(algorithm, dialect.typ()));
    own.ok_or_else(|| {
        Error::Internal(anyhow::anyhow!("{} has no key to sign {algorithm:?} with", tenant.name()))
    })
}

fn note(signing: &Signing) {
    let Signing { issuance, granted, signer, .. } = signing;
    let asked =
        issuance.request.scope.as_deref().filter(|asked| !asked.is_empty() && *asked != granted.scope);
    issuance.note(|notes| {
        notes.trace.kid = signer.kid().map(str::to_owned);
        notes.trace.scopes_asked = asked.map(log::cut);
    });
}
