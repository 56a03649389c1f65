//! The tenants of this server, as an administrator sees them: those that they administer.

use http::Method;
use idp::{Tenant, tenants::ADMINISTRATORS};
use model::TenantRecord;
use schema::{Object, Op};
use serde_json::{Value, json};

use super::body;
use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::ours(Method::GET, "/tenants", "List tenants", &["read:tenants"], run!(list)),
        Operation::ours(Method::POST, "/tenants", "Create a tenant", &["create:tenants"], run!(create)),
        Operation::ours(
            Method::PATCH,
            "/tenants/{name}",
            "Update a tenant",
            &["update:tenants"],
            run!(update),
        ),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let seen = call.tenants.all().into_iter().filter(|tenant| call.token.administers(tenant.name()));
    Ok(Answer::ok(json!({ "tenants": seen.map(|tenant| describe(&tenant)).collect::<Vec<_>>() })))
}

async fn create(mut call: Call) -> Result<Answer> {
    call.must_administer_all()?;
    // Domains are for the command line: they decide which host reaches what.
    body::only(&call.body, &["name", "environment"])?;
    let mut body = call.take_body();
    let name = body.shift_remove("name");
    let name = name.as_ref().and_then(Value::as_str).unwrap_or_default();
    // Whoever has the name has the path of the people who log in to administer.
    if name == ADMINISTRATORS || call.tenants.named(name).is_some() {
        return Err(Error::conflict("There is a tenant of this name already."));
    }
    let made = call.tenants.create(name, body).await.map_err(|error| match error {
        idp::Error::Taken { .. } => Error::conflict("There is a tenant of this name already."),
        idp::Error::Refused { description, .. } => Error::body(description),
        other => other.into(),
    })?;
    Ok(Answer::created(describe(&made)))
}

async fn update(call: Call) -> Result<Answer> {
    let found = call
        .tenants
        .named(call.parameter("name"))
        .filter(|tenant| tenant.name() != ADMINISTRATORS && call.token.administers(tenant.name()));
    let tenant = found.ok_or_else(|| Error::not_found("The tenant does not exist.", None))?;
    // Names and domains are for the command line: they decide which host reaches what.
    if let Some(other) = call.body.keys().find(|name| *name != "environment") {
        return Err(Error::body(format!(
            "Payload validation error: 'Additional properties not allowed: {other}'."
        )));
    }
    schema::check(TenantRecord::FIELDS, &call.body, Op::Update)?;
    call.tenants.change(&tenant, call.body.clone()).await?;
    Ok(Answer::ok(describe(&tenant)))
}

fn describe(tenant: &Tenant) -> Object {
    let record = tenant.record();
    let described = json!({
        "name": tenant.name(),
        "domain": tenant.domain(),
        "audience": tenant.management_audience(),
        "environment": record.environment,
        "created_at": record.created_at,
    });
    match described {
        Value::Object(object) => object,
        _ => Object::new(),
    }
}
