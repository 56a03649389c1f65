//! The actions of the trigger `post-login`, one after the other.

use model::client::Initiator;
use serde_json::{Value, json};

use super::{
    Occurrence,
    flow::{self, Flow, Token},
    rules::{self, MULTIFACTOR, NO_FACTOR},
    scene::{Scene, profile},
};
use crate::{
    Code, Result,
    actions::{self, Call, FAILED, Failure, Pass, Piece, text, thrown},
    clock, session,
    snapshot::actions::{BoundAction, Trigger},
};

/// What an action came to.
enum Came {
    On,
    Denied(String),
    /// Denied, and the session ends.
    Revoked(String),
    Away(String),
}

/// Runs the actions that are bound, from the one on that goes on; answers where somebody has to go first, and the action
/// that says so.
pub async fn run(
    scene: &Scene<'_>,
    pass: &mut Pass<'_>,
    flow: &mut Flow,
    from: Option<&str>,
) -> Result<Option<(String, String)>> {
    let bound = scene.snapshot.bound(Trigger::PostLogin);
    let start = match from {
        Some(id) => bound.iter().position(|action| &*action.id == id),
        None => Some(0),
    };
    let Some(start) = start else {
        return Code::AccessDenied.refuse("The action that is to go on is no longer bound.");
    };
    for action in &bound[start..] {
        let goes_on = from == Some(&*action.id);
        let script = match &action.continuing {
            Some(continuing) if goes_on => continuing,
            _ => &action.script,
        };
        let (event, given) = (event(scene, flow, action), given(scene, flow, goes_on));
        let piece = Piece { name: &action.name, script, given: Some(&given) };
        let came = pass.run(piece, &event, |outcome, calls, remarks| {
            outcome?;
            take(scene, flow, calls, goes_on, remarks)
        });
        match came.await? {
            Ok(Came::On) => {}
            Ok(Came::Away(url)) => return Ok(Some((url, action.id.to_string()))),
            Ok(Came::Denied(why)) => {
                flow.apply(scene).await?;
                return Code::AccessDenied.refuse(why);
            }
            Ok(Came::Revoked(why)) => {
                flow.apply(scene).await?;
                if let Some(of) = scene.occurrence.session {
                    session::end(scene.tenant, of, Initiator::SessionRevoked).await?;
                }
                return Code::AccessDenied.refuse(why);
            }
            Err(Failure::Threw(thrown)) if thrown.name == MULTIFACTOR => {
                return Code::AccessDenied.refuse(NO_FACTOR);
            }
            Err(_) => return Code::ServerError.refuse(FAILED),
        }
    }
    Ok(None)
}

/// What `api` answers from.
fn given(scene: &Scene<'_>, flow: &Flow, goes_on: bool) -> Value {
    let Occurrence { request, user, resumed, .. } = scene.occurrence;
    json!({
        "canRedirect": scene.can_redirect() && !goes_on,
        "rules": flow.rules,
        "iss": request.host,
        "sub": user.user_id,
        "ip": request.ip.to_string(),
        "parameters": resumed.as_ref().filter(|_| goes_on).map(|resumed| &resumed.parameters).unwrap_or(&NOTHING),
    })
}

static NOTHING: std::sync::LazyLock<schema::Object> = std::sync::LazyLock::new(schema::Object::new);

