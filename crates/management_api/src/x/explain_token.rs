//! What a client would get, or why not: the token endpoint's own line, gone through without a secret, and without a token
//! at its end. Nothing is counted, used up or logged.

use http::Method;
use idp::token::{self, Answered};
use serde_json::{Value, json};

use super::body;
use crate::{Answer, Call, Error, Operation, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    // It runs customers' code, with its secrets: that is not for everybody who may read.
    let scopes = &["create:test_tokens"];
    let path = "/explain-token";
    vec![Operation::ours(Method::POST, path, "Explain a token", scopes, run!(explain)).changing_nothing()]
}

async fn explain(call: Call) -> Result<Answer> {
    let (request, _) = body::token_request(&call)?;
    let Answered { outcome, mut notes } = token::explain(&call.tenant, &request).await;
    notes.trace.reason = outcome.as_ref().err().map(|refused| notes.reason(refused, true));
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
