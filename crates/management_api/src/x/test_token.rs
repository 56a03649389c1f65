//! A token as a client would get it, for somebody who may see that but need not know its secret. The line is the token
//! endpoint's own, and the log says that it was a test, and whose.

use std::time::Instant;

use http::{Method, StatusCode};
use idp::{
    log::Event,
    token::{self, Issued, Request},
};
use model::LogType;
use serde_json::{Value, json};

use super::body;
use crate::{Answer, Call, Error, Operation, call::cut, error::Result, operation::run, reach};

pub fn operations() -> Vec<Operation> {
    // What it issues is in the log by itself, as it is for the token endpoint.
    let scopes = &["create:test_tokens"];
    let path = "/test-token";
    vec![Operation::ours(Method::POST, path, "Get a test token", scopes, run!(test_token)).changing_nothing()]
}

async fn test_token(call: Call) -> Result<Answer> {
    let (request, client) = body::token_request(&call)?;
    if request.audience.as_ref().is_none_or(|audience| *audience == call.tenant.management_audience()) {
        reach::must_reach(&call, &client.view.client_id)?;
    }
    let began = Instant::now();
    let token::Answered { outcome, mut notes } = token::issue_test(&call.tenant, &request).await;
    let duration_ms = began.elapsed().as_secs_f64() * 1000.0;
    notes.trace.reason = outcome.as_ref().err().map(|refused| notes.reason(refused, true));
    let trace = Some(Box::new(notes.trace));
    match outcome {
        Ok(issued) => {
            let body = json!({
                "access_token": &*issued.access_token, "token_type": "Bearer", "expires_in": issued.expires_in,
                "scope": issued.scope, "duration_ms": (duration_ms * 1000.0).round() / 1000.0,
            });
            let log_id = call.tenant.log_and_tell(Event { trace, ..succeeded(&call, request, issued) });
            Ok(Answer::ok(with(body, "log_id", json!(log_id))))
        }
        Err(idp::Error::Refused { code, description }) => {
            let event = Event {
                trace,
                client_name: Some(cut(&client.view.name)),
                scope: request.scope.as_deref().map(cut),
                audience: request.audience.as_deref().map(cut),
                ..event(&call, LogType::Feccft, &description, request.client_id)
            };
            call.tenant.log(event);
            let (status, name) = code.wire();
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            Err(Error::new(status, description, Some(name)))
        }
        Err(other) => Err(other.into()),
    }
}

fn succeeded(call: &Call, request: Request, issued: Issued) -> Event {
    let description = LogType::Seccft.description();
    let mut event = Event {
        client_name: Some(cut(&issued.client_name)),
        scope: Some(issued.scope).filter(|scope| !scope.is_empty()),
        audience: Some(issued.audience),
        ..event(call, LogType::Seccft, description, request.client_id)
    };
    if let Some((id, name)) = issued.organization {
        event.organization_id = Some(id);
        event.rest.insert("organization_name".into(), name.into());
    }
    event
}

/// It is no use of the client, so that nothing is counted.
fn event(call: &Call, kind: LogType, description: &str, client_id: Option<String>) -> Event {
    let mut event = Event {
        client_id,
        ip: Some(call.origin.ip.to_string()),
        hostname: Some(call.origin.host.clone()),
        ..Event::new(kind, cut(description))
    };
    event.rest.insert("details".into(), json!({ "test": { "by": call.actor().shown() } }));
    event
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}