/// Takes in the calls of an action, in their order.
fn take(
    scene: &Scene<'_>,
    flow: &mut Flow,
    calls: &[Call],
    goes_on: bool,
    remarks: &mut Vec<String>,
) -> std::result::Result<Came, Failure> {
    let (mut came, is_for_ourselves) = (Came::On, flow::is_for_ourselves(scene));
    for Call { name, arguments } in calls {
        let argument = |n: usize| arguments.get(n).unwrap_or(&Value::Null);
        let first = || text(argument(0), name);
        match name.as_str() {
            "access.deny" => came = Came::Denied(actions::reason(argument(0))),
            "validation.error" => came = Came::Denied(actions::reason(argument(1))),
            "session.revoke" => came = Came::Revoked(actions::reason(argument(0))),
            "redirect.sendUserTo" if goes_on => {
                return Err(thrown("api.redirect.sendUserTo cannot be called by an action that goes on"));
            }
            "redirect.sendUserTo" => came = Came::Away(sent_to(first()?, argument(1))?),
            "idToken.setCustomClaim" => {
                flow.claim(is_for_ourselves, (Token::Id, first()?, argument(1)), remarks)?;
            }
            "accessToken.setCustomClaim" => {
                flow.claim(is_for_ourselves, (Token::Access, first()?, argument(1)), remarks)?;
            }
            "accessToken.addScope" => {
                let (scope, scopes) = (first()?, flow.scopes(scene));
                if !rules::is_scope(scope) {
                    return Err(thrown("api.accessToken.addScope was not given a scope"));
                }
                if !scopes.iter().any(|known| known == scope) {
                    scopes.push(scope.to_owned());
                }
            }
            "accessToken.removeScope" => {
                let scope = first()?;
                flow.scopes(scene).retain(|known| known != scope);
            }
            "user.setUserMetadata" => {
                flow::note(&mut flow.user_metadata, "user_metadata", (first()?, argument(1)))?;
            }
            "user.setAppMetadata" => {
                flow::note(&mut flow.app_metadata, "app_metadata", (first()?, argument(1)))?;
            }
            "transaction.setMetadata" => {
                drop(flow.transaction.insert(first()?.to_owned(), argument(1).clone()));
            }
            "session.setMetadata" => of_session(scene, flow, first()?, argument(1))?,
            "session.deleteMetadata" => of_session(scene, flow, first()?, &Value::Null)?,
            "session.evictMetadata" => {
                let known = scene.occurrence.session.and_then(|session| session::metadata(session).ok());
                let names = known.unwrap_or_default().into_iter().map(|(name, _)| (name, Value::Null));
                flow.session_metadata = names.collect();
            }
            "multifactor.enable" => rules::wants_no_factor(argument(0))?,
            "authentication.challengeWith"
            | "authentication.challengeWithAny"
            | "authentication.enrollWith"
            | "authentication.enrollWithAny" => rules::wants_no_factor(&Value::Bool(true))?,
            "authentication.setPrimaryUser" if first()? == scene.occurrence.user.user_id => {}
            other if UNSUPPORTED.iter().any(|name| other.starts_with(name)) => {
                return Err(thrown(&format!("api.{other} is not supported by this server")));
            }
            // Of `cache`, which was served already, and of SAML, which nobody speaks here.
            _ => {}
        }
    }
    Ok(came)
}

/// What would be silently without effect, and so fails.
const UNSUPPORTED: [&str; 9] = [
    "authentication.",
    "groups.",
    "prompt.",
    "refreshToken.",
    "roles.",
    "session.setCookieMode",
    "session.setExpiresAt",
    "session.setIdleExpiresAt",
    "multifactor.",
];

/// An address with more in its query.
fn sent_to(url: &str, options: &Value) -> std::result::Result<String, Failure> {
    let mut url = rules::address(url)?;
    if let Value::Object(query) = &options["query"] {
        let mut pairs = url.query_pairs_mut();
        for (name, value) in query {
            match value {
                Value::Null => continue,
                Value::String(value) => pairs.append_pair(name, value),
                value => pairs.append_pair(name, &value.to_string()),
            };
        }
    }
    rules::address(url.as_str()).map(String::from)
}

/// Notes what is to be kept with the session: short texts, and few of them.
fn of_session(
    scene: &Scene<'_>,
    flow: &mut Flow,
    name: &str,
    value: &Value,
) -> std::result::Result<(), Failure> {
    if scene.occurrence.session.is_none() {
        return Err(thrown("There is no session whose metadata could be set"));
    }
    let is_short = |text: &str| text.chars().count() <= 255 && !text.contains('\0');
    if !is_short(name) || !(value.is_null() || value.as_str().is_some_and(is_short)) {
        return Err(thrown("Metadata of a session are texts of at most 255 characters"));
    }
    flow.session_metadata.insert(name.to_owned(), value.clone());
    match flow.session_metadata.len() <= MOST_OF_SESSION {
        true => Ok(()),
        false => Err(thrown("A session has at most 25 metadata")),
    }
}

