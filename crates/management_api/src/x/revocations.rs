//! Stopping tokens: one that is shown, or all that a client, a grant, an API, a key or the tenant gave before a moment.

use http::Method;
use idp::{
    Document,
    clock::iso,
    introspection,
    revocation::{self, Subject},
};
use jiff::Timestamp;
use model::{ClientGrant, Revocation};
use schema::{Object, Resource, Selection, Viewer};
use serde_json::{Value, json};

use super::body;
use crate::{Answer, Call, Error, Operation, call::cut, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let read = &["read:clients", "blacklist:tokens"];
    let write = &[
        "blacklist:tokens",
        "update:clients",
        "update:client_grants",
        "update:resource_servers",
        "update:signing_keys",
        "update:tenant_settings",
    ];
    vec![
        Operation::ours(Method::GET, "/revocations", "List revocations", read, run!(list)),
        Operation::ours(Method::POST, "/revocations", "Revoke tokens", write, run!(create)),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let now = call.tenant.clock().now();
    let ends = |document: &Document| document.body.get("ends").and_then(Value::as_i64).unwrap_or(0);
    let mut held = call.tenant.all(&Revocation::NOUN).await?;
    held.retain(|document| ends(document) > now);
    let newest = held.into_iter().rev().take(MOST);
    let newest: Vec<Value> = newest.map(|document| Value::Object(shown(document.body))).collect();
    Ok(Answer::ok(json!({ "revocations": newest })))
}

async fn create(call: Call) -> Result<Answer> {
    let by = call.actor().name;
    if call.body.contains_key("token") {
        call.must(&["blacklist:tokens", "update:clients"])?;
        body::only(&call.body, &["token"])?;
        let token = body::required(&call.body, "token")?;
        let revoked =
            introspection::revoke_any(&call.tenant, token.trim(), &by, Some(call.origin.ip)).await?;
        return revoked.map(|revoked| Answer::created(shown(revoked))).ok_or_else(|| {
            Error::body("The token is none that this tenant signed for an API, or it has expired.")
        });
    }
    body::only(&call.body, &["kind", "subject", "before"])?;
    let kind = body::required(&call.body, "kind")?;
    let subject = body::optional(&call.body, "subject")?;
    let before = before(&call)?;
    let named = || match &subject {
        Some(subject) => Ok(subject.as_str()),
        None => Err(fail("'Missing required property: subject'")),
    };
    let snapshot = call.tenant.snapshot().clone();
    let grant;
    let subject = match kind.as_str() {
        "token" => return Err(fail("'A single token is given as token' on property kind")),
        "client" => {
            call.must(&["blacklist:tokens", "update:clients"])?;
            let known = snapshot.client(named()?).is_some();
            Subject::Client(known.then_some(named()?).ok_or_else(|| missing("client of this client_id"))?)
        }
        "client_grant" => {
            call.must(&["blacklist:tokens", "update:client_grants"])?;
            let read = call.tenant.read(&ClientGrant::NOUN, named()?).await?;
            let read = read.ok_or_else(|| missing("client grant of this id"))?;
            grant = ClientGrant::view(&read.body)?;
            Subject::ClientGrant(&grant)
        }
        "resource_server" => {
            call.must(&["blacklist:tokens", "update:resource_servers"])?;
            let known = snapshot.api(named()?).is_some();
            let missing = || missing("resource server of this identifier");
            Subject::ResourceServer(known.then_some(named()?).ok_or_else(missing)?)
        }
        "key" => {
            call.must(&["blacklist:tokens", "update:signing_keys"])?;
            let known = snapshot.keys.state(named()?).is_some();
            Subject::Key(known.then_some(named()?).ok_or_else(|| missing("signing key of this kid"))?)
        }
        "tenant" => {
            call.must(&["blacklist:tokens", "update:tenant_settings"])?;
            if subject.is_some() {
                return Err(fail("'The tenant is this one' on property subject"));
            }
            Subject::Tenant
        }
        other => {
            let other = cut(other);
            return Err(fail(&format!(
                "'No such kind of revocation: {other}. There are: {KINDS}' on property kind"
            )));
        }
    };
    let (change, body) = revocation::change(&call.tenant, &subject, before, &by);
    call.tenant.commit(vec![change]).await?;
    Ok(Answer::created(shown(body)))
}

/// The moment that is given, in seconds; none that is still to come, and none before which all has expired.
fn before(call: &Call) -> Result<Option<i64>> {
    let Some(text) = body::optional(&call.body, "before")? else { return Ok(None) };
    let now = call.tenant.clock().now();
    let second = text.parse::<Timestamp>().map(Timestamp::as_second).ok();
    let second =
        second.ok_or_else(|| fail("'Expected a time such as 2026-01-31T12:00:00Z' on property before"))?;
    if second > now {
        return Err(fail("'The time must not lie ahead' on property before"));
    }
    if second <= now - revocation::LONGEST {
        let reason =
            format!("'Tokens from before {} have all expired' on property before", iso(second * 1000));
        return Err(fail(&reason));
    }
    Ok(Some(second))
}

fn shown(mut body: Object) -> Object {
    schema::project(Revocation::NOUN.fields, &mut body, &Selection::Everything, &Viewer::with(&|_| true));
    body
}

fn missing(what: &str) -> Error {
    Error::not_found(format!("The tenant has no {what}."), None)
}

fn fail(reason: &str) -> Error {
    Error::body(format!("Payload validation error: {reason}."))
}

/// What can be revoked beside a single token.
const KINDS: &str = "client, client_grant, resource_server, key, tenant";
/// How many are listed, the newest first.
const MOST: usize = 1_000;
