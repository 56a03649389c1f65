//! The tenant's settings: one document, read and changed.

use http::Method;
use idp::provision::SETTINGS;
use model::TenantSettings;
use schema::{Object, Op, Resource};
use serde_json::json;

use crate::{Answer, Call, Error, Operation, error::Result};

pub fn operations() -> Vec<Operation> {
    let path = "/tenants/settings";
    vec![
        Operation::new(
            Method::GET,
            path,
            "Get tenant settings",
            &["read:tenant_settings"],
            crate::run!(read),
        )
        .reading(&["fields", "include_fields"]),
        Operation::new(
            Method::PATCH,
            path,
            "Update tenant settings",
            &["update:tenant_settings"],
            crate::run!(update),
        ),
    ]
}

async fn read(call: Call) -> Result<Answer> {
    let document = document(&call).await?;
    Ok(Answer::ok(shown(&call, document.body)?))
}

async fn update(mut call: Call) -> Result<Answer> {
    let mut patch = call.take_body();
    schema::check(TenantSettings::NOUN.fields, &patch, Op::Update)?;
    in_both_units(&mut patch);
    let document = document(&call).await?;
    let mut body = document.body.clone();
    schema::merge(TenantSettings::NOUN.fields, &mut body, patch);
    TenantSettings::view(&body)?;
    call.tenant.commit(vec![idp::Change::replace::<TenantSettings>(&document, body.clone())]).await?;
    Ok(Answer::ok(shown(&call, body)?))
}

async fn document(call: &Call) -> Result<idp::Document> {
    let document = call.tenant.read(&TenantSettings::NOUN, SETTINGS).await?;
    document.ok_or_else(|| Error::not_found("The tenant has no settings.", None))
}

/// A lifetime is stored in hours; sent in minutes it comes back as a fraction (`m2m` 8.1).
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
    schema::project(TenantSettings::NOUN.fields, &mut body, &call.selection()?, &|scope| call.may(scope));
    Ok(body)
}

const LIFETIMES: &[&str] = &[
    "session_lifetime",
    "idle_session_lifetime",
    "ephemeral_session_lifetime",
    "idle_ephemeral_session_lifetime",
];
