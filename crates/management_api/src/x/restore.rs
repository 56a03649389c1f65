//! What was deleted within the last week, and how it comes back.

use http::Method;
use idp::clock::iso;
use model::{Client, ClientGrant, Deleted, ResourceServer};
use schema::{Object, Resource};
use serde_json::{Value, json};
use store::{Matching, Span};

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    clients::text,
    collection::{Lifecycle, shown},
    deleted::{self, KEPT_FOR},
    error::Result,
    operation::{run, scope},
    reach::must_cover,
};

pub fn operations() -> Vec<Operation> {
    let any = |verb: &str| KINDS.iter().map(|(_, noun)| scope(verb, noun)).collect::<Vec<_>>();
    vec![
        Operation::ours(Method::GET, "/deleted", "Get what was deleted", &any("read"), run!(list))
            .reading(&["kind"]),
        Operation::ours(
            Method::POST,
            "/restore/{kind}/{id}",
            "Restore what was deleted",
            &any("create"),
            run!(restore),
        ),
    ]
}

/// What can be restored, and what guards it.
const KINDS: [(&str, &str); 3] = [
    (Client::NOUN.path, Client::NOUN.scope),
    (ResourceServer::NOUN.path, ResourceServer::NOUN.scope),
    (ClientGrant::NOUN.path, ClientGrant::NOUN.scope),
];

async fn list(call: Call) -> Result<Answer> {
    let wanted = call.query("kind");
    if wanted.is_some_and(|wanted| KINDS.iter().all(|(kind, _)| *kind != wanted)) {
        return Err(Error::query("Query validation error: 'No enum match' on property kind."));
    }
    let mut deleted = Vec::new();
    for (kind, guard) in KINDS.iter().filter(|(kind, _)| wanted.is_none_or(|wanted| wanted == *kind)) {
        match call.must(&[scope("read", guard)]) {
            Ok(()) => {}
            // Whoever asks for everything is shown what they may see.
            Err(_) if wanted.is_none() => continue,
            Err(refused) => return Err(refused),
        }
        let matching = Matching::all(Deleted::NOUN.path).with("kind", vec![(*kind).to_owned()]);
        let newest = (call.tenant.count(&matching).await? - MOST).max(0);
        let span = Span::Offset { offset: newest, limit: MOST };
        // Read as they are stored: nobody here needs what is sealed in them.
        let documents = call.tenant.store().documents().page(call.tenant.name(), &matching, span).await?;
        deleted.extend(documents.into_iter().map(|document| document.body));
    }
    let at = |one: &Object| one.get("deleted_at").and_then(Value::as_i64).unwrap_or(0);
    let now = call.tenant.clock().now_ms();
    deleted.retain(|one| at(one) + KEPT_FOR > now);
    deleted.sort_by_key(|one| std::cmp::Reverse(at(one)));
    let shown = deleted.iter().map(|one| {
        json!({
            "kind": one.get("kind"), "id": one.get("object_id"), "name": one.get("name"),
            "deleted_at": iso(at(one)), "expires_at": iso(at(one) + KEPT_FOR),
        })
    });
    Ok(Answer::ok(json!({ "deleted": shown.collect::<Vec<_>>() })))
}

/// How many of each kind a list shows.
const MOST: i64 = 1_000;

async fn restore(call: Call) -> Result<Answer> {
    match call.parameter("kind") {
        kind if kind == Client::NOUN.path => restored::<Client>(&call).await,
        kind if kind == ResourceServer::NOUN.path => restored::<ResourceServer>(&call).await,
        kind if kind == ClientGrant::NOUN.path => restored::<ClientGrant>(&call).await,
        _ => Err(Error::not_found("There is no such kind of object.", Some("inexistent_kind"))),
    }
}

async fn restored<R: Lifecycle>(call: &Call) -> Result<Answer> {
    call.must(&[scope("create", R::NOUN.scope)])?;
    let (message, code) = R::MISSING;
    let kept = deleted::kept(&call.tenant, &R::NOUN, call.parameter("id")).await?;
    let kept = kept.ok_or_else(|| Error::not_found(message, code))?;
    kept.grants().try_for_each(|grant| must_cover(call, grant))?;
    let body = deleted::restore::<R>(&call.tenant, kept).await?;
    let id = text(&body, R::NOUN.id).unwrap_or_default().to_owned();
    Ok(Answer::ok(shown::<R>(call, body)?).about(About::only::<R>(&id)))
}
