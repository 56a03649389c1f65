use schema::Object;
use serde_json::json;
use store::scratch::ScratchStore;
use store::{Error, TenantRow};

use super::{body, insert, opened};

on_both!(tenants_are_listed_by_name, revisions_follow_writes);

async fn tenants_are_listed_by_name(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let tenants = store.tenants();
    assert!(
        matches!(tenants.insert("one", &Object::new()).await, Err(Error::Taken { label }) if label == "name")
    );
    assert!(matches!(tenants.insert(&"x".repeat(256), &Object::new()).await, Err(Error::TooLong { .. })));

    assert_eq!(tenants.revisions().await.unwrap(), [("one".to_owned(), 0), ("two".to_owned(), 0)]);
    let record = body(json!({ "domains": ["three.example"] }));
    tenants.insert("three", &record).await.unwrap();
    let names: Vec<_> = tenants.list().await.unwrap().into_iter().map(|row| row.name).collect();
    assert_eq!(names, ["one", "three", "two"]);
    let expected = TenantRow { name: "three".to_owned(), rev: 0, body: record };
    assert_eq!(tenants.list().await.unwrap()[1], expected);
}

async fn revisions_follow_writes(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    store.documents().commit("two", vec![insert("a", vec![], 1)]).await.unwrap();
    store.documents().commit("two", vec![insert("b", vec![], 1)]).await.unwrap();
    assert_eq!(store.tenants().revisions().await.unwrap(), [("one".to_owned(), 0), ("two".to_owned(), 2)]);
}
