//! A tenant from a file, in the format that `auth0-deploy-cli` exports. Applying it twice changes nothing;
//! identifiers and secrets may be chosen, so that tests are repeatable.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};
use idp::{Tenant, Tenants, tenants::DEFAULT_TENANT};
use management_api::{
    Error,
    collection::{self, Given, Lifecycle},
};
use model::{Client, ClientGrant, ResourceServer, TenantSettings};
use schema::{Object, Op, Resource};
use serde::Deserialize;
use serde_json::{Value, json};

/// The parts of an export that a seed understands; others are refused by name.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Seed {
    tenant: Option<Object>,
    clients: Vec<Object>,
    #[serde(rename = "resourceServers")]
    resource_servers: Vec<Object>,
    #[serde(rename = "clientGrants")]
    client_grants: Vec<Object>,
}

/// Applies the file to the default tenant.
pub async fn apply(tenants: &Tenants, file: &Path) -> Result<()> {
    let text = std::fs::read_to_string(file)?;
    let seed: Seed = serde_yaml_ng::from_str(&text)?;
    let tenant = tenants.named(DEFAULT_TENANT).context("there is no default tenant")?;
    if let Some(settings) = seed.tenant {
        change_settings(&tenant, settings).await?;
    }
    for api in seed.resource_servers {
        let name = named(&api, "identifier")?;
        put::<ResourceServer>(&tenant, "identifier", name.clone(), api, Given::default())
            .await
            .with_context(|| format!("resourceServers: {name}"))?;
    }
    for mut client in seed.clients {
        let name = named(&client, "name")?;
        let given = Given { id: taken(&mut client, "client_id"), secret: None };
        client_once(&tenant, client, given).await.with_context(|| format!("clients: {name}"))?;
    }
    for grant in seed.client_grants {
        let what = format!("{} on {}", named(&grant, "client_id")?, named(&grant, "audience")?);
        grant_once(&tenant, grant).await.with_context(|| format!("clientGrants: {what}"))?;
    }
    Ok(())
}

/// By the chosen identifier, or else by name.
async fn client_once(tenant: &Tenant, client: Object, given: Given) -> Result<()> {
    let existing = match &given.id {
        Some(id) => tenant.read(&Client::NOUN, id).await.map_err(crate::serve::plain)?,
        None => {
            let all = tenant.all(&Client::NOUN).await.map_err(crate::serve::plain)?;
            all.into_iter().find(|document| document.body.get("name") == client.get("name"))
        }
    };
    replace_or_insert::<Client>(tenant, existing, client, given).await
}

/// The export names the client by its name or by its identifier.
async fn grant_once(tenant: &Tenant, mut grant: Object) -> Result<()> {
    let client = named(&grant, "client_id")?;
    if tenant.read(&Client::NOUN, &client).await.map_err(crate::serve::plain)?.is_none() {
        let all = tenant.all(&Client::NOUN).await.map_err(crate::serve::plain)?;
        let by_name = all.into_iter().find(|document| document.body.get("name") == Some(&json!(client)));
        let id =
            by_name.map(|document| document.id).ok_or_else(|| anyhow!("no client is called {client:?}"))?;
        grant.insert("client_id".into(), json!(id));
    }
    let probe = {
        let mut whole = grant.clone();
        schema::complete(ClientGrant::NOUN.fields, &mut whole);
        whole.insert("id".into(), json!(""));
        ClientGrant::view(&whole)?.uniqueness()
    };
    let key = probe.first().context("a grant is unique by client and audience")?;
    let existing =
        tenant.find(&ClientGrant::NOUN, key.name, &key.value).await.map_err(crate::serve::plain)?;
    replace_or_insert::<ClientGrant>(tenant, existing, grant, Given::default()).await
}

async fn put<R: Lifecycle>(
    tenant: &Tenant,
    key: &'static str,
    value: String,
    body: Object,
    given: Given,
) -> Result<()> {
    let existing = tenant.find(&R::NOUN, key, &value).await.map_err(crate::serve::plain)?;
    replace_or_insert::<R>(tenant, existing, body, given).await
}

async fn replace_or_insert<R: Lifecycle>(
    tenant: &Tenant,
    existing: Option<idp::Document>,
    body: Object,
    given: Given,
) -> Result<()> {
    let Some(existing) = existing else {
        collection::insert::<R>(tenant, body, given).await.map_err(plain)?;
        return Ok(());
    };
    // What only a creation may say is not said again; it must be what it was.
    let mut patch = body;
    for field in R::NOUN.fields.iter().filter(|field| !field.writable(Op::Update)) {
        if let Some(value) = patch.shift_remove(field.name)
            && existing.body.get(field.name).is_some_and(|stored| *stored != value)
        {
            bail!("{} cannot be changed", field.name);
        }
    }
    schema::check(R::NOUN.fields, &patch, Op::Update).map_err(|violation| anyhow!("{violation}"))?;
    let mut whole = existing.body.clone();
    schema::merge(R::NOUN.fields, &mut whole, patch);
    if whole != existing.body {
        collection::replace::<R>(tenant, &existing, whole).await.map_err(plain)?;
    }
    Ok(())
}

async fn change_settings(tenant: &Tenant, patch: Object) -> Result<()> {
    schema::check(TenantSettings::NOUN.fields, &patch, Op::Update)
        .map_err(|violation| anyhow!("tenant: {violation}"))?;
    let read =
        tenant.read(&TenantSettings::NOUN, idp::provision::SETTINGS).await.map_err(crate::serve::plain)?;
    let read = read.context("the tenant has no settings")?;
    let mut body = read.body.clone();
    schema::merge(TenantSettings::NOUN.fields, &mut body, patch);
    if body != read.body {
        tenant
            .commit(vec![idp::Change::replace::<TenantSettings>(&read, body)])
            .await
            .map_err(crate::serve::plain)?;
    }
    Ok(())
}

fn named(body: &Object, field: &str) -> Result<String> {
    match body.get(field) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => bail!("an entry has no {field}"),
    }
}

fn taken(body: &mut Object, field: &str) -> Option<String> {
    match body.shift_remove(field) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn plain(error: Error) -> anyhow::Error {
    anyhow!("{}", error.message)
}
