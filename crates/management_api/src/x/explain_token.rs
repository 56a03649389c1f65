//! What a client would get, or why not: the token endpoint's own line, gone through without a secret, and without a token
//! at its end. Nothing is counted, used up or logged.

use http::Method;
use idp::token::{self, Answered, Request};
use serde_json::{Value, json};

use super::body;
use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let scopes = &["read:client_grants", "create:test_tokens"];
    let path = "/explain-token";
    vec![Operation::ours(Method::POST, path, "Explain a token", scopes, run!(explain)).changing_nothing()]
}

async fn explain(call: Call) -> Result<Answer> {
    body::only(&call.body, &["client_id", "audience", "scope", "organization"])?;
    let request = Request {
        grant_type: Some("client_credentials".into()),
        client_id: Some(body::required(&call.body, "client_id")?),
        audience: body::optional(&call.body, "audience")?,
        scope: body::optional(&call.body, "scope")?,
        organization: body::optional(&call.body, "organization")?,
        host: call.origin.host.clone(),
        path: "/oauth/token".into(),
        ip: Some(call.origin.ip),
        ..Request::default()
    };
    let knows_client =
        request.client_id.as_deref().is_some_and(|id| call.tenant.snapshot().client(id).is_some());
    if !knows_client {
        return Err(Error::not_found("The client does not exist", Some("inexistent_client")));
    }
    let Answered { outcome, mut notes } = token::explain(&call.tenant, &request).await;
    notes.trace.reason = outcome.as_ref().err().map(|refused| token::reason(refused, knows_client));
    let trace = trace(&notes.trace)?;
    match outcome {
        Ok(issued) => {
            let organization = issued.organization.map(|(id, name)| json!({ "id": id, "name": name }));
            let token = json!({
                "audience": issued.audience, "scope": issued.scope, "expires_in": issued.expires_in,
                "token_type": issued.token_type, "organization": organization,
            });
            let mut trace = trace;
            trace["scopes_given"] = token["scope"].clone();
            Ok(Answer::ok(json!({ "allowed": true, "token": token, "trace": trace })))
        }
        Err(idp::Error::Refused { code, description }) => {
            let (_, name) = code.wire();
            let error = json!({
                "error": name, "error_description": description, "reason": trace["reason"],
            });
            Ok(Answer::ok(json!({ "allowed": false, "error": error, "trace": trace })))
        }
        Err(other) => Err(other.into()),
    }
}

fn trace(trace: &token::Trace) -> Result<Value> {
    serde_json::to_value(trace).map_err(|error| Error::from(idp::Error::from(error)))
}
