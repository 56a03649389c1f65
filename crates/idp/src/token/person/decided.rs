//! What customers' code decides where nobody is at a browser: with a password, with a refresh token.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, PoisonError},
};

use model::User;
use schema::Object;
use serde_json::Value;

use crate::{
    Code, Error, Occasion, Result,
    pipeline::{self, Go, Method, Occurrence, Protocol, Verdict},
    snapshot::RegisteredClient,
    token::{Authorization, Issuance},
};

/// What is issued says more, or less; nobody can be sent anywhere from here.
pub async fn by_code(
    issuance: &Issuance<'_>,
    client: &Arc<RegisteredClient>,
    (user, authorization): (&User, &Authorization),
    scope: &str,
    protocol: Protocol,
) -> Result<Go> {
    let methods: Vec<Method> = authorization
        .methods
        .iter()
        .filter_map(|method| serde_json::from_value(method.clone()).ok())
        .collect();
    let occurrence = Occurrence {
        protocol,
        client,
        connection: authorization.connection.as_deref(),
        user,
        session: None,
        asked: None,
        request: &occasion(issuance, client),
        audience: authorization.audience.as_deref(),
        scope,
        methods: &methods,
        is_silent: true,
        resumed: None,
    };
    let decided = pipeline::run(issuance.tenant, occurrence).await;
    if matches!(&decided, Err(Error::Refused { code: Code::ServerError, .. })) {
        issuance.note(|notes| notes.reason = Some("action"));
    }
    match decided? {
        Verdict::Go(go) => Ok(*go),
        Verdict::Redirect { .. } => {
            Code::InteractionRequired.refuse("Nobody can be sent anywhere where no browser is.")
        }
    }
}

/// The request as customers' code and the log are told of it: from the address that is believed, without secrets.
pub fn occasion(issuance: &Issuance<'_>, client: &Arc<RegisteredClient>) -> Occasion {
    let request = issuance.request;
    let mut body = Object::new();
    for (name, value) in [
        ("grant_type", &request.grant_type),
        ("client_id", &request.client_id),
        ("audience", &request.audience),
        ("scope", &request.scope),
        ("username", &request.username),
        ("realm", &request.realm),
    ] {
        if let Some(value) = value {
            body.insert(name.into(), Value::String(value.clone()));
        }
    }
    body.extend(request.rest.clone());
    Occasion {
        client: Some(client.clone()),
        ip: believed_ip(issuance),
        user_agent: request.user_agent.clone(),
        host: request.host.clone(),
        body,
        query: Object::new(),
    }
}

/// The address that the request is believed to come from.
pub fn believed_ip(issuance: &Issuance<'_>) -> IpAddr {
    let forwarded = issuance.notes.lock().unwrap_or_else(PoisonError::into_inner).ip;
    forwarded.or(issuance.request.ip).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
