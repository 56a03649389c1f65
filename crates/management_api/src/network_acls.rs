//! Network ACLs: rules over which requests are let in.

use http::Method;
use idp::{Change, Document, Tenant, id};
use model::{NetworkAcl, network_acl::NetworkAclMatch};
use schema::{Object, Op, Resource};
use serde_json::{Value, json};

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    collection::{self, Given, Lifecycle, May, Prepared, Rows, existing, made, shown},
    error::Result,
    operation::run,
    precondition::{etag, next_etag},
};

/// The lists that Auth0 keeps.
const CURATED: &[&str] = &["auth0.low_reputation", "auth0.icloud_relay_proxy"];

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<NetworkAcl>();
    rows.create.run = run!(create);
    rows.read.run = run!(read);
    rows.delete.run = run!(delete);
    rows.and([Operation::new(
        Method::PUT,
        "/network-acls/{id}",
        "Replace a network ACL",
        &["update:network_acls"],
        run!(set),
    )])
}

impl Lifecycle for NetworkAcl {
    const WORDS: (&'static str, &'static str) = ("a network ACL", "network ACLs");
    const MISSING: (&'static str, Option<&'static str>) = ("NetworkACL with this ID was not found", None);

    fn taken(key: &str) -> String {
        format!("Another network ACL has the same {key}.")
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(id::network_acl);
        for name in ["created_at", "updated_at"] {
            body.insert(name.into(), json!(tenant.clock().iso()));
        }
        body.insert("id".into(), json!(id));
        Ok(Prepared { id, ..Prepared::default() })
    }

    async fn amend(tenant: &Tenant, _may: &May<'_>, document: &Document, patch: &mut Object) -> Result<()> {
        keep_conditions(&document.body, patch);
        patch.insert("updated_at".into(), json!(tenant.clock().iso()));
        Ok(())
    }

    async fn check(&self, _tenant: &Tenant) -> Result<()> {
        let fail = |message: &str| Err(Error::body(format!("Payload validation error: {message}")));
        let action = &self.rule.action;
        let chosen = [action.allow, action.block, action.redirect];
        match chosen.into_iter().filter(|chosen| *chosen == Some(true)).count() {
            0 if action.log != Some(true) => {
                return fail("One of `allow`, `block`, `log` and `redirect` must be true");
            }
            0 | 1 => {}
            _ => return fail("Only one of `allow`, `block` and `redirect` may be true"),
        }
        if action.redirect == Some(true) && action.redirect_uri.as_deref().is_none_or(str::is_empty) {
            return fail("Action type of `redirect` requires a `redirect_uri`");
        }
        let conditions = || self.rule.matches.iter().chain(&self.rule.not_match);
        if conditions().count() == 0 && self.rule.match_all != Some(true) {
            return fail("A rule requires `match`, `not_match` or `match_all`");
        }
        let managed = |one: &NetworkAclMatch| one.auth0_managed.clone().unwrap_or_default();
        let unknown: Vec<String> =
            conditions().flat_map(managed).filter(|name| !CURATED.contains(&name.as_str())).collect();
        if !unknown.is_empty() {
            let (unknown, known) = (unknown.join(", "), CURATED.join(", "));
            return Err(Error::body(format!(
                "Invalid curated list name(s): {unknown}. Allowed curated list names are: {known}"
            )));
        }
        Ok(())
    }

    async fn find(tenant: &Tenant, id: &str) -> Result<Option<Document>> {
        if !is_id(id) {
            let message = "Network ACL id is not a valid ACL ID in the form 'acl_XXXXXXXXXXXXXXXXXXXXXX'";
            return Err(Error::new(http::StatusCode::BAD_REQUEST, message, Some("invalid_uri")));
        }
        Ok(tenant.read(&Self::NOUN, id).await?)
    }
}

/// Older ones are UUIDs (recorded: `TestNetworkACLManager`).
fn is_id(id: &str) -> bool {
    let is_new = id
        .strip_prefix("acl_")
        .is_some_and(|rest| rest.len() == 22 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    is_new || schema::Format::Uuid.fits(id)
}

/// A patch of the action alone leaves the conditions of a rule as they are.
fn keep_conditions(before: &Object, patch: &mut Object) {
    let Some(Value::Object(rule)) = patch.get_mut("rule") else { return };
    let conditions = ["match", "not_match", "match_all"];
    if conditions.iter().any(|name| rule.contains_key(*name)) {
        return;
    }
    for name in conditions {
        if let Some(value) = before.get("rule").and_then(|rule| rule.get(name)) {
            rule.insert(name.into(), value.clone());
        }
    }
}

async fn create(mut call: Call) -> Result<Answer> {
    let count = call.tenant.count(&store::Matching::all(NetworkAcl::NOUN.path)).await?;
    if count >= MOST {
        let message = "You reached the limit of entities of this type for this tenant.";
        return Err(Error::new(http::StatusCode::FORBIDDEN, message, Some("too_many_entities")));
    }
    let body = call.take_body();
    let (document, _) = collection::insert::<NetworkAcl>(&call.tenant, body, Given::default()).await?;
    let about = made::<NetworkAcl>(&document);
    Ok(Answer::created(shown::<NetworkAcl>(&call, document)?).about(about))
}

/// Every request is held against each of them.
const MOST: i64 = 100;

/// Recorded: a single one is shown with two members more.
async fn read(call: Call) -> Result<Answer> {
    let document = existing::<NetworkAcl>(&call).await?;
    let etag = etag(&document);
    let mut body = shown::<NetworkAcl>(&call, document.body)?;
    body.shift_insert(0, "tenant_id".into(), json!(call.tenant.name()));
    body.insert("deleted_at".into(), Value::Null);
    Ok(Answer::ok(body).tagged(etag))
}

async fn set(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    schema::check(NetworkAcl::NOUN.fields, &body, Op::Create)?;
    schema::complete(NetworkAcl::NOUN.fields, &mut body);
    let document = existing::<NetworkAcl>(&call).await?;
    call.precondition.check(Some(&document))?;
    for name in ["id", "created_at"] {
        body.insert(name.into(), document.body.get(name).cloned().unwrap_or(Value::Null));
    }
    body.insert("updated_at".into(), json!(call.tenant.clock().iso()));
    let replaced = collection::replace::<NetworkAcl>(&call.tenant, &document, body.clone()).await;
    replaced.map_err(|error| call.precondition.lost(error))?;
    let about = About::put::<NetworkAcl>(&document.id, &document.body, &body);
    Ok(Answer::ok(shown::<NetworkAcl>(&call, body)?).tagged(next_etag(&document)).about(about))
}

/// Recorded: what is gone is told with a body of its own, and what was not there is missed.
async fn delete(call: Call) -> Result<Answer> {
    let document = existing::<NetworkAcl>(&call).await?;
    call.precondition.check(Some(&document))?;
    let about = About::only::<NetworkAcl>(&document.id);
    let expected = call.precondition.is_given().then(|| Change::expect::<NetworkAcl>(&document));
    let gone = Change::delete::<NetworkAcl>(document.id);
    let committed = call.tenant.commit(expected.into_iter().chain([gone]).collect()).await;
    committed.map_err(|error| call.precondition.lost(error.into()))?;
    Ok(Answer::ok(json!({ "code": 204, "object": "" })).about(about))
}
