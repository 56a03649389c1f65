//! The engine of full collections: list, create, read, change, delete. A noun brings its declaration and
//! the few rules that no declaration can say, as its [`Lifecycle`].

use std::future::Future;

use http::Method;
use idp::{Change, Document, Tenant};
use schema::{Key, Object, Op, Resource, Secrets, Shape};
use serde_json::Value;
use store::Matching;

use crate::{
    Answer, Call, Error, Operation,
    about::About,
    deleted,
    error::Result,
    operation::{Running, run},
    page::{self, Page},
    precondition::{etag, next_etag},
};

/// What a noun adds to its declaration.
pub trait Lifecycle: Resource {
    /// The noun as the log names it, with its article: `a client`; and many of them: `clients`.
    const WORDS: (&'static str, &'static str);
    /// The words and the code for an unknown identifier.
    const MISSING: (&'static str, Option<&'static str>);
    /// The words when another document has this value of a unique key.
    fn taken(key: &str) -> String;
    /// Lookup fields by which a list may be filtered, as the query names them.
    const FILTERS: &'static [&'static str] = &[];

    /// Whether it can be restored for a while after it was deleted.
    const IS_KEPT: bool = false;

    /// Before a new body is checked: names that only the wire knows.
    fn rename(_body: &mut Object) {}

    /// Adds to a checked and completed body what only the server writes; answers its identifier, and what
    /// else is to be stored with it.
    fn prepare(
        tenant: &Tenant,
        body: &mut Object,
        given: Given,
    ) -> impl Future<Output = Result<Prepared>> + Send;

    /// Before a checked patch is laid over a document: may this caller change this, here?
    fn amend(
        _tenant: &Tenant,
        _may: &May<'_>,
        _document: &Document,
        _patch: &mut Object,
    ) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// The rules that need more than one field, on the whole.
    fn check(&self, _tenant: &Tenant) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }

    /// Search keys that no single field holds.
    fn keys(&self) -> Vec<Key> {
        Vec::new()
    }

    /// What else goes when this goes; refuses what must stay.
    fn cascade(_tenant: &Tenant, _document: &Document) -> impl Future<Output = Result<Vec<Change>>> + Send {
        async { Ok(Vec::new()) }
    }

    /// What else changes when this becomes that.
    fn beside(_read: &Document, _body: &Object) -> Vec<Change> {
        Vec::new()
    }

    /// The deletion of a document, with what goes with it.
    fn with_cascade(tenant: &Tenant, document: Document) -> impl Future<Output = Result<Vec<Change>>> + Send {
        async move {
            let mut changes = Self::cascade(tenant, &document).await?;
            changes.push(Change::delete::<Self>(document.id));
            Ok(changes)
        }
    }

    /// What ends the tokens that it gave, when it goes.
    fn revoked(_tenant: &Tenant, _document: &Document) -> Result<Option<Change>> {
        Ok(None)
    }

    /// Whether its secrets would let the caller do more than they may.
    fn is_beyond(_call: &Call, _document: &Object) -> bool {
        false
    }

    /// Adds to a document, before it is shown, what is derived and not stored.
    fn show(_tenant: &Tenant, _document: &mut Object) {}

    /// The document that a path's identifier means.
    fn find(tenant: &Tenant, id: &str) -> impl Future<Output = Result<Option<Document>>> + Send {
        async move { Ok(tenant.read(&Self::NOUN, id).await?) }
    }
}

/// What somebody who may choose it chose for a new document: a seed its identifier.
#[derive(Default)]
pub struct Given {
    pub id: Option<String>,
}

/// A new document's identifier, what is stored beside it, and what only this one answer shows.
#[derive(Default)]
pub struct Prepared {
    pub id: String,
    pub beside: Vec<Change>,
    pub shown_once: Object,
}

/// The rows of a collection.
pub struct Rows {
    pub list: Operation,
    pub create: Operation,
    pub read: Operation,
    pub update: Operation,
    pub delete: Operation,
}

impl Rows {
    /// The five operations of a noun.
    pub fn of<R: Lifecycle>() -> Rows {
        let path = format!("/{}", R::NOUN.path);
        let one = format!("{path}/{{id}}");
        let (a_noun, nouns) = R::WORDS;
        let row = |method, path: &str, summary: String, verb: &str, run: fn(Call) -> Running| {
            Operation::new(method, path, &summary, &[crate::operation::scope(verb, R::NOUN.scope)], run)
        };
        Rows {
            list: row(Method::GET, &path, format!("Get {nouns}"), "read", run!(list::<R>))
                .reading(page::QUERY)
                .reading(R::FILTERS),
            create: row(Method::POST, &path, format!("Create {a_noun}"), "create", run!(create::<R>)),
            read: row(Method::GET, &one, format!("Get {a_noun}"), "read", run!(read::<R>))
                .reading(&["fields", "include_fields"]),
            update: row(Method::PATCH, &one, format!("Update {a_noun}"), "update", run!(updated::<R>)),
            delete: row(Method::DELETE, &one, format!("Delete {a_noun}"), "delete", run!(delete::<R>)),
        }
    }

