//! The tenant's settings: one document, read and changed.

use http::Method;
use idp::{Change, Document, Tenant, provision::SETTINGS};
use model::TenantSettings;
use schema::{Object, Op, Resource};
use serde_json::json;

use crate::{
    Answer, Call, Error, Operation,
    about::{About, object},
    error::Result,
    operation::run,
    precondition::{etag, next_etag},
};

pub fn operations() -> Vec<Operation> {
    let path = "/tenants/settings";
    vec![
        Operation::new(Method::GET, path, "Get tenant settings", &["read:tenant_settings"], run!(read))
            .reading(&["fields", "include_fields"]),
        Operation::new(
            Method::PATCH,
            path,
            "Update tenant settings",
            &["update:tenant_settings"],
            run!(update),
        ),
    ]
}

async fn read(call: Call) -> Result<Answer> {
    let document = document(&call.tenant).await?;
    let mut answer = shown(&call, document.body.clone())?;
    // Recorded: these two are there whatever fields are asked for (`Auth0_Api_V2_Tenants`).
    for name in ["sandbox_version", "sandbox_versions_available"] {
        if let Some(value) = document.body.get(name).filter(|_| !leaves_out(&call)) {
            answer.insert(name.into(), value.clone());
        }
    }
    Ok(Answer::ok(answer).tagged(etag(&document)))
}

fn leaves_out(call: &Call) -> bool {
    call.query("include_fields") == Some("false")
}

async fn update(call: Call) -> Result<Answer> {
    let document = document(&call.tenant).await?;
    call.precondition.check(Some(&document))?;
    let changed = change_of(&call.tenant, &document, call.body.clone()).await;
    let body = changed.map_err(|error| call.precondition.lost(error))?;
    let etag = if body == document.body { etag(&document) } else { next_etag(&document) };
    let about =
        About { object: object("tenants", SETTINGS), before: document.body.clone(), after: body.clone() };
    let mut answer = shown(&call, body)?;
    as_a_change_is_answered(&mut answer);
    Ok(Answer::ok(answer).tagged(etag).about(about))
}

/// Checks a patch, lays it over the settings and stores the result, unless nothing changes.
pub async fn change(tenant: &Tenant, patch: Object) -> Result<Object> {
    change_of(tenant, &document(tenant).await?, patch).await
}

async fn change_of(tenant: &Tenant, document: &Document, mut patch: Object) -> Result<Object> {
    schema::check(TenantSettings::NOUN.fields, &patch, Op::Update)?;
    in_both_units(&mut patch);
    let mut body = document.body.clone();
    schema::merge(TenantSettings::NOUN.fields, &mut body, patch);
    // An empty address is none (recorded: TestAccTenant_DefaultRedirectionURI).
    if body.get("default_redirection_uri") == Some(&json!("")) {
        body.shift_remove("default_redirection_uri");
    }
    TenantSettings::view(&body)?;
    if body != document.body {
        tenant.commit(vec![Change::replace::<TenantSettings>(document, body.clone())]).await?;
    }
    Ok(body)
}

/// Recorded: the answer to a change lists two flags that a read does not, and not the runtimes that a read
/// lists (`TestTenantManager`).
fn as_a_change_is_answered(answer: &mut Object) {
    answer.shift_remove("sandbox_versions_available");
    if let Some(serde_json::Value::Object(flags)) = answer.get_mut("flags") {
        for flag in ["cannot_change_enforce", "enforce"] {
            flags.insert(format!("{flag}_client_authentication_on_passwordless_start"), json!(true));
        }
    }
}

async fn document(tenant: &Tenant) -> Result<Document> {
    let document = tenant.read(&TenantSettings::NOUN, SETTINGS).await?;
    document.ok_or_else(|| Error::not_found("The tenant has no settings.", None))
}

/// A lifetime is stored in hours; sent in minutes it comes back as a fraction.
fn in_both_units(patch: &mut Object) {
    for hours in LIFETIMES {
        let minutes = format!("{hours}_in_minutes");
        if let Some(value) = patch.get(&minutes).and_then(serde_json::Value::as_f64) {
            patch.shift_remove(&minutes);
            patch.insert((*hours).into(), whole_if_it_can(value / 60.0));
        }
    }
}

fn whole_if_it_can(hours: f64) -> serde_json::Value {
    if hours.fract() == 0.0 { json!(hours as i64) } else { json!(hours) }
}

fn shown(call: &Call, mut body: Object) -> Result<Object> {
    schema::project(
        TenantSettings::NOUN.fields,
        &mut body,
        &call.selection()?,
        &call.viewer(&|scope| call.may(scope)),
    );
    Ok(body)
}

const LIFETIMES: &[&str] = &[
    "session_lifetime",
    "idle_session_lifetime",
    "ephemeral_session_lifetime",
    "idle_ephemeral_session_lifetime",
];
