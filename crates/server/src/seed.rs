//! A tenant from a file, in the format that `auth0-deploy-cli` exports. Applying it twice changes nothing;
//! identifiers and secrets may be chosen, so that tests are repeatable. A file that is no
//! export is not repeated in the complaint: it may be a key.

use std::{collections::HashMap, path::Path};

use anyhow::{Context, Result, anyhow, bail};
use idp::{Document, Tenant, Tenants, tenants::DEFAULT_TENANT};
use management_api::{
    Error,
    collection::{self, Given, Lifecycle},
    tenant_settings,
};
use model::{Client, ClientGrant, ResourceServer};
use schema::{Object, Op, Resource};
use serde_json::{Value, json};

/// Applies the file to the default tenant.
pub async fn apply(tenants: &Tenants, file: &Path) -> Result<()> {
    let seed = read(file)?;
    let tenant = tenants.named(DEFAULT_TENANT).context("there is no default tenant")?;
    apply_to(&tenant, seed).await
}

/// Applies what such a file says to a tenant.
pub async fn apply_to(tenant: &Tenant, mut seed: Object) -> Result<()> {
    if let Some(settings) = seed.shift_remove("tenant") {
        let Value::Object(settings) = settings else { bail!("tenant is no mapping") };
        tenant_settings::change(tenant, settings).await.map_err(plain).context("tenant")?;
    }
    for api in entries(&mut seed, "resourceServers")? {
        let identifier = named(&api, "identifier")?;
        let existing = tenant.find(&ResourceServer::NOUN, "identifier", &identifier).await?;
        put::<ResourceServer>(tenant, existing, api, Given::default())
            .await
            .with_context(|| format!("resourceServers: {identifier}"))?;
    }
    let mut clients = Clients::of(tenant).await?;
    for client in entries(&mut seed, "clients")? {
        let name = named(&client, "name")?;
        clients.put(tenant, client).await.with_context(|| format!("clients: {name}"))?;
    }
    for grant in entries(&mut seed, "clientGrants")? {
        let what = format!("clientGrants: {} on {}", named(&grant, "client_id")?, named(&grant, "audience")?);
        put_grant(tenant, &clients, grant).await.context(what)?;
    }
    left_out(&seed)
}

fn read(file: &Path) -> Result<Object> {
    let text = std::fs::read_to_string(file)?;
    let yaml = serde_yaml_ng::from_str::<Value>(&text).map_err(|error| match error.location() {
        Some(at) => anyhow!("line {}, column {}: this is no YAML", at.line(), at.column()),
        None => anyhow!("this is no YAML"),
    })?;
    match yaml {
        Value::Object(seed) => Ok(seed),
        _ => bail!(
            "this is no export of a tenant: it holds no mapping with clients, resourceServers, clientGrants"
        ),
    }
}

/// The entries of one kind, each a mapping.
fn entries(seed: &mut Object, kind: &str) -> Result<Vec<Object>> {
    let Value::Array(entries) = seed.shift_remove(kind).unwrap_or_else(|| json!([])) else {
        bail!("{kind} is no list")
    };
    let object = |(i, entry)| match entry {
        Value::Object(entry) => Ok(entry),
        _ => bail!("{kind}[{i}] is no mapping"),
    };
    entries.into_iter().enumerate().map(object).collect()
}

/// The tenant's clients by name, as an export refers to them.
struct Clients(HashMap<String, String>);

impl Clients {
    async fn of(tenant: &Tenant) -> Result<Clients> {
        let all = tenant.all(&Client::NOUN).await?;
        let name = |client: &Document| client.body.get("name").and_then(Value::as_str).map(str::to_owned);
        Ok(Clients(all.iter().filter_map(|client| Some((name(client)?, client.id.clone()))).collect()))
    }

