//! A node hears of another's change at once where PostgreSQL says it, and never of its own.

use std::time::Duration;

use schema::Object;
use store::db::{Db, Statement};
use store::scratch::ScratchStore;
use store::{Location, Store};
use tokio::time;

use super::{insert, opened};

on_both!(changes_are_told_where_the_database_can, whoever_does_not_listen_hears_nothing);

const SOON: Duration = Duration::from_secs(60);
const MEANWHILE: Duration = Duration::from_millis(300);

async fn changes_are_told_where_the_database_can(scratch: &ScratchStore) {
    let (store, other) = (opened(scratch).await, Store::open(&scratch.location).await.unwrap());
    store.listen();
    other.listen();
    let Location::Postgres { url } = &scratch.location else {
        store.documents().commit("one", vec![insert("a", vec![], 0)]).await.unwrap();
        assert!(time::timeout(MEANWHILE, other.told()).await.is_err());
        return;
    };
    // Whoever begins to listen looks once.
    time::timeout(SOON, other.told()).await.unwrap();
    time::timeout(SOON, store.told()).await.unwrap();
    // What was changed before is said then.
    for node in [&store, &other] {
        while time::timeout(MEANWHILE, node.told()).await.is_ok() {}
    }

    store.documents().commit("one", vec![insert("a", vec![], 0)]).await.unwrap();
    time::timeout(SOON, other.told()).await.unwrap();
    store.tenants().insert("three", &Object::new()).await.unwrap();
    time::timeout(SOON, other.told()).await.unwrap();
    store.tenants().replace("three", &Object::new()).await.unwrap();
    time::timeout(SOON, other.told()).await.unwrap();
    assert!(time::timeout(MEANWHILE, store.told()).await.is_err(), "nobody hears of what it did itself");
    store.documents().commit("one", vec![]).await.unwrap();
    assert!(time::timeout(MEANWHILE, other.told()).await.is_err(), "nothing was changed");

    // The connections are cut: whoever listens again looks, and hears what follows.
    let db = Db::postgres(url).await.unwrap();
    let cut = "select cast(pg_terminate_backend(pid) as text) from pg_stat_activity
               where query like '%countersign_changes%' and pid <> pg_backend_pid()
                 and datname = current_database()";
    let cut = db.commit(vec![Statement::new(cut, vec![])].into()).await.unwrap();
    assert_eq!(cut.rows.len(), 2);
    for node in [&store, &other] {
        time::timeout(SOON, node.told()).await.unwrap();
    }
    other.documents().commit("one", vec![insert("b", vec![], 0)]).await.unwrap();
    time::timeout(SOON, store.told()).await.unwrap();
}

async fn whoever_does_not_listen_hears_nothing(scratch: &ScratchStore) {
    let (store, other) = (opened(scratch).await, Store::open(&scratch.location).await.unwrap());
    store.listen();
    store.documents().commit("one", vec![insert("a", vec![], 0)]).await.unwrap();
    assert!(time::timeout(MEANWHILE, other.told()).await.is_err());
}