    /// All of them, and what else the noun has.
    pub fn and(self, others: impl IntoIterator<Item = Operation>) -> Vec<Operation> {
        let Rows { list, create, read, update, delete } = self;
        [list, create, read, update, delete].into_iter().chain(others).collect()
    }
}

async fn list<R: Lifecycle>(call: Call) -> Result<Answer> {
    let matching = matching::<R>(&call)?;
    page_of::<R>(&call, &matching).await
}

/// One page of the documents that match, in the style that the query asks for.
pub async fn page_of<R: Lifecycle>(call: &Call, matching: &Matching) -> Result<Answer> {
    let page = Page::of(call)?;
    let documents = call.tenant.page(&R::NOUN, matching, page.span()).await?;
    let shown = documents
        .iter()
        .map(|document| shown::<R>(call, document.body.clone()).map(Value::Object))
        .collect::<Result<Vec<_>>>()?;
    let total = if page.counts() { Some(call.tenant.count(matching).await?) } else { None };
    let name = R::NOUN.path.replace('-', "_");
    Ok(page.answer(call, &name, &documents, shown, total))
}

/// What the query's filters ask for; words of a fixed choice may be listed with commas between.
pub fn matching<R: Lifecycle>(call: &Call) -> Result<Matching> {
    let mut matching = Matching::all(R::NOUN.path);
    for filter in R::FILTERS {
        let Some(value) = call.query(filter) else { continue };
        // `is_global` asks for the field `global`.
        let field = R::NOUN.field(filter).or_else(|| R::NOUN.field(filter.trim_start_matches("is_")));
        let field = field.expect("a filter names a field of its noun");
        let values = match field.shape {
            Shape::Boolean => call.flag(filter)?.iter().map(bool::to_string).collect::<Vec<String>>(),
            Shape::Choice(_) => value.split(',').map(|value| value.trim().to_owned()).collect(),
            _ => vec![value.to_owned()],
        };
        if values.len() > MOST_VALUES {
            let n = values.len();
            let reason = format!("Array is too long ({n}), maximum {MOST_VALUES}");
            return Err(Error::query(format!("Query validation error: '{reason}' on property {filter}.")));
        }
        matching = matching.with(field.name, values);
    }
    Ok(matching)
}

/// How many values a filter may list.
const MOST_VALUES: usize = 100;

/// Makes a document of the body of the call.
pub async fn create<R: Lifecycle>(mut call: Call) -> Result<Answer> {
    let body = call.take_body();
    let (document, shown_once) = insert::<R>(&call.tenant, body, Given::default()).await?;
    let about = made::<R>(&document);
    let mut shown = shown::<R>(&call, document)?;
    shown.extend(shown_once);
    Ok(Answer::created(shown).about(about))
}

/// What the creation of a document was about.
pub fn made<R: Lifecycle>(document: &Object) -> About {
    let id = document.get(R::NOUN.id).and_then(Value::as_str).unwrap_or_default();
    About::put::<R>(id, &Object::new(), document)
}

/// Checks, completes and stores a new document; answers it and what is shown only now.
pub async fn insert<R: Lifecycle>(
    tenant: &Tenant,
    mut body: Object,
    given: Given,
) -> Result<(Object, Object)> {
    R::rename(&mut body);
    schema::check(R::NOUN.fields, &body, Op::Create)?;
    schema::complete(R::NOUN.fields, &mut body);
    let Prepared { id, beside, shown_once } = R::prepare(tenant, &mut body, given).await?;
    let view = R::view(&body)?;
    view.check(tenant).await?;
    let mut changes = vec![Change::create::<R>(id, body.clone()).with_keys(view.keys())];
    changes.extend(beside);
    tenant.commit(changes).await.map_err(|error| taken::<R>(error))?;
    Ok((body, shown_once))
}

async fn read<R: Lifecycle>(call: Call) -> Result<Answer> {
    let document = existing::<R>(&call).await?;
    let etag = etag(&document);
    Ok(Answer::ok(shown::<R>(&call, document.body)?).tagged(etag))
}

async fn updated<R: Lifecycle>(call: Call) -> Result<Answer> {
    update::<R>(&call).await
}

