//! What an action is told of a request for a token: `event` of Auth0's trigger `credentials-exchange`.

use std::{borrow::Cow, collections::BTreeMap};

use schema::Object;
use serde::Serialize;
use serde_json::Value;

use super::Wanted;
use crate::{
    actions::{NO_NOTES, without_credentials},
    snapshot::actions::BoundAction,
    token::{Granted, Issuance},
};

/// The event, in the order in which Auth0 documents it.
#[derive(Serialize)]
pub struct Event<'a> {
    #[serde(rename = "accessToken")]
    access_token: AccessToken<'a>,
    client: Client<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    custom_domain: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization: Option<Organization<'a>>,
    request: Request<'a>,
    resource_server: ResourceServer<'a>,
    tenant: Tenant<'a>,
    transaction: Transaction<'a>,
    secrets: Value,
}

#[derive(Serialize)]
struct AccessToken<'a> {
    #[serde(rename = "customClaims")]
    custom_claims: &'a Object,
    scope: Vec<&'a str>,
}

#[derive(Serialize)]
struct Client<'a> {
    client_id: &'a str,
    metadata: &'a BTreeMap<String, String>,
    name: &'a str,
}

#[derive(Serialize)]
struct Organization<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    display_name: Option<&'a str>,
    metadata: &'a BTreeMap<String, String>,
    name: &'a str,
}

#[derive(Serialize)]
struct Request<'a> {
    body: Object,
    /// Nobody here knows where an address is.
    geoip: BTreeMap<(), ()>,
    hostname: &'a str,
    ip: String,
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
}

#[derive(Serialize)]
struct ResourceServer<'a> {
    identifier: &'a str,
}

#[derive(Serialize)]
struct Tenant<'a> {
    id: &'a str,
}

#[derive(Serialize)]
struct Transaction<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<&'a str>,
    requested_scopes: Vec<&'a str>,
    target_scopes: Vec<Cow<'a, str>>,
}

/// What this action is told.
pub fn of<'a>(
    issuance: &'a Issuance,
    granted: &'a Granted,
    wanted: &'a Wanted,
    action: &BoundAction,
) -> Event<'a> {
    let Issuance { tenant, request, .. } = issuance;
    let client = &granted.client.view;
    let is_custom = request.host != tenant.domain() && tenant.answers_on(&request.host);
    let target_scopes = match &wanted.targets {
        Some(targets) => targets.iter().map(|target| target.as_str().into()).collect(),
        None => split(&granted.scope).map(Cow::from).collect(),
    };
    Event {
        access_token: AccessToken { custom_claims: &wanted.claims, scope: split(&granted.scope).collect() },
        client: Client {
            client_id: &client.client_id,
            metadata: client.client_metadata.as_ref().unwrap_or(&NO_NOTES),
            name: &client.name,
        },
        custom_domain: is_custom
            .then(|| serde_json::json!({ "domain": request.host, "domain_metadata": {} })),
        organization: granted.organization.as_deref().map(|organization| Organization {
            id: &organization.id,
            display_name: organization.display_name.as_deref(),
            metadata: organization.metadata.as_ref().unwrap_or(&NO_NOTES),
            name: &organization.name,
        }),
        request: Request {
            body: body(request),
            geoip: BTreeMap::new(),
            hostname: &request.host,
            ip: issuance.ip().map(|ip| ip.to_string()).unwrap_or_default(),
            method: "POST",
            user_agent: request.user_agent.as_deref(),
        },
        resource_server: ResourceServer { identifier: &granted.api.view.identifier },
        tenant: Tenant { id: tenant.name() },
        transaction: Transaction {
            correlation_id: request.rest.get("correlation_id").and_then(Value::as_str),
            requested_scopes: split(request.scope.as_deref().unwrap_or_default()).collect(),
            target_scopes,
        },
        secrets: super::secrets(action),
    }
}

/// The parameters of the request but its credentials.
fn body(request: &crate::token::Request) -> Object {
    let read = [
        ("grant_type", &request.grant_type),
        ("client_id", &request.client_id),
        ("audience", &request.audience),
        ("resource", &request.resource),
        ("scope", &request.scope),
        ("organization", &request.organization),
        ("client_assertion_type", &request.client_assertion_type),
        ("authorization_details", &request.authorization_details),
    ];
    let read = read.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())));
    read.chain(without_credentials(&request.rest)).collect()
}

/// The scopes of a text.
pub fn split(scope: &str) -> impl Iterator<Item = &str> {
    scope.split(' ').filter(|scope| !scope.is_empty())
}
