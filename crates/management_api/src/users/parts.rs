//! What else there is of somebody: events, and what goes with second factors and other people's tokens, of which
//! nobody has any yet.

use http::{Method, StatusCode};
use idp::{session, user};
use model::client::Initiator;
use schema::Shaped;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Column, Condition, Which};

use super::existing;
use crate::{Answer, Call, Error, Operation, actions::declared, error::Result, logs, operation::run};

pub fn operations() -> Vec<Operation> {
    let update = &["update:users"];
    let row = Operation::new;
    vec![
        row(
            Method::GET,
            "/users/{id}/logs",
            "Get user's log events",
            &["read:logs", "read:logs_users"],
            run!(events),
        )
        .reading(&["page", "per_page", "sort", "include_totals"]),
        row(
            Method::POST,
            "/users/{id}/multifactor/actions/invalidate-remember-browser",
            "Invalidate All Remembered Browsers for Multi-factor Authentication",
            update,
            run!(nothing),
        ),
        row(
            Method::DELETE,
            "/users/{id}/multifactor/{provider}",
            "Delete a User's Multi-factor Provider",
            update,
            run!(no_provider),
        ),
        row(
            Method::DELETE,
            "/users/{id}/authenticators",
            "Delete All Authenticators",
            &["delete:guardian_enrollments"],
            run!(nothing),
        ),
        row(
            Method::POST,
            "/users/{id}/recovery-code-regeneration",
            "Generate New Multi-factor Authentication Recovery Code",
            update,
            run!(no_enrollment),
        ),
        row(
            Method::POST,
            "/users/{id}/risk-assessments/clear",
            "Clear risk assessments",
            update,
            run!(nothing),
        ),
        row(
            Method::POST,
            "/users/{id}/revoke-access",
            "Revokes selected resources from a user",
            &["delete:sessions", "delete:refresh_tokens"],
            run!(revoke_access),
        ),
        row(
            Method::GET,
            "/users/{id}/federated-connections-tokensets",
            "Get a list of federated connections tokensets",
            &["read:federated_connections_tokens"],
            run!(no_list),
        ),
        row(
            Method::DELETE,
            "/users/{id}/federated-connections-tokensets/{tokenset_id}",
            "Delete a federated connections tokenset",
            &["delete:federated_connections_tokens"],
            run!(nothing),
        ),
        row(
            Method::GET,
            "/users/{id}/connected-accounts",
            "Get a User's Connected Accounts",
            &["read:users"],
            run!(no_connected_accounts),
        )
        .reading(&["from", "take"]),
    ]
}

async fn events(call: Call) -> Result<Answer> {
    call.tenant.flush_logs().await;
    let condition = Condition::Is(Column::UserId, call.parameter("id").to_owned());
    logs::page_of(&call, &condition).await
}

/// There is nothing to be forgotten.
async fn nothing(call: Call) -> Result<Answer> {
    existing(&call.tenant, call.parameter("id")).await?;
    Ok(Answer::no_content())
}

async fn no_provider(call: Call) -> Result<Answer> {
    if !["duo", "google-authenticator"].contains(&call.parameter("provider")) {
        let message = "Path validation error: 'No enum match' on property provider.";
        return Err(Error::new(StatusCode::BAD_REQUEST, message, Some("invalid_uri")));
    }
    nothing(call).await
}

async fn no_enrollment(call: Call) -> Result<Answer> {
    existing(&call.tenant, call.parameter("id")).await?;
    Err(Error::not_found("Enrollment not found.", Some("enrollment_not_found")))
}

async fn no_list(call: Call) -> Result<Answer> {
    existing(&call.tenant, call.parameter("id")).await?;
    Ok(Answer::ok(Value::Array(Vec::new())))
}

async fn no_connected_accounts(call: Call) -> Result<Answer> {
    call.number("take", 1, 100)?;
    existing(&call.tenant, call.parameter("id")).await?;
    Ok(Answer::ok(json!({ "connected_accounts": [] })))
}

/// What is to end.
#[derive(Debug, Deserialize, Shaped)]
struct Access {
    /// One session; all of them, and what came of them, without it.
    #[field(max(255))]
    session_id: Option<String>,
    /// Whether refresh tokens stay.
    #[field(optional)]
    #[serde(default)]
    preserve_refresh_tokens: bool,
}

async fn revoke_access(mut call: Call) -> Result<Answer> {
    let access: Access = declared(call.take_body())?;
    let document = existing(&call.tenant, call.parameter("id")).await?;
    let (tenant, now) = (&call.tenant, call.tenant.clock().now());
    match (&access.session_id, access.preserve_refresh_tokens) {
        (Some(id), keeps_tokens) => {
            let found = tenant.store().sessions().read(tenant.name(), id, now).await?;
            if let Some(session) = found.filter(|session| session.user_id == document.id) {
                session::end(tenant, &session, Initiator::SessionRevoked).await?;
                if !keeps_tokens {
                    let which = Which { session_id: Some(&session.id), ..Which::default() };
                    tenant.store().refresh_tokens().end_some(tenant.name(), &which).await?;
                }
            }
        }
        (None, true) => session::end_all(tenant, &document.id, Initiator::SessionRevoked).await?,
        (None, false) => user::log_out_everywhere(tenant, &document.id).await?,
    }
    Ok(Answer { status: StatusCode::ACCEPTED, ..Answer::empty() })
}
