//! Network ACLs, held against every request before any door sees it. Without a rule it costs a branch.

use std::net::IpAddr;

use axum::{
    Json,
    body::Body,
    extract::Request,
    response::{IntoResponse, Redirect, Response},
};
use http::{StatusCode, header::USER_AGENT};
use idp::{
    Tenant,
    log::Event,
    snapshot::{Acl, Sent},
};
use model::{LogType, network_acl::NetworkAclScope};
use serde_json::json;
use web::Origin;

use crate::health;

/// Why a request goes no further.
#[derive(Debug, Clone)]
pub enum Refusal {
    Blocked { in_management: bool },
    Redirected { to: String },
}

/// What a tenant's rules say of a request: the first that means it decides, but for those that only watch.
pub fn judge(tenant: &Tenant, origin: &Origin, request: &Request<Body>) -> Option<Refusal> {
    let snapshot = tenant.snapshot();
    if snapshot.limits.acls.is_empty() {
        return None;
    }
    let scope = scope(request.uri().path())?;
    // Whoever sits at this machine cannot lock himself out: he can always change the rules.
    if scope == NetworkAclScope::Management && is_this_machine(origin) {
        return None;
    }
    let agent = request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok());
    let Origin { ip, peer, host, .. } = origin;
    let sent = Sent { ip: *ip, peer: *peer, host, user_agent: agent, scope };
    for acl in snapshot.limits.acls.iter().filter(|acl| acl.means(&sent)) {
        report(tenant, acl, *ip);
        let action = &acl.rule.action;
        if action.log == Some(true) {
            continue;
        }
        return match (action.redirect, &action.redirect_uri) {
            (Some(true), Some(uri)) => Some(Refusal::Redirected { to: uri.clone() }),
            _ if action.block == Some(true) => {
                Some(Refusal::Blocked { in_management: scope == NetworkAclScope::Management })
            }
            _ => None,
        };
    }
    None
}

/// Which rules a path stands behind; the question of a load balancer behind none.
fn scope(path: &str) -> Option<NetworkAclScope> {
    match path {
        health::LIVE | health::READY | health::OLDER => None,
        "/oidc/register" => Some(NetworkAclScope::DynamicClientRegistration),
        _ if ["/api/", "/scim/"].iter().any(|door| path.starts_with(door)) => {
            Some(NetworkAclScope::Management)
        }
        _ => Some(NetworkAclScope::Authentication),
    }
}

fn is_this_machine(origin: &Origin) -> bool {
    [origin.ip, origin.peer].iter().all(IpAddr::is_loopback)
}

/// The log hears of each rule once a minute.
fn report(tenant: &Tenant, acl: &Acl, ip: IpAddr) {
    let counted = tenant.usage().count((tenant.name(), &acl.id, "network acl"), tenant.clock().now(), 0);
    if !counted.may_log {
        return;
    }
    let action = &acl.rule.action;
    let is_on = |(name, on): (&'static str, Option<bool>)| (on == Some(true)).then_some(name);
    let actions = [
        ("allow", action.allow),
        ("block", action.block),
        ("redirect", action.redirect),
        ("log", action.log),
    ];
    let action: serde_json::Map<_, _> =
        actions.into_iter().filter_map(is_on).map(|name| (name.to_owned(), json!(true))).collect();
    let mut event = Event {
        ip: Some(ip.to_string()),
        ..Event::new(LogType::AclsSummary, LogType::AclsSummary.description())
    };
    let details = json!({
        "acls_summary": {
            "acl_id": acl.id, "description": acl.description, "priority": acl.priority, "action": action,
        },
    });
    event.rest.insert("details".into(), details);
    tenant.log(event);
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        match self {
            Refusal::Redirected { to } => Redirect::temporary(&to).into_response(),
            Refusal::Blocked { in_management: true } => {
                let body = json!({ "statusCode": 403, "error": "Forbidden", "message": BLOCKED });
                (StatusCode::FORBIDDEN, Json(body)).into_response()
            }
            Refusal::Blocked { in_management: false } => {
                let body = json!({ "error": "access_denied", "error_description": BLOCKED });
                (StatusCode::FORBIDDEN, Json(body)).into_response()
            }
        }
    }
}

const BLOCKED: &str = "This request is not let in by a rule of the tenant.";