const MOST_OF_SESSION: usize = 25;

/// What an action is told, in the order in which Auth0 documents it.
fn event(scene: &Scene<'_>, flow: &Flow, action: &BoundAction) -> Value {
    let Occurrence { client, user, session, request, audience, methods, asked, .. } = scene.occurrence;
    let [query, body] = scene.parameters();
    let mut profile = profile(user);
    for metadata in ["user_metadata", "app_metadata"] {
        profile.entry(metadata).or_insert_with(|| json!({}));
    }
    profile.insert("enrolledFactors".into(), json!([]));
    let mut event = json!({
        "authentication": { "methods": methods },
        "authorization": { "roles": scene.roles },
        "client": {
            "client_id": client.view.client_id,
            "name": client.view.name,
            "metadata": scene.client_metadata(),
        },
        "request": {
            "geoip": {},
            "hostname": request.host,
            "ip": request.ip.to_string(),
            "method": if asked.is_some() { "GET" } else { "POST" },
            "query": query,
            "body": body,
            "user_agent": request.user_agent,
        },
        "stats": { "logins_count": scene.logins_count() },
        "tenant": { "id": scene.tenant.name() },
        "transaction": transaction(scene, flow),
        "user": profile,
        "configuration": {},
        "secrets": actions::exposed(&action.secrets),
    });
    if let Some(connection) = scene.connection {
        event["connection"] = json!({
            "id": connection.view.id,
            "name": connection.view.name,
            "strategy": connection.view.strategy,
            "metadata": scene.connection_metadata(),
        });
    }
    if request.host != scene.tenant.domain() && scene.tenant.answers_on(&request.host) {
        event["custom_domain"] = json!({ "domain": request.host, "domain_metadata": {} });
    }
    if let Some(audience) = audience {
        event["resource_server"] = json!({ "identifier": audience });
    }
    if let Some(session) = session {
        let at = |seconds: i64| clock::iso(seconds * 1000);
        event["session"] = json!({
            "id": session.id,
            "user_id": session.user_id,
            "created_at": at(session.created),
            "authenticated_at": at(session.authenticated),
            "updated_at": at(session.used),
            "last_interacted_at": at(session.used),
            "expires_at": at(session.expires),
            "idle_expires_at": at(session.idle_expires),
            "clients": scene.clients.iter().map(|id| json!({ "client_id": id })).collect::<Vec<_>>(),
            "cookie": { "mode": if session.is_ephemeral { "non-persistent" } else { "persistent" } },
            "device": {
                "initial_ip": session.ip,
                "initial_user_agent": session.user_agent,
                "last_ip": session.last_ip,
                "last_user_agent": session.last_user_agent,
            },
            "metadata": session::metadata(session).unwrap_or_default(),
        });
    }
    event
}

fn transaction(scene: &Scene<'_>, flow: &Flow) -> Value {
    let occurrence = scene.occurrence;
    let words = |text: Option<&str>| -> Vec<String> {
        text.unwrap_or_default().split_ascii_whitespace().map(str::to_owned).collect()
    };
    let asked = occurrence.asked;
    let asked_for = asked.map_or(Some(occurrence.scope), |asked| asked.scope.as_deref());
    let mut transaction = json!({
        "protocol": occurrence.protocol.as_str(),
        "requested_scopes": words(asked_for),
        "acr_values": words(asked.and_then(|asked| asked.acr_values.as_deref())),
        "prompt": words(asked.and_then(|asked| asked.prompt.as_deref())),
        "ui_locales": words(asked.and_then(|asked| asked.ui_locales.as_deref())),
        "metadata": flow.transaction,
    });
    let Some(asked) = asked else { return transaction };
    transaction["response_type"] = json!(words(asked.response_type.as_deref()));
    for (name, value) in [
        ("redirect_uri", &asked.redirect_uri),
        ("response_mode", &asked.response_mode),
        ("login_hint", &asked.login_hint),
        ("state", &asked.state),
        ("correlation_id", &asked.correlation_id),
    ] {
        if let Some(value) = value {
            transaction[name] = json!(value);
        }
    }
    transaction
}
