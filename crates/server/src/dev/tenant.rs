//! Throw-away tenants: each on a port of its own, so that every SDK reaches it at `localhost`, with an application that
//! may call an API at once.

use std::{convert::Infallible, io, path::Path};

use anyhow::{Context as _, Result, bail};
use axum::{extract::Request, response::Response};
use idp::{Tenant, id};
use schema::Object;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::{ServiceExt as _, util::BoxCloneSyncService};
use web::{Limits, Tls};

use super::Loopback;
use crate::seed;

/// What a tenant is to have from the start.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    /// Its name; one that nobody has, if absent.
    pub name: Option<String>,
    /// The identifier of its API.
    audience: Option<String>,
    /// The scopes of that, all of which the application has.
    scopes: Option<Vec<String>>,
    /// What the application is beyond one that has a secret and asks in its own name, in the words of the Management API.
    application: Object,
    /// What else it has, as a seed file says it.
    seed: Object,
}

/// The application and the API that came with a tenant.
#[derive(Debug, Clone)]
pub struct Furniture {
    client_id: String,
    client_secret: String,
    audience: String,
    scope: String,
}

/// What serves tenants at listeners of their own.
pub struct Served {
    app: BoxCloneSyncService<Request, Response, Infallible>,
    tls: Option<Tls>,
    limits: Limits,
    pub stop: CancellationToken,
    listeners: TaskTracker,
}

impl Served {
    pub fn new(
        app: BoxCloneSyncService<Request, Response, Infallible>,
        tls: Option<Tls>,
        limits: Limits,
        stop: CancellationToken,
    ) -> Served {
        Served { app, tls: tls.map(Tls::or_plain), limits, stop, listeners: TaskTracker::new() }
    }

    /// Serves one tenant on a listener until the token says so.
    pub fn at(&self, listener: TcpListener, tenant: Tenant, stop: CancellationToken) {
        let app = self.app.clone().map_request(move |mut request: Request| {
            request.extensions_mut().insert(tenant.clone());
            request
        });
        self.watch(web::serve(listener, self.tls.clone(), app, self.limits.clone(), stop));
    }

    /// Lets a listener be served beside all others.
    pub fn watch(&self, serving: impl Future<Output = io::Result<()>> + Send + 'static) {
        self.listeners.spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!("a listener ended: {error}");
            }
        });
    }

    /// Waits until every listener has ended.
    pub async fn ended(&self) {
        self.listeners.close();
        self.listeners.wait().await;
    }
}

/// Puts in what the tenant is to have; an error says what was wrong with that.
pub async fn furnish(tenant: &Tenant, wanted: Wanted) -> Result<Furniture> {
    seed::apply_to(tenant, wanted.seed).await.context("seed")?;
    let scopes = wanted.scopes.unwrap_or_else(|| SCOPES.map(str::to_owned).into());
    let mut application = Object::from_iter([
        ("name".to_owned(), json!(NAME)),
        ("app_type".to_owned(), json!("non_interactive")),
        ("grant_types".to_owned(), json!(["client_credentials"])),
        ("client_id".to_owned(), json!(id::client())),
        ("client_secret".to_owned(), json!(id::client_secret())),
    ]);
    application.extend(wanted.application);
    let (Some(client_id), Some(client_secret)) =
        (text(&application, "client_id"), text(&application, "client_secret"))
    else {
        bail!("application: client_id and client_secret are texts");
    };
    let audience = wanted.audience.unwrap_or_else(|| AUDIENCE.into());
    let has = Furniture { client_id, client_secret, audience, scope: scopes.join(" ") };
    let values: Vec<Value> = scopes.iter().map(|scope| json!({ "value": scope })).collect();
    let furniture = json!({
        "resourceServers": [{ "name": NAME, "identifier": has.audience, "scopes": values }],
        "clients": [application],
        "clientGrants": [{ "client_id": has.client_id, "audience": has.audience, "scope": scopes }],
    });
    let Value::Object(furniture) = furniture else { return Ok(has) };
    seed::apply_to(tenant, furniture).await?;
    Ok(has)
}

fn text(object: &Object, name: &str) -> Option<String> {
    object.get(name).and_then(Value::as_str).map(str::to_owned)
}

/// What a test needs of a tenant.
pub fn shown(tenant: &Tenant, has: &Furniture, http: Option<&Loopback>, ca: Option<&Path>) -> Value {
    let issuer = tenant.issuer(tenant.domain());
    json!({
        "name": tenant.name(),
        "domain": tenant.domain(),
        "issuer": issuer,
        "token_endpoint": format!("{issuer}oauth/token"),
        "jwks_uri": format!("{issuer}.well-known/jwks.json"),
        "http": http.map(|address| format!("http://{address}/")),
        "ca": ca,
        "client_id": has.client_id,
        "client_secret": has.client_secret,
        "audience": has.audience,
        "scope": has.scope,
        "management_audience": tenant.management_audience(),
    })
}

const NAME: &str = "Test";
const AUDIENCE: &str = "https://api.test.example/";
const SCOPES: [&str; 2] = ["read:things", "write:things"];
