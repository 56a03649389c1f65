//! Finding anything by a part of its name, or by its identifier, so that it keeps up with typing: applications and APIs
//! from memory, people by how a name or address begins.

use std::collections::HashSet;

use http::Method;
use idp::{Document, clock::iso};
use model::{ClientGrant, User, role::Role};
use schema::{Object, Resource};
use serde_json::{Value, json};
use store::{Order, Part, Term, Terms, Wanted};

use crate::{Answer, Call, Error, Operation, clients::text, error::Result, operation::run};

pub fn operations() -> Vec<Operation> {
    let scopes = &[
        "read:clients",
        "read:client_summary",
        "read:resource_servers",
        "read:client_grants",
        "read:connections",
        "read:logs",
        "read:users",
        "read:roles",
    ];
    vec![Operation::ours(Method::GET, "/search", "Search", scopes, run!(search)).reading(&["q"])]
}

/// How well something fits; the first fits best.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Exact,
    Beginning,
    Within,
}

/// Something that was found.
struct Hit {
    fit: Fit,
    kind: &'static str,
    id: String,
    name: String,
    detail: String,
}

const MOST: usize = 20;
/// From how many characters on people are looked for.
const LEAST_OF_A_NAME: usize = 2;
/// Nobody is found by more bytes.
const LONGEST_NAME: usize = 300;
/// What people are called, as it is searched without case.
const NAMES: &[&str] = &["email", "username", "name", "nickname", "given_name", "family_name"];
/// What somebody is called by as a whole.
const WHOLE_NAMES: &[&str] = &["email", "username", "name"];
/// The longest `q`, in characters.
const LONGEST: usize = 600;

async fn search(call: Call) -> Result<Answer> {
    let q = call.query("q").unwrap_or_default().trim();
    if q.chars().count() > LONGEST || q.contains('\0') {
        return Err(Error::query("Query validation error: 'Too long, or not a text' on property q."));
    }
    let mut hits = if q.is_empty() { Vec::new() } else { in_memory(&call, q) };
    hits.extend(roles(&call, q).await?);
    hits.extend(people(&call, q).await?);
    if let Some(hit) = by_identifier(&call, q).await? {
        hits.push(hit);
    }
    let rank = |hit: &Hit| (hit.fit, hit.name.to_lowercase(), hit.id.clone());
    hits.sort_by_cached_key(rank);
    let shown = hits.into_iter().take(MOST).map(|Hit { fit, kind, id, name, detail }| {
        json!({ "kind": kind, "id": id, "name": name, "detail": detail, "exact": fit == Fit::Exact })
    });
    Ok(Answer::ok(json!({ "results": shown.collect::<Vec<Value>>() })))
}

/// Clients, APIs and connections.
fn in_memory(call: &Call, q: &str) -> Vec<Hit> {
    let snapshot = call.tenant.snapshot();
    let lower = q.to_lowercase();
    let fits = |names: [&str; 2]| names.into_iter().filter_map(|name| fit(name, &lower)).min();
    let mut hits = Vec::new();
    if call.may("read:clients") || call.may("read:client_summary") {
        hits.extend(snapshot.clients().filter_map(|client| {
            let (id, name) = (client.view.client_id.as_str(), client.view.name.as_str());
            let (id, name, detail) = (id.to_owned(), name.to_owned(), id.to_owned());
            Some(Hit { fit: fits([&id, &name])?, kind: "client", id, name, detail })
        }));
    }
    if call.may("read:resource_servers") {
        hits.extend(snapshot.apis().filter_map(|api| {
            let identifier = api.view.identifier.as_str();
            let name = api.view.name.as_deref().unwrap_or(identifier);
            let by_id = (api.view.id == q).then_some(Fit::Exact);
            let fit = by_id.or_else(|| fits([identifier, name]))?;
            let (id, name, detail) = (api.view.id.clone(), name.to_owned(), identifier.to_owned());
            Some(Hit { fit, kind: "resource_server", id, name, detail })
        }));
    }
    if call.may("read:connections") {
        hits.extend(snapshot.connections().filter_map(|connection| {
            let (id, name) = (&*connection.id, connection.view.name.as_str());
            let by_id = (id == q).then_some(Fit::Exact);
            let shown = connection.view.display_name.as_deref().unwrap_or_default();
            let fit = by_id.or_else(|| fits([name, shown]))?;
            let (id, name) = (id.to_owned(), name.to_owned());
            Some(Hit { fit, kind: "connection", detail: id.clone(), id, name })
        }));
    }
    hits
}

