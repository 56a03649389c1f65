//! The outside issuers that a client trusts, and whether a token of theirs would be believed.

use http::{Method, StatusCode};
use idp::{
    Change, Document,
    federation::{self, Trust},
    id,
};
use model::{Client, FederatedCredential};
use schema::{Object, Op, Resource};
use serde_json::{Value, json};

use super::body;
use crate::{
    Answer, Call, Error, Operation, about::About, clients::text, collection::Lifecycle, error::Result,
    operation::run, reach,
};

/// How many issuers a client may trust.
const MOST: usize = 20;

pub fn operations() -> Vec<Operation> {
    let all = "/clients/{client_id}/federated-credentials";
    let one = "/clients/{client_id}/federated-credentials/{id}";
    let test = "/clients/{client_id}/federated-credentials/{id}/test";
    let (read_scope, create_scope) = (&["read:client_credentials"], &["create:client_credentials"]);
    let (update_scope, delete_scope) = (&["update:client_credentials"], &["delete:client_credentials"]);
    vec![
        Operation::ours(Method::GET, all, "Get federated credentials", read_scope, run!(list)),
        Operation::ours(Method::POST, all, "Create a federated credential", create_scope, run!(create)),
        Operation::ours(Method::GET, one, "Get a federated credential", read_scope, run!(read)),
        Operation::ours(Method::PATCH, one, "Update a federated credential", update_scope, run!(update)),
        Operation::ours(Method::DELETE, one, "Delete a federated credential", delete_scope, run!(delete)),
        Operation::ours(Method::POST, test, "Test a federated credential", read_scope, run!(test_token))
            .changing_nothing(),
    ]
}

async fn list(call: Call) -> Result<Answer> {
    let client = client(&call).await?;
    let found = call.tenant.matching::<FederatedCredential>("client_id", client.id).await?;
    let shown: Vec<Object> = found.into_iter().map(|credential| shown(credential.body)).collect();
    Ok(Answer::ok(json!({ "federated_credentials": shown })))
}

async fn create(mut call: Call) -> Result<Answer> {
    let mut body = call.take_body();
    let client = client(&call).await?;
    reach::must_reach(&call, &client.id)?;
    schema::check(FederatedCredential::NOUN.fields, &body, Op::Create)?;
    schema::complete(FederatedCredential::NOUN.fields, &mut body);
    let tenant = &call.tenant;
    if tenant.matching::<FederatedCredential>("client_id", client.id.as_str()).await?.len() >= MOST {
        let message = "You reached the limit of entities of this type for this client.";
        return Err(Error::new(StatusCode::FORBIDDEN, message, Some("too_many_entities")));
    }
    let (id, now) = (id::federated_credential(), tenant.clock().iso());
    body.entry("audience").or_insert_with(|| json!(tenant.issuer(tenant.domain())));
    body.shift_insert(0, "id".into(), json!(id));
    for (name, value) in [("client_id", &client.id), ("created_at", &now), ("updated_at", &now)] {
        body.insert(name.into(), json!(value));
    }
    makes_sense(&body)?;
    // The client must not go in between, and leave its trust behind.
    let made =
        vec![Change::expect::<Client>(&client), Change::create::<FederatedCredential>(&id, body.clone())];
    tenant.commit(made).await?;
    Ok(Answer::created(shown(body)).about(About::only::<Client>(&client.id)))
}

async fn read(call: Call) -> Result<Answer> {
    Ok(Answer::ok(shown(existing(&call).await?.body)))
}

async fn update(mut call: Call) -> Result<Answer> {
    let patch = call.take_body();
    let credential = existing(&call).await?;
    reach::must_reach(&call, call.parameter("client_id"))?;
    schema::check(FederatedCredential::NOUN.fields, &patch, Op::Update)?;
    let mut body = credential.body.clone();
    schema::merge(FederatedCredential::NOUN.fields, &mut body, patch);
    if body != credential.body {
        body.insert("updated_at".into(), json!(call.tenant.clock().iso()));
        makes_sense(&body)?;
        let changed = Change::replace::<FederatedCredential>(&credential, body.clone());
        call.tenant.commit(vec![changed]).await?;
    }
    Ok(Answer::ok(shown(body)))
}

async fn delete(call: Call) -> Result<Answer> {
    let client = client(&call).await?;
    reach::must_reach(&call, &client.id)?;
    let credential = call.tenant.read(&FederatedCredential::NOUN, call.parameter("id")).await?;
    if credential.is_some_and(|credential| text(&credential.body, "client_id") == Some(&client.id)) {
        call.tenant.commit(vec![Change::delete::<FederatedCredential>(call.parameter("id"))]).await?;
    }
    Ok(Answer::no_content())
}

/// Says of each step whether a token passes it. Nothing is issued, and the token stays good.
async fn test_token(call: Call) -> Result<Answer> {
    body::only(&call.body, &["token"])?;
    let credential = existing(&call).await?;
    let compact = body::required(&call.body, "token")?;
    let trust = Trust::new(FederatedCredential::view(&credential.body)?)?;
    let checks = federation::explain(&call.tenant, &trust, compact.trim()).await;
    let valid = checks.iter().all(|(_, check)| check.is_ok());
    let shown = checks.into_iter().map(|(name, check)| {
        let ok = check.is_ok();
        let message = check.err().map_or_else(|| passed(name).to_owned(), |refusal| sentence(&refusal.words));
        json!({ "name": name, "ok": ok, "message": message })
    });
    let shown: Vec<Value> = shown.collect();
    Ok(Answer::ok(json!({ "valid": valid, "checks": shown })))
}

/// What is said of a step that went well.
fn passed(step: &str) -> &'static str {
    match step {
        "form" => "It is a token such as workloads are given.",
        "issuer" => "It names this issuer.",
        "algorithm" => "It is signed with an algorithm that is accepted.",
        "time" => "It is good now.",
        "audience" => "It is meant for this server.",
        "signature" => "Its issuer signed it.",
        _ => "All rules are met.",
    }
}

fn sentence(words: &str) -> String {
    let mut characters = words.chars();
    let first: String = characters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", characters.as_str())
}

/// The rules between fields, and those that no declaration can say.
fn makes_sense(body: &Object) -> Result<()> {
    match federation::fault(&FederatedCredential::view(body)?) {
        None => Ok(()),
        Some((property, reason)) => {
            Err(Error::body(format!("Payload validation error: '{reason}' on property {property}.")))
        }
    }
}

fn shown(mut credential: Object) -> Object {
    schema::project(
        FederatedCredential::NOUN.fields,
        &mut credential,
        &schema::Selection::Everything,
        &schema::Viewer::with(&|_| true),
    );
    credential
}

async fn client(call: &Call) -> Result<Document> {
    let (message, code) = Client::MISSING;
    let client = call.tenant.read(&Client::NOUN, call.parameter("client_id")).await?;
    client.ok_or_else(|| Error::not_found(message, code))
}

async fn existing(call: &Call) -> Result<Document> {
    let client = client(call).await?;
    let credential = call.tenant.read(&FederatedCredential::NOUN, call.parameter("id")).await?;
    credential
        .filter(|credential| text(&credential.body, "client_id") == Some(&client.id))
        .ok_or_else(|| Error::not_found("The credential does not exist", Some("inexistent_credential")))
}
