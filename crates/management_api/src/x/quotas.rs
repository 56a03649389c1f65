//! How much of a token quota is used up.

use http::Method;
use idp::{
    clock::iso,
    quota::{self, Quota},
};
use serde_json::{Value, json};

use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    vec![
        Operation::ours(
            Method::GET,
            "/quotas",
            "Get the use of a token quota",
            &["read:clients", "read:organizations"],
            run!(read),
        )
        .reading(&["client_id", "organization_id"]),
    ]
}

async fn read(call: Call) -> Result<Answer> {
    let snapshot = call.tenant.snapshot();
    let quota = match (call.query("client_id"), call.query("organization_id")) {
        (Some(id), None) => {
            call.must(&["read:clients"])?;
            let missing = || Error::not_found("The client does not exist", Some("inexistent_client"));
            let client = snapshot.client(id).ok_or_else(missing)?;
            quota::of_client(&snapshot, client).map(|quota| shown(&call, &quota, "client"))
        }
        (None, Some(id)) => {
            call.must(&["read:organizations"])?;
            let missing = || Error::not_found("No organization found by that id or name", None);
            let organization = snapshot.organization(id).ok_or_else(missing)?;
            quota::of_organization(&snapshot, organization).map(|quota| shown(&call, &quota, "organization"))
        }
        _ => {
            return Err(Error::query("Query validation error: 'Give one of client_id and organization_id'."));
        }
    };
    let none = || json!({ "per_hour": null, "per_day": null, "enforce": false, "source": null });
    Ok(Answer::ok(quota.unwrap_or_else(none)))
}

fn shown(call: &Call, quota: &Quota, own: &str) -> Value {
    let mut shown = json!({
        "per_hour": null, "per_day": null, "enforce": quota.is_enforced(),
        "source": if quota.is_default { "default" } else { own },
    });
    for (name, span, limit) in quota.spans(&call.tenant, call.tenant.clock().now()) {
        shown[name] = json!({
            "limit": limit, "used": call.tenant.usage().of(&span),
            "resets_at": iso((span.begins + span.lasts) * 1000),
        });
    }
    shown
}
