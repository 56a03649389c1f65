//! An event as Auth0 shows it.

use schema::Object;
use serde_json::{Value, json};
use store::LogRow;

use crate::{Tenant, clock::iso};

/// A row in the shape of Auth0's records.
pub fn record(tenant: &Tenant, row: LogRow) -> Object {
    let mut record = Object::new();
    let mut set = |name: &str, value: Value| record.insert(name.into(), value);
    set("date", json!(iso(row.date)));
    set("type", json!(row.kind));
    set("description", json!(row.description.unwrap_or_default()));
    for (name, value) in [
        ("connection", row.connection),
        ("connection_id", row.connection_id.or(Some(String::new()))),
        ("client_id", row.client_id),
        ("client_name", row.client_name),
        ("ip", row.ip),
        ("user_agent", row.user_agent),
        ("hostname", row.hostname),
        ("user_id", row.user_id.or(Some(String::new()))),
        ("user_name", row.user_name.or(Some(String::new()))),
        ("organization_id", row.organization_id),
        ("strategy", row.strategy),
        ("strategy_type", row.strategy_type),
        ("audience", row.audience),
        ("scope", row.scope),
    ] {
        if let Some(value) = value {
            set(name, json!(value));
        }
    }
    if let Some(Value::Object(rest)) = row.rest.and_then(|rest| serde_json::from_str(&rest).ok()) {
        for (name, value) in rest {
            set(&name, value);
        }
    }
    set("$event_schema", json!({ "version": "1.0.0" }));
    set("log_id", json!(row.log_id));
    set("tenant_name", json!(tenant.name()));
    set("_id", json!(row.log_id));
    set("isMobile", json!(false));
    record
}
