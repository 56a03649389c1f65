//! Every function of the store, on both databases: SQLite always, PostgreSQL when `TEST_DATABASE` names a server.

#![expect(clippy::unwrap_used, reason = "a test that fails is to stop where it fails")]

/// Runs each test on SQLite, and on PostgreSQL if there is one.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&store::scratch::sqlite()).await;
            })*
        }

        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                match store::scratch::postgres().await {
                    Some(scratch) => super::$name(&scratch).await,
                    None => eprintln!("skipped: {}::{}, TEST_DATABASE is not set", module_path!(), stringify!($name)),
                }
            })*
        }
    };
}

mod copy;
mod deadlines;
mod documents;
mod durability;
mod events;
mod keys;
mod limits;
mod log_streams;
mod logs;
mod mail;
mod nodes;
mod notices;
mod opening;
mod property;
mod queue;
mod refresh_tokens;
mod sealing;
mod search;
mod spool;
mod tallies;
mod tenants;
mod ties;
mod tls;
mod traffic;

use schema::Object;
use serde_json::{Value, json};
use store::scratch::ScratchStore;
use store::{Condition, Document, Key, Logs, Store, Write};

const KIND: &str = "clients";

/// A store with the tenants `one` and `two`.
async fn opened(scratch: &ScratchStore) -> Store {
    let store = Store::open(&scratch.location).await.unwrap();
    for tenant in ["one", "two"] {
        store.tenants().insert(tenant, &Object::new()).await.unwrap();
    }
    store
}

fn body(value: Value) -> Object {
    match value {
        Value::Object(body) => body,
        other => panic!("{other} is not an object"),
    }
}

fn insert(id: &str, keys: Vec<Key>, created: i64) -> Write {
    Write::Insert { kind: KIND, id: id.to_owned(), body: body(json!({ "id": id })), keys, created }
}

fn replace(id: &str, text: &str, keys: Vec<Key>, version: i64) -> Write {
    Write::Replace {
        kind: KIND,
        id: id.to_owned(),
        body: body(json!({ "text": text })),
        keys,
        known: None,
        version,
        updated: 7,
    }
}

fn expect(id: &str, version: i64) -> Write {
    Write::Expect { kind: KIND, id: id.to_owned(), version }
}

fn delete(id: &str) -> Write {
    Write::Delete { kind: KIND, id: id.to_owned() }
}

fn ids(documents: &[Document]) -> Vec<&str> {
    documents.iter().map(|document| document.id.as_str()).collect()
}

/// How many events of a tenant meet a condition.
async fn found(logs: &Logs, tenant: &str, condition: &Condition) -> usize {
    logs.search(tenant, condition, false, 0, i64::MAX).await.unwrap().len()
}
