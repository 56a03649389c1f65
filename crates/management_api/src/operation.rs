//! The table of operations: method, path, what the log calls it, who may, and what runs.

use std::{future::Future, pin::Pin};

use http::Method;

use crate::{
    Answer, Call, actions, attack_protection, blocks, branding, client_credentials, client_grants, clients,
    connections, device_credentials, effective, email_templates, emails, encryption_keys, error::Result,
    event_streams, grants, hooks, jobs, log_streams, logs, network_acls, organizations, permissions, prompts,
    rate_limit_policies, refresh_tokens, resource_servers, roles, rules, rules_configs, sessions,
    signing_keys, stats, tenant_settings, tickets, token_exchange_profiles, user_parts, users, x,
};

pub type Running = Pin<Box<dyn Future<Output = Result<Answer>> + Send>>;

/// Which interface an operation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interface {
    /// What Auth0 publishes.
    Management,
    /// What only we offer, in the same manners.
    Ours,
}

impl Interface {
    pub const ALL: [Interface; 2] = [Interface::Management, Interface::Ours];

    /// Where its paths begin.
    pub fn base(self) -> &'static str {
        match self {
            Interface::Management => "/api/v2",
            Interface::Ours => "/api/x",
        }
    }
}

/// One operation of the Management API, or of ours beside it.
#[derive(Debug, Clone)]
pub struct Operation {
    pub interface: Interface,
    pub method: Method,
    /// The path below the interface's, its parameters in braces.
    pub path: String,
    /// What the tenant's log calls it: `Create a client`.
    pub summary: String,
    /// Any one of these suffices; where there are none, any token does.
    pub scopes: Vec<&'static str>,
    /// The query parameters it reads.
    pub query: Vec<&'static str>,
    /// Those of them that may be repeated.
    pub lists: Vec<&'static str>,
    /// Whether a success changes something, and is logged.
    pub writes: bool,
    /// Whether a person must have logged in a moment ago: what it does cannot be taken back.
    pub is_grave: bool,
    /// Whether its body is nothing but secrets, whatever they are called.
    pub has_secret_body: bool,
    /// The greatest body of several parts that it takes; its parts are the members of the call's body, each a text.
    pub multipart: Option<usize>,
    /// The name under which the call finds a body that is a bare list.
    pub list: Option<&'static str>,
    /// The name under which the call finds a body that is a bare text.
    pub text: Option<&'static str>,
    /// Whether it reads a body though its method has none: what is deleted stands there.
    pub deletes_what_is_named: bool,
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
        let (query, lists, writes) = (Vec::new(), Vec::new(), method != Method::GET);
        Operation {
            interface: Interface::Management,
            method,
            path,
            summary,
            scopes,
            query,
            lists,
            writes,
            is_grave: false,
            has_secret_body: false,
            multipart: None,
            list: None,
            text: None,
            deletes_what_is_named: false,
            run,
        }
    }

    /// One that only we offer.
    pub fn ours(
        method: Method,
        path: &str,
        summary: &str,
        scopes: &[&'static str],
        run: fn(Call) -> Running,
    ) -> Self {
        Operation { interface: Interface::Ours, ..Operation::new(method, path, summary, scopes, run) }
    }

    /// The whole path.
    pub fn address(&self) -> String {
        format!("{}{}", self.interface.base(), self.path)
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

    /// One that only people do who logged in a moment ago.
    pub fn grave(self) -> Self {
        Operation { is_grave: true, ..self }
    }

    /// One whose body is nothing but secrets.
    pub fn with_secret_body(self) -> Self {
        Operation { has_secret_body: true, ..self }
    }

    /// One whose body is a bare list; the call finds it under this name.
    pub fn taking_list(self, name: &'static str) -> Self {
        Operation { list: Some(name), ..self }
    }

    /// One whose body may be a bare text, as HTML or JSON; the call finds it under this name.
    pub fn taking_text(self, name: &'static str) -> Self {
        Operation { text: Some(name), ..self }
    }

    /// One that deletes what its body names.
    pub fn naming_in_body(self) -> Self {
        Operation { deletes_what_is_named: true, ..self }
    }

    /// One whose body has several parts, of so many bytes in all.
    pub fn taking_parts(self, most: usize) -> Self {
        Operation { multipart: Some(most), ..self }
    }

    /// One that changes nothing, though its method could.
    pub fn changing_nothing(self) -> Self {
        Operation { writes: false, ..self }
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
        connections::operations(),
        tenant_settings::operations(),
        sessions::operations(),
        signing_keys::operations(),
        encryption_keys::operations(),
        log_streams::operations(),
        event_streams::operations(),
        logs::operations(),
        attack_protection::operations(),
        rate_limit_policies::operations(),
        network_acls::operations(),
        blocks::operations(),
        actions::operations(),
        hooks::operations(),
        rules::operations(),
        rules_configs::operations(),
        token_exchange_profiles::operations(),
        branding::operations(),
        prompts::operations(),
        roles::operations(),
        permissions::operations(),
        effective::operations(),
        user_parts::operations(),
        users::operations(),
        grants::operations(),
        stats::operations(),
        refresh_tokens::operations(),
        device_credentials::operations(),
        emails::operations(),
        email_templates::operations(),
        tickets::operations(),
        jobs::operations(),
        x::operations(),
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
