//! What every tenant has from the start: sealing keys, signing keys, the Management API, the global client,
//! a first application, settings. Done once, and mended at each start where the domain or the binary moved on.

use model::{
    Client, ClientGrant, Connection, DATABASE, EncryptionKey, MANAGEMENT_SCOPES, ResourceServer, SigningKey,
    TenantSettings,
};
use schema::{Object, Resource};
use serde_json::{Value, json};
use store::{Matching, SealingRing, Span, Store};

use crate::{
    Change, Clock, Document, Error, Result, Tenant,
    administrators::DASHBOARD,
    connection::{enable, password_options},
    encryption_keys, id, keys,
    tenants::ADMINISTRATORS,
    user::{self, CONNECTION},
};

/// The name of the system API that every tenant has; no other API that is a system's has it.
const MANAGEMENT_API: &str = "Auth0 Management API";

/// Settings are one document per tenant.
pub const SETTINGS: &str = "settings";

/// The keys under which the tenant's secrets are sealed, made if it has none.
pub(crate) async fn sealing_ring(
    store: &Store,
    root: &SealingRing,
    tenant: &str,
    clock: &Clock,
) -> Result<SealingRing> {
    let documents = store.documents().all(tenant, EncryptionKey::NOUN.path).await?;
    if !documents.is_empty() {
        return encryption_keys::ring(root, tenant, &documents);
    }
    let writes = encryption_keys::first(root, tenant, clock.now_ms())?;
    match store.documents().commit(tenant, writes).await {
        // Another node made them a moment ago.
        Ok(_) | Err(store::Error::Taken { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    encryption_keys::ring(root, tenant, &store.documents().all(tenant, EncryptionKey::NOUN.path).await?)
}

/// The domain under which the tenant was served last, if it ever was.
pub(crate) async fn last_domain(store: &Store, tenant: &str) -> Result<Option<String>> {
    let apis = store.documents().all(tenant, ResourceServer::NOUN.path).await?;
    let text =
        |api: &store::Document, name: &str| api.body.get(name).and_then(Value::as_str).map(str::to_owned);
    let api = apis.iter().find(|api| text(api, "name").as_deref() == Some(MANAGEMENT_API));
    let identifier = api.and_then(|api| text(api, "identifier"));
    Ok(identifier.and_then(|it| Some(it.strip_prefix("https://")?.strip_suffix("/api/v2/")?.to_owned())))
}

/// Puts in what is missing and mends what has moved on.
pub(crate) async fn furnish(tenant: &Tenant) -> Result<()> {
    user::mend(tenant).await?;
    let is_new = tenant.all(&SigningKey::NOUN).await?.is_empty();
    let mut changes = if is_new { first_documents(tenant).await? } else { Vec::new() };
    changes.extend(management_api(tenant).await?);
    changes.extend(dashboard(tenant).await?);
    settled(tenant, changes).await?;
    settled(tenant, first_connection(tenant).await?).await
}

async fn settled(tenant: &Tenant, changes: Vec<Change>) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    match tenant.commit(changes).await {
        // Another node did the same a moment ago.
        Err(Error::Taken { .. } | Error::Conflict) => Ok(()),
        done => done,
    }
}

async fn first_documents(tenant: &Tenant) -> Result<Vec<Change>> {
    let now = tenant.clock().now_ms();
    let mut changes = Vec::new();
    for state in ["current", "next"] {
        let (source, domain) = (tenant.0.key_source, tenant.domain().to_owned());
        // An RSA key takes a tenth of a second to find; that is not for a thread that serves requests.
        let (kid, body) =
            tokio::task::spawn_blocking(move || keys::generation(source, &domain, now, state)).await??;
        // The key makes a second node's attempt fail as a whole.
        let only_once = schema::Key::unique("provision", state);
        changes.push(Change::create::<SigningKey>(kid, body).with_keys(vec![only_once]));
    }
    let mut settings = Object::new();
    schema::complete(TenantSettings::NOUN.fields, &mut settings);
    changes.push(Change::create::<TenantSettings>(SETTINGS, settings));
    for client in [global_client(), default_app()] {
        let id = client["client_id"].as_str().unwrap_or_default().to_owned();
        changes.push(Change::create::<Client>(id, client));
    }
    Ok(changes)
}

/// The system API, under the tenant's present domain and with the scopes that this binary knows.
async fn management_api(tenant: &Tenant) -> Result<Vec<Change>> {
    let identifier = tenant.management_audience();
    let scopes: Vec<Value> = MANAGEMENT_SCOPES
        .iter()
        .map(|(value, description)| json!({ "value": value, "description": description }))
        .collect();
    let system = Matching::all(ResourceServer::NOUN.path).with("is_system", vec!["true".into()]);
    let system = tenant.page(&ResourceServer::NOUN, &system, Span::Offset { offset: 0, limit: 100 }).await?;
    // Other system APIs can be switched on; their names are given, so the name tells them apart.
    let is_management_api = |api: &Document| api.body.get("name") == Some(&json!(MANAGEMENT_API));
    let Some(stored) = system.into_iter().find(is_management_api) else {
        let id = id::resource_server();
        let api = object(json!({
            "id": id, "name": MANAGEMENT_API, "identifier": identifier, "is_system": true,
            "allow_offline_access": false, "skip_consent_for_verifiable_first_party_clients": false,
            "subject_type_authorization": {
                "client": { "policy": "require_client_grant" }, "user": { "policy": "allow_all" }
            },
            "token_lifetime": 86_400, "token_lifetime_for_web": 7_200, "signing_alg": "RS256", "scopes": scopes,
        }));
        return Ok(vec![Change::create::<ResourceServer>(id, api)]);
    };
    let mut api = stored.body.clone();
    let before = api.insert("identifier".into(), json!(identifier));
    api.insert("scopes".into(), json!(scopes));
    if api == stored.body {
        return Ok(Vec::new());
    }
    let mut changes = vec![Change::replace::<ResourceServer>(&stored, api)];
    // The domain moved, so the grants on the Management API move with it.
    for grant in tenant.all(&ClientGrant::NOUN).await? {
        if before.is_some()
            && grant.body.get("audience") == before.as_ref()
            && before != Some(json!(identifier))
        {
            let mut body = grant.body.clone();
            body.insert("audience".into(), json!(identifier));
            let pair = ClientGrant::view(&body)?.uniqueness();
            changes.push(Change::replace::<ClientGrant>(&grant, body).with_keys(pair));
        }
    }
    Ok(changes)
}

/// The connection that people come by, if the tenant never had one, and the clients that may use it: the first
/// application, and the dashboard.
async fn first_connection(tenant: &Tenant) -> Result<Vec<Change>> {
    let Some(settings) = tenant.read(&TenantSettings::NOUN, SETTINGS).await? else { return Ok(Vec::new()) };
    if TenantSettings::view(&settings.body)?.has_had_a_connection {
        return Ok(Vec::new());
    }
    let id = id::connection();
    let mut options = json!({
        "mfa": { "active": true, "return_enroll_settings": true },
        "passwordPolicy": "good",
        "password_options": password_options(),
        "passkey_options": {
            "challenge_ui": "both", "local_enrollment_enabled": true, "progressive_enrollment_enabled": true
        },
        "strategy_version": 2,
        "authentication_methods": {
            "passkey": { "enabled": false }, "email_otp": { "enabled": false }, "phone_otp": { "enabled": false },
            "password": { "enabled": true, "api_behavior": "required", "signup_behavior": "allow" }
        },
        "brute_force_protection": true,
    });
    if tenant.name() == ADMINISTRATORS {
        options["passwordPolicy"] = json!("none");
        options["password_complexity_options"] = json!({ "min_length": ADMINISTRATORS_PASSWORD });
        options["disable_signup"] = json!(true);
    }
    let connection = object(json!({
        "id": id, "options": options, "strategy": DATABASE, "name": CONNECTION, "is_domain_connection": false,
        "authentication": { "active": true }, "connected_accounts": { "active": false }, "realms": [CONNECTION],
    }));
    let is_application = |client: &&Document| {
        let is = |name: &str, value: Value| client.body.get(name) == Some(&value);
        client.id == DASHBOARD || (is("global", json!(false)) && is("is_first_party", json!(true)))
    };
    let clients = tenant.all(&Client::NOUN).await?;
    let mut settings_body = settings.body.clone();
    settings_body.insert("has_had_a_connection".into(), json!(true));
    let enabled = clients.iter().filter(is_application).map(|client| enable(&id, &client.id));
    let mut changes: Vec<Change> = enabled.collect();
    changes.push(Change::create::<Connection>(id, connection));
    changes.push(Change::replace::<TenantSettings>(&settings, settings_body));
    Ok(changes)
}

/// In characters: administrators have always had to have this many.
const ADMINISTRATORS_PASSWORD: u32 = 12;

/// The client that the dashboard is, in the built-in tenant. Where it may return to is no list: the origin that it
/// was opened at (`authorize`).
async fn dashboard(tenant: &Tenant) -> Result<Vec<Change>> {
    if tenant.name() != ADMINISTRATORS || tenant.read(&Client::NOUN, DASHBOARD).await?.is_some() {
        return Ok(Vec::new());
    }
    let client = object(json!({
        "global": false, "name": "Countersign dashboard", "is_first_party": true, "callbacks": [], "app_type": "spa",
        "token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "refresh_token"],
        "is_token_endpoint_ip_header_trusted": false, "oidc_conformant": true, "sso_disabled": false,
        "cross_origin_authentication": false, "cross_origin_auth": false, "custom_login_page_on": true,
        "jwt_configuration": { "alg": "RS256", "lifetime_in_seconds": 36_000, "secret_encoded": false },
        "refresh_token": {
            "expiration_type": "expiring", "leeway": 0, "infinite_token_lifetime": false,
            "infinite_idle_token_lifetime": false, "token_lifetime": DAY, "idle_token_lifetime": HALF_A_DAY,
            "rotation_type": "rotating",
        },
        "client_id": DASHBOARD, "client_secret": id::client_secret(), "callback_url_template": false,
    }));
    Ok(vec![Change::create::<Client>(DASHBOARD, client)])
}

const DAY: i64 = 86_400;
const HALF_A_DAY: i64 = DAY / 2;

/// "All Applications": the tenant-wide client.
fn global_client() -> Object {
    object(json!({
        "global": true, "name": "All Applications", "is_first_party": true, "callbacks": [], "owners": [],
        "is_token_endpoint_ip_header_trusted": false, "cross_origin_authentication": true, "cross_origin_auth": true,
        "custom_login_page_on": true, "refresh_token": refresh_token(2_592_000, 1_296_000),
        "client_id": id::client(), "client_secret": id::client_secret(), "callback_url_template": false,
    }))
}

fn default_app() -> Object {
    object(json!({
        "global": false, "name": "Default App", "is_first_party": true, "callbacks": [],
        "is_token_endpoint_ip_header_trusted": false, "oidc_conformant": true, "sso_disabled": false,
        "cross_origin_authentication": false, "cross_origin_auth": false, "custom_login_page_on": true,
        "refresh_token": refresh_token(2_592_000, 1_296_000),
        "grant_types": ["authorization_code", "implicit", "refresh_token", "client_credentials"],
        "jwt_configuration": { "alg": "RS256", "lifetime_in_seconds": 36_000, "secret_encoded": false },
        "client_id": id::client(), "client_secret": id::client_secret(), "callback_url_template": false,
    }))
}

/// A client's refresh token rules with the lifetimes that its creation decided.
pub fn refresh_token(lifetime: i64, idle_lifetime: i64) -> Value {
    json!({
        "expiration_type": "non-expiring", "leeway": 0, "infinite_token_lifetime": true,
        "infinite_idle_token_lifetime": true, "token_lifetime": lifetime,
        "idle_token_lifetime": idle_lifetime, "rotation_type": "non-rotating",
    })
}

fn object(value: Value) -> Object {
    match value {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}