/// Lays the body of the call over the document that its path names.
pub async fn update<R: Lifecycle>(call: &Call) -> Result<Answer> {
    let document = existing::<R>(call).await?;
    call.precondition.check(Some(&document))?;
    let changed = change::<R>(&call.tenant, &|scope| call.may(scope), &document, call.body.clone()).await;
    let body = changed.map_err(|error| call.precondition.lost(error))?;
    let etag = if body == document.body { etag(&document) } else { next_etag(&document) };
    let about = About::put::<R>(&document.id, &document.body, &body);
    Ok(Answer::ok(shown::<R>(call, body)?).tagged(etag).about(about))
}

/// Checks a patch, lays it over a document and stores the result, unless nothing changes.
pub async fn change<R: Lifecycle>(
    tenant: &Tenant,
    may: &May<'_>,
    document: &Document,
    mut patch: Object,
) -> Result<Object> {
    R::rename(&mut patch);
    schema::check(R::NOUN.fields, &patch, Op::Update)?;
    R::amend(tenant, may, document, &mut patch).await?;
    let mut body = document.body.clone();
    schema::merge(R::NOUN.fields, &mut body, patch);
    if body != document.body {
        replace::<R>(tenant, document, body.clone()).await?;
    }
    Ok(body)
}

/// Refuses unless whoever asks has one of these scopes.
pub fn must(may: &May<'_>, any_of: &[&str]) -> Result<()> {
    if any_of.iter().any(|scope| may(scope)) { Ok(()) } else { Err(Error::insufficient_scope(any_of)) }
}

/// Whether whoever asks has a scope.
pub type May<'a> = dyn Fn(&str) -> bool + Sync + 'a;

/// Stores a changed document, if it is whole and nobody was faster.
pub async fn replace<R: Lifecycle>(tenant: &Tenant, read: &Document, body: Object) -> Result<()> {
    // What a merge adds to could still be too much in all.
    for field in R::NOUN.fields.iter().filter(|field| field.merge_keys) {
        if let (Some(most), Some(Value::Object(merged))) = (field.max, body.get(field.name))
            && merged.len() as i64 > most
        {
            let n = merged.len();
            return Err(Error::body(format!(
                "Payload validation error: 'Too many properties defined ({n}), maximum {most}' on property {} ({}).",
                field.name, field.doc
            )));
        }
    }
    let view = R::view(&body)?;
    view.check(tenant).await?;
    let mut changes = R::beside(read, &body);
    changes.push(Change::replace::<R>(read, body).with_keys(view.keys()));
    tenant.commit(changes).await.map_err(|error| taken::<R>(error))
}

async fn delete<R: Lifecycle>(call: Call) -> Result<Answer> {
    // Gone is gone: deleting what is not there succeeds too.
    let document = R::find(&call.tenant, call.parameter("id")).await?;
    call.precondition.check(document.as_ref())?;
    let mut answer = Answer::no_content();
    if let Some(document) = document {
        answer = answer.about(About::only::<R>(&document.id));
        let expected = call.precondition.is_given().then(|| Change::expect::<R>(&document));
        let gone = R::with_cascade(&call.tenant, document.clone()).await?;
        let kept = match R::IS_KEPT {
            true => Some(deleted::keep::<R>(&call.tenant, &document, &gone).await?),
            false => None,
        };
        let revoked = R::revoked(&call.tenant, &document)?;
        let changes = expected.into_iter().chain(gone).chain(kept).chain(revoked);
        let committed = call.tenant.commit(changes.collect()).await;
        committed.map_err(|error| call.precondition.lost(error.into()))?;
    }
    Ok(answer)
}

/// The document that the path names.
pub async fn existing<R: Lifecycle>(call: &Call) -> Result<Document> {
    let (message, code) = R::MISSING;
    R::find(&call.tenant, call.parameter("id")).await?.ok_or_else(|| Error::not_found(message, code))
}

/// What this caller is shown of a document.
pub fn shown<R: Lifecycle>(call: &Call, mut document: Object) -> Result<Object> {
    R::show(&call.tenant, &mut document);
    let may = |scope: &str| call.may(scope);
    let mut viewer = call.viewer(&may);
    if R::is_beyond(call, &document) {
        viewer.secrets = Secrets::None;
    }
    schema::project(R::NOUN.fields, &mut document, &call.selection()?, &viewer);
    Ok(document)
}

fn taken<R: Lifecycle>(error: idp::Error) -> Error {
    match error {
        idp::Error::Taken { key } => Error::conflict(R::taken(&key)),
        other => other.into(),
    }
}
