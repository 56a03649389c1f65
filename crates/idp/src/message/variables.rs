//! What templates find: the person, the application, the tenant, as Auth0 names them.

use model::User;
use schema::{Object, Resource};
use serde_json::{Value, json};
use url::Url;

use super::{Message, settings};
use crate::{Result, Tenant, snapshot::RegisteredClient};

/// Everything that a mail's template finds.
pub async fn of(tenant: &Tenant, message: &Message<'_>) -> Result<Object> {
    let settings = settings(tenant).await?;
    let said = |name: &str| settings.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let friendly_name = Some(said("friendly_name")).filter(|name| !name.is_empty());
    let friendly_name = friendly_name.unwrap_or_else(|| tenant.name().to_owned());
    let mut user = match message.user {
        Some(user) => person(tenant, user, message.connection).await?,
        None => json!({ "email": message.to }),
    };
    // Where it came from stands with the person, as older templates look for it.
    if let Some(ip) = message.variables.get("source_ip") {
        user["source_ip"] = ip.clone();
    }
    let first_locale = || settings.get("enabled_locales")?.as_array()?.first()?.as_str().map(str::to_owned);
    let mut variables = Object::new();
    for (name, value) in [
        ("application", application(message.client, &friendly_name)),
        ("user", user),
        ("connection", json!({ "name": message.connection.unwrap_or_default() })),
        ("request_language", json!(message.locale.clone().or_else(first_locale))),
        ("tenant", json!(tenant.name())),
        ("friendly_name", json!(friendly_name)),
        ("support_email", json!(said("support_email"))),
        ("support_url", json!(said("support_url"))),
        ("picture_url", json!(said("picture_url"))),
        ("custom_domain", json!({ "domain": tenant.host_of_pages() })),
    ] {
        variables.insert(name.into(), value);
    }
    // Older templates call it so.
    if let Some(url) = message.variables.get("url") {
        variables.insert("link".into(), url.clone());
    }
    variables.extend(message.variables.clone());
    Ok(variables)
}

/// What the address finds that people go on to: it must not be led anywhere by what a person is called.
pub fn of_redirect(client: Option<&RegisteredClient>) -> Value {
    let callback = client.and_then(|client| client.view.callbacks.as_ref()?.first().cloned());
    let domain = callback.and_then(|url| Url::parse(&url).ok()).map(|url| url.origin().ascii_serialization());
    let encoded = |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    json!({ "application": {
        "name": client.map(|client| encoded(&client.view.name).replace('+', "%20")),
        "clientID": client.map(|client| encoded(&client.view.client_id)),
        "callback_domain": domain.filter(|domain| domain != "null"),
    } })
}

fn application(client: Option<&RegisteredClient>, otherwise: &str) -> Value {
    match client {
        Some(client) => json!({
            "name": client.view.name,
            "clientID": client.view.client_id,
            "metadata": client.view.client_metadata.clone().unwrap_or_default(),
            "callback_domain": of_redirect(Some(client))["application"]["callback_domain"],
        }),
        None => json!({ "name": otherwise }),
    }
}

async fn person(tenant: &Tenant, user: &User, connection: Option<&str>) -> Result<Value> {
    let stored = tenant.read(&User::NOUN, &user.user_id).await?;
    let mut known: Object = stored.map(|document| document.body).unwrap_or_default();
    known.retain(|name, _| KNOWN.contains(&name.as_str()));
    known.insert("connection".into(), json!(connection));
    Ok(Value::Object(known))
}

/// What templates may know of a person.
const KNOWN: [&str; 14] = [
    "user_id",
    "email",
    "email_verified",
    "username",
    "phone_number",
    "phone_verified",
    "name",
    "nickname",
    "given_name",
    "family_name",
    "picture",
    "created_at",
    "app_metadata",
    "user_metadata",
];
