//! Random batches leave the same state in SQLite, in PostgreSQL and in a model of twenty lines.

use std::collections::BTreeMap;

use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop, prop_assert_eq, prop_oneof};
use proptest::test_runner::{TestCaseError, TestRunner};
use schema::Object;
use serde_json::json;
use store::scratch;
use store::{Document, Error, Key, Matching, Store, Tie, Write};

use super::{KIND, body};

#[test]
fn random_batches_leave_the_same_state_everywhere() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut places = vec![scratch::sqlite()];
    match runtime.block_on(scratch::postgres()) {
        Some(scratch) => places.push(scratch),
        None => eprintln!("skipped: the half of property:: on PostgreSQL, TEST_DATABASE is not set"),
    }
    let stores: Vec<_> =
        places.iter().map(|place| runtime.block_on(Store::open(&place.location)).unwrap()).collect();

    let mut runner =
        TestRunner::new(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() });
    let tenant = std::cell::Cell::new(0);
    let batches = prop::collection::vec(prop::collection::vec(write(), 0..5), 1..12);
    let outcome = runner.run(&batches, |batches| {
        // A tenant of its own stands for a fresh database.
        tenant.set(tenant.get() + 1);
        runtime.block_on(run(&stores, &format!("t{}", tenant.get()), batches))
    });
    outcome.unwrap();
}

async fn run(stores: &[Store], tenant: &str, batches: Vec<Vec<Write>>) -> Result<(), TestCaseError> {
    let mut model = Model::default();
    for store in stores {
        store.tenants().insert(tenant, &Object::new()).await.unwrap();
    }
    for batch in batches {
        let expected = model.commit(&batch);
        for store in stores {
            let outcome = store.documents().commit(tenant, batch.clone()).await;
            prop_assert_eq!(outcome.as_ref().map_err(said).copied(), expected.clone());
        }
    }
    for store in stores {
        let mut documents: Vec<_> = model.documents.values().map(|(document, _)| document.clone()).collect();
        documents.sort_by(|one, other| (one.created, &one.id).cmp(&(other.created, &other.id)));
        prop_assert_eq!(store.documents().all(tenant, KIND).await.unwrap(), documents);
        for key in keys() {
            let having = model
                .documents
                .values()
                .filter(|(_, keys)| keys.iter().any(|one| (one.name, &one.value) == (key.name, &key.value)));
            let matching = Matching::all(KIND).with(key.name, vec![key.value.clone()]);
            let count = store.documents().count(tenant, &matching).await.unwrap();
            prop_assert_eq!(count, i64::try_from(having.count()).unwrap());
        }
        let changes = store.documents().changes(tenant, 0).await.unwrap();
        prop_assert_eq!(
            changes.into_iter().map(|change| (change.rev, change.id)).collect::<Vec<_>>(),
            model.changes.clone()
        );
    }
    Ok(())
}

#[derive(Clone, Default)]
struct Model {
    rev: i64,
    documents: BTreeMap<String, (Document, Vec<Key>)>,
    changes: Vec<(i64, String)>,
}

impl Model {
    fn commit(&mut self, writes: &[Write]) -> Result<i64, String> {
        let mut after = self.clone();
        let stays =
            |write: &Write| matches!(write, Write::Expect { .. } | Write::Exists { .. } | Write::Untie(_));
        if !writes.iter().all(stays) {
            after.rev += 1;
        }
        let mut changed = Vec::new();
        for write in writes {
            let id = after.apply(write).map_err(|error| said(&error))?;
            changed.extend(id.map(|id| (after.rev, id)));
        }
        changed.sort();
        changed.dedup();
        after.changes.extend(changed);
        *self = after;
        Ok(self.rev)
    }

    /// Answers the id of what was changed.
    fn apply(&mut self, write: &Write) -> Result<Option<String>, Error> {
        let taken = |label: &str| Error::Taken { label: label.to_owned() };
        match write {
            Write::Insert { id, body, keys, created, .. } => {
                if self.documents.contains_key(id) {
                    return Err(taken("id"));
                }
                let document = Document {
                    id: id.clone(),
                    body: body.clone(),
                    version: 1,
                    created: *created,
                    updated: *created,
                };
                self.keep(document, keys.clone())?;
                Ok(Some(id.clone()))
            }
            Write::Replace { id, body, keys, version, updated, .. } => {
                let (mut document, _) = self.documents.remove(id).ok_or(Error::Conflict)?;
                if document.version != *version {
                    return Err(Error::Conflict);
                }
                document.version += 1;
                document.updated = *updated;
                document.body = body.clone();
                self.keep(document, keys.clone())?;
                Ok(Some(id.clone()))
            }
            Write::Delete { id, .. } => {
                self.documents.remove(id).map(|_| Some(id.clone())).ok_or(Error::Conflict)
            }
            Write::Expect { id, version, .. } => match self.documents.get(id) {
                Some((document, _)) if document.version == *version => Ok(None),
                Some(_) | None => Err(Error::Conflict),
            },
            Write::Exists { id, .. } => match self.documents.contains_key(id) {
                true => Ok(None),
                false => Err(Error::Conflict),
            },
            Write::Untie(_) => Ok(None),
            Write::Tie { .. } | Write::Forget(_) | Write::Event(_) => unreachable!("none is made up"),
        }
    }

    fn keep(&mut self, document: Document, keys: Vec<Key>) -> Result<(), Error> {
        let mut uniques: Vec<_> = keys.iter().filter(|key| key.is_unique()).collect();
        uniques.sort();
        for key in uniques {
            if self.documents.values().any(|(_, others)| others.contains(key)) {
                return Err(Error::Taken { label: key.name.to_owned() });
            }
        }
        self.documents.insert(document.id.clone(), (document, keys));
        Ok(())
    }
}

fn said(error: &Error) -> String {
    format!("{error:?}")
}

fn write() -> impl Strategy<Value = Write> {
    let id = || prop_oneof![Just("a"), Just("B"), Just("é"), Just("d'")].prop_map(str::to_owned);
    let some_keys = || prop::sample::subsequence(keys(), 0..=3);
    let text = || any::<String>().prop_map(|text| body(json!({ "text": text })));
    let version = || 1_i64..4;
    prop_oneof![
        4 => (id(), text(), some_keys(), 0_i64..3)
            .prop_map(|(id, body, keys, created)| Write::Insert { kind: KIND, id, body, keys, created }),
        4 => (id(), text(), some_keys(), version())
            .prop_map(|(id, body, keys, version)| Write::Replace { kind: KIND, id, body, keys, known: None, version, updated: 9 }),
        1 => id().prop_map(|id| Write::Delete { kind: KIND, id }),
        1 => (id(), version()).prop_map(|(id, version)| Write::Expect { kind: KIND, id, version }),
        1 => id().prop_map(|id| Write::Exists { kind: KIND, id }),
        1 => id().prop_map(|id| Write::Untie(Tie::Role { user_id: id, role_id: "any".to_owned() })),
    ]
}

fn keys() -> Vec<Key> {
    vec![
        Key::shared("colour", "red"),
        Key::shared("colour", "Red"),
        Key::shared("size", "%"),
        Key::unique("name", "x"),
        Key::unique("name", "y"),
        Key::unique("slug", "x"),
    ]
}
