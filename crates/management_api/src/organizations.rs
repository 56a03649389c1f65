//! Organizations, as far as machines need them: the collection, and which client grants each may use.

use http::Method;
use idp::{Change, Document, Tenant, id};
use model::{ClientGrant, Organization, OrganizationClientGrant, role::Role};
use schema::{Object, Resource};
use serde_json::{Value, json};
use store::Matching;

use crate::{
    Answer, Call, Error, Operation,
    clients::text,
    collection::{self, Given, Lifecycle, Prepared, Rows, existing},
    error::Result,
    operation::run,
    page::{self, Page},
};

pub fn operations() -> Vec<Operation> {
    Rows::of::<Organization>().and([
        Operation::new(
            Method::GET,
            "/organizations/name/{name}",
            "Get an organization by name",
            &["read:organizations"],
            run!(by_name),
        ),
        Operation::new(
            Method::GET,
            "/organizations/{id}/client-grants",
            "Get client grants associated to an organization",
            &["read:organization_client_grants"],
            run!(grants),
        )
        .reading(page::QUERY)
        .reading(&["audience", "client_id"])
        .listing(&["grant_ids"]),
        Operation::new(
            Method::POST,
            "/organizations/{id}/client-grants",
            "Associate a client grant with an organization",
            &["create:organization_client_grants"],
            run!(associate),
        ),
        Operation::new(
            Method::DELETE,
            "/organizations/{id}/client-grants/{grant_id}",
            "Remove a client grant from an organization",
            &["delete:organization_client_grants"],
            run!(dissociate),
        ),
    ])
}

impl Lifecycle for Organization {
    const WORDS: (&'static str, &'static str) = ("an organization", "organizations");
    const MISSING: (&'static str, Option<&'static str>) = ("No organization found by that id or name", None);

    fn taken(_key: &str) -> String {
        "An organization with this name already exists.".into()
    }

    async fn prepare(_tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(id::organization);
        body.shift_insert(0, "id".into(), json!(id));
        Ok(Prepared { id, ..Prepared::default() })
    }

    async fn cascade(tenant: &Tenant, document: &Document) -> Result<Vec<Change>> {
        let associations =
            tenant.matching::<OrganizationClientGrant>("organization_id", &document.id).await?;
        let mut changes: Vec<Change> =
            associations.into_iter().map(|one| Change::delete::<OrganizationClientGrant>(one.id)).collect();
        for role in tenant.matching::<Role>("owner_id", &document.id).await? {
            changes.extend(Role::with_cascade(tenant, role).await?);
        }
        Ok(changes)
    }
}

async fn by_name(call: Call) -> Result<Answer> {
    let (message, code) = Organization::MISSING;
    match call.tenant.find(&Organization::NOUN, "name", call.parameter("name")).await? {
        Some(document) => Ok(Answer::ok(collection::shown::<Organization>(&call, document.body)?)),
        None => Err(Error::not_found(message, code)),
    }
}

async fn grants(call: Call) -> Result<Answer> {
    let organization = existing::<Organization>(&call).await?;
    let page = Page::of(&call)?;
    let mut matching =
        Matching::all(OrganizationClientGrant::NOUN.path).with("organization_id", vec![organization.id]);
    for (filter, key) in [("audience", "audience"), ("client_id", "client_id"), ("grant_ids", "grant_id")] {
        let values: Vec<String> = match filter {
            // Identifiers hold no comma, so both forms of a list are understood.
            "grant_ids" => call.queries(filter).flat_map(|ids| ids.split(',')).map(str::to_owned).collect(),
            _ => call.queries(filter).map(str::to_owned).collect(),
        };
        if !values.is_empty() {
            matching = matching.with(key, values);
        }
    }
    let associations = call.tenant.page(&OrganizationClientGrant::NOUN, &matching, page.span()).await?;
    let mut shown = Vec::new();
    for association in &associations {
        let id = text(&association.body, "grant_id").unwrap_or_default();
        if let Some(grant) = call.tenant.read(&ClientGrant::NOUN, id).await? {
            shown.push(Value::Object(collection::shown::<ClientGrant>(&call, grant.body)?));
        }
    }
    let total = if page.counts() { Some(call.tenant.count(&matching).await?) } else { None };
    Ok(page.answer(&call, "client_grants", &associations, shown, total))
}

/// Recorded: the answer has `grant_id` where the contract says `id`, and no `subject_type`.
async fn associate(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    schema::check(OrganizationClientGrant::NOUN.fields, &body, schema::Op::Create)?;
    let organization = existing::<Organization>(&call).await?;
    let grant_id = text(&body, "grant_id").unwrap_or_default().to_owned();
    let Some(grant) = call.tenant.read(&ClientGrant::NOUN, &grant_id).await? else {
        let (message, code) = ClientGrant::MISSING;
        return Err(Error::not_found(message, code));
    };
    if matches!(text(&grant.body, "organization_usage"), None | Some("deny")) {
        return Err(Error::operation("The client grant does not allow the use of organizations."));
    }
    let id = association(&organization.id, &grant_id);
    body.insert("id".into(), json!(id));
    body.insert("organization_id".into(), json!(organization.id));
    for name in ["client_id", "audience"] {
        body.insert(name.into(), grant.body.get(name).cloned().unwrap_or(Value::Null));
    }
    let created = call
        .tenant
        .commit(vec![
            Change::expect::<Organization>(&organization),
            Change::expect::<ClientGrant>(&grant),
            Change::create::<OrganizationClientGrant>(id, body),
        ])
        .await;
    created.map_err(|error| match error {
        idp::Error::Taken { .. } => {
            Error::conflict("The client grant is already associated with the organization.")
        }
        other => other.into(),
    })?;
    let mut answer = Object::new();
    answer.insert("grant_id".into(), json!(grant_id));
    for name in
        ["client_id", "audience", "scope", "organization_usage", "allow_any_organization", "allow_all_scopes"]
    {
        if let Some(value) = grant.body.get(name) {
            answer.insert(name.into(), value.clone());
        }
    }
    Ok(Answer::created(answer))
}

async fn dissociate(call: Call) -> Result<Answer> {
    let organization = existing::<Organization>(&call).await?;
    let id = association(&organization.id, call.parameter("grant_id"));
    if call.tenant.read(&OrganizationClientGrant::NOUN, &id).await?.is_some() {
        call.tenant.commit(vec![Change::delete::<OrganizationClientGrant>(id)]).await?;
    }
    Ok(Answer::no_content())
}

fn association(organization: &str, grant: &str) -> String {
    format!("{organization}:{grant}")
}