    /// By the chosen identifier, or else by name.
    async fn put(&mut self, tenant: &Tenant, mut client: Object) -> Result<()> {
        let name = named(&client, "name")?;
        let chosen = match client.shift_remove("client_id") {
            Some(Value::String(id)) => Some(id),
            _ => None,
        };
        let existing = match chosen.as_ref().or_else(|| self.0.get(&name)) {
            Some(id) => tenant.read(&Client::NOUN, id).await?,
            None => None,
        };
        let id = put::<Client>(tenant, existing, client, Given { id: chosen }).await?;
        self.0.insert(name, id);
        Ok(())
    }
}

/// The export names the client by its name or by its identifier, and the Management API by the domain that it
/// had there.
async fn put_grant(tenant: &Tenant, clients: &Clients, mut grant: Object) -> Result<()> {
    let client = named(&grant, "client_id")?;
    if tenant.read(&Client::NOUN, &client).await?.is_none() {
        let id = clients.0.get(&client).ok_or_else(|| anyhow!("no client is called {client:?}"))?;
        grant.insert("client_id".into(), json!(id));
    }
    let audience = named(&grant, "audience")?;
    if audience.starts_with("https://") && audience.ends_with("/api/v2/") {
        grant.insert("audience".into(), json!(tenant.management_audience()));
    }
    let mut whole = grant.clone();
    schema::complete(ClientGrant::NOUN.fields, &mut whole);
    whole.insert("id".into(), json!(""));
    let uniqueness =
        ClientGrant::view(&whole).context("a client grant has a client, an API and scopes")?.uniqueness();
    let key = uniqueness.first().context("a grant is unique by client and audience")?;
    let existing = tenant.find(&ClientGrant::NOUN, key.name, &key.value).await?;
    put::<ClientGrant>(tenant, existing, grant, Given::default()).await?;
    Ok(())
}

/// Creates what is not there, and changes what is; answers its identifier.
async fn put<R: Lifecycle>(
    tenant: &Tenant,
    existing: Option<Document>,
    body: Object,
    given: Given,
) -> Result<String> {
    let Some(existing) = existing else {
        let (created, _) = collection::insert::<R>(tenant, body, given).await.map_err(plain)?;
        return named(&created, R::NOUN.id);
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
    collection::change::<R>(tenant, &|_| true, &existing, patch).await.map_err(plain)?;
    Ok(existing.id)
}

/// What else an export of Auth0 holds is named and left out; what no export holds is refused.
fn left_out(rest: &Object) -> Result<()> {
    let (known, unknown): (Vec<&str>, Vec<&str>) =
        rest.keys().map(String::as_str).partition(|kind| KINDS.contains(kind));
    if !unknown.is_empty() {
        bail!("an export holds no {}", unknown.join(", "));
    }
    if !known.is_empty() {
        tracing::warn!("left out, since they are not served yet: {}", known.join(", "));
    }
    Ok(())
}

/// The kinds that `auth0-deploy-cli` exports beyond those that are applied.
const KINDS: &[&str] = &[
    "actions",
    "attackProtection",
    "branding",
    "connectionProfiles",
    "connections",
    "customDomains",
    "databases",
    "emailProvider",
    "emailTemplates",
    "eventStreams",
    "flowVaultConnections",
    "flows",
    "forms",
    "guardianFactorProviders",
    "guardianFactorTemplates",
    "guardianFactors",
    "guardianPhoneFactorMessageTypes",
    "guardianPhoneFactorSelectedProvider",
    "guardianPolicies",
    "hooks",
    "logStreams",
    "networkACLs",
    "organizations",
    "pages",
    "phoneProviders",
    "phoneTemplates",
    "prompts",
    "riskAssessment",
    "roles",
    "rules",
    "rulesConfigs",
    "selfServiceProfiles",
    "supplementalSignals",
    "themes",
    "tokenExchangeProfiles",
    "triggers",
    "userAttributeProfiles",
];

fn named(body: &Object, field: &str) -> Result<String> {
    match body.get(field) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => bail!("an entry has no {field}"),
    }
}

fn plain(error: Error) -> anyhow::Error {
    anyhow!("{}", error.message)
}
