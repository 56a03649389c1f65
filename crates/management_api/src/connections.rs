//! Connections: what the declaration does not say, and the verbs of their family.

mod clients;
mod options;

use http::{Method, StatusCode};
use idp::{
    Change, Document, Tenant,
    connection::{self, secrets},
    id, user,
};
use model::{Connection, ConnectionClient, Strategy};
use schema::{Object, Resource, Selection};
use serde_json::{Value, json};
use store::Matching;

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    clients::text,
    collection::{self, Given, Lifecycle, May, Prepared, Rows, existing},
    error::Result,
    operation::run,
    page::Page,
    precondition::etag,
};

pub use self::clients::of_client;

pub fn operations() -> Vec<Operation> {
    let mut rows = Rows::of::<Connection>();
    rows.list = rows.list.listing(&["strategy", "name"]);
    rows.list.run = run!(list);
    rows.create.run = run!(create);
    rows.read.run = run!(read);
    rows.update.run = run!(update);
    rows.delete.run = run!(delete);
    let row = |method, path, summary, scopes, run| Operation::new(method, path, summary, scopes, run);
    let keys = "/connections/{id}/keys";
    rows.and([
        row(
            Method::GET,
            "/connections/{id}/clients",
            "Get the clients that a connection is enabled for",
            &["read:connections"],
            run!(clients::list),
        )
        .reading(&["from", "take"]),
        row(
            Method::PATCH,
            "/connections/{id}/clients",
            "Enable a connection for clients",
            &["update:connections"],
            run!(clients::update),
        )
        .taking_list("clients"),
        row(
            Method::DELETE,
            "/connections/{id}/users",
            "Delete a connection's user",
            &["delete:users"],
            run!(delete_user),
        )
        .reading(&["email"]),
        row(
            Method::GET,
            "/connections/{id}/status",
            "Get a connection's status",
            &["read:connections"],
            run!(status),
        ),
        row(Method::GET, keys, "Get a connection's keys", &["read:connections_keys"], run!(no_keys)),
        row(Method::POST, keys, "Create a connection's keys", &["create:connections_keys"], run!(no_keys)),
        row(
            Method::POST,
            "/connections/{id}/keys/rotate",
            "Rotate a connection's keys",
            &["create:connections_keys", "update:connections_keys"],
            run!(no_keys),
        ),
    ])
}

impl Lifecycle for Connection {
    const WORDS: (&'static str, &'static str) = ("a connection", "connections");
    const MISSING: (&'static str, Option<&'static str>) =
        ("The connection does not exist", Some("inexistent_connection"));

    fn taken(_key: &str) -> String {
        "A connection with the same name already exists".into()
    }

    async fn prepare(tenant: &Tenant, body: &mut Object, given: Given) -> Result<Prepared> {
        let id = given.id.unwrap_or_else(id::connection);
        let enabled = clients::taken(tenant, body)?.unwrap_or_default();
        let name = text(body, "name").unwrap_or_default().to_owned();
        options::unmask(tenant, body, None)?;
        options::complete(tenant, body, None)?;
        options::check(body, None)?;
        secrets::split(body);
        body.shift_insert(0, "id".into(), json!(id));
        body.entry("authentication").or_insert_with(|| json!({ "active": true }));
        body.entry("connected_accounts").or_insert_with(|| json!({ "active": false }));
        body.entry("realms").or_insert_with(|| json!([name]));
        let beside = enabled.iter().map(|client| connection::enable(&id, client)).collect();
        Ok(Prepared { id, beside, ..Prepared::default() })
    }

    /// The options are replaced as a whole; what was shown of the configuration's secrets means what it was.
    async fn amend(tenant: &Tenant, _may: &May<'_>, document: &Document, patch: &mut Object) -> Result<()> {
        let enabled = clients::taken(tenant, patch)?;
        if patch.contains_key("options") {
            let mut before = document.body.clone();
            secrets::join(&mut before);
            // Options are checked by what they are options of.
            patch.insert("strategy".into(), before.get("strategy").cloned().unwrap_or(Value::Null));
            options::unmask(tenant, patch, Some(&before))?;
            options::complete(tenant, patch, Some(&before))?;
            options::check(patch, Some(&before))?;
            secrets::split(patch);
            patch.shift_remove("strategy");
        }
        options::is_possible(patch)?;
        if let Some(enabled) = enabled {
            clients::replace(tenant, &document.id, &enabled).await?;
        }
        Ok(())
    }

    async fn cascade(tenant: &Tenant, document: &Document) -> Result<Vec<Change>> {
        let clients = tenant.matching::<ConnectionClient>("connection_id", &document.id).await?;
        Ok(clients.into_iter().map(|one| Change::delete::<ConnectionClient>(one.id)).collect())
    }

