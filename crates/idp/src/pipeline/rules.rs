//! Rules: functions that run one after the other, each given what the one before it called back.

use model::client::SecurityMode;
use schema::Object;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    Occurrence, Protocol,
    flow::{Flow, Token, is_for_ourselves},
    scene::{Scene, profile},
};
use crate::{
    Code, Result, Tenant,
    actions::{self, FAILED, Failure, Pass, Piece, Tried, UNAUTHORIZED, thrown},
    clock,
};

/// What a rule came to.
enum Came {
    On { user: Value, context: Value },
    Denied(String),
}

/// Runs the rules of the tenant, and answers what they decided, and where somebody has to go first.
pub async fn run(scene: &Scene<'_>, pass: &mut Pass<'_>) -> Result<(Flow, Option<String>)> {
    let (rules, mut flow) = (scene.snapshot.rules(), Flow::default());
    let Some(last) = rules.len().checked_sub(1) else { return Ok((flow, None)) };
    let client = &scene.occurrence.client.view;
    if !client.is_first_party && client.third_party_security_mode == Some(SecurityMode::Strict) {
        return Code::AccessDenied.refuse("Rules do not run for third-party applications in strict mode.");
    }
    let configuration = actions::exposed(scene.snapshot.rules_configuration());
    let auth0 = auth0(scene.tenant);
    let (mut user, mut context) = (Value::Object(user(scene)), context(scene)?);
    let mut redirect = None;
    for (n, rule) in rules.iter().enumerate() {
        let event = [&user, &context, &configuration, &auth0];
        let piece = Piece { name: &rule.name, script: &rule.script, given: None };
        let came = pass.run(piece, &event, |outcome, _, remarks| {
            let came = read(outcome)?;
            // What the last of them leaves counts; it is held against the rules where its failure is told.
            if let (Came::On { context, .. }, true) = (&came, n == last) {
                let of =
                    Of { user_id: &scene.occurrence.user.user_id, is_for_ourselves: is_for_ourselves(scene) };
                redirect = decided(of, context, &mut flow, remarks)?;
            }
            Ok(came)
        });
        match came.await? {
            Ok(Came::On { user: next_user, context: next }) => (user, context) = (next_user, next),
            Ok(Came::Denied(why)) => return Code::AccessDenied.refuse(why),
            Err(Failure::Threw(thrown)) if thrown.name == MULTIFACTOR => {
                return Code::AccessDenied.refuse(NO_FACTOR);
            }
            Err(_) => return Code::ServerError.refuse(FAILED),
        }
        flow.rules.push(rule.id.to_string());
    }
    Ok((flow, redirect))
}

fn read(outcome: std::result::Result<Value, Failure>) -> std::result::Result<Came, Failure> {
    let mut result = match outcome {
        Ok(Value::Object(result)) => result,
        Ok(_) => Map::new(),
        Err(Failure::Threw(thrown)) if thrown.name == UNAUTHORIZED => {
            return Ok(Came::Denied(actions::reason(&thrown.message.into())));
        }
        Err(failure) => return Err(failure),
    };
    match (result.remove("user"), result.remove("context")) {
        (Some(user @ Value::Object(_)), Some(context @ Value::Object(_))) => Ok(Came::On { user, context }),
        _ => Err(thrown("The rule did not call back a user and a context")),
    }
}

/// Tries a rule with a person and a login that somebody made up, and tells what it came to, as a login would take it.
/// Nothing of it is kept.
pub async fn try_rule(tenant: &Tenant, script: &str, user: Object, context: Object) -> Result<Tried> {
    // Whoever the login is said to be, so that only a rule that names another is told so.
    let user_id = context.get("primaryUser").or_else(|| user.get("user_id"));
    let user_id = user_id.and_then(Value::as_str).unwrap_or_default().to_owned();
    let configuration = actions::exposed(tenant.snapshot().rules_configuration());
    let event = [Value::Object(user), Value::Object(context), configuration, auth0(tenant)];
    let mut tried = actions::tried(tenant, &actions::rule(script), &event, None).await?;
    let of = Of { user_id: &user_id, is_for_ourselves: false };
    let outcome = std::mem::replace(&mut tried.outcome, Ok(Value::Null));
    let came = read(outcome).and_then(|came| {
        if let Came::On { context, .. } = &came {
            decided(of, context, &mut Flow::default(), &mut tried.logs)?;
        }
        Ok(came)
    });
    tried.payload = match came {
        Ok(Came::On { user, context }) => json!({ "user": user, "context": context }),
        Ok(Came::Denied(why)) => json!({ "denied": why }),
        Err(failure) => json!({ "error": actions::told(&failure) }),
    };
    Ok(tried)
}

/// Whose tokens a rule shapes.
struct Of<'a> {
    user_id: &'a str,
    /// Whether the access token is for an API of this server's own.
    is_for_ourselves: bool,
}

