//! What people have consented to: which scopes of an API an application may have in their name. What is not in the
//! list has to be asked for.

use store::{Consent, ConsentsOf};

use crate::{Error, Result, Tenant, id};

/// The scopes that somebody has consented to for a client and an API; none if they were never asked.
pub async fn given(
    tenant: &Tenant,
    user_id: &str,
    client_id: &str,
    audience: &str,
) -> Result<Option<Vec<String>>> {
    let consent = tenant.store().consents().given(tenant.name(), user_id, client_id, audience).await?;
    Ok(consent.map(|consent| scopes(&consent.scope)))
}

/// Adds to what somebody has consented to.
pub async fn give(
    tenant: &Tenant,
    user_id: &str,
    client_id: &str,
    audience: &str,
    scope: &[String],
) -> Result<()> {
    let consents = tenant.store().consents();
    // Another answer of the same person may come in between; then this one is added to it.
    for _ in 0..3 {
        let read = consents.given(tenant.name(), user_id, client_id, audience).await?;
        let mut all = read.as_ref().map(|read| scopes(&read.scope)).unwrap_or_default();
        for one in scope.iter().filter(|one| !one.is_empty()) {
            if !all.contains(one) {
                all.push(one.clone());
            }
        }
        let consent = Consent {
            id: read.as_ref().map_or_else(id::grant, |read| read.id.clone()),
            user_id: user_id.to_owned(),
            client_id: client_id.to_owned(),
            audience: audience.to_owned(),
            scope: all.join(" "),
            created: tenant.clock().now_ms() * 1000,
        };
        if read.as_ref().is_some_and(|read| read.scope == consent.scope) {
            return Ok(());
        }
        match consents.put(tenant.name(), &consent, read.as_ref()).await {
            Err(store::Error::Conflict) => {}
            done => return Ok(done?),
        }
    }
    Err(Error::Conflict)
}

/// Takes back what somebody has consented to, of one consent or of all of them; the refresh tokens that came of it end.
pub async fn withdraw(tenant: &Tenant, withdrawn: Withdrawn<'_>) -> Result<()> {
    let consents = tenant.store().consents();
    let found = match withdrawn {
        Withdrawn::One(id) => consents.read(tenant.name(), id).await?.into_iter().collect(),
        Withdrawn::AllOf(user_id) => {
            let of = ConsentsOf { user_id: Some(user_id.to_owned()), ..ConsentsOf::default() };
            consents.page(tenant.name(), &of, 0, i64::MAX).await?
        }
        Withdrawn::For { user_id, client_id, audience } => {
            let found = consents.given(tenant.name(), user_id, client_id, audience).await?;
            found.into_iter().collect()
        }
    };
    Ok(consents.end(tenant.name(), &found).await?)
}

/// Which consents are taken back.
#[derive(Debug, Clone, Copy)]
pub enum Withdrawn<'a> {
    /// The one with this identifier.
    One(&'a str),
    /// Everything that this person has consented to.
    AllOf(&'a str),
    /// What a person has consented to for one client and API.
    For { user_id: &'a str, client_id: &'a str, audience: &'a str },
}

/// The scopes of a stored text.
pub fn scopes(text: &str) -> Vec<String> {
    text.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect()
}
