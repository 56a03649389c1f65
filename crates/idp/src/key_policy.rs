//! When signing keys are rotated: not before verifiers that cache could know the next one, not before all that the
//! previous one signed has expired, and by the schedule if there is one. Any node may do it; the documents' versions see
//! to it that one does.

use jiff::Timestamp;
use model::{KeyPolicy, LogType, SigningKey};
use schema::{Object, Op, Resource};
use serde_json::{Value, json};

use crate::{Change, Code, Document, Error, Result, Tenant, clock::iso, keys, log::Event};

/// The policy as it is stored, if one was.
async fn stored(tenant: &Tenant) -> Result<Option<Document>> {
    tenant.read(&KeyPolicy::NOUN, ID).await
}

/// What the tenant wants.
pub async fn read(tenant: &Tenant) -> Result<KeyPolicy> {
    let stored = stored(tenant).await?;
    Ok(stored.map(|document| KeyPolicy::view(&document.body)).transpose()?.unwrap_or_default())
}

/// Lays a checked patch over the policy.
pub async fn change(tenant: &Tenant, patch: Object) -> Result<KeyPolicy> {
    let before = stored(tenant).await?;
    let mut body = before.as_ref().map(|document| document.body.clone()).unwrap_or_default();
    body.insert("id".into(), json!(ID));
    schema::merge(KeyPolicy::NOUN.fields, &mut body, patch);
    let policy = KeyPolicy::view(&body)?;
    if policy.rotate_every_days.is_some_and(|days| days <= policy.announce_days) {
        return Code::InvalidRequest.refuse("Keys cannot be announced for as long as they sign, or longer.");
    }
    let change = match &before {
        Some(before) => Change::replace::<KeyPolicy>(before, body),
        None => Change::create::<KeyPolicy>(ID, body),
    };
    tenant.commit(vec![change]).await?;
    Ok(policy)
}

/// When the keys are rotated next, in milliseconds since 1970, if they are by themselves.
pub async fn next_rotation(tenant: &Tenant, policy: &KeyPolicy) -> Result<Option<i64>> {
    let Some(days) = policy.rotate_every_days else { return Ok(None) };
    let documents = tenant.all(&SigningKey::NOUN).await?;
    let time = |document: &Document, name: &str| {
        let text = document.body.get(name).and_then(Value::as_str);
        text.and_then(|text| text.parse::<Timestamp>().ok()).map(Timestamp::as_millisecond)
    };
    let of = |state: &str| documents.iter().find(|document| keys::is(document, state));
    let began = of("current").map(|key| time(key, "current_since").unwrap_or(key.created / 1000));
    let lives = tenant.snapshot().apis().map(|api| i64::from(api.view.token_lifetime)).max().unwrap_or(0);
    // A third key would make the previous one's tokens worthless.
    let expired = of("previous").and_then(|key| time(key, "current_until")).map(|until| until + lives * 1000);
    let due = [began.map(|began| began + days * DAY), known(policy, of("next")), expired];
    Ok(due.into_iter().flatten().max())
}

/// When the next key will have been published for long enough.
pub fn known(policy: &KeyPolicy, next: Option<&Document>) -> Option<i64> {
    next.map(|key| key.created / 1000 + policy.announce_days * DAY)
}

/// Refuses to let a key sign that has not been published for long enough.
pub async fn must_be_known(tenant: &Tenant, documents: &[Document]) -> Result<()> {
    let policy = read(tenant).await?;
    let next = documents.iter().find(|document| keys::is(document, "next"));
    match known(&policy, next).filter(|known| *known > tenant.clock().now_ms()) {
        Some(known) => Code::InvalidRequest.refuse(format!(
            "The next key is published for {} days before it signs, until {}.",
            policy.announce_days,
            iso(known)
        )),
        None => Ok(()),
    }
}

/// Rotates the keys of the tenants where it is time.
pub async fn rotate_due(tenants: &[Tenant]) -> Result<()> {
    for tenant in tenants {
        // Most tenants have no schedule, and this costs them nothing.
        let policy = tenant.snapshot().key_policy.clone();
        let Some(policy) = policy.filter(|policy| policy.rotate_every_days.is_some()) else { continue };
        let due = next_rotation(tenant, &policy).await?;
        if due.is_none_or(|due| due > tenant.clock().now_ms()) {
            continue;
        }
        match keys::rotate(tenant).await {
            Ok(next) => {
                let mut event = Event::new(LogType::Sapi, "Rotate the signing keys");
                let actor = json!({ "name": "Schedule" });
                event.rest.insert("details".into(), json!({ "actor": actor, "next": next.get("kid") }));
                tenant.log(event);
            }
            // Another node was faster.
            Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether a body may be laid over the policy.
pub fn check(patch: &Object) -> std::result::Result<(), schema::Violation> {
    schema::check(KeyPolicy::NOUN.fields, patch, Op::Update)
}

const ID: &str = "policy";
const DAY: i64 = 86_400_000;
