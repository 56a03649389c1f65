//! `POST /oauth/token`: form or JSON in, a token or a refusal out, and one event for the log.

use std::{sync::Arc, time::Instant};

use axum::{
    Extension,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use idp::{
    Tenant,
    log::{Event, Outcome, cut},
    token::{self, Answered, Issued, Request},
};
use model::{GrantType, LogType, Secret};
use serde::Serialize;
use web::{Buckets, Origin};

use crate::{cors, error::Error, limit, parameters::read};

/// The token endpoint, as often as the tenant may be asked.
pub async fn token(
    State(buckets): State<Arc<Buckets>>,
    Extension(tenant): Extension<Tenant>,
    Extension(origin): Extension<Origin>,
    request: axum::extract::Request,
) -> Response {
    let standing = match limit::take(&buckets, &tenant, Some(&origin)) {
        Ok(standing) => standing,
        Err(refusal) => return *refusal,
    };
    // Taken apart, not copied, as extractors of its parts would.
    let (parts, body) = request.into_parts();
    let mut response = answer(&tenant, &origin, parts, body).await;
    standing.write(response.headers_mut());
    response
}

async fn answer(tenant: &Tenant, origin: &Origin, parts: Parts, body: Body) -> Response {
    match read(&parts, origin, body).await {
        Err(refusal) => refusal.into_response(),
        Ok(mut request) => {
            let began = Instant::now();
            let Answered { outcome, mut notes } = token::issue(tenant, &request).await;
            request.client_id = notes.client_id.take().or(request.client_id);
            let asker = request.client_id.clone().filter(|_| parts.headers.contains_key(header::ORIGIN));
            let (mut response, mut event) = match outcome {
                Ok(issued) => {
                    let response = print(&issued);
                    let event = succeeded(&request, issued, origin, &parts.headers);
                    (response, counted(event, began, None, (true, true)))
                }
                Err(refused) => {
                    let (knows_client, knows_api) = known(tenant, &request);
                    let reason = notes.reason(&refused, knows_client);
                    let refusal = Error::from(refused);
                    refusal.trace(tenant, parts.uri.path());
                    let mut event = failed(tenant, request, &refusal, origin, &parts.headers);
                    if let Some(cause) = notes.client_authentication_error {
                        event.description = FAILED_AUTHENTICATION.to_owned();
                        let details = serde_json::json!({ "client_authentication_error": cut(&cause) });
                        event.rest.insert("details".into(), details);
                    }
                    notes.trace.reason = Some(reason);
                    let event = counted(event, began, Some(reason), (knows_client, knows_api));
                    (refusal.into_response(), event)
                }
            };
            tell(&mut event, notes.actions);
            if !notes.is_told_elsewhere {
                if let Some(ip) = notes.ip {
                    let peer = event.ip.replace(ip.to_string());
                    event.rest.insert("client_ip".into(), peer.into());
                }
                let event = Event { trace: Some(Box::new(notes.trace)), ..event };
                notes.headers.push((LOG_ID, tenant.log_and_tell(event)));
            }
            for (name, value) in notes.headers {
                if let Ok(value) = HeaderValue::try_from(value) {
                    response.headers_mut().insert(name, value);
                }
            }
            cors::share(tenant, asker.as_deref(), &parts.headers, response.headers_mut());
            response
        }
    }
}

/// Tells in the event's details what customers' code did.
fn tell(event: &mut Event, actions: Option<serde_json::Value>) {
    if let Some(actions) = actions {
        let details = event.rest.entry("details").or_insert_with(|| serde_json::json!({}));
        details["actions"] = actions;
    }
}

/// The event, with what is counted of it.
fn counted(
    event: Event,
    began: Instant,
    refusal: Option<&'static str>,
    (knows_client, knows_api): (bool, bool),
) -> Event {
    let refusal = refusal.map(Into::into);
    let outcome = Outcome { refusal, took: began.elapsed(), knows_client, knows_api };
    Event { outcome: Some(outcome), ..event }
}

/// Whether the client and the API that a request names exist.
fn known(tenant: &Tenant, request: &Request) -> (bool, bool) {
    let snapshot = tenant.snapshot();
    (
        request.client_id.as_deref().is_some_and(|id| snapshot.client(id).is_some()),
        request.audience.as_deref().is_some_and(|audience| snapshot.api(audience).is_some()),
    )
}

/// The answer, its members in the recorded order.
#[derive(Serialize)]
struct Success<'a> {
    access_token: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token_expires_in: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<&'a str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    scope: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authorization_details: &'a [serde_json::Value],
    expires_in: i64,
    token_type: &'static str,
}

