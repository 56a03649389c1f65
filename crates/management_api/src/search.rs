//! Searching a collection with a filter in Lucene's or SCIM's syntax, and the one `q` of the client list.

use std::collections::HashSet;

use idp::{Document, Tenant, clock::iso};
use model::{Client, ClientGrant, OrganizationClientGrant};
use schema::{Object, Resource};
use serde_json::Value;

use crate::{
    Answer, Call, Error,
    call::cut,
    clients::text,
    collection::{Lifecycle, shown},
    error::Result,
    filter::{self, Filter},
    page::Page,
};

/// The query parameters of a search.
pub const QUERY: &[&str] = &["q", "parser", "sort", "from", "take", "fields", "include_fields"];

/// One page of the documents that a filter matches, with checkpoint paging.
///
/// With `only`, no other field can be asked about.
pub async fn documents<R: Lifecycle>(call: &Call, bare: &str, only: Option<&[&str]>) -> Result<Answer> {
    let q = call.query("q").unwrap_or_default();
    let filter = match call.query("parser").unwrap_or("lucene") {
        _ if q.trim().is_empty() => Filter::Everything,
        "lucene" => filter::lucene(q).map_err(|bad| Error::query(bad.to_string()))?,
        "scim" => filter::scim(q).map_err(|bad| Error::query(bad.to_string()))?,
        _ => return Err(Error::query("Query validation error: 'No enum match' on property parser.")),
    };
    for field in filter.fields() {
        let name = field.split('.').next().unwrap_or(field);
        if only.is_some_and(|only| !only.contains(&field)) {
            return Err(Error::query(format!(
                "The field {} cannot be searched with these scopes.",
                cut(field)
            )));
        }
        if R::NOUN.field(name).is_none()
            && !["client_grant", "metadata", "organization_id", "updated_at"].contains(&name)
        {
            return Err(Error::query(format!("The field {} cannot be searched.", cut(field))));
        }
    }
    let related = Related::of::<R>(&call.tenant).await?;
    let mut found = Vec::new();
    for document in call.tenant.all(&R::NOUN).await? {
        if filter.matches(&|field| related.values(&document, field), &[bare]) {
            found.push(document);
        }
    }
    if let Some(field) = call.query("sort") {
        match field {
            "updated_at" => found.sort_by_key(|document| document.updated),
            "name" | "audience" | "identifier" => {
                found.sort_by_key(|document| text(&document.body, field).map(str::to_owned));
            }
            _ => return Err(Error::query("Query validation error: 'No enum match' on property sort.")),
        }
    }
    page_of::<R>(call, found)
}

/// One page of the clients with these identifiers.
pub async fn page_of_ids<R: Lifecycle>(call: &Call, ids: HashSet<String>) -> Result<Answer> {
    let mut found = call.tenant.all(&R::NOUN).await?;
    found.retain(|document| ids.contains(&document.id));
    page_of::<R>(call, found)
}

fn page_of<R: Lifecycle>(call: &Call, found: Vec<Document>) -> Result<Answer> {
    let (after, take) = match Page::of(call)? {
        Page::Checkpoint { after, take } => (after, take),
        // A search has checkpoints only.
        Page::Offset { per_page, .. } => (None, per_page),
    };
    let position = after.as_ref().and_then(|(_, id)| found.iter().position(|document| document.id == *id));
    let start = match (&after, position) {
        (None, _) => 0,
        (Some(_), Some(position)) => position + 1,
        // What the checkpoint named is gone; there is no telling what came after it.
        (Some(_), None) => found.len(),
    };
    let read: Vec<Document> = found.into_iter().skip(start).take(take as usize + 1).collect();
    let shown = read
        .iter()
        .map(|document| shown::<R>(call, document.body.clone()).map(Value::Object))
        .collect::<Result<Vec<_>>>()?;
    let page = Page::Checkpoint { after, take };
    Ok(page.answer(call, &R::NOUN.path.replace('-', "_"), &read, shown, None))
}

/// The clients that have a grant usable for an organization, or for any: the only two forms of `q` there.
pub async fn clients_of_grants(tenant: &Tenant, q: &str) -> Result<HashSet<String>> {
    let (name, value) = q.split_once(':').unwrap_or((q, ""));
    let value = value.trim().trim_matches('"');
    let grants = match name.trim() {
        "client_grant.organization_id" => {
            tenant.matching::<OrganizationClientGrant>("organization_id", value).await?
        }
        "client_grant.allow_any_organization" if value == "true" => {
            tenant.matching::<ClientGrant>("allow_any_organization", "true").await?
        }
        _ => {
            let forms = "client_grant.organization_id:{id} or client_grant.allow_any_organization:true";
            return Err(Error::query(format!("The q parameter accepts {forms}.")));
        }
    };
    Ok(grants.iter().filter_map(|grant| text(&grant.body, "client_id").map(str::to_owned)).collect())
}

/// What a filter may ask of a document beyond its own fields.
struct Related {
    grants: Vec<Document>,
    associations: Vec<Document>,
}

impl Related {
    async fn of<R: Resource>(tenant: &Tenant) -> Result<Related> {
        let needs_grants = R::NOUN.path == Client::NOUN.path;
        let needs_associations = needs_grants || R::NOUN.path == ClientGrant::NOUN.path;
        Ok(Related {
            grants: if needs_grants { tenant.all(&ClientGrant::NOUN).await? } else { Vec::new() },
            associations: if needs_associations {
                tenant.all(&OrganizationClientGrant::NOUN).await?
            } else {
                Vec::new()
            },
        })
    }

    fn values(&self, document: &Document, field: &str) -> Vec<String> {
        let of = |documents: &[Document], key: &str, id: &str, field: &str| -> Vec<String> {
            let mine = documents.iter().filter(|document| text(&document.body, key) == Some(id));
            mine.flat_map(|document| texts(document.body.get(field))).collect()
        };
        match field.split_once('.') {
            Some(("client_grant", "organization_id")) => {
                of(&self.associations, "client_id", &document.id, "organization_id")
            }
            Some(("client_grant", field)) => of(&self.grants, "client_id", &document.id, field),
            Some(("metadata", key)) => texts(member(&document.body, "client_metadata", key)),
            Some((object, key)) => texts(member(&document.body, object, key)),
            None if field == "updated_at" => vec![iso(document.updated / 1000)],
            None if field == "organization_id" => of(&self.associations, "grant_id", &document.id, field),
            // A secret is not something to search for.
            None if matches!(field, "client_secret" | "signing_secret") => Vec::new(),
            None => texts(document.body.get(field)),
        }
    }
}

fn member<'a>(body: &'a Object, object: &str, key: &str) -> Option<&'a Value> {
    body.get(object)?.get(key)
}

fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Bool(flag)) => vec![flag.to_string()],
        Some(Value::Number(number)) => vec![number.to_string()],
        Some(Value::Array(items)) => items.iter().flat_map(|item| texts(Some(item))).collect(),
        Some(Value::Null | Value::Object(_)) | None => Vec::new(),
    }
}
