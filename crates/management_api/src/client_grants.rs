//! Client grants: which client may call which API, with which scopes.

use http::Method;
use idp::{
    Change, Document, Tenant, id,
    revocation::{self, Subject},
};
use model::{Client, ClientGrant, Organization, OrganizationClientGrant, ResourceServer, SubjectType};
use schema::{Key, Object, Resource};
use serde_json::{Value, json};
use store::Matching;

use crate::{
    Answer, Call, Error, Operation,
    clients::text,
    collection::{self, Given, Lifecycle, May, Prepared, Rows, existing},
    error::Result,
    operation::run,
    page::Page,
    reach::must_cover,
    search,
};

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<ClientGrant>();
    rows.create.run = run!(create);
    rows.update.run = run!(update);
    rows.and([
        Operation::new(
            Method::GET,
            "/client-grants/search",
            "Search client grants",
            &["read:client_grants"],
            run!(search_grants),
        )
        .reading(search::QUERY),
        Operation::new(
            Method::GET,
            "/client-grants/{id}/organizations",
            "Get the organizations of a client grant",
            &["read:organization_client_grants"],
            run!(organizations),
        )
        .reading(&["from", "take", "include_totals", "page", "per_page"]),
    ])
}

impl Lifecycle for ClientGrant {
    const WORDS: (&'static str, &'static str) = ("a client grant", "client grants");
    const MISSING: (&'static str, Option<&'static str>) =
        ("The grant does not exist.", Some("inexistent_client_grant"));
    const FILTERS: &'static [&'static str] =
        &["audience", "client_id", "allow_any_organization", "subject_type", "default_for"];
    const IS_KEPT: bool = true;

    fn taken(_key: &str) -> String {
        "client_grant already exists".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(id::client_grant);
        body.shift_insert(0, "id".into(), json!(id));
        let mut beside = Vec::new();
        if let Some(client_id) = text(body, "client_id") {
            let Some(client) = tenant.read(&Client::NOUN, client_id).await? else {
                return Err(Error::not_found("The client does not exist", Some("inexistent_client")));
            };
            if text(&client.body, "app_type") == Some("express_configuration") {
                let message = "Client of type express_configuration cannot be used";
                return Err(Error::new(http::StatusCode::BAD_REQUEST, message, Some("validation_error")));
            }
            beside.push(Change::expect::<Client>(&client));
        }
        let audience = text(body, "audience").unwrap_or_default();
        let Some(api) = tenant.find(&ResourceServer::NOUN, "identifier", audience).await? else {
            return Err(Error::not_found("Resource server not found", Some("inexistent_resource_server")));
        };
        // Neither side may go while the grant comes.
        beside.push(Change::expect::<ResourceServer>(&api));
        one_of_scope_and_all(body);
        Ok(Prepared { id, beside, ..Prepared::default() })
    }

    async fn amend(_tenant: &Tenant, _may: &May<'_>, document: &Document, patch: &mut Object) -> Result<()> {
        if document.body.get("is_system") == Some(&json!(true)) {
            return Err(Error::operation("A system grant cannot be changed."));
        }
        // Going to all scopes forgets the list; coming back needs a new one.
        if patch.get("allow_all_scopes") == Some(&json!(true)) {
            patch.insert("scope".into(), Value::Null);
        }
        Ok(())
    }

    async fn check(&self, _tenant: &Tenant) -> Result<()> {
        let fail = |message: &str| Err(Error::body(format!("Payload validation error: {message}")));
        match (&self.client_id, &self.default_for) {
            (Some(_), Some(_)) => return fail("'client_id and default_for exclude each other'."),
            (None, None) => return fail("'Missing required property: client_id'."),
            _ => {}
        }
        if self.default_for.is_some() && self.allow_any_organization == Some(true) {
            return fail(
                "'allow_any_organization is not for third parties' on property allow_any_organization.",
            );
        }
        Ok(())
    }

    fn keys(&self) -> Vec<Key> {
        self.uniqueness()
    }

    async fn cascade(tenant: &Tenant, document: &Document) -> Result<Vec<Change>> {
        if document.body.get("is_system") == Some(&json!(true)) {
            return Err(Error::operation("A system grant cannot be deleted."));
        }
        let associations = tenant.matching::<OrganizationClientGrant>("grant_id", &document.id).await?;
        Ok(associations.into_iter().map(|one| Change::delete::<OrganizationClientGrant>(one.id)).collect())
    }

    fn revoked(tenant: &Tenant, document: &Document) -> Result<Option<Change>> {
        let grant = ClientGrant::view(&document.body)?;
        // Of people's tokens none is a grant's: they say what the person permitted.
        let is_machines = grant.client_id.is_some() && grant.subject_type == SubjectType::Client;
        let subject = Subject::ClientGrant(&grant);
        Ok(is_machines.then(|| revocation::change(tenant, &subject, None, revocation::DELETION).0))
    }
}

fn one_of_scope_and_all(body: &mut Object) {
    if body.get("allow_all_scopes") == Some(&json!(true)) {
        body.shift_remove("scope");
    } else {
        body.entry("scope").or_insert(json!([]));
    }
}

async fn create(call: Call) -> Result<Answer> {
    must_cover(&call, &call.body)?;
    collection::create::<ClientGrant>(call).await
}

async fn update(call: Call) -> Result<Answer> {
    let mut whole = existing::<ClientGrant>(&call).await?.body;
    schema::merge(ClientGrant::NOUN.fields, &mut whole, call.body.clone());
    must_cover(&call, &whole)?;
    collection::update::<ClientGrant>(&call).await
}

async fn search_grants(call: Call) -> Result<Answer> {
    search::documents::<ClientGrant>(&call, "audience", None).await
}

async fn organizations(call: Call) -> Result<Answer> {
    let grant = existing::<ClientGrant>(&call).await?;
    let page = Page::of(&call)?;
    let of_grant = Matching::all(OrganizationClientGrant::NOUN.path).with("grant_id", vec![grant.id]);
    let associations = call.tenant.page(&OrganizationClientGrant::NOUN, &of_grant, page.span()).await?;
    let mut shown = Vec::new();
    for association in &associations {
        let id = text(&association.body, "organization_id").unwrap_or_default();
        if let Some(organization) = call.tenant.read(&Organization::NOUN, id).await? {
            shown.push(Value::Object(collection::shown::<Organization>(&call, organization.body)?));
        }
    }
    let total = if page.counts() { Some(call.tenant.count(&of_grant).await?) } else { None };
    let mut answer = page.answer(&call, "organizations", &associations, shown, total);
    // This list is always an object.
    if let Some(Value::Array(organizations)) = answer.body {
        answer.body = Some(json!({ "organizations": organizations }));
    }
    Ok(answer)
}