    /// The secrets in their places, those of the configuration unreadable; and the clients that may use it.
    fn show(tenant: &Tenant, document: &mut Object) {
        secrets::join(document);
        options::mask(tenant, document);
        let snapshot = tenant.snapshot();
        let connection = text(document, "id").and_then(|id| snapshot.connection_by_id(id));
        let clients = connection.map(|connection| connection.clients()).unwrap_or_default();
        document.insert("enabled_clients".into(), json!(clients));
    }
}

async fn list(call: Call) -> Result<Answer> {
    let mut matching = Matching::all(Connection::NOUN.path);
    for filter in ["strategy", "name"] {
        let values: Vec<String> = call.queries(filter).map(str::to_owned).collect();
        if !values.is_empty() {
            matching = matching.with(filter, values);
        }
    }
    let page = Page::of(&call)?;
    let documents = call.tenant.page(&Connection::NOUN, &matching, page.span()).await?;
    let shown = documents.iter().map(|document| shown(&call, document.body.clone()).map(Value::Object));
    let shown = shown.collect::<Result<Vec<_>>>()?;
    let total = if page.counts() { Some(call.tenant.count(&matching).await?) } else { None };
    Ok(page.answer(&call, "connections", &documents, shown, total))
}

async fn create(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    let (document, _) = collection::insert::<Connection>(&call.tenant, body, Given::default()).await?;
    let about = collection::made::<Connection>(&document);
    Ok(Answer::created(shown(&call, document)?).about(about))
}

async fn read(call: Call) -> Result<Answer> {
    let document = existing::<Connection>(&call).await?;
    let etag = etag(&document);
    Ok(Answer::ok(shown(&call, document.body)?).tagged(etag))
}

async fn update(call: Call) -> Result<Answer> {
    collection::update::<Connection>(&call).await
}

/// Recorded: what is gone is told with the time, and what was not there is passed over.
async fn delete(call: Call) -> Result<Answer> {
    let Some(document) = Connection::find(&call.tenant, call.parameter("id")).await? else {
        return Ok(Answer::no_content());
    };
    call.precondition.check(Some(&document))?;
    let about = About::only::<Connection>(&document.id);
    // Its people first: whatever ends this half way, none of them outlives it, and it can be asked for again.
    connection::remove_people(&call.tenant, text(&document.body, "name").unwrap_or_default()).await?;
    let mut changes = Connection::with_cascade(&call.tenant, document.clone()).await?;
    if call.precondition.is_given() {
        changes.insert(0, Change::expect::<Connection>(&document));
    }
    let committed = call.tenant.commit(changes).await;
    committed.map_err(|error| call.precondition.lost(error.into()))?;
    let body = json!({ "deleted_at": call.tenant.clock().iso() });
    Ok(Answer { status: StatusCode::ACCEPTED, ..Answer::ok(body) }.about(about))
}

/// What a caller is shown of a connection. Recorded: whoever names the fields is shown a few more.
fn shown(call: &Call, mut document: Object) -> Result<Object> {
    // People who may not change a connection do not see what lets us in there.
    if call.token.administrator.is_some() && !call.may("update:connections") {
        document.shift_remove("option_secrets");
    }
    let mut extra = Object::new();
    if let Selection::Only(_) = call.selection()? {
        for name in ["id", "is_domain_connection", "authentication", "connected_accounts"] {
            extra.extend(document.get(name).map(|value| (name.to_owned(), value.clone())));
        }
    }
    let mut shown = collection::shown::<Connection>(call, document)?;
    for (name, value) in extra {
        shown.entry(name).or_insert(value);
    }
    Ok(shown)
}

/// Removes whoever has an address in a database.
async fn delete_user(call: Call) -> Result<Answer> {
    let connection = existing::<Connection>(&call).await?;
    if text(&connection.body, "strategy") != Some(model::DATABASE) {
        return Err(Error::operation("Connection must be a database connection"));
    }
    let Some(email) = call.query("email").filter(|email| !email.is_empty()) else {
        let message = "Query validation error: 'Missing required property: email'.";
        return Err(Error::query(message));
    };
    let name = text(&connection.body, "name").unwrap_or_default();
    if let Some(user) = user::by_login(&call.tenant, name, email).await? {
        user::delete(&call.tenant, &user.user_id).await?;
    }
    Ok(Answer::no_content())
}

/// A database is always there. Nobody else is connected yet.
async fn status(call: Call) -> Result<Answer> {
    let document = existing::<Connection>(&call).await.map_err(not_found)?;
    match Connection::view(&document.body)?.strategy {
        Strategy::Auth0 => Ok(Answer::empty()),
        _ => Err(Error::not_found("The connection is offline", None)),
    }
}

/// No connection signs anything yet.
async fn no_keys(call: Call) -> Result<Answer> {
    existing::<Connection>(&call).await.map_err(not_found)?;
    Err(Error::operation("This connection has no keys."))
}

fn not_found(error: Error) -> Error {
    match error.status {
        StatusCode::NOT_FOUND => Error::not_found("Connection not found", error.code),
        _ => error,
    }
}
