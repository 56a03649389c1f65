//! `/client/{client_id}.js`: what a login widget on an application's own page has to know before it shows anything.
//! A script, since pages of other origins load it as one; everything in it anybody may know.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::Path,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use idp::{Tenant, connection::RegisteredConnection, snapshot::RegisteredClient};
use serde_json::{Value, json};
use web::Origin;

/// The settings, handed to the function that widgets define: `Auth0.setClient({…});`.
pub async fn script(
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    Path(file): Path<String>,
) -> Response {
    let snapshot = tenant.snapshot();
    let client = file.strip_suffix(".js").and_then(|id| snapshot.client(id));
    let Some(client) = client else { return (StatusCode::NOT_FOUND, "Not Found").into_response() };
    let connections = snapshot.connections_of(&client.view.client_id);
    let settings = settings(&tenant, &origin.host, client, &connections);
    let script = format!("Auth0.setClient({});", in_script(&settings));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-javascript; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        // The page that loads it is of another origin.
        (
            header::HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    (headers, script).into_response()
}

/// What a widget asks before a form is sent: whether it has to show a captcha. It never has to.
pub async fn challenge() -> Json<Value> {
    Json(json!({ "required": false }))
}

fn settings(
    tenant: &Tenant,
    host: &str,
    client: &RegisteredClient,
    connections: &[Arc<RegisteredConnection>],
) -> Value {
    let client = &client.view;
    // Nobody can log in by the others yet, so that they would be buttons that lead nowhere.
    let databases: Vec<Value> = connections
        .iter()
        .filter(|one| one.is_database() && one.is_active())
        .map(|one| database(one))
        .collect();
    let strategies = match databases.is_empty() {
        true => json!([]),
        false => json!([{ "name": "auth0", "connections": databases }]),
    };
    json!({
        "id": client.client_id,
        "tenant": tenant.name(),
        "subscription": "free",
        "authorize": format!("{}authorize", tenant.issuer(host)),
        "callback": client.callbacks.iter().flatten().next(),
        "hasAllowedOrigins": client.allowed_origins.as_ref().is_some_and(|origins| !origins.is_empty()),
        "strategies": strategies,
    })
}

fn database(connection: &RegisteredConnection) -> Value {
    let option = |name: &str| connection.view.options.as_ref().and_then(|options| options.get(name));
    let is_on = |name: &str| option(name).and_then(Value::as_bool) == Some(true);
    let mut told = json!({
        "name": connection.view.name,
        "passwordPolicy": option("passwordPolicy").and_then(Value::as_str).unwrap_or("good"),
        "showSignup": !is_on("disable_signup"),
        "showForgot": !is_on("disable_self_service_change_password"),
        "requires_username": is_on("requires_username"),
    });
    for name in ["password_complexity_options", "validation"] {
        if let Some(value) = option(name).filter(|value| value.is_object()) {
            told[name] = value.clone();
        }
    }
    if let Some(name) = &connection.view.display_name {
        told["display_name"] = json!(name);
    }
    told
}

/// A value in which nothing looks like the end of a script to whoever reads it as text.
fn in_script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}
