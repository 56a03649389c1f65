//! Who owns the data folder, and the token that is theirs. Whoever can read the master key needs no client.

use model::{EXTRA_SCOPES, TokenDialect};

use crate::{Error, Result, Tenant, revocation};

/// A Management API token with every scope, for whoever owns the data folder.
pub fn token(tenant: &Tenant) -> Result<String> {
    let snapshot = tenant.snapshot();
    let api = snapshot.api(&tenant.management_audience()).ok_or_else(|| lost(tenant))?;
    let published = api.view.scopes.iter().flatten().map(|scope| scope.value.as_str());
    token_with(tenant, &published.chain(EXTRA_SCOPES.iter().map(|(scope, _)| *scope)).collect::<Vec<_>>())
}

/// The same with just these scopes.
pub fn token_with(tenant: &Tenant, scopes: &[&str]) -> Result<String> {
    let snapshot = tenant.snapshot();
    let audience = tenant.management_audience();
    let lost = || lost(tenant);
    let api = snapshot.api(&audience).ok_or_else(lost)?;
    let signer =
        snapshot.keys.signer(api.view.signing_alg, TokenDialect::AccessToken.typ()).ok_or_else(lost)?;
    let names = || revocation::of_issue(OWNER, OWNER, &[&audience], signer.kid());
    let now = snapshot.revocations.ready(tenant.clock().now(), OWNER, names);
    let claims = serde_json::json!({
        "iss": tenant.issuer(tenant.domain()), "sub": OWNER, "aud": audience, "iat": now,
        "exp": now + LIFETIME, "scope": scopes.join(" "), "azp": OWNER,
    });
    Ok(signer.sign(&serde_json::to_vec(&claims)?)?)
}

fn lost(tenant: &Tenant) -> Error {
    Error::Internal(anyhow::anyhow!("{} has no Management API or no key", tenant.name()))
}

/// Who the owner of the data folder is in tokens and logs.
pub const OWNER: &str = "owner";
/// How long, in seconds, an owner's token lives, whatever the Management API says of others.
const LIFETIME: i64 = 86_400;
