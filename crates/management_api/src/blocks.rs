//! Who is blocked after too many failures: addresses, and people's accounts. What is said of machines is in `x/blocks`.

use std::net::IpAddr;

use http::{Method, StatusCode};
use idp::{Tenant, protection};
use model::User;
use schema::Resource;
use serde_json::{Value, json};

use crate::{Answer, Call, Error, Operation, clients::text, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let address = "/anomaly/blocks/ips/{id}";
    vec![
        Operation::new(
            Method::GET,
            address,
            "Check if an IP address is blocked",
            &["read:anomaly_blocks"],
            run!(read_address),
        ),
        Operation::new(
            Method::DELETE,
            address,
            "Unblock an IP address",
            &["delete:anomaly_blocks"],
            run!(delete_address),
        ),
        Operation::new(
            Method::GET,
            "/user-blocks",
            "Get blocks by identifier",
            &["read:users"],
            run!(by_identifier),
        )
        .reading(&["identifier", "consider_brute_force_enablement"]),
        Operation::new(
            Method::DELETE,
            "/user-blocks",
            "Unblock by identifier",
            &["update:users"],
            run!(delete_by_identifier),
        )
        .reading(&["identifier"]),
        Operation::new(
            Method::GET,
            "/user-blocks/{id}",
            "Get a user's blocks",
            &["read:users"],
            run!(of_user),
        )
        .reading(&["consider_brute_force_enablement"]),
        Operation::new(
            Method::DELETE,
            "/user-blocks/{id}",
            "Unblock a user",
            &["update:users"],
            run!(delete_of_user),
        ),
    ]
}

/// Recorded: that somebody is blocked is told by an empty answer.
async fn read_address(call: Call) -> Result<Answer> {
    let ip = address(&call)?;
    let is_closed = protection::is_closed_to(&call.tenant, ip).await?
        || call.tenant.penalties().is_blocked(call.tenant.name(), ip, call.tenant.clock().now());
    match is_closed {
        true => Ok(Answer::empty()),
        false => Err(Error::not_found("Not Found", None)),
    }
}

async fn delete_address(call: Call) -> Result<Answer> {
    let (ip, tenant) = (address(&call)?, &call.tenant);
    protection::open_to(tenant, ip).await?;
    tenant.penalties().open_to(tenant.store(), tenant.name(), ip, tenant.clock().now()).await?;
    Ok(Answer::no_content())
}

fn address(call: &Call) -> Result<IpAddr> {
    call.parameter("id").parse().map_err(|_| {
        let message = "Path validation error: 'Object didn't pass validation for format ip' on property id.";
        Error::new(StatusCode::BAD_REQUEST, message, Some("invalid_uri"))
    })
}

async fn by_identifier(call: Call) -> Result<Answer> {
    let identifier = identifier(&call)?;
    blocks_of(&call, &[identifier]).await
}

async fn delete_by_identifier(call: Call) -> Result<Answer> {
    open(&call.tenant, &[identifier(&call)?]).await
}

async fn of_user(call: Call) -> Result<Answer> {
    let identifiers = identifiers(&call).await?;
    blocks_of(&call, &identifiers).await
}

async fn delete_of_user(call: Call) -> Result<Answer> {
    let identifiers = identifiers(&call).await?;
    open(&call.tenant, &identifiers).await
}

/// As logins count it: what somebody types is trimmed and in small letters.
fn identifier(call: &Call) -> Result<String> {
    match call.query("identifier").map(|identifier| identifier.trim().to_lowercase()) {
        Some(identifier) if !identifier.is_empty() && identifier.len() <= 1_000 => Ok(identifier),
        Some(_) => Err(Error::query(
            "Query validation error: 'String is too short or too long' on property identifier.",
        )),
        None => Err(Error::query("Query validation error: 'Missing required property: identifier'.")),
    }
}

async fn identifiers(call: &Call) -> Result<Vec<String>> {
    let Some(user) = call.tenant.read(&User::NOUN, call.parameter("id")).await? else {
        return Err(Error::not_found("The user does not exist.", Some("inexistent_user")));
    };
    Ok(text(&user.body, "email").map(str::to_owned).into_iter().collect())
}

async fn blocks_of(call: &Call, identifiers: &[String]) -> Result<Answer> {
    let considers = call.flag("consider_brute_force_enablement")?.unwrap_or(false);
    let is_on = call.tenant.snapshot().limits.brute_force().enabled;
    let mut blocked_for = Vec::new();
    for identifier in identifiers.iter().filter(|_| is_on || !considers) {
        for closed in protection::closed_accounts(&call.tenant, Some(identifier)).await? {
            let mut block = json!({ "identifier": closed.identifier, "connection": idp::user::CONNECTION });
            if let Some(ip) = closed.network {
                block["ip"] = json!(ip.to_string());
            }
            blocked_for.push(block);
        }
    }
    Ok(Answer::ok(json!({ "blocked_for": Value::Array(blocked_for) })))
}

async fn open(tenant: &Tenant, identifiers: &[String]) -> Result<Answer> {
    for identifier in identifiers {
        protection::open_account(tenant, identifier).await?;
    }
    Ok(Answer::no_content())
}
