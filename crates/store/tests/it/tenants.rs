use schema::Object;
use serde_json::json;
use store::scratch::ScratchStore;
use store::{Change, Error, TENANT, TenantRow};

use super::{body, copy, insert, opened};

on_both!(
    tenants_are_listed_by_name,
    revisions_follow_writes,
    a_tenants_body_is_replaced,
    nothing_is_left_of_a_tenant_that_is_removed,
);

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

async fn a_tenants_body_is_replaced(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    let record = body(json!({ "environment": "production" }));
    assert_eq!(store.tenants().replace("two", &record).await.unwrap(), 1);
    assert_eq!(store.tenants().body("two").await.unwrap(), Some(record.clone()));
    assert_eq!(store.tenants().body("one").await.unwrap(), Some(Object::new()));
    assert_eq!(store.tenants().body("three").await.unwrap(), None);
    let changes = store.documents().changes("two", 0).await.unwrap();
    assert_eq!(changes, [Change { rev: 1, kind: TENANT.into(), id: "two".into() }]);
    assert!(matches!(store.tenants().replace("three", &record).await, Err(Error::Conflict)));
    assert!(store.documents().changes("three", 0).await.unwrap().is_empty());
}

/// In whatever table, also in one of tomorrow.
async fn nothing_is_left_of_a_tenant_that_is_removed(scratch: &ScratchStore) {
    let store = opened(scratch).await;
    copy::fill(&scratch.location, "one").await;
    copy::fill(&scratch.location, "two").await;
    let tables_of = async |tenant: &str| -> Vec<String> {
        let whose = format!("Text({tenant:?})");
        let tables = copy::tables(&scratch.location).await.into_iter();
        tables
            .filter(|(_, (_, rows))| rows.iter().any(|row| row.contains(&whose)))
            .map(|(table, _)| table)
            .collect()
    };
    let all: Vec<String> = copy::tables(&scratch.location).await.into_keys().collect();
    assert_eq!((tables_of("one").await, tables_of("two").await), (all.clone(), all.clone()));
    store.tenants().remove("one").await.unwrap();
    assert_eq!((tables_of("one").await, tables_of("two").await), (vec![], all));
    store.tenants().insert("one", &Object::new()).await.unwrap();
    assert_eq!(store.tenants().revisions().await.unwrap()[0], ("one".to_owned(), 0));
}