/// Roles, of which there are few.
async fn roles(call: &Call, q: &str) -> Result<Vec<Hit>> {
    if q.is_empty() || !call.may("read:roles") {
        return Ok(Vec::new());
    }
    let lower = q.to_lowercase();
    let hit = |body: &Object| {
        let of = |field: &str| text(body, field).unwrap_or_default().to_owned();
        let (id, name, detail) = (of("id"), of("name"), of("description"));
        let fit = if id == q { Fit::Exact } else { fit(&name, &lower)? };
        Some(Hit { fit, kind: "role", id, name, detail })
    };
    Ok(call.tenant.all(&Role::NOUN).await?.iter().filter_map(|role| hit(&role.body)).collect())
}

/// People who are called so, and then those whose name or address begins so.
async fn people(call: &Call, q: &str) -> Result<Vec<Hit>> {
    if q.chars().count() < LEAST_OF_A_NAME || q.len() > LONGEST_NAME || !call.may("read:users") {
        return Ok(Vec::new());
    }
    let lower = q.to_lowercase();
    let term = |name, value| Terms::Term(Term { name, value, is_multiple: false });
    let is = |name, value: &str| term(name, Wanted::Is(value.to_owned()));
    let begins = |name| term(name, Wanted::Like(vec![Part::Text(lower.clone()), Part::Any]));
    let mut exact: Vec<Terms> = WHOLE_NAMES.iter().map(|name| is(name, &lower)).collect();
    exact.extend(["user_id", "phone_number"].map(|name| is(name, q)));
    let mut found: Vec<Document> = Vec::new();
    // Those who are called so come first, for there may be more who begin so than are asked for.
    for terms in [exact, NAMES.iter().copied().map(begins).collect()] {
        let order = Order { by: None, descending: true };
        let more = call.tenant.search(&User::NOUN, &Terms::Any(terms), order, (0, MOST as i64), false).await;
        match more {
            Ok((more, _)) => found.extend(more),
            // Whoever waits for a list of pages is not kept waiting for people.
            Err(idp::Error::TooSlow) => break,
            Err(error) => return Err(error.into()),
        }
    }
    let mut seen = HashSet::new();
    found.retain(|document| seen.insert(document.id.clone()));
    let hit = |body: &Object| {
        let of = |field: &str| text(body, field).unwrap_or_default();
        let email = [of("email"), of("username"), of("phone_number")].into_iter().find(|one| !one.is_empty());
        let (id, known_as) = (of("user_id").to_owned(), email.unwrap_or_default());
        let name = if of("name").is_empty() { known_as } else { of("name") };
        let is_called_so = WHOLE_NAMES.iter().any(|name| of(name).to_lowercase() == lower);
        let is_exact = id == q || of("phone_number") == q || is_called_so;
        let fit = if is_exact { Fit::Exact } else { Fit::Beginning };
        Hit { fit, kind: "user", id, name: name.to_owned(), detail: known_as.to_owned() }
    };
    Ok(found.iter().map(|document| hit(&document.body)).collect())
}

/// What is in no memory and has an identifier of a form of its own.
async fn by_identifier(call: &Call, q: &str) -> Result<Option<Hit>> {
    let exact =
        |kind, name: String, detail: String| Hit { fit: Fit::Exact, kind, id: q.to_owned(), name, detail };
    if q.starts_with("cgr_") && call.may("read:client_grants") {
        let grant = call.tenant.read(&ClientGrant::NOUN, q).await?;
        return Ok(grant.map(|grant| {
            let of = |field: &str| text(&grant.body, field).unwrap_or_default().to_owned();
            exact("client_grant", of("client_id"), of("audience"))
        }));
    }
    let is_log_id = q.len() == 56 && q.bytes().all(|byte| byte.is_ascii_digit());
    if is_log_id && call.may("read:logs") {
        call.tenant.flush_logs().await;
        let event = call.tenant.store().logs().read(call.tenant.name(), q).await?;
        return Ok(event.map(|event| {
            exact("log", event.description.unwrap_or_default(), format!("{} {}", event.kind, iso(event.date)))
        }));
    }
    Ok(None)
}

/// Whether a name holds what is looked for, without regard to case.
fn fit(name: &str, lower: &str) -> Option<Fit> {
    let name = name.to_lowercase();
    match name.find(lower)? {
        0 if name.len() == lower.len() => Some(Fit::Exact),
        0 => Some(Fit::Beginning),
        _ => Some(Fit::Within),
    }
}
