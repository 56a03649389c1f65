//! The table of operations: method, path, what the log calls it, who may, and what runs.

use std::{future::Future, pin::Pin};

use http::Method;

use crate::{
    Answer, Call, client_credentials, client_grants, clients, encryption_keys, error::Result, logs,
    organizations, resource_servers, signing_keys, tenant_settings,
};

pub type Running = Pin<Box<dyn Future<Output = Result<Answer>> + Send>>;

/// One operation of the Management API.
#[derive(Debug, Clone)]
pub struct Operation {
    pub method: Method,
    /// The path below `/api/v2`, its parameters in braces.
    pub path: String,
    /// What the tenant's log calls it: `Create a client`.
    pub summary: String,
    /// Any one of these suffices.
    pub scopes: Vec<&'static str>,
    /// The query parameters it reads.
    pub query: Vec<&'static str>,
    /// Those of them that may be repeated.
    pub lists: Vec<&'static str>,
    pub run: fn(Call) -> Running,
}

impl Operation {
    pub fn new(
        method: Method,
        path: &str,
        summary: &str,
        scopes: &[&'static str],
        run: fn(Call) -> Running,
    ) -> Self {
        let (path, summary, scopes) = (path.to_owned(), summary.to_owned(), scopes.to_vec());
        Operation { method, path, summary, scopes, query: Vec::new(), lists: Vec::new(), run }
    }

    /// With the query parameters that it reads.
    pub fn reading(mut self, query: &[&'static str]) -> Self {
        self.query.extend(query);
        self
    }

    /// With query parameters that it reads and that may be repeated.
    pub fn listing(mut self, query: &[&'static str]) -> Self {
        self.lists.extend(query);
        self.reading(query)
    }

    /// Whether a success changes something, and is logged.
    pub fn writes(&self) -> bool {
        self.method != Method::GET
    }
}

/// Every operation that is served.
pub fn operations() -> Vec<Operation> {
    [
        clients::operations(),
        client_credentials::operations(),
        resource_servers::operations(),
        client_grants::operations(),
        organizations::operations(),
        tenant_settings::operations(),
        signing_keys::operations(),
        encryption_keys::operations(),
        logs::operations(),
    ]
    .concat()
}

/// Names the function that runs an operation.
macro_rules! run {
    ($function:expr) => {
        |call| Box::pin($function(call))
    };
}
pub(crate) use run;

/// A scope's text: scopes are few and live as long as the table.
pub fn scope(verb: &str, resource: &str) -> &'static str {
    let wanted = format!("{verb}:{resource}");
    let known = model::MANAGEMENT_SCOPES.iter().map(|(scope, _)| *scope).find(|scope| *scope == wanted);
    known.expect("an operation is guarded by a scope that the Management API has")
}