fn print(issued: &Issued) -> Response {
    let body = Success {
        access_token: &issued.access_token,
        refresh_token: issued.refresh_token.as_ref().map(Secret::expose),
        refresh_token_expires_in: issued.refresh_token_expires_in,
        id_token: issued.id_token.as_deref(),
        scope: &issued.scope,
        authorization_details: &issued.authorization_details,
        expires_in: issued.expires_in,
        token_type: issued.token_type,
    };
    let body = serde_json::to_vec(&body).expect("a struct of texts and numbers is always JSON");
    let mut response = Response::new(Body::from(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    response
}

fn succeeded(request: &Request, issued: Issued, origin: &Origin, headers: &HeaderMap) -> Event {
    let mut event = Event {
        client_id: request.client_id.clone(),
        client_name: Some(cut(&issued.client_name)),
        scope: Some(issued.scope).filter(|scope| !scope.is_empty()),
        audience: Some(issued.audience),
        ..event(kinds(request).0, kinds(request).0.description().to_owned(), origin, headers)
    };
    (event.user_id, event.user_name) = issued.user.unzip();
    if let Some((id, name)) = issued.organization {
        event.organization_id = Some(id);
        event.rest.insert("organization_name".into(), name.into());
    }
    if let Some(thumbprint) = issued.certificate {
        event.rest.insert("mtls_thumbprint_sha256".into(), thumbprint.into());
    }
    if let Some(jti) = issued.jti {
        event.rest.insert("details".into(), serde_json::json!({ "access_token_jti": jti }));
    }
    event
}

fn failed(tenant: &Tenant, request: Request, refusal: &Error, origin: &Origin, headers: &HeaderMap) -> Event {
    let known = request.client_id.as_deref().and_then(|id| tenant.snapshot().client(id).cloned());
    Event {
        client_name: known.map(|client| cut(&client.view.name)),
        client_id: request.client_id.as_deref().map(cut),
        scope: request.scope.as_deref().map(cut),
        audience: request.audience.as_deref().map(cut),
        ..event(kinds(&request).1, cut(refusal.description()), origin, headers)
    }
}

/// Auth0's word in the log for a proof by key or certificate that is not believed; the cause is in its details.
const FAILED_AUTHENTICATION: &str = "Failed client authentication";
/// Where an answer says under which identifier the log keeps what became of it.
const LOG_ID: &str = "x-countersign-log-id";

/// The events of a grant that succeeded and of one that was refused.
fn kinds(request: &Request) -> (LogType, LogType) {
    match request.grant_type.as_deref().and_then(GrantType::from_wire) {
        Some(GrantType::AuthorizationCode) => (LogType::Seacft, LogType::Feacft),
        Some(GrantType::RefreshToken) => (LogType::Sertft, LogType::Fertft),
        Some(GrantType::Password | GrantType::PasswordRealm) => (LogType::Sepft, LogType::Fepft),
        Some(GrantType::DeviceCode) => (LogType::Sede, LogType::Fede),
        _ => (LogType::Seccft, LogType::Feccft),
    }
}

pub fn event(kind: LogType, description: String, origin: &Origin, headers: &HeaderMap) -> Event {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    Event {
        ip: Some(origin.ip.to_string()),
        hostname: Some(origin.host.clone()),
        user_agent: agent.map(cut),
        ..Event::new(kind, description)
    }
}
