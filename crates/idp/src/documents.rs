//! A tenant's documents: sealed on the way in, opened on the way out, and followed by the snapshot. What
//! was committed is seen by this node before the caller hears of it.

use std::fmt;

use schema::{Noun, Object, Resource};
use store::{Forgotten, Matching, Occurrence, Order, Span, Terms, Tie, Write};

use crate::{Error, Result, Tenant, event_streams, snapshot::Snapshot};

/// A stored document, its secrets opened.
#[derive(Clone)]
pub struct Document {
    pub id: String,
    pub body: Object,
    pub version: i64,
    /// Microseconds since 1970.
    pub created: i64,
    /// Microseconds since 1970.
    pub updated: i64,
}

impl fmt::Debug for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body's secrets are open.
        f.debug_struct("Document")
            .field("id", &self.id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// What happens to one document in a [`Tenant::commit`].
pub enum Change {
    Put(Put),
    /// Untouched, but it must still be as it was read.
    Expect {
        noun: &'static Noun,
        id: String,
        version: i64,
    },
    /// Untouched, but it must still be there.
    Exists {
        noun: &'static Noun,
        id: String,
    },
    /// Gone, whatever version it has.
    Delete {
        noun: &'static Noun,
        id: String,
    },
    /// Somebody has a role, or a role or person a permission.
    Tie(Tie),
    /// They have it no longer.
    Untie(Tie),
    /// What was tied to something is gone with it.
    Forget(Forgotten),
    /// Others are told of it; a commit adds what its changes are.
    Event(Occurrence),
}

/// A document as it is to be.
pub struct Put {
    pub noun: &'static Noun,
    pub id: String,
    pub body: Object,
    /// Keys that no single field holds, such as a pair that must be unique.
    pub keys: Vec<schema::Key>,
    /// All keys that the document is known to have, if only what differs is to be written.
    pub known: Option<Vec<schema::Key>>,
    /// The version that was read, or `None` for a new document.
    pub version: Option<i64>,
}

impl Change {
    /// A new document.
    pub fn create<R: Resource>(id: impl Into<String>, body: Object) -> Self {
        Change::Put(Put { noun: &R::NOUN, id: id.into(), body, keys: Vec::new(), known: None, version: None })
    }

    /// A new body for a document that was read.
    pub fn replace<R: Resource>(read: &Document, body: Object) -> Self {
        Change::Put(Put {
            noun: &R::NOUN,
            id: read.id.clone(),
            body,
            keys: Vec::new(),
            known: None,
            version: Some(read.version),
        })
    }

    /// Refuses the whole commit if the document has changed or gone since it was read.
    pub fn expect<R: Resource>(read: &Document) -> Self {
        Change::Expect { noun: &R::NOUN, id: read.id.clone(), version: read.version }
    }

    /// Refuses the whole commit if there is no such document, or none any more.
    pub fn exists<R: Resource>(id: impl Into<String>) -> Self {
        Change::Exists { noun: &R::NOUN, id: id.into() }
    }

    pub fn delete<R: Resource>(id: impl Into<String>) -> Self {
        Change::Delete { noun: &R::NOUN, id: id.into() }
    }

    /// With keys that no single field holds.
    pub fn with_keys(mut self, keys: Vec<schema::Key>) -> Self {
        if let Change::Put(put) = &mut self {
            put.keys = keys;
        }
        self
    }
}

impl Tenant {
    /// The document with this identifier.
    pub async fn read(&self, noun: &'static Noun, id: &str) -> Result<Option<Document>> {
        let found = self.0.store.documents().read(self.name(), noun.path, id).await?;
        self.opened(noun, found.into_iter().collect()).await?.pop().transpose()
    }

    /// The document with this value of a search key.
    pub async fn find(
        &self,
        noun: &'static Noun,
        key: &'static str,
        value: &str,
    ) -> Result<Option<Document>> {
        let found = self.0.store.documents().find(self.name(), noun.path, key, value).await?;
        self.opened(noun, found.into_iter().collect()).await?.pop().transpose()
    }

    /// One page of the documents that match, oldest first.
    pub async fn page(&self, noun: &'static Noun, matching: &Matching, span: Span) -> Result<Vec<Document>> {
        let found = self.0.store.documents().page(self.name(), matching, span).await?;
        self.opened(noun, found).await?.into_iter().collect()
    }

    /// Every document of a noun, oldest first.
    pub async fn all(&self, noun: &'static Noun) -> Result<Vec<Document>> {
        let found = self.0.store.documents().all(self.name(), noun.path).await?;
        self.opened(noun, found).await?.into_iter().collect()
    }

    /// Every document of a noun that can be read, some at a time, so that a million are never in memory at once; one that
    /// cannot is reported and left out, so that it does not take the others with it.
    pub(crate) async fn each_readable(
        &self,
        noun: &'static Noun,
        mut take: impl FnMut(Document) + Send,
    ) -> Result<()> {
        let (matching, mut after) = (Matching::all(noun.path), None);
        loop {
            let span = Span::After { after, limit: AT_ONCE };
            let found = self.0.store.documents().page(self.name(), &matching, span).await?;
            after = found.last().map(|last| (last.created, last.id.clone()));
            if after.is_none() {
                return Ok(());
            }
            self.legible(noun, found).await?.into_iter().for_each(&mut take);
        }
    }

    /// The same, all at once.
    pub(crate) async fn readable(&self, noun: &'static Noun) -> Result<Vec<Document>> {
        let mut all = Vec::new();
        self.each_readable(noun, |document| all.push(document)).await?;
        Ok(all)
    }

    async fn legible(&self, noun: &'static Noun, found: Vec<store::Document>) -> Result<Vec<Document>> {
        let ids: Vec<String> = found.iter().map(|document| document.id.clone()).collect();
        let opened = self.opened(noun, found).await?;
        let report = |(id, opened): (String, Result<Document>)| {
            let report = |error: &Error| {
                tracing::error!(tenant = self.name(), kind = noun.path, id, ?error, "unreadable");
            };
            opened.inspect_err(report).ok()
        };
        Ok(ids.into_iter().zip(opened).filter_map(report).collect())
    }

    /// Opens documents as they were stored. What is sealed under a key that is unknown here was sealed anew by
    /// another node a moment ago: the keys are read first.
    async fn opened(
        &self,
        noun: &'static Noun,
        mut found: Vec<store::Document>,
    ) -> Result<Vec<Result<Document>>> {
        let knows = |document: &mut store::Document| self.0.vault.knows_keys_of(noun, &mut document.body);
        if noun.has_secrets() && !found.iter_mut().all(knows) {
            self.load_vault().await?;
        }
        Ok(found.into_iter().map(|document| self.open(noun, document)).collect())
    }

    /// Every document with this value of a search key, oldest first.
    pub async fn matching<R: Resource>(
        &self,
        key: &'static str,
        value: impl Into<String>,
    ) -> Result<Vec<Document>> {
        let matching = Matching::all(R::NOUN.path).with(key, vec![value.into()]);
        self.page(&R::NOUN, &matching, Span::Offset { offset: 0, limit: i64::MAX }).await
    }

    /// A part of the documents that are found under some terms, and how many there are in all if that is asked for.
    pub async fn search(
        &self,
        noun: &'static Noun,
        terms: &Terms,
        order: Order,
        part: (i64, i64),
        counts: bool,
    ) -> Result<(Vec<Document>, Option<i64>)> {
        let documents = self.0.store.documents();
        let found = documents.search(self.name(), noun.path, terms, order, part, counts).await?;
        let opened = self.opened(noun, found.documents).await?;
        Ok((opened.into_iter().collect::<Result<_>>()?, found.total))
    }

    pub async fn count(&self, matching: &Matching) -> Result<i64> {
        Ok(self.0.store.documents().count(self.name(), matching).await?)
    }

    /// Makes these changes, all or none, with the events that they are; afterwards this node's snapshot shows them.
    pub async fn commit(&self, changes: Vec<Change>) -> Result<()> {
        let revision = self.commit_unseen(changes).await?;
        self.catch_up(revision).await
    }

    /// The same, for whoever writes a great deal: this node's snapshot shows it when it is brought up to the revision that
    /// this answers.
    pub async fn commit_unseen(&self, changes: Vec<Change>) -> Result<i64> {
        let changes = event_streams::with_events(self, changes).await?;
        let now = self.0.clock.now_ms() * 1000;
        let writes = changes.into_iter().map(|change| self.write(change, now)).collect::<Result<Vec<_>>>()?;
        Ok(self.0.store.documents().commit(self.name(), writes).await?)
    }

    /// Brings the snapshot up to at least this revision by re-reading what changed since.
    pub async fn catch_up(&self, revision: i64) -> Result<()> {
        let _one_at_a_time = self.0.catching_up.lock().await;
        let held = self.0.snapshot.load_full();
        if held.revision >= revision {
            return Ok(());
        }
        let changes = self.0.store.documents().changes(self.name(), held.revision).await?;
        // Each revision leaves a change; a gap means that the list was shortened past what is held.
        if changes.first().is_none_or(|first| first.rev > held.revision + 1) {
            self.load_vault().await?;
            let next = Snapshot::load(self, revision).await?;
            self.0.snapshot.store(std::sync::Arc::new(next));
            return Ok(());
        }
        let mut next = Snapshot::clone(&held);
        for change in changes {
            if let Err(error) = next.follow(self, &change.kind, &change.id).await {
                // A store that fails is asked again; a document that cannot be read would fail for ever.
                if matches!(&error, Error::Internal(cause) if cause.is::<store::Error>()) {
                    return Err(error);
                }
                let store::Change { kind, id, .. } = &change;
                tracing::error!(
                    tenant = self.name(),
                    kind,
                    id,
                    ?error,
                    "a document cannot be read and is left out"
                );
            }
            next.revision = next.revision.max(change.rev);
        }
        self.0.snapshot.store(std::sync::Arc::new(next));
        Ok(())
    }

    fn write(&self, change: Change, now: i64) -> Result<Write> {
        Ok(match change {
            Change::Expect { noun, id, version } => Write::Expect { kind: noun.path, id, version },
            Change::Exists { noun, id } => Write::Exists { kind: noun.path, id },
            Change::Delete { noun, id } => Write::Delete { kind: noun.path, id },
            Change::Tie(tie) => Write::Tie { tie, created: now },
            Change::Untie(tie) => Write::Untie(tie),
            Change::Forget(forgotten) => Write::Forget(forgotten),
            Change::Event(event) => Write::Event(event),
            Change::Put(Put { noun, id, mut body, keys, known, version }) => {
                let keys = schema::keys(noun.fields, &body).into_iter().chain(keys).collect();
                self.0.vault.seal(self.name(), noun, &id, &mut body)?;
                match version {
                    None => Write::Insert { kind: noun.path, id, body, keys, created: now },
                    Some(version) => {
                        Write::Replace { kind: noun.path, id, body, keys, known, version, updated: now }
                    }
                }
            }
        })
    }

    pub(crate) fn open(&self, noun: &'static Noun, document: store::Document) -> Result<Document> {
        let store::Document { id, mut body, version, created, updated } = document;
        self.0.vault.open(self.name(), noun, &id, &mut body)?;
        Ok(Document { id, body, version, created, updated })
    }
}

/// How many documents are read at once of those that a tenant holds in memory.
const AT_ONCE: i64 = 1000;
