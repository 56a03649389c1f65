//! From what was granted to a signed token. Identical requests within a second share one signature where
//! their signed bytes would be the same.

use std::sync::{Arc, PoisonError};

use jose::Signer;
use model::TokenDialect;

use super::{Granted, Issuance, claims};
use crate::{Code, Error, Result, revocation, snapshot::Api};

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

/// The token that a grant gave last, and all that its signed bytes depend on.
pub struct SharedToken {
    issued_at: i64,
    revision: i64,
    scope: String,
    organization: Option<String>,
    issuer: String,
    token: Arc<str>,
}

/// Signs what was granted; the `jti` is that of the token, if it has one.
pub fn sign(issuance: &Issuance, granted: &Granted) -> Result<(Arc<str>, Option<String>)> {
    let Issuance { tenant, snapshot, request, .. } = issuance;
    let dialect = granted.api.view.token_dialect.unwrap_or(TokenDialect::AccessToken);
    let mut signing = Signing {
        issuance,
        granted,
        signer: signer(issuance, granted, dialect)?,
        dialect,
        issuer: tenant.issuer(&request.host),
        issued_at: 0,
        // RFC 9068 §2.2: such a token has an identifier, so each is another.
        jti: dialect.is_rfc9068().then(crate::id::token),
    };
    note(&signing);
    signing.issued_at = snapshot.revocations.stamp(tenant.clock().now(), || signing.names());
    if signing.jti.is_some() || !granted.is_plain() {
        return Ok((signing.signed()?.into(), signing.jti));
    }
    let organization = granted.organization.as_ref().map(|organization| organization.id.as_str());
    // Whoever comes while the signature is made waits for it instead of making it again.
    let mut shared = granted.grant.shared.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(last) = shared.as_ref()
        && last.issued_at == signing.issued_at
        && last.revision == snapshot.revision
        && last.scope == granted.scope
        && last.organization.as_deref() == organization
        && last.issuer == signing.issuer
    {
        return Ok((last.token.clone(), None));
    }
    let mut token: Arc<str> = signing.signed()?.into();
    while snapshot.revocations.is_refused_already(signing.issued_at, &token) {
        signing.issued_at += 1;
        token = signing.signed()?.into();
    }
    *shared = Some(SharedToken {
        issued_at: signing.issued_at,
        revision: snapshot.revision,
        scope: granted.scope.clone(),
        organization: organization.map(str::to_owned),
        issuer: signing.issuer,
        token: token.clone(),
    });
    Ok((token, None))
}

impl Signing<'_> {
    /// What the token is known by where tokens are revoked.
    fn names(&self) -> Vec<String> {
        let Granted { client, api, .. } = self.granted;
        let client_id = &client.view.client_id;
        let subject = format!("{client_id}@clients");
        revocation::of_issue(client_id, &subject, &[&api.view.identifier], self.signer.kid())
    }

    fn signed(&self) -> Result<String> {
        let token = self.signer.sign(&serde_json::to_vec(&claims::of(self))?)?;
        let Api { view, encrypter, .. } = self.granted.api.as_ref();
        match (&view.token_encryption, encrypter) {
            (None, _) => Ok(token),
            (Some(_), Some(encrypter)) => Ok(encrypter.encrypt(&token)?),
            (Some(_), None) => Code::AccessDenied.refuse(format!(
                "Resource server \"{}\" has a key that tokens cannot be encrypted to.",
                view.identifier
            )),
        }
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

/// How much of a caller's text the log keeps.
const LOGGED: usize = 600;

fn note(signing: &Signing) {
    let Signing { issuance, granted, signer, .. } = signing;
    let asked =
        issuance.request.scope.as_deref().filter(|asked| !asked.is_empty() && *asked != granted.scope);
    issuance.note(|notes| {
        notes.trace.kid = signer.kid().map(str::to_owned);
        notes.trace.scopes_asked = asked.map(|asked| asked.chars().take(LOGGED).collect());
    });
}