/// What the context says in the end.
fn decided(
    Of { user_id, is_for_ourselves }: Of<'_>,
    context: &Value,
    flow: &mut Flow,
    remarks: &mut Vec<String>,
) -> std::result::Result<Option<String>, Failure> {
    if context["primaryUser"].as_str().is_some_and(|id| id != user_id) {
        return Err(thrown("context.primaryUser names somebody else, which this server does not support"));
    }
    wants_no_factor(&context["multifactor"])?;
    for (token, name) in [(Token::Id, "idToken"), (Token::Access, "accessToken")] {
        let Value::Object(claims) = &context[name] else { continue };
        for (claim, value) in claims.iter().filter(|(claim, _)| *claim != "scope") {
            flow.claim(is_for_ourselves, (token, claim, value), remarks)?;
        }
    }
    flow.scope = scopes(&context["accessToken"]["scope"])?;
    match &context["redirect"] {
        Value::Null => Ok(None),
        redirect => address(redirect["url"].as_str().unwrap_or_default()).map(|url| Some(url.into())),
    }
}

/// Where somebody can be sent.
pub fn address(url: &str) -> std::result::Result<Url, Failure> {
    let url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    url.filter(|url| url.as_str().len() <= LONGEST)
        .ok_or_else(|| thrown("Somebody can be sent only to an absolute address, of http or https"))
}

/// Fails where a second factor is asked for: there are none yet, and nobody shall believe that one was shown.
pub fn wants_no_factor(asked: &Value) -> std::result::Result<(), Failure> {
    let provider = asked.as_str().or_else(|| asked["provider"].as_str());
    match (asked, provider) {
        (Value::Null | Value::Bool(false), _) | (_, Some("none")) => Ok(()),
        _ => Err(Failure::Threw(::actions::Thrown {
            name: MULTIFACTOR.into(),
            message: NO_FACTOR.into(),
            stack: String::new(),
        })),
    }
}

/// The name of the error of code that asks for a second factor.
pub const MULTIFACTOR: &str = "MultifactorError";
pub const NO_FACTOR: &str = "A second factor is required, and this server has none yet.";

fn scopes(scope: &Value) -> std::result::Result<Option<Vec<String>>, Failure> {
    let words: Option<Vec<&str>> = match scope {
        Value::Null => return Ok(None),
        Value::String(scope) => Some(scope.split_ascii_whitespace().collect()),
        Value::Array(scopes) => scopes.iter().map(Value::as_str).collect(),
        _ => None,
    };
    match words.filter(|words| words.iter().all(|word| is_scope(word))) {
        Some(words) => Ok(Some(words.into_iter().map(str::to_owned).collect())),
        None => Err(thrown("context.accessToken.scope must be a list of scopes")),
    }
}

/// RFC 6749 §3.3
pub fn is_scope(text: &str) -> bool {
    let is_letter = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    (1..=280).contains(&text.len()) && text.bytes().all(is_letter)
}

/// The person. What applications know of them stands beside the rest, too, as long as nothing else has that name.
fn user(scene: &Scene<'_>) -> Object {
    let mut user = profile(scene.occurrence.user);
    for (name, value) in scene.occurrence.user.app_metadata.iter().flatten() {
        user.entry(name.clone()).or_insert_with(|| value.clone());
    }
    user
}

/// What rules know of this server; a token for its Management API is not among it, since they reach no network.
fn auth0(tenant: &Tenant) -> Value {
    let domain = tenant.domain();
    json!({ "domain": domain, "baseUrl": format!("https://{domain}/api/v2") })
}

fn context(scene: &Scene<'_>) -> Result<Value> {
    let Occurrence { client, user, session, request, methods, protocol, .. } = scene.occurrence;
    let view = scene.connection.map(|connection| &connection.view);
    let methods = methods.iter().map(|method| {
        let mut told = json!({ "name": method.name, "timestamp": clock::milliseconds(&method.timestamp)? });
        if let Some(kind) = &method.r#type {
            told["type"] = json!(kind);
        }
        Ok(told)
    });
    let methods = methods.collect::<Result<Vec<_>>>()?;
    let [query, body] = scene.parameters();
    let is_sso = !scene.clients.is_empty();
    let is_database = scene.connection.is_some_and(|connection| connection.is_database());
    let mut context = json!({
        "tenant": scene.tenant.name(),
        "clientID": client.view.client_id,
        "clientName": client.view.name,
        "clientMetadata": scene.client_metadata(),
        "connection": scene.occurrence.connection,
        "connectionID": view.map(|view| &view.id),
        "connectionStrategy": view.map(|view| &view.strategy),
        "connectionOptions": {},
        "connectionMetadata": scene.connection_metadata(),
        "protocol": if scene.occurrence.resumed.is_some() { Protocol::RedirectCallback } else { *protocol }.as_str(),
        "stats": { "loginsCount": scene.logins_count() },
        "sso": { "with_auth0": false, "with_dbconn": is_sso && is_database, "current_clients": scene.clients },
        "accessToken": {},
        "idToken": {},
        "request": {
            "userAgent": request.user_agent,
            "ip": request.ip.to_string(),
            "hostname": request.host,
            "query": query,
            "body": body,
            // Nobody here knows where an address is.
            "geoip": {},
        },
        "primaryUser": user.user_id,
        "authentication": { "methods": methods },
        "authorization": { "roles": scene.roles },
    });
    if let Some(session) = session {
        context["sessionID"] = json!(session.id);
    }
    Ok(context)
}

/// The longest address that somebody is sent to.
const LONGEST: usize = 8_000;
